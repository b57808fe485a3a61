//! Access, ID and refresh tokens, and what is not taken for one.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::driver::{Stage, add_client, authorize, client, exchange, part};
use crate::support::ORIGIN;

#[tokio::test]
async fn access_token_says_what_it_is_and_lives_for_a_quarter_of_an_hour() {
    let stage = Stage::set().await;
    let tokens = stage.tokens("openid").await;
    let access = tokens["access_token"].as_str().unwrap();
    let head = part(access, 0);
    assert_eq!((&head["typ"], &head["alg"]), (&json!("at+jwt"), &json!("RS256")));
    assert!(head["kid"].is_string());
    let claims = part(access, 1);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ORIGIN), &json!(ORIGIN)));
    assert_eq!((&claims["client_id"], &claims["scope"]), (&json!("own"), &json!("openid")));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
    assert!(claims["jti"].is_string() && claims["email"].is_null());
    stage.server.clock.advance(899);
    assert_eq!(stage.user_info(access).await.status, StatusCode::OK);
    stage.server.clock.advance(1);
    let late = stage.user_info(access).await;
    assert_eq!((late.status, late.error()), (StatusCode::UNAUTHORIZED, "invalid_token".into()));
}

#[tokio::test]
async fn id_token_is_no_access_token() {
    let stage = Stage::set().await;
    let tokens = stage.tokens("openid").await;
    let id_token = tokens["id_token"].as_str().unwrap();
    assert_eq!(part(id_token, 0)["typ"], json!("JWT"));
    assert_eq!(stage.user_info(id_token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn client_that_asks_gets_other_signatures() {
    let stage = Stage::set().await;
    for word in ["ES256", "EdDSA"] {
        let mut own = client(word, None, true);
        own.alg = word.parse().unwrap();
        add_client(&stage.server, own).await;
        let code = stage.visit(&authorize(&[("client_id", word)])).await.sent("code").unwrap();
        let mut form = exchange(&code);
        form[3].1 = word;
        let tokens = stage.post("/oauth/token", &form).await.json();
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(part(access, 0)["alg"], json!(word));
        assert_eq!(stage.user_info(access).await.status, StatusCode::OK);
    }
}

/// A token like a good one, whose header and claims were changed, signed as
/// the forger can.
fn forged(good: &str, change: impl Fn(&mut Value, &mut Value)) -> String {
    let (mut head, mut claims) = (part(good, 0), part(good, 1));
    change(&mut head, &mut claims);
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signature = good.rsplit('.').next().unwrap();
    format!("{}.{}.{signature}", encode(&head), encode(&claims))
}

#[tokio::test]
async fn forged_tokens_are_all_refused_alike() {
    let stage = Stage::set().await;
    let tokens = stage.tokens("openid").await;
    let good = tokens["access_token"].as_str().unwrap();
    let jwks = stage.visit_as_stranger("/.well-known/jwks.json").await;
    let modulus = jwks.json()["keys"][0]["n"].as_str().unwrap_or_default().to_owned();
    let kid = part(good, 0)["kid"].as_str().unwrap().to_owned();

    let none = forged(good, |head, _| head["alg"] = json!("none"));
    let (unsigned, _) = none.rsplit_once('.').unwrap();
    let mut all = vec![
        ("none, with the old signature", none.clone()),
        ("none, without one", format!("{unsigned}.")),
        (
            "another person",
            forged(good, |_, claims| claims["sub"] = json!("00000000-0000-4000-8000-000000000001")),
        ),
        ("longer life", forged(good, |_, claims| claims["exp"] = json!(9_999_999_999_i64))),
        ("another algorithm of the key", forged(good, |head, _| head["alg"] = json!("RS512"))),
        ("PS256 with the RSA key", forged(good, |head, _| head["alg"] = json!("PS256"))),
        ("an invented key", forged(good, |head, _| head["kid"] = json!("../../etc/passwd"))),
        (
            "no key",
            forged(good, |head, _| {
                head.as_object_mut().unwrap().remove("kid");
            }),
        ),
        ("critical extension", forged(good, |head, _| head["crit"] = json!(["exp"]))),
        (
            "a key of its own",
            forged(good, |head, _| head["jwk"] = json!({"kty": "oct", "k": "AAAA"})),
        ),
        ("empty signature", format!("{}.", good.rsplit_once('.').unwrap().0)),
        ("one part", "eyJ".to_owned()),
        ("four parts", format!("{good}.x")),
        ("very long", format!("{good}{}", "A".repeat(20_000))),
    ];
    // The public key as the secret of a symmetric signature.
    for alg in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let mut head = Header::new(alg);
        head.kid = Some(kid.clone());
        head.typ = Some("at+jwt".to_owned());
        for secret in [modulus.as_bytes(), jwks.text.as_bytes(), b""] {
            let key = EncodingKey::from_secret(secret);
            let token = jsonwebtoken::encode(&head, &part(good, 1), &key).unwrap();
            all.push(("symmetric", token));
        }
    }
    let refused = stage.user_info("nonsense").await;
    for (what, token) in all {
        let answer = stage.user_info(&token).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}");
        assert_eq!(answer.text, refused.text, "{what}");
        // The REST face knows no better.
        let header = format!("Bearer {token}");
        let answer = stage.server.authorized(&header).get("/v1/rooms").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}");
    }
    assert_eq!(stage.user_info(good).await.status, StatusCode::OK);
}

#[tokio::test]
async fn refresh_token_is_good_once_and_reuse_ends_the_family() {
    let stage = Stage::set().await;
    let first = stage.tokens("openid offline_access").await;
    let old = first["refresh_token"].as_str().unwrap();
    let answer = stage.refresh(old).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let second = answer.json();
    let new = second["refresh_token"].as_str().unwrap();
    assert_ne!(old, new);
    assert!(second["id_token"].is_string());
    assert_eq!(
        stage.user_info(second["access_token"].as_str().unwrap()).await.status,
        StatusCode::OK
    );
    // A thief, or the owner after a thief.
    assert_eq!(stage.refresh(old).await.error(), "invalid_grant");
    assert_eq!(stage.refresh(new).await.error(), "invalid_grant");
    for tokens in [&first, &second] {
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(stage.user_info(access).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn refresh_token_is_of_one_client_ends_after_a_month_and_never_grows() {
    let stage = Stage::set().await;
    let tokens = stage.tokens("openid email offline_access").await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let of_other =
        [("grant_type", "refresh_token"), ("refresh_token", refresh), ("client_id", "public")];
    assert_eq!(stage.post("/oauth/token", &of_other).await.error(), "invalid_grant");
    let form = |scope| {
        [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh),
            ("client_id", "own"),
            ("scope", scope),
        ]
    };
    let wider = stage.post("/oauth/token", &form("openid profile")).await;
    assert_eq!(wider.error(), "invalid_scope");
    let narrower = stage.post("/oauth/token", &form("openid")).await.json();
    assert_eq!(narrower["scope"], json!("openid"));
    let refresh = narrower["refresh_token"].as_str().unwrap().to_owned();
    stage.server.clock.advance(30 * 86_400);
    assert_eq!(stage.refresh(&refresh).await.error(), "invalid_grant");
}

#[tokio::test]
async fn user_info_needs_a_token_in_the_header() {
    let stage = Stage::set().await;
    let bare = stage.visit("/oauth/userinfo").await;
    assert_eq!(bare.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bare.headers["www-authenticate"], "Bearer realm=\"parlor\"");
    let tokens = stage.tokens("openid").await;
    let access = tokens["access_token"].as_str().unwrap();
    let in_address = stage.visit(&format!("/oauth/userinfo?access_token={access}")).await;
    assert_eq!(in_address.status, StatusCode::UNAUTHORIZED);
    let narrow = stage.tokens("email").await;
    assert!(narrow["id_token"].is_null());
    let answer = stage.user_info(narrow["access_token"].as_str().unwrap()).await;
    assert_eq!(
        (answer.status, answer.error()),
        (StatusCode::FORBIDDEN, "insufficient_scope".into())
    );
}
