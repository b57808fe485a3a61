//! Access tokens that one of the server's own keys signed, each with one thing
//! in it that is wrong: what is refused here is refused for that thing alone.

use aws_lc_rs::signature::Ed25519KeyPair;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use parlor_model::id::{GrantId, SessionId};
use parlor_model::oauth::SigningAlg;
use parlor_store::oauth::signing_keys;
use serde_json::{Value, json};

use super::driver::{Stage, part};
use crate::support::ORIGIN;

/// A change of header and claims.
type Change<'a> = &'a dyn Fn(&mut Value, &mut Value);

/// A token like `good`, changed, and signed with the server's own Ed25519 key.
fn signed(stage: &Stage, good: &str, change: Change<'_>) -> String {
    let store = &stage.server.store;
    let rows = store.read(signing_keys::list).unwrap();
    let row = rows.iter().find(|row| row.alg == SigningAlg::EdDsa && row.is_current()).unwrap();
    let private = row.private(store.master_key()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(&private).unwrap();
    let mut head = json!({"typ": "at+jwt", "alg": "EdDSA", "kid": row.id.to_string()});
    let mut claims = part(good, 1);
    change(&mut head, &mut claims);
    let part = |value: &Value| BASE64.encode(value.to_string());
    let message = format!("{}.{}", part(&head), part(&claims));
    let signature = BASE64.encode(pair.sign(message.as_bytes()));
    format!("{message}.{signature}")
}

async fn stage() -> (Stage, String) {
    let stage = Stage::set().await;
    let tokens = stage.tokens("openid").await;
    let good = tokens["access_token"].as_str().unwrap().to_owned();
    (stage, good)
}

/// Whether a token is good at the provider, on the REST face and on the
/// identity face; they never differ.
async fn is_good(stage: &Stage, token: &str) -> bool {
    let info = stage.user_info(token).await.status;
    let header = format!("Bearer {token}");
    let identity = stage.server.authorized(&header).get("/users/me").await.status;
    assert_eq!(info, identity);
    assert!([StatusCode::OK, StatusCode::UNAUTHORIZED].contains(&info), "{info}");
    info == StatusCode::OK
}

#[tokio::test]
async fn token_that_is_signed_well_is_good() {
    let (stage, good) = stage().await;
    assert!(is_good(&stage, &signed(&stage, &good, &|_, _| {})).await);
    let begun = signed(&stage, &good, &|_, claims| claims["nbf"] = claims["iat"].clone());
    assert!(is_good(&stage, &begun).await);
}

#[tokio::test]
async fn token_with_one_wrong_claim_is_refused() {
    let (stage, good) = stage().await;
    let now = stage.server.now();
    let nobody = "00000000-0000-4000-8000-000000000001";
    let cases: &[(&str, Value)] = &[
        ("iss", json!("https://evil.example")),
        ("iss", json!(format!("{ORIGIN}/"))),
        ("aud", json!("app")),
        ("aud", json!("https://evil.example")),
        ("aud", json!([ORIGIN, "https://evil.example"])),
        ("exp", json!(now)),
        ("exp", json!(now - 1)),
        ("exp", Value::Null),
        ("exp", json!("never")),
        ("nbf", json!(now + 1)),
        ("sub", json!(nobody)),
        ("sub", Value::Null),
        ("client_id", Value::Null),
        ("grant", json!(GrantId::from_random([7; 16]))),
        ("grant", Value::Null),
        ("sid", json!(SessionId::from_random([7; 16]))),
    ];
    for (name, value) in cases {
        let token = signed(&stage, &good, &|_, claims| claims[*name] = value.clone());
        assert!(!is_good(&stage, &token).await, "{name} {value}");
    }
}

#[tokio::test]
async fn token_with_one_wrong_word_in_its_header_is_refused() {
    let (stage, good) = stage().await;
    let rsa = part(&good, 0)["kid"].clone();
    let cases: &[(&str, Value)] = &[
        ("typ", json!("JWT")),
        ("typ", json!("dpop+jwt")),
        ("typ", Value::Null),
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("alg", json!("RS256")),
        ("alg", json!("ES256")),
        ("alg", json!("Ed25519")),
        ("kid", rsa),
        ("kid", json!("unknown")),
        ("kid", Value::Null),
        ("crit", json!(["b64"])),
        ("b64", json!(false)),
    ];
    for (name, value) in cases {
        let token = signed(&stage, &good, &|head, _| head[*name] = value.clone());
        // What is not critical and not known is passed over (RFC 7515, 4.1).
        assert_eq!(is_good(&stage, &token).await, *name == "b64", "{name} {value}");
    }
}

#[tokio::test]
async fn token_in_an_address_counts_for_nothing_and_is_not_kept() {
    let (stage, good) = stage().await;
    assert!(is_good(&stage, &good).await);
    for path in ["/v1/rooms", "/api/users/me", "/users/me", "/api/organizations", "/oauth/userinfo"]
    {
        for name in ["access_token", "token", "authorization", "bearer", "api_key", "apikey"] {
            let address = format!("{path}?{name}={good}");
            let answer = stage.visit_as_stranger(&address).await;
            assert!(answer.status.is_client_error(), "{address} {}", answer.status);
            assert!(!answer.text.contains(&good), "{}", answer.text);
        }
    }
    // The log of requests, as its organization reads it.
    let key = stage.server.key();
    key.get(&format!("/v1/rooms?access_token={good}")).await;
    stage.server.wait_for_logged(1).await;
    let log = key.get("/v1/logs/api").await;
    assert_eq!(log.status, StatusCode::OK);
    assert!(!log.body.to_string().contains(&good), "{}", log.body);
}
