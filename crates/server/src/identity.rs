//! Who somebody is and what they may do: callers with their API keys, and the
//! meeting tokens that are signed with those.

pub(crate) mod meeting_token;

use std::sync::Arc;

use parlor_model::id::OrgId;
use parlor_store::api_keys::ApiKey;

/// Who calls: an API key that was found good and may do what the route wants.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The key. It selects the organization and signs its meeting tokens.
    pub(crate) key: Arc<ApiKey>,
}

impl Caller {
    /// The organization that the key selects.
    pub(crate) fn org(&self) -> OrgId {
        self.key.org_id
    }
}
