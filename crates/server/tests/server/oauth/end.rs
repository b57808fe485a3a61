//! Giving tokens back, and signing out.

use axum::http::StatusCode;

use super::driver::{CALLBACK, Stage, query};

#[tokio::test]
async fn token_that_is_given_back_ends_its_grant() {
    let stage = Stage::set().await;
    for name in ["refresh_token", "access_token"] {
        let tokens = stage.tokens("openid offline_access").await;
        let token = tokens[name].as_str().unwrap();
        let access = tokens["access_token"].as_str().unwrap();
        // Another client's wish changes nothing, and it learns nothing.
        let other = [("token", token), ("client_id", "public")];
        assert_eq!(stage.post("/oauth/revoke", &other).await.status, StatusCode::OK);
        assert_eq!(stage.user_info(access).await.status, StatusCode::OK);
        let own = [("token", token), ("client_id", "own")];
        assert_eq!(stage.post("/oauth/revoke", &own).await.status, StatusCode::OK);
        assert_eq!(stage.user_info(access).await.status, StatusCode::UNAUTHORIZED);
        let refresh = tokens["refresh_token"].as_str().unwrap();
        assert_eq!(stage.refresh(refresh).await.error(), "invalid_grant");
    }
    let unknown = [("token", "x"), ("client_id", "own")];
    assert_eq!(stage.post("/oauth/revoke", &unknown).await.status, StatusCode::OK);
    assert_eq!(stage.post("/oauth/revoke", &unknown[1..]).await.error(), "invalid_request");
}

#[tokio::test]
async fn client_with_an_id_token_signs_its_person_out() {
    let stage = Stage::set().await;
    let tokens = stage.tokens("openid").await;
    let hint = tokens["id_token"].as_str().unwrap();
    // Expired or not, it says who.
    stage.server.clock.advance(7200);
    let wish = [("id_token_hint", hint), ("post_logout_redirect_uri", CALLBACK), ("state", "x y")];
    let answer = stage.visit(&format!("/oauth/logout?{}", query(&wish))).await;
    assert_eq!(answer.location(), format!("{CALLBACK}?state=x%20y"));
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("parlor_session=;") && cookie.contains("Max-Age=0"), "{cookie}");
    let lost = super::driver::authorize(&[("client_id", "own")]);
    assert!(stage.visit(&lost).await.location().starts_with("/account/sign-in"));
}

#[tokio::test]
async fn link_signs_nobody_out_and_leads_nowhere_else() {
    let stage = Stage::set().await;
    let evil = [("client_id", "own"), ("post_logout_redirect_uri", "https://evil.example")];
    for link in ["/oauth/logout".to_owned(), format!("/oauth/logout?{}", query(&evil))] {
        let answer = stage.visit(&link).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::OK, ""));
        assert!(answer.text.contains("Sign out?") && answer.text.contains(&stage.csrf));
    }
    let still = super::driver::authorize(&[("client_id", "own")]);
    assert!(stage.visit(&still).await.sent("code").is_some());
    let forged = stage.submit("/oauth/logout", &[("csrf", "wrong")]).await;
    assert!(forged.text.contains("Sign out?"));
    let done = stage.submit("/oauth/logout", &[("csrf", &stage.csrf)]).await;
    assert!(done.text.contains("You are signed out"));
    assert!(stage.visit(&still).await.location().starts_with("/account/sign-in"));
}
