//! What a person is asked before an application of others is told anything.

use parlor_model::oauth::Scopes;

/// What the page says and repeats.
#[derive(Clone, Debug)]
pub(crate) struct ConsentRequest {
    /// The application, by the name that the operator gave it.
    pub(crate) client_name: String,
    /// Where the answer goes.
    pub(crate) client_host: String,
    /// Whether that is a program on the person's own device, and not a site.
    pub(crate) is_on_device: bool,
    /// The same as a source for the page's `form-action`, without which browsers
    /// do not follow the answer there.
    pub(crate) redirect_origin: Option<String>,
    /// What it asks for.
    pub(crate) scopes: Scopes,
    /// The parameters that come back with the decision, as hidden fields.
    pub(crate) fields: Vec<(String, String)>,
}
