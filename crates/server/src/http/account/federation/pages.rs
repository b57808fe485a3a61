//! What somebody reads who could not sign in through another provider: whose
//! turn it is, and what they can do.

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::Response;

use crate::http::account::frame::AccountPage;
use crate::http::account::markup::text;
use crate::http::account::way_on::WayOn;
use crate::oidc::federation::IdentityProvider;
use crate::oidc::federation::account::Refusal;
use crate::oidc::federation::attempt::Attempt;

/// When to come again, in seconds, after a request too many.
const LATER_SECONDS: u16 = 60;

fn page(status: StatusCode, title: &str, words: &str, way: &WayOn) -> Response {
    let back = format!(
        r#"<div class="ways"><a class="btn" href="{}">Go to the sign-in page</a></div>"#,
        text(&way.by_sign_in())
    );
    let mut page = AccountPage::plain(title, text(words).to_string(), back);
    page.status = status;
    page.answer()
}

/// The way on of an attempt, for another try.
fn way_of(attempt: &Attempt) -> WayOn {
    WayOn::of(Some(&attempt.way))
}

pub(super) fn no_such_provider() -> Response {
    let words = "This server knows no provider of that name. Choose one on the sign-in page.";
    page(StatusCode::NOT_FOUND, "There is no such provider", words, &WayOn::dashboard())
}

pub(super) fn too_many(words: &str) -> Response {
    let title = "Too many tries";
    let mut response = page(StatusCode::TOO_MANY_REQUESTS, title, words, &WayOn::dashboard());
    response.headers_mut().insert(RETRY_AFTER, LATER_SECONDS.into());
    response
}

pub(super) fn not_begun_here() -> Response {
    let words = "It was not begun in this browser, or more than ten minutes ago, or cookies are \
                 off. Begin again.";
    page(StatusCode::FORBIDDEN, "This sign-in cannot go on", words, &WayOn::dashboard())
}

pub(super) fn refused_there(provider: &IdentityProvider, attempt: &Attempt) -> Response {
    let title = format!("{} did not sign you in", provider.title);
    let words = "You said no there, or it would not. Try again, or sign in another way.";
    page(StatusCode::FORBIDDEN, &title, words, &way_of(attempt))
}

pub(super) fn unusable(provider: &IdentityProvider) -> Response {
    let title = format!("{} cannot be used now", provider.title);
    let words = "It did not answer, or not as it should. Try again in a moment. If it stays so, \
                 tell whoever runs this server: its log says why.";
    page(StatusCode::BAD_GATEWAY, &title, words, &WayOn::dashboard())
}

pub(super) fn changed_meanwhile(attempt: &Attempt) -> Response {
    let words = "Something changed while you signed in. Try again.";
    page(StatusCode::CONFLICT, "Try that again", words, &way_of(attempt))
}

pub(super) fn refused(
    provider: &IdentityProvider,
    attempt: &Attempt,
    refusal: Refusal,
) -> Response {
    let title = &provider.title;
    let (status, head, words) = match refusal {
        Refusal::NoAddress => (
            StatusCode::FORBIDDEN,
            "Your email address is not confirmed",
            format!(
                "{title} vouches for no email address of yours. Confirm yours there, and try again."
            ),
        ),
        Refusal::Domain => (
            StatusCode::FORBIDDEN,
            "You cannot sign in this way",
            format!(
                "Whoever runs this server lets people of {} in through {title}.",
                provider.email_domains.join(", ")
            ),
        ),
        Refusal::NoAccount => (
            StatusCode::FORBIDDEN,
            "You have no account here",
            "Nobody here has your address. Ask whoever runs this server for an account.".to_owned(),
        ),
        Refusal::NobodyYet => (
            StatusCode::FORBIDDEN,
            "This server has no accounts yet",
            "The first account is made at the machine, with parlor user create.".to_owned(),
        ),
        Refusal::Exists => return exists(provider),
        Refusal::Taken => (
            StatusCode::CONFLICT,
            "That is another account's",
            format!("Whoever you are at {title} has another account here already."),
        ),
    };
    page(status, head, &words, &way_of(attempt))
}

/// They may be its owner: whoever can sign in to it may connect the two.
fn exists(provider: &IdentityProvider) -> Response {
    let title = &provider.title;
    let words = format!(
        "An account here has your address. Sign in to it as you usually do, and connect {title} \
         with it: from then on you can sign in through {title}."
    );
    let way = WayOn::of(Some(&format!("{}/connect", provider.path())));
    page(StatusCode::CONFLICT, "You have an account already", &words, &way)
}
