//! A provider of somebody else's, over HTTP, that says what a test wants: good
//! tokens, and every kind of bad ones.

use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use axum::routing::any;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::browser::{CALLBACK, CLIENT_ID, CLIENT_SECRET};
use crate::support::{ORIGIN, START_SECONDS};

/// What the provider answers next.
pub(super) struct Script {
    pub(super) metadata: Value,
    /// Instead of the metadata, as they are.
    pub(super) raw_metadata: Option<String>,
    pub(super) head: Value,
    pub(super) claims: Value,
    /// How the ID token ends; a signature by default.
    pub(super) signature: Signature,
    pub(super) access_token: String,
    pub(super) user_info: Value,
    /// Instead of tokens.
    pub(super) token_answer: Option<(StatusCode, HeaderMap, String)>,
    key: Key,
    /// What the token endpoint was sent: the header and the form.
    pub(super) exchanged: Vec<(String, String)>,
    /// Which paths were asked for.
    pub(super) asked: Vec<String>,
}

/// How an ID token is signed.
pub(super) enum Signature {
    /// With the provider's key.
    Good,
    /// As given.
    Text(&'static str),
    /// With HMAC-SHA-256 under this.
    Shared(Vec<u8>),
}

struct Key {
    pair: EcdsaKeyPair,
    kid: String,
}

impl Key {
    fn new(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { pair, kid: kid.to_owned() }
    }

    /// The uncompressed point: a 4, x and y.
    fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid,
            "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..]),
        })
    }
}

impl Script {
    /// The keys change; the next token is signed with the new one.
    pub(super) fn rotate(&mut self) {
        self.key = Key::new("k-2");
        self.head["kid"] = json!("k-2");
    }

    /// The public key as an attacker would use it as a secret.
    pub(super) fn public_key(&self) -> Vec<u8> {
        self.key.pair.public_key().as_ref().to_vec()
    }

    fn id_token(&self) -> String {
        let part = |value: &Value| BASE64.encode(value.to_string());
        let message = format!("{}.{}", part(&self.head), part(&self.claims));
        let signature = match &self.signature {
            Signature::Good => {
                let signed = self.key.pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
                BASE64.encode(signed.as_ref())
            }
            Signature::Text(text) => (*text).to_owned(),
            Signature::Shared(secret) => {
                let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
                BASE64.encode(aws_lc_rs::hmac::sign(&key, message.as_bytes()).as_ref())
            }
        };
        format!("{message}.{signature}")
    }
}

/// The provider, until the test ends.
pub(super) struct Foreign {
    pub(super) issuer: String,
    script: Arc<Mutex<Script>>,
    _serving: JoinSet<()>,
}

impl Foreign {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let script = Script {
            metadata: json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"),
                "userinfo_endpoint": format!("{issuer}/userinfo"),
                "jwks_uri": format!("{issuer}/keys"),
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
            }),
            raw_metadata: None,
            head: json!({ "alg": "ES256", "kid": "k-1", "typ": "JWT" }),
            claims: json!({
                "iss": issuer, "aud": CLIENT_ID, "sub": "s-1", "nonce": "",
                "iat": START_SECONDS, "exp": START_SECONDS + 300,
                "email": "ana@example.org", "email_verified": true, "name": "Ana María",
            }),
            signature: Signature::Good,
            access_token: "opaque".to_owned(),
            user_info: json!({}),
            token_answer: None,
            key: Key::new("k-1"),
            exchanged: Vec::new(),
            asked: Vec::new(),
        };
        let script = Arc::new(Mutex::new(script));
        let routes = Router::new().route("/{*path}", any(answer)).with_state(Arc::clone(&script));
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { issuer, script, _serving: serving }
    }

    /// What it answers, to be changed.
    pub(super) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// A person says yes: what the browser is sent back with.
    pub(super) fn agree(&self, sent: &str) -> String {
        self.agree_for(sent, CALLBACK)
    }

    /// The same, where this provider's callback is another one.
    pub(super) fn agree_for(&self, sent: &str, callback: &str) -> String {
        assert!(sent.starts_with(&format!("{}/authorize?", self.issuer)), "{sent}");
        let asked = crate::oauth::driver::pairs(sent.split_once('?').unwrap().1);
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT_ID);
        assert_eq!(asked["redirect_uri"], format!("{ORIGIN}{callback}"));
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["scope"], "openid email profile");
        let mut script = self.script();
        if script.claims["nonce"] == json!("") {
            script.claims["nonce"] = json!(asked["nonce"]);
        }
        format!("{callback}?code=c-1&state={}", asked["state"])
    }

    /// Whether the secret came the way that a provider with these metadata wants.
    pub(super) fn was_shown_the_secret_in_the_header(&self) -> bool {
        let basic = format!(
            "Basic {}",
            STANDARD.encode(format!("{CLIENT_ID}:{}", CLIENT_SECRET.replace(' ', "+")))
        );
        self.script().exchanged.iter().all(|(header, _)| *header == basic)
    }
}

async fn answer(
    State(script): State<Arc<Mutex<Script>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut script = script.lock().unwrap();
    script.asked.push(uri.path().to_owned());
    let json = |value: &Value| {
        let response = Response::builder().header(CONTENT_TYPE, "application/json");
        response.body(Body::from(value.to_string())).unwrap()
    };
    match uri.path() {
        "/.well-known/openid-configuration" => match &script.raw_metadata {
            Some(raw) => Response::new(Body::from(raw.clone())),
            None => json(&script.metadata),
        },
        "/keys" => json(&json!({ "keys": [script.key.jwk()] })),
        "/userinfo" => json(&script.user_info),
        "/token" => {
            let header = headers.get(AUTHORIZATION).map_or("", |h| h.to_str().unwrap());
            let form = String::from_utf8(body.to_vec()).unwrap();
            script.exchanged.push((header.to_owned(), form));
            if let Some((status, headers, text)) = &script.token_answer {
                let mut response = Response::new(Body::from(text.clone()));
                (*response.status_mut(), *response.headers_mut()) = (*status, headers.clone());
                return response;
            }
            let (access_token, id_token) = (&script.access_token, script.id_token());
            json(&json!({
                "access_token": access_token, "token_type": "Bearer", "id_token": id_token
            }))
        }
        _ => Response::builder().status(404).body(Body::empty()).unwrap(),
    }
}
