//! What people try: addresses, downgrades, replays, forgery.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{Request, StatusCode};

use super::driver::{APP_SECRET, CALLBACK, Stage, authorize, exchange, form, pairs, query};

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered() {
    let stage = Stage::set().await;
    for uri in [
        "https://evil.example/cb",
        "https://app.example/cb/../../evil",
        "https://app.example/cb?next=evil",
        "https://app.example/cb#code",
        "https://app.example@evil.example/cb",
        "https://app.example.evil.example/cb",
        "https://app.example/CB",
        "http://app.example/cb",
        "http://127.0.0.1:80@evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "//app.example/cb",
        "javascript:alert(1)",
        "https://app.example/cb\r\nSet-Cookie: a=b",
        "",
    ] {
        for visitor in ["signed in", "stranger"] {
            let path = authorize(&[("client_id", "own"), ("redirect_uri", uri)]);
            let answer = match visitor {
                "stranger" => stage.visit_as_stranger(&path).await,
                _ => stage.visit(&path).await,
            };
            assert_eq!((answer.status, answer.location()), (StatusCode::BAD_REQUEST, ""), "{uri}");
            assert!(answer.headers.get("set-cookie").is_none());
        }
    }
    for id in ["nobody", "", "dashboard", "a b", "<script>"] {
        let answer = stage.visit(&authorize(&[("client_id", id)])).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::BAD_REQUEST, ""), "{id}");
        assert!(!answer.text.contains("<script>"));
    }
}

#[tokio::test]
async fn parameter_that_is_there_twice_is_refused() {
    let stage = Stage::set().await;
    let path = format!("{}&redirect_uri=https%3A%2F%2Fevil.example", authorize(&[]));
    let answer = stage.visit(&path).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::BAD_REQUEST, ""));
    let request = Request::post("/oauth/token")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("grant_type=refresh_token&grant_type=authorization_code"))
        .unwrap();
    assert_eq!(stage.send(request).await.error(), "invalid_request");
}

#[tokio::test]
async fn faults_of_a_known_client_are_told_to_it() {
    let stage = Stage::set().await;
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", "code id_token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("scope", ""), "invalid_scope"),
        (("scope", "everything"), "invalid_scope"),
        (("prompt", "none login"), "invalid_request"),
        (("prompt", "please"), "invalid_request"),
        (("max_age", "-1"), "invalid_request"),
        (("request", "eyJ"), "request_not_supported"),
        (("request_uri", "https://evil.example"), "request_uri_not_supported"),
        (("response_mode", "fragment"), "invalid_request"),
    ] {
        let answer = stage.visit(&authorize(&[("client_id", "own"), change])).await;
        assert_eq!(answer.sent("error").as_deref(), Some(error), "{change:?}");
        assert_eq!(answer.sent("state").as_deref(), Some("s-1"));
        assert!(answer.location().starts_with(CALLBACK) && answer.sent("code").is_none());
    }
}

#[tokio::test]
async fn pkce_cannot_be_left_out_or_weakened() {
    let stage = Stage::set().await;
    for change in [
        ("code_challenge", ""),
        ("code_challenge_method", ""),
        ("code_challenge_method", "plain"),
        ("code_challenge", "short"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw cM"),
    ] {
        let answer = stage.visit(&authorize(&[("client_id", "own"), change])).await;
        assert_eq!(answer.sent("error").as_deref(), Some("invalid_request"), "{change:?}");
    }
    let code = stage.code("openid").await;
    let without: Vec<_> =
        exchange(&code).into_iter().filter(|(name, _)| *name != "code_verifier").collect();
    assert_eq!(stage.post("/oauth/token", &without).await.error(), "invalid_request");
    // A code that was presented with a wrong verifier is spent for good.
    let mut wrong = exchange(&code);
    wrong[4].1 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    assert_eq!(stage.post("/oauth/token", &wrong).await.error(), "invalid_grant");
    assert_eq!(stage.post("/oauth/token", &exchange(&code)).await.error(), "invalid_grant");
}

#[tokio::test]
async fn replayed_code_revokes_what_the_first_use_gave() {
    let stage = Stage::set().await;
    let code = stage.code("openid offline_access").await;
    let first = stage.post("/oauth/token", &exchange(&code)).await.json();
    let access = first["access_token"].as_str().unwrap();
    assert_eq!(stage.user_info(access).await.status, StatusCode::OK);
    assert_eq!(stage.post("/oauth/token", &exchange(&code)).await.error(), "invalid_grant");
    assert_eq!(stage.user_info(access).await.status, StatusCode::UNAUTHORIZED);
    let refresh = first["refresh_token"].as_str().unwrap();
    assert_eq!(stage.refresh(refresh).await.error(), "invalid_grant");
}

#[tokio::test]
async fn code_is_good_for_a_minute_and_for_its_own_request() {
    let stage = Stage::set().await;
    let code = stage.code("openid").await;
    stage.server.clock.advance(60);
    assert_eq!(stage.post("/oauth/token", &exchange(&code)).await.error(), "invalid_grant");
    for (place, value) in [(2, "http://127.0.0.1/cb"), (3, "public")] {
        let code = stage.code("openid").await;
        let mut other = exchange(&code);
        other[place].1 = value;
        assert_eq!(stage.post("/oauth/token", &other).await.error(), "invalid_grant", "{value}");
    }
}

#[tokio::test]
async fn of_two_who_present_a_code_at_once_at_most_one_succeeds() {
    let stage = Stage::set().await;
    let code = stage.code("openid").await;
    let exchanged = exchange(&code);
    let (one, two) = tokio::join!(
        stage.post("/oauth/token", &exchanged),
        stage.post("/oauth/token", &exchanged)
    );
    let good = [one.status, two.status].iter().filter(|s| **s == StatusCode::OK).count();
    assert!(good <= 1, "{:?}", (one.status, two.status));
}

#[tokio::test]
async fn client_with_a_secret_has_to_prove_itself() {
    let stage = Stage::set().await;
    let base = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    for extra in [
        vec![("client_id", "app")],
        vec![("client_id", "app"), ("client_secret", "wrong")],
        vec![("client_id", "own"), ("client_secret", "it has none")],
        vec![("client_id", "nobody"), ("client_secret", "x")],
    ] {
        let values: Vec<_> = base.into_iter().chain(extra.clone()).collect();
        let answer = stage.post("/oauth/token", &values).await;
        let expected = (StatusCode::UNAUTHORIZED, "invalid_client".to_owned());
        assert_eq!((answer.status, answer.error()), expected, "{extra:?}");
    }
    let good = [base[0], base[1], ("client_id", "app"), ("client_secret", APP_SECRET)];
    assert_eq!(stage.post("/oauth/token", &good).await.error(), "invalid_grant");
    // Both ways at once.
    let twice = stage.post_as_app("/oauth/token", &good).await;
    assert_eq!(twice.error(), "invalid_request");
}

#[tokio::test]
async fn decision_that_did_not_come_from_our_page_counts_for_nothing() {
    let stage = Stage::set().await;
    let fields = pairs(authorize(&[]).split_once('?').unwrap().1);
    for csrf in ["", "wrong", &"A".repeat(43)] {
        let mut values: Vec<_> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        values.extend([("decision", "allow"), ("csrf", csrf)]);
        let answer = stage.submit("/oauth/authorize", &values).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::FORBIDDEN, ""), "{csrf}");
    }
    // Nor does a decision in a link.
    let link = format!("{}&decision=allow&csrf={}", authorize(&[]), stage.csrf);
    let answer = stage.visit(&link).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::OK, ""));
}

#[tokio::test]
async fn token_endpoint_reads_forms_alone() {
    let stage = Stage::set().await;
    let json = Request::post("/oauth/token").header(CONTENT_TYPE, "application/json");
    let json = json.body(Body::from(r#"{"grant_type":"refresh_token"}"#)).unwrap();
    assert_eq!(stage.send(json).await.error(), "invalid_request");
    let unknown = [("grant_type", "password"), ("client_id", "own")];
    assert_eq!(stage.post("/oauth/token", &unknown).await.error(), "unsupported_grant_type");
    // Credentials in an address are nothing: they would be in every log.
    let path = format!("/oauth/token?{}", query(&exchange("x")));
    assert_eq!(stage.post(&path, &[]).await.error(), "invalid_request");
    let get = stage.visit("/oauth/token").await;
    assert_eq!(
        (get.status, get.error().as_str()),
        (StatusCode::METHOD_NOT_ALLOWED, "invalid_request")
    );
    let lost = stage.visit("/oauth/tokens").await;
    assert_eq!((lost.status, lost.error().as_str()), (StatusCode::NOT_FOUND, "invalid_request"));
    let large = Request::post("/oauth/token").header(COOKIE, "a=b");
    let large = form(large, &[("code", &"x".repeat(2 * 1024 * 1024))]);
    assert_eq!(stage.send(large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}
