//! People for tests: an account, a place in an organization, and the access
//! token of whoever signed in.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{Method, Request, StatusCode};
use parlor_model::id::{OrgId, RoleId, UserId};
use parlor_model::identity::member::MemberRole;
use parlor_model::time::UnixMillis;
use parlor_store::members::{self, Member};

use crate::browser::{Browser, PASSWORD, account, csrf_in};
use crate::support::{Answer, TestServer};

/// Somebody who signed in.
pub(crate) struct SignedIn<'a> {
    server: &'a TestServer,
    pub(crate) user: UserId,
    pub(crate) token: String,
}

impl<'a> SignedIn<'a> {
    /// An account that belongs to an organization of its own alone. The first
    /// account of a server becomes the owner of its first organization.
    pub(crate) async fn new(server: &'a TestServer, email: &str) -> Self {
        let user = account(server, email).await;
        Self::enter(server, user, email).await
    }

    /// The same person, who signs in once more.
    pub(crate) async fn again(self, email: &str) -> Self {
        Self::enter(self.server, self.user, email).await
    }

    async fn enter(server: &'a TestServer, user: UserId, email: &str) -> Self {
        let mut browser = Browser::new(server);
        browser.sign_in(email, PASSWORD).await;
        let csrf = csrf_in(&browser.get("/account/sessions").await.text);
        let session = browser.cookie("parlor_session").unwrap();
        Self::with_session(server, user, session, &csrf).await
    }

    /// Whoever signed in with a browser, by its cookie and the value in its
    /// forms.
    pub(crate) async fn with_session(
        server: &'a TestServer,
        user: UserId,
        session: &str,
        csrf: &str,
    ) -> Self {
        let cookie = format!("parlor_session={session}");
        let request = Request::post("/account/token").header(COOKIE, cookie).header("x-csrf", csrf);
        let answer = server.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer}");
        let token = answer.body["access_token"].as_str().unwrap().to_owned();
        Self { server, user, token }
    }

    /// Makes them a member, with these roles.
    pub(crate) async fn join(&self, org: OrgId, role_ids: Vec<RoleId>) {
        let now = UnixMillis::new(self.server.now() * 1000);
        let member = Member {
            org_id: org,
            user_id: self.user,
            role: MemberRole::Member,
            role_ids,
            created_at: now,
            updated_at: now,
        };
        self.server.store.write(move |c| members::add(c, &member)).await.unwrap();
    }

    /// A request of theirs; `org` goes into the header.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        org: Option<OrgId>,
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(AUTHORIZATION, format!("Bearer {}", self.token));
        if let Some(org) = org {
            request = request.header("X-Daytona-Organization-ID", org.to_string());
        }
        self.server.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }
}
