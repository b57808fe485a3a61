//! A server with providers, and a browser with a cookie jar.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use parlor_model::id::UserId;
use parlor_model::time::UnixMillis;
use parlor_server::IdentityProvider;
use parlor_store::users::{self, User};
use parlor_store::{accounts, members};
use secrecy::SecretString;
use tower::ServiceExt as _;

use crate::support::{ORIGIN, TestServer};

/// What the server is called at the provider, and proves itself with.
pub(super) const CLIENT_ID: &str = "parlor";
pub(super) const CLIENT_SECRET: &str = "what both sides know";

/// Where the provider sends people back to.
pub(super) const CALLBACK: &str = "/account/sign-in/corp/callback";

/// The provider `corp` at `issuer`.
pub(super) fn corp(issuer: &str) -> IdentityProvider {
    IdentityProvider {
        name: "corp".to_owned(),
        title: "Corp".to_owned(),
        issuer: issuer.to_owned(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(SecretString::from(CLIENT_SECRET)),
        email_domains: Vec::new(),
        creates_accounts: true,
    }
}

/// A server whose people may sign in through `provider`, with the account that
/// every server begins with.
pub(super) async fn server_with(provider: IdentityProvider) -> TestServer {
    let server = TestServer::with(|settings| settings.identity_providers.push(provider)).await;
    add_owner(&server).await;
    server
}

/// The account that every server begins with.
pub(super) async fn add_owner(server: &TestServer) {
    let first = add_user(server, 1, "first@example.org", true).await;
    let now = UnixMillis::new(server.now() * 1000);
    let owner = accounts::owner(server.org, first, now);
    server.store.write(move |c| members::add(c, &owner)).await.unwrap();
}

pub(super) async fn add_user(server: &TestServer, id: u8, email: &str, verified: bool) -> UserId {
    let id = UserId::from_random([id; 16]);
    let now = UnixMillis::new(server.now() * 1000);
    let mut user = User::new(id, email.parse().unwrap(), "Ana", now);
    if verified {
        user = user.with_verified_email();
    }
    server.store.write(move |c| users::create(c, &user)).await.unwrap();
    id
}

/// An answer.
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Page {
    pub(super) fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |value| value.to_str().unwrap())
    }
}

/// A browser at the server.
#[derive(Clone, Default)]
pub(super) struct Browser {
    pub(super) cookies: BTreeMap<String, String>,
}

impl Browser {
    /// Follows a link.
    pub(super) async fn open(&mut self, server: &TestServer, path: &str) -> Page {
        self.send(server, Request::get(path), Body::empty()).await
    }

    /// Sends a form.
    pub(super) async fn submit(&mut self, server: &TestServer, path: &str, form: &str) -> Page {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(server, request, Body::from(form.to_owned())).await
    }

    async fn send(
        &mut self,
        server: &TestServer,
        request: axum::http::request::Builder,
        body: Body,
    ) -> Page {
        let jar: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let request = request.header(COOKIE, jar.join("; ")).body(body).unwrap();
        let (parts, body) = server.app.clone().oneshot(request).await.unwrap().into_parts();
        for set in parts.headers.get_all(SET_COOKIE) {
            let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Page { status: parts.status, headers: parts.headers, text }
    }

    /// Begins to sign in through `corp`: where the provider is, with the query
    /// that it is sent.
    pub(super) async fn begin(&mut self, server: &TestServer) -> String {
        let sent = self.open(server, "/account/sign-in/corp?continue=/account/sessions").await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        sent.location().to_owned()
    }

    /// Whose session this browser has, by the address that the page shows.
    pub(super) async fn is_signed_in_as(&mut self, server: &TestServer, email: &str) -> bool {
        let page = self.open(server, "/account/sessions").await;
        page.status == StatusCode::OK && page.text.contains(&format!("<b>{email}</b>"))
    }

    pub(super) fn has_session(&self) -> bool {
        self.cookies.contains_key("parlor_session")
    }
}

/// The path of an address of this server.
pub(super) fn path_of(address: &str) -> &str {
    address.strip_prefix(ORIGIN).unwrap_or_else(|| panic!("not ours: {address}"))
}
