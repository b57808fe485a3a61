//! What every account page has: the frame around its words, and the headers
//! that keep it to itself. Its one script adds comfort and passkeys; forms work
//! without.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

use super::markup::text;

/// Whether the page shows the room beside its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// A form, and the room at its side on wide screens.
    Door,
    /// Words alone.
    Plain,
}

/// A page.
#[derive(Debug)]
pub(crate) struct AccountPage {
    pub(crate) status: StatusCode,
    pub(crate) look: Look,
    pub(crate) title: String,
    /// Under the title; HTML.
    pub(crate) lead: String,
    /// HTML.
    pub(crate) body: String,
    /// Which page of the account it is, if it is one of them.
    pub(crate) tab: Option<Tab>,
    /// Whether the script may ask the server: for a passkey.
    pub(crate) may_ask: bool,
    pub(crate) form_leads: FormLeads,
    pub(crate) set_cookie: Option<HeaderValue>,
}

impl AccountPage {
    /// A page with a form, which is as it should be.
    pub(crate) fn door(title: &str, lead: String, body: String) -> Self {
        Self {
            status: StatusCode::OK,
            look: Look::Door,
            title: title.to_owned(),
            lead,
            body,
            tab: None,
            may_ask: false,
            form_leads: FormLeads::Here,
            set_cookie: None,
        }
    }

    /// A page of words.
    pub(crate) fn plain(title: &str, lead: String, body: String) -> Self {
        Self { look: Look::Plain, ..Self::door(title, lead, body) }
    }

    /// One of the pages about somebody's own account.
    pub(crate) fn own(tab: Tab, lead: String, body: String) -> Self {
        Self { tab: Some(tab), ..Self::plain(tab.title(), lead, body) }
    }

    /// The page as an answer.
    pub(crate) fn answer(self) -> Response {
        let mut response = Response::new(Body::from(self.html()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        page_headers(headers, &self.form_leads, self.may_ask);
        if let Some(cookie) = self.set_cookie {
            headers.append(SET_COOKIE, cookie);
        }
        response
    }

    fn html(&self) -> String {
        let (title, lead, body) = (text(&self.title), &self.lead, &self.body);
        let (class, art) = match self.look {
            Look::Door => ("page door", r#"<img class="art" src="/static/parlor.svg" alt="">"#),
            Look::Plain => ("page", ""),
        };
        let tabs = self.tab.map(tabs).unwrap_or_default();
        let version = env!("CARGO_PKG_VERSION");
        let lead = if lead.is_empty() { String::new() } else { format!("<p>{lead}</p>") };
        format!(
            r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="robots" content="noindex">
<meta name="theme-color" content="#f4f7f6" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#0e1311" media="(prefers-color-scheme: dark)">
<title>{title} · Parlor</title>
<link rel="icon" type="image/svg+xml" href="/static/mark.svg">
<link rel="stylesheet" href="/static/account.css">
<script src="/static/account.js"></script>
</head>
<body>
<div class="{class}">
<div class="col">
<main><div class="box">
{tabs}<header class="hd">{MARK}<h1>{title}</h1>{lead}</header>
{body}
</div></main>
<footer class="foot"><a href="/docs">API reference</a><span>Parlor {version}</span></footer>
</div>
{art}
</div>
</body>
</html>
"##
        )
    }
}

const MARK: &str = r#"<svg class="mark" width="40" height="40" viewBox="0 0 24 24" aria-hidden="true"><path fill="currentColor" fill-rule="evenodd" d="M13 2a8.5 8.5 0 1 1-5 15.37V20.5A1.5 1.5 0 0 1 6.5 22h-1A1.5 1.5 0 0 1 4 20.5V10.5A8.5 8.5 0 0 1 13 2Zm0 3.6a4.9 4.9 0 1 0 0 9.8 4.9 4.9 0 0 0 0-9.8Z"/><circle cx="13" cy="10.5" r="2.15" fill="currentColor"/></svg>"#;

/// Where the form of a page may end. Chromium looks at the redirects after a
/// form as well.
#[derive(Debug)]
pub(crate) enum FormLeads {
    /// On a page of ours.
    Here,
    /// Also at one other origin.
    HereOr(String),
}

impl FormLeads {
    /// To a page of ours, or to an application there.
    pub(crate) fn here_or(origin: Option<String>) -> Self {
        origin.map_or(Self::Here, Self::HereOr)
    }

    /// Its part of the page's policy.
    fn directive(&self) -> String {
        match self {
            Self::Here => "; form-action 'self'".to_owned(),
            Self::HereOr(origin) => format!("; form-action 'self' {origin}"),
        }
    }
}

/// The pages about somebody's own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    Sessions,
    Password,
    Passkeys,
}

impl Tab {
    const ALL: [Self; 3] = [Self::Sessions, Self::Password, Self::Passkeys];

    /// Where it is.
    pub(crate) const fn address(self) -> &'static str {
        match self {
            Self::Sessions => "/account/sessions",
            Self::Password => "/account/password",
            Self::Passkeys => "/account/passkeys",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Sessions => "Your sessions",
            Self::Password => "Your password",
            Self::Passkeys => "Your passkeys",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Sessions => "Sessions",
            Self::Password => "Password",
            Self::Passkeys => "Passkeys",
        }
    }
}

fn tabs(current: Tab) -> String {
    let items: String = Tab::ALL
        .iter()
        .map(|tab| {
            let here = if *tab == current { r#" aria-current="page""# } else { "" };
            format!(r#"<a href="{}"{here}>{}</a>"#, tab.address(), tab.word())
        })
        .collect();
    format!(
        r#"<div class="top"><a class="home" href="/dashboard">Dashboard</a><nav class="tabs" aria-label="Your account">{items}</nav></div>"#
    )
}

/// What a page may load: a style, a script and two pictures, all of ours.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// An account page is shown by nobody else, and kept by nobody.
fn page_headers(headers: &mut HeaderMap, form_leads: &FormLeads, may_ask: bool) {
    let asks = if may_ask { "; connect-src 'self'" } else { "" };
    let policy = HeaderValue::try_from(format!("{POLICY}{asks}{}", form_leads.directive()));
    let policy = policy.unwrap_or(HeaderValue::from_static(POLICY));
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    let fixed: [(HeaderName, &str); 5] = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        // Addresses here may carry codes and the secrets of invitations. Forms
        // need to say where they come from, so that it is not `no-referrer`.
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
