//! A browser in which somebody is signed in, and an application, for tests.

use std::collections::HashMap;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION};
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http_body_util::BodyExt as _;
use parlor_model::id::{SessionId, UserId};
use parlor_model::oauth::SigningAlg;
use parlor_model::time::UnixMillis;
use parlor_store::oauth::clients::{self, Client};
use parlor_store::secret_token::{SecretToken, TokenKind};
use parlor_store::sessions::{self, Method, Session};
use parlor_store::users::{self, User};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::support::{START_SECONDS, TestServer};

/// The verifier and challenge of RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Where the test's application lives.
pub(crate) const CALLBACK: &str = "https://app.example/cb";
pub(crate) const APP_SECRET: &str = "the secret of the application";

/// An answer, whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// Where the browser is sent.
    pub(crate) fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// A value in the query of where the browser is sent.
    pub(crate) fn sent(&self, name: &str) -> Option<String> {
        pairs(self.location().split_once('?')?.1).remove(name)
    }

    /// The stable word of an OAuth error, which must be in its envelope.
    pub(crate) fn error(&self) -> String {
        let body = self.json();
        assert!(body["error_description"].is_string(), "{body}");
        assert_eq!(self.headers["cache-control"], "no-store");
        body["error"].as_str().unwrap().to_owned()
    }
}

/// The values of a query, decoded.
pub(crate) fn pairs(query: &str) -> HashMap<String, String> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced).decode_utf8().unwrap().into_owned()
    };
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    };
    query.split('&').map(pair).collect()
}

/// A query of these values.
pub(crate) fn query(values: &[(&str, &str)]) -> String {
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let pair = |(name, value): &(&str, &str)| format!("{}={}", encode(name), encode(value));
    values.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// A server with a person, their browser, and an application.
pub(crate) struct Stage {
    pub(crate) server: TestServer,
    pub(crate) user: UserId,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::on(TestServer::start().await).await
    }

    /// The same on a server that was set up elsewhere.
    pub(crate) async fn on(server: TestServer) -> Self {
        let now = UnixMillis::new(START_SECONDS * 1000);
        let user = UserId::from_random([9; 16]);
        let email = "ana@example.org".parse().unwrap();
        let row = User::new(user, email, "Ana", now).with_verified_email();
        server.store.write(move |c| users::create(c, &row)).await.unwrap();
        add_client(&server, client("app", Some(APP_SECRET), false)).await;
        add_client(&server, client("own", None, true)).await;
        add_client(&server, client("public", None, false)).await;
        let (cookie, csrf) = sign_in(&server, user, 5).await;
        Self { server, user, cookie, csrf }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.server, request).await
    }

    /// The browser follows a link.
    pub(crate) async fn visit(&self, path: &str) -> Answer {
        let request = Request::get(path).header(COOKIE, &self.cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Somebody who is not signed in follows a link.
    pub(crate) async fn visit_as_stranger(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// The browser sends a form.
    pub(crate) async fn submit(&self, path: &str, values: &[(&str, &str)]) -> Answer {
        let request = Request::post(path).header(COOKIE, &self.cookie);
        self.send(form(request, values)).await
    }

    /// The person agrees to a request.
    pub(crate) async fn agree(&self, path: &str) -> Answer {
        self.decide(path, "allow").await
    }

    /// The person answers the question that a request led to.
    pub(crate) async fn decide(&self, path: &str, decision: &str) -> Answer {
        let fields = pairs(path.split_once('?').unwrap().1);
        let mut values: Vec<_> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        values.extend([("csrf", self.csrf.as_str()), ("decision", decision)]);
        self.submit("/oauth/authorize", &values).await
    }

    /// An application sends a form.
    pub(crate) async fn post(&self, path: &str, values: &[(&str, &str)]) -> Answer {
        self.send(form(Request::post(path), values)).await
    }

    /// The same, with its secret in the header.
    pub(crate) async fn post_as_app(&self, path: &str, values: &[(&str, &str)]) -> Answer {
        let pair = query(&[("app", APP_SECRET)]).replace('=', ":");
        let basic = format!("Basic {}", STANDARD.encode(pair));
        self.send(form(Request::post(path).header(AUTHORIZATION, basic), values)).await
    }

    /// An application asks whom a token speaks for.
    pub(crate) async fn user_info(&self, token: &str) -> Answer {
        let request = Request::get("/oauth/userinfo");
        let request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A code for the client `own`, which needs no consent.
    pub(crate) async fn code(&self, scope: &str) -> String {
        let answer = self.visit(&authorize(&[("client_id", "own"), ("scope", scope)])).await;
        answer.sent("code").unwrap_or_else(|| panic!("no code: {}", answer.location()))
    }

    /// The tokens of a whole flow of the client `own`.
    pub(crate) async fn tokens(&self, scope: &str) -> Value {
        let code = self.code(scope).await;
        let answer = self.post("/oauth/token", &exchange(&code)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }

    /// What becomes of a refresh token of the client `own`.
    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        let form =
            [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", "own")];
        self.post("/oauth/token", &form).await
    }
}

/// What the client `own` posts for a code.
pub(crate) fn exchange(code: &str) -> [(&str, &str); 5] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("client_id", "own"),
        ("code_verifier", VERIFIER),
    ]
}

/// The path of a good authorization request, with these values in place of its
/// own; an empty one takes a value away.
pub(crate) fn authorize(values: &[(&str, &str)]) -> String {
    let usual = [
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", "s-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let is_given = |name: &str| values.iter().any(|(given, _)| *given == name);
    let kept = usual.into_iter().filter(|(name, _)| !is_given(name));
    let all: Vec<_> = kept.chain(values.iter().copied()).filter(|(_, v)| !v.is_empty()).collect();
    format!("/oauth/authorize?{}", query(&all))
}

pub(crate) fn client(id: &str, secret: Option<&str>, is_own: bool) -> Client {
    Client {
        id: id.parse().unwrap(),
        name: format!("The <b>{id}</b>"),
        secret_hash: secret.map(Client::hash_of),
        redirect_uris: [CALLBACK, "http://127.0.0.1/cb", "com.example.app:/cb"]
            .map(str::to_owned)
            .into(),
        alg: SigningAlg::Rs256,
        is_own,
        created_at: UnixMillis::new(START_SECONDS * 1000),
    }
}

pub(crate) async fn add_client(server: &TestServer, client: Client) {
    server.store.write(move |c| clients::create(c, &client)).await.unwrap();
}

/// A session of `user`, begun now: the cookie, and what its forms carry.
pub(crate) async fn sign_in(server: &TestServer, user: UserId, number: u8) -> (String, String) {
    let token = SecretToken::generate().unwrap();
    let now = UnixMillis::new(server.now() * 1000);
    let session = Session {
        id: SessionId::from_random([number; 16]),
        user_id: user,
        method: Method::Password,
        ip: "192.0.2.1".to_owned(),
        user_agent: "test".to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus_seconds(14 * 86_400),
    };
    let hash = token.hash(TokenKind::Session);
    server.store.write(move |c| sessions::create(c, &session, &hash)).await.unwrap();
    let csrf = token.hash(TokenKind::Csrf).as_str().to_owned();
    (format!("parlor_session={}", token.expose()), csrf)
}

pub(crate) fn form(
    request: axum::http::request::Builder,
    values: &[(&str, &str)],
) -> Request<Body> {
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    request.body(Body::from(query(values))).unwrap()
}

pub(crate) async fn send(server: &TestServer, request: Request<Body>) -> Answer {
    let response = server.app.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    Answer { status: parts.status, headers: parts.headers, text }
}

/// What a part of a token says: 0 is the header, 1 the claims.
pub(crate) fn part(token: &str, number: usize) -> Value {
    let part = token.split('.').nth(number).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
