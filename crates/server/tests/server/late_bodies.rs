//! Bodies that are long in coming: what counts is what the caller holds when
//! all of it is there, not what they held when they began to send.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use axum::http::request::Builder;
use axum::http::{Method, Request, StatusCode};
use futures_util::stream;
use parlor_model::id::OrgId;
use parlor_model::key_permission::KeyPermission;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::browser::{Browser, PASSWORD, account, csrf_in};
use crate::person::SignedIn;
use crate::support::{Answer, TestServer};

/// Sends a request whose body is waited for while something else happens.
async fn slowly(
    server: &TestServer,
    request: Builder,
    text: String,
    meanwhile: impl Future<Output = ()>,
) -> Answer {
    let (waiting, is_waiting) = oneshot::channel();
    let (go, is_gone) = oneshot::channel();
    let body = async move {
        waiting.send(()).unwrap();
        is_gone.await.unwrap();
        Ok::<_, Infallible>(Bytes::from(text))
    };
    let request = request.body(Body::from_stream(stream::once(body))).unwrap();
    let both = async {
        is_waiting.await.expect("the body is read");
        meanwhile.await;
        go.send(()).unwrap();
    };
    tokio::join!(server.send(request), both).0
}

/// A request to the API.
struct Slow<'a> {
    bearer: &'a str,
    org: Option<OrgId>,
    path: &'a str,
    body: Value,
}

impl Slow<'_> {
    async fn send(self, server: &TestServer, meanwhile: impl Future<Output = ()>) -> Answer {
        let mut request = Request::post(self.path);
        request = request.header(AUTHORIZATION, format!("Bearer {}", self.bearer));
        if let Some(org) = self.org {
            request = request.header("X-Daytona-Organization-ID", org.to_string());
        }
        slowly(server, request, self.body.to_string(), meanwhile).await
    }
}

/// Two owners of the server's organization.
async fn two_owners(server: &TestServer) -> (SignedIn<'_>, SignedIn<'_>) {
    let ana = SignedIn::new(server, "ana@example.org").await;
    let bo = SignedIn::new(server, "bo@example.org").await;
    bo.join(server.org, Vec::new()).await;
    let owner = json!({"role": "owner", "assignedRoleIds": []}).to_string();
    ana.send(Method::POST, &access(server, &bo), None, &owner).await;
    (ana, bo)
}

/// Where the access of a member of the server's organization is changed.
fn access(server: &TestServer, member: &SignedIn<'_>) -> String {
    format!("/api/organizations/{}/users/{}/access", server.org, member.user)
}

#[tokio::test]
async fn who_is_removed_while_they_send_makes_no_key() {
    let server = TestServer::start().await;
    let (ana, bo) = two_owners(&server).await;
    let request = Slow {
        bearer: &bo.token,
        org: Some(server.org),
        path: "/api/api-keys",
        body: json!({"name": "kept", "permissions": ["admin:organization"]}),
    };
    let remove = async {
        let path = format!("/api/organizations/{}/users/{}", server.org, bo.user);
        let removed = ana.send(Method::DELETE, &path, None, "").await;
        assert_eq!(removed.status, StatusCode::NO_CONTENT, "{removed}");
    };
    let answer = request.send(&server, remove).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer}");
    let keys = server.key().get("/api/api-keys").await;
    assert!(!keys.text.contains("kept"), "{keys}");
}

#[tokio::test]
async fn who_is_removed_while_they_send_invites_nobody() {
    let server = TestServer::start().await;
    let (ana, bo) = two_owners(&server).await;
    let path = format!("/api/organizations/{}/invitations", server.org);
    let request = Slow {
        bearer: &bo.token,
        org: None,
        path: &path,
        body: json!({"email": "eve@example.org", "role": "owner", "assignedRoleIds": []}),
    };
    let demote = async {
        let member = json!({"role": "member", "assignedRoleIds": []}).to_string();
        let changed = ana.send(Method::POST, &access(&server, &bo), None, &member).await;
        assert_eq!(changed.status, StatusCode::OK, "{changed}");
    };
    let answer = request.send(&server, demote).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer}");
    assert_eq!(ana.send(Method::GET, &path, None, "").await.body, json!([]));
}

#[tokio::test]
async fn a_key_that_is_revoked_while_it_sends_changes_nothing_on_either_face() {
    let server = TestServer::start().await;
    for (path, body) in [
        ("/v1/rooms", json!({"name": "late"})),
        ("/api/api-keys", json!({"name": "late", "permissions": []})),
    ] {
        let permissions = json!(["write:rooms", "manage:api_keys"]);
        let made = json!({"name": "short", "permissions": permissions});
        let made = server.key().post("/api/api-keys", made).await;
        let bearer = made.body["value"].as_str().unwrap();
        let revoke = async {
            let revoked = server.key().delete("/api/api-keys/short").await;
            assert_eq!(revoked.status, StatusCode::NO_CONTENT, "{revoked}");
        };
        let answer = Slow { bearer, org: None, path, body }.send(&server, revoke).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}: {answer}");
    }
    assert_eq!(server.key().get("/v1/rooms/late").await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.key().get("/api/api-keys/late").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_slow_body_of_who_keeps_what_they_hold_is_as_good_as_any() {
    let server = TestServer::start().await;
    let key = server.limited_key(KeyPermission::WriteRooms).await;
    let request =
        Slow { bearer: key.expose(), org: None, path: "/v1/rooms", body: json!({"name": "slow"}) };
    let answer = request.send(&server, async {}).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
    assert_eq!(answer.body["name"], "slow");
}

#[tokio::test]
async fn a_form_of_a_session_that_ends_while_it_comes_does_nothing() {
    let server = TestServer::start().await;
    account(&server, "ana@example.org").await;
    let grant = "response_type=code&client_id=cli&redirect_uri=http://127.0.0.1:9/cb&scope=openid\
                 &code_challenge_method=S256&decision=allow\
                 &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    for (path, form) in [
        ("/oauth/authorize", grant),
        ("/account/sessions/end-others", ""),
        ("/account/passkeys/remove", "passkey=x"),
        ("/account/device", "user_code=BCDFGHJK"),
    ] {
        let (mut thief, mut ana) = (Browser::new(&server), Browser::new(&server));
        thief.sign_in("ana@example.org", PASSWORD).await;
        ana.sign_in("ana@example.org", PASSWORD).await;
        let csrf = csrf_in(&thief.get("/account/sessions").await.text);
        let cookie = format!("parlor_session={}", thief.cookie("parlor_session").unwrap());
        let request = Request::post(path)
            .header(COOKIE, cookie)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let end = async {
            let ended = ana.fill("/account/sessions", "/account/sessions/end-others", &[]).await;
            assert_eq!(ended.status, StatusCode::SEE_OTHER);
        };
        let answer = slowly(&server, request, format!("{form}&csrf={csrf}"), end).await;
        let way = answer.header("location");
        assert!(way.starts_with("/account/sign-in?"), "{path}: {} {way}", answer.status);
        assert_eq!(ana.get("/account/sessions").await.status, StatusCode::OK, "{path}");
    }
}
