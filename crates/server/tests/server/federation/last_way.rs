//! The last way into an account is not taken away, whichever kind it is of.

use axum::http::StatusCode;
use parlor_model::id::UserId;
use parlor_model::time::UnixMillis;
use parlor_store::oauth::federation;
use parlor_store::passkeys::{self, Passkey};
use parlor_store::{Connection, users};

use super::browser::corp;
use crate::authenticator::ORIGIN;
use crate::browser::{Browser, PASSWORD, account};
use crate::support::TestServer;

const ANA: &str = "ana@example.org";
const PASSKEYS: &str = "/account/passkeys";
const SESSIONS: &str = "/account/sessions";

/// Two providers, of which nobody is asked anything.
fn issuer(name: &str) -> String {
    format!("http://127.0.0.1:9/{name}")
}

/// A server with both, at `origin`, and Ana in front of a browser. She signed in
/// with a password that she has no more.
struct Stage {
    server: TestServer,
    ana: UserId,
    cookies: Vec<(String, String)>,
}

impl Stage {
    async fn set(origin: &str) -> Self {
        let server = TestServer::with(|settings| {
            origin.clone_into(&mut settings.public_url);
            settings.identity_providers = ["corp", "club"]
                .map(|name| {
                    let mut provider = corp(&issuer(name));
                    name.clone_into(&mut provider.name);
                    provider
                })
                .into();
        })
        .await;
        let ana = account(&server, ANA).await;
        let mut browser = Browser::new(&server);
        browser.sign_in(ANA, PASSWORD).await;
        let cookies = browser.cookies;
        let stage = Self { server, ana, cookies };
        stage.set_password(None).await;
        stage
    }

    fn now(&self) -> UnixMillis {
        UnixMillis::new(self.server.now() * 1000)
    }

    async fn set_password(&self, hash: Option<&'static str>) {
        let (ana, now) = (self.ana, self.now());
        let set = move |c: &mut dyn Connection| users::set_password_hash(c, ana, hash, now);
        assert!(self.server.store.write(set).await.unwrap());
    }

    async fn link(&self, issuer: String) {
        let (ana, now) = (self.ana, self.now());
        let link = move |c: &mut dyn Connection| federation::link(c, &issuer, "s-1", ana, now);
        assert!(self.server.store.write(link).await.unwrap());
    }

    async fn add_passkey(&self, id: &str) {
        let passkey = Passkey {
            id: id.to_owned(),
            user_id: self.ana,
            name: "Phone".to_owned(),
            credential: "{}".to_owned(),
            created_at: self.now(),
            last_used_at: None,
        };
        self.server.store.write(move |c| passkeys::create(c, &passkey)).await.unwrap();
    }

    /// Sends a form of hers; and whether it was carried out.
    async fn submit(&self, action: &str, field: (&str, &str)) -> bool {
        let mut browser = Browser::new(&self.server);
        browser.cookies.clone_from(&self.cookies);
        let answer = browser.fill(SESSIONS, action, &[field]).await;
        if answer.status == StatusCode::CONFLICT {
            assert!(answer.text.contains("could not sign in any more"), "{}", answer.text);
            return false;
        }
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer}");
        assert!([PASSKEYS, SESSIONS].contains(&answer.header("location")), "{answer}");
        true
    }

    async fn disconnect(&self, name: &str) -> bool {
        let action = format!("/account/sign-in/{name}/connect");
        let is_done = self.submit(&action, ("decision", "disconnect")).await;
        let linked = |c: &mut dyn Connection| federation::is_linked(c, &issuer(name), self.ana);
        assert_eq!(self.server.store.read(linked).unwrap(), !is_done);
        is_done
    }

    async fn remove(&self, id: &str) -> bool {
        let is_done = self.submit("/account/passkeys/remove", ("passkey", id)).await;
        let there = self.server.store.read(|c| passkeys::find(c, id)).unwrap().is_some();
        assert_eq!(there, !is_done);
        is_done
    }
}

#[tokio::test]
async fn provider_or_passkey_goes_while_the_other_is_left() {
    let stage = Stage::set(ORIGIN).await;
    stage.link(issuer("corp")).await;
    assert!(!stage.disconnect("corp").await);
    stage.add_passkey("phone").await;
    assert!(stage.disconnect("corp").await);
    assert!(!stage.remove("phone").await);
    stage.link(issuer("corp")).await;
    assert!(stage.remove("phone").await);
    assert!(!stage.disconnect("corp").await);
}

#[tokio::test]
async fn two_of_a_kind_are_two_ways_in() {
    let stage = Stage::set(ORIGIN).await;
    stage.link(issuer("corp")).await;
    stage.link(issuer("club")).await;
    assert!(stage.disconnect("corp").await);
    assert!(!stage.disconnect("club").await);
    for id in ["phone", "laptop"] {
        stage.add_passkey(id).await;
    }
    assert!(stage.disconnect("club").await);
    assert!(stage.remove("phone").await);
    assert!(!stage.remove("laptop").await);
}

#[tokio::test]
async fn with_a_password_everything_else_may_go() {
    let stage = Stage::set(ORIGIN).await;
    stage.link(issuer("corp")).await;
    stage.add_passkey("phone").await;
    stage.set_password(Some("x")).await;
    assert!(stage.disconnect("corp").await && stage.remove("phone").await);
}

#[tokio::test]
async fn what_opens_nothing_any_more_is_no_way_in() {
    // A provider that the operator took out of the configuration.
    let stage = Stage::set(ORIGIN).await;
    stage.add_passkey("phone").await;
    stage.link(issuer("gone")).await;
    assert!(!stage.remove("phone").await);
    // Passkeys of a time when the server had a name on https.
    let stage = Stage::set("http://192.0.2.1:7880").await;
    stage.link(issuer("corp")).await;
    stage.add_passkey("phone").await;
    assert!(!stage.disconnect("corp").await);
}
