//! An account that passes to somebody else while somebody is let in. Only
//! PostgreSQL runs two changes side by side; there each sees the records as they
//! were at its begin.

use std::sync::mpsc::sync_channel;

use parlor_model::id::{SessionId, UserId};
use parlor_model::identity::Email;
use parlor_store::accounts;
use parlor_store::passkeys::{self, Passkey};
use parlor_store::secret_token::{SecretToken, TokenKind};
use parlor_store::sessions::{self, Method, Session};
use parlor_store::users::{self, User};
use parlor_store::{Connection, StoreError};

use crate::bed::{Bed, NOW, random, secs};
use crate::postgres::Cluster;

/// Ana's account, which a password and a passkey open.
fn add_ana(bed: &Bed) -> UserId {
    let ana = UserId::from_random(random());
    let user = User::new(ana, Email::parse("ana@example.org").unwrap(), "Ana", NOW)
        .with_password_hash(Some("$old".to_owned()));
    let passkey = Passkey {
        id: "phone".to_owned(),
        user_id: ana,
        name: "Phone".to_owned(),
        credential: "{}".to_owned(),
        created_at: NOW,
        last_used_at: None,
    };
    bed.write(move |c| {
        users::create(c, &user)?;
        passkeys::create(c, &passkey)
    })
    .unwrap();
    ana
}

/// What `act` says that began before Ana's account was handed over, and does its
/// part after.
fn beside_a_hand_over(
    cluster: &Cluster,
    database: &str,
    mut act: impl FnMut(&mut dyn Connection, UserId) -> Result<bool, StoreError> + Send + 'static,
) -> (Bed, UserId, bool) {
    let url = cluster.create_database(database);
    let bed = Bed::open(|config| config.url = Some(url));
    let ana = add_ana(&bed);
    let (begun, has_begun) = sync_channel(1);
    let (open, gate) = sync_channel::<()>(1);
    let mut is_first = true;
    let acted = bed.store.write(move |c| {
        users::find(c, ana)?;
        if std::mem::take(&mut is_first) {
            begun.send(()).unwrap();
            gate.recv().unwrap();
        }
        act(c, ana)
    });
    let hand_over = async {
        tokio::task::spawn_blocking(move || has_begun.recv()).await.unwrap().unwrap();
        let work = move |c: &mut dyn Connection| {
            accounts::remove_other_ways(c, ana)?;
            accounts::replace_password(c, ana, "$new", secs(1))
        };
        assert!(bed.store.write(work).await.unwrap());
        open.send(()).unwrap();
    };
    let (acted, ()) = bed.wait(async { tokio::join!(acted, hand_over) });
    let acted = acted.unwrap();
    (bed, ana, acted)
}

#[test]
fn old_password_begins_no_session_after_it() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let token = SecretToken::generate().unwrap().hash(TokenKind::Session);
    let id = SessionId::from_random(random());
    let begin = move |c: &mut dyn Connection, user_id: UserId| {
        let session = Session {
            id,
            user_id,
            method: Method::Password,
            ip: String::new(),
            user_agent: String::new(),
            created_at: NOW,
            last_seen_at: NOW,
            expires_at: secs(60),
        };
        sessions::create_by_password(c, &session, &token, "$old")
    };
    let (bed, ana, is_begun) = beside_a_hand_over(&cluster, "handed_over_password", begin);
    assert!(!is_begun);
    assert_eq!(bed.store.read(|c| sessions::list_of_user(c, ana)).unwrap(), []);
}

#[test]
fn who_holds_an_account_sees_what_was_taken_from_it() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let look = |c: &mut dyn Connection, user: UserId| {
        users::hold(c, user)?;
        Ok(passkeys::find(c, "phone")?.is_some())
    };
    let (_, _, is_there) = beside_a_hand_over(&cluster, "handed_over_passkey", look);
    assert!(!is_there);
}
