//! The few pages of the provider, in the frame of the account pages.

use axum::http::StatusCode;
use axum::response::Response;

use crate::http::account::frame::AccountPage;
use crate::http::account::markup::{hidden, text};
use crate::identity::session::SignedIn;
use crate::oidc::Form;

/// Says what happened, and leads nowhere.
pub(super) fn error(status: StatusCode, title: &str, words: &str) -> Response {
    let mut page = AccountPage::plain(title, text(words).to_string(), String::new());
    page.status = status;
    page.answer()
}

/// Asks whether they meant it.
pub(super) fn ask_to_sign_out(person: &SignedIn, form: Form) -> Response {
    let given: String = form.into_pairs().iter().map(|(name, value)| hidden(name, value)).collect();
    let body = format!(
        r#"<form method="post" action="/oauth/logout">{given}{}
<button class="btn filled l wide" type="submit">Sign out</button></form>"#,
        hidden("csrf", person.csrf())
    );
    AccountPage::plain("Sign out?", "An application asks to sign you out.".to_owned(), body)
        .answer()
}
