//! What a person is asked before an application of others is told anything.
//! The answer goes to `/oauth/authorize`.

use axum::response::Response;
use parlor_model::oauth::Scopes;
use parlor_store::users;

use super::frame::{AccountPage, FormLeads};
use super::icons::ATTENTION;
use super::markup::{hidden, text};
use crate::cx::AppState;
use crate::failure::Failure;
use crate::identity::session::SignedIn;
use crate::oidc::consent::ConsentRequest;

/// The page.
pub(crate) fn page(
    state: &AppState,
    signed_in: &SignedIn,
    request: &ConsentRequest,
) -> Result<Response, Failure> {
    let fields: String = request.fields.iter().map(|(name, value)| hidden(name, value)).collect();
    let body = format!(
        r#"<p class="label">It will</p>
{scopes}
{goes_to}
<form method="post" action="/oauth/authorize">
{csrf}{fields}
<button class="btn filled l wide" type="submit" name="decision" value="allow">Let it in</button>
<button class="btn l wide" type="submit" name="decision" value="deny">Deny</button>
</form>"#,
        scopes = list(&request.scopes),
        goes_to = goes_to(request),
        csrf = hidden("csrf", signed_in.csrf()),
    );
    let title = format!("Let {} in?", request.client_name);
    let lead = format!(
        "{} wants to act for {} on {}.",
        text(&request.client_name),
        account(state, signed_in)?,
        text(state.origin().host())
    );
    let mut page = AccountPage::door(&title, lead, body);
    page.form_leads = FormLeads::here_or(request.redirect_origin.clone());
    Ok(page.answer())
}

/// Whose account it is about; a browser may be signed in to another than they
/// think.
pub(super) fn account(state: &AppState, signed_in: &SignedIn) -> Result<String, Failure> {
    let user = state.cx.store.read(|c| users::find(c, signed_in.user))?;
    let email = user.as_ref().map_or("you", |user| user.email.as_str());
    Ok(format!("<b>{}</b>", text(email)))
}

/// Where people undo it.
pub(super) const UNDONE: &str =
    r#"You can end this under <a href="/account/sessions">Your sessions</a>."#;

/// Who learns the answer. On the person's own device that is whichever program
/// asked, so that only they can tell whether it is the one of that name.
fn goes_to(request: &ConsentRequest) -> String {
    let host = text(&request.client_host);
    if request.is_on_device {
        return format!(
            r#"<div class="note warn">{ATTENTION}<p>The answer goes to a program on this device ({host}). Any program here can use this name: let it in only if you began this yourself.</p></div>
<p class="hint">{UNDONE}</p>"#
        );
    }
    format!(r#"<p class="hint">The answer goes to {host}. {UNDONE}</p>"#)
}

/// What every access token is good for, whatever its scopes: they say what is
/// told of the person, and the API looks at what the person may do.
const ACTS: &str = "<li>Do whatever you may do here, in your name</li>";

/// What is asked for, as what it means to the person.
pub(super) fn list(scopes: &Scopes) -> String {
    let mut items = ACTS.to_owned();
    for scope in scopes.iter() {
        items.push_str("<li>");
        items.push_str(scope.meaning());
        items.push_str("</li>");
    }
    format!(r#"<ul class="scopes">{items}</ul>"#)
}
