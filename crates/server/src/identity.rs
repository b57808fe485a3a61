//! Who somebody is and what they may do: callers with their API keys or access
//! tokens, and the meeting tokens that are signed with keys.

pub(crate) mod access_token;
pub(crate) mod attempts;
pub(crate) mod audit;
pub(crate) mod caller;
pub(crate) mod meeting_token;
pub(crate) mod passkeys;
pub(crate) mod password;
pub(crate) mod session;
pub(crate) mod signing_keys;
pub(crate) mod ways_in;

pub(crate) use caller::{Caller, CallerId, Who};
