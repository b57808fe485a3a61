use parlor_model::id::{GrantId, SessionId, SigningKeyId, UserId};
use parlor_model::oauth::{OauthClientId, Scopes, SigningAlg};
use parlor_model::time::UnixMillis;
use parlor_store::oauth::clients::{self, Client};
use parlor_store::oauth::codes::{self, NewCode};
use parlor_store::oauth::device_codes::{self, Answer, NewDeviceCode};
use parlor_store::oauth::grants::{self, Grant};
use parlor_store::oauth::signing_keys::{self, Rotation, SigningKey};
use parlor_store::oauth::{self, Spending, consents, federation, refresh_tokens};
use parlor_store::secret_token::{TokenHash, TokenKind};
use parlor_store::users::{self, User};

use crate::bed::{Bed, NOW, random};
use crate::conformance::cases;

fn id(text: &str) -> OauthClientId {
    text.parse().unwrap()
}

fn hash(kind: TokenKind, text: &str) -> TokenHash {
    TokenHash::of(kind, text)
}

fn later(seconds: i64) -> UnixMillis {
    NOW.plus_seconds(seconds)
}

fn person(bed: &Bed) -> UserId {
    let user = UserId::from_random(random());
    let email = format!("{user}@example.org").parse().unwrap();
    let row = User::new(user, email, "Ana", NOW);
    bed.write(move |c| users::create(c, &row)).unwrap();
    user
}

fn grant_of(user: UserId, ends_at: UnixMillis) -> Grant {
    Grant {
        id: GrantId::from_random(random()),
        user,
        client: id("app"),
        scopes: Scopes::known_in("openid email"),
        nonce: Some("n".to_owned()),
        signed_in_at: NOW,
        created_at: NOW,
        ends_at,
        revoked_at: None,
    }
}

fn granted(bed: &Bed, ends_at: UnixMillis) -> Grant {
    let grant = grant_of(person(bed), ends_at);
    let row = grant.clone();
    bed.write(move |c| grants::create(c, &row)).unwrap();
    grant
}

fn is_good(bed: &Bed, grant: &Grant, now: UnixMillis) -> bool {
    let found = bed.store.read(|c| grants::find(c, grant.id)).unwrap().unwrap();
    found.is_good(now)
}

cases! {
    fn a_client_is_found_listed_and_deleted(bed) {
        let client = Client {
            id: id("app"),
            name: "App".to_owned(),
            secret_hash: Some(Client::hash_of("secret")),
            redirect_uris: vec!["https://app.example/cb".to_owned()],
            alg: SigningAlg::EdDsa,
            is_own: true,
            created_at: NOW,
        };
        let row = client.clone();
        bed.write(move |c| clients::create(c, &row)).unwrap();
        let again = client.clone();
        assert!(bed.write(move |c| clients::create(c, &again)).is_err());
        let found = bed.store.read(|c| clients::find(c, &id("app"))).unwrap().unwrap();
        assert!(found.is_secret("secret") && !found.is_secret("other") && !found.is_secret(""));
        assert_eq!((found.alg, found.is_own), (SigningAlg::EdDsa, true));
        assert_eq!(found.redirect_uris, client.redirect_uris);
        assert_eq!(bed.store.read(clients::list).unwrap().len(), 1);
        let grant = granted(&bed, later(60));
        assert!(bed.write(|c| clients::delete(c, &id("app"), NOW)).unwrap());
        assert!(!bed.write(|c| clients::delete(c, &id("app"), NOW)).unwrap());
        assert!(!is_good(&bed, &grant, NOW));
    }

    fn a_code_is_spent_once_and_its_second_use_revokes(bed) {
        let grant = granted(&bed, later(60));
        let code = NewCode {
            hash: hash(TokenKind::OauthCode, "code"),
            grant: grant.id,
            redirect_uri: "https://app.example/cb".to_owned(),
            challenge: "c".repeat(43),
            expires_at: later(60),
        };
        bed.write(move |c| codes::create(c, &code)).unwrap();
        let spend = |now| {
            bed.write(move |c| codes::spend(c, &hash(TokenKind::OauthCode, "code"), now)).unwrap()
        };
        let Spending::Spent(spent) = spend(NOW) else { panic!("it is good") };
        assert_eq!((&spent.grant, spent.challenge.len()), (&grant, 43));
        assert!(is_good(&bed, &grant, NOW));
        assert!(matches!(spend(NOW), Spending::Revoked(of) if of == grant));
        assert!(!is_good(&bed, &grant, NOW));
        assert!(matches!(spend(NOW), Spending::Refused), "it is told once");
        let unknown = bed.write(|c| codes::spend(c, &hash(TokenKind::OauthCode, "x"), NOW));
        assert!(matches!(unknown.unwrap(), Spending::Refused));
    }

    fn a_refresh_token_is_spent_once_by_its_client(bed) {
        let grant = granted(&bed, later(3600));
        let family = grant.id;
        for token in ["one", "two"] {
            bed.write(move |c| {
                refresh_tokens::create(c, &hash(TokenKind::RefreshToken, token), family, later(60))
            })
            .unwrap();
        }
        let spend = |token: &'static str, client: &'static str, now| {
            bed.write(move |c| {
                refresh_tokens::spend(c, &hash(TokenKind::RefreshToken, token), &id(client), now)
            })
            .unwrap()
        };
        assert_eq!(spend("one", "other", NOW), Spending::Refused);
        assert!(is_good(&bed, &grant, NOW));
        assert_eq!(spend("one", "app", NOW), Spending::Spent(grant.clone()));
        assert_eq!(spend("two", "app", later(60)), Spending::Refused, "expired");
        assert!(is_good(&bed, &grant, NOW));
        assert_eq!(spend("one", "app", NOW), Spending::Revoked(grant.clone()));
        assert!(!is_good(&bed, &grant, NOW));
        assert_eq!(spend("one", "app", NOW), Spending::Refused, "it is told once");
    }

    fn a_device_waits_until_somebody_decides(bed) {
        let new = |name: &str| NewDeviceCode {
            hash: hash(TokenKind::DeviceCode, name),
            user_code_hash: hash(TokenKind::UserCode, name),
            client: id("cli"),
            scopes: Scopes::known_in("openid"),
            created_at: NOW,
            expires_at: later(600),
            interval_ms: 5000,
        };
        for name in ["yes", "no"] {
            let row = new(name);
            bed.write(move |c| device_codes::create(c, &row)).unwrap();
        }
        let taken = new("yes");
        assert!(bed.write(move |c| device_codes::create(c, &taken)).is_err());
        let poll = |name: &'static str, seconds| {
            bed.write(move |c| {
                device_codes::poll(c, &hash(TokenKind::DeviceCode, name), &id("cli"), later(seconds))
            })
            .unwrap()
        };
        assert!(matches!(poll("yes", 0), Answer::Pending));
        assert!(matches!(poll("yes", 1), Answer::TooEarly));
        let grant = grant_of(person(&bed), later(600));
        let row = grant.clone();
        let typed = hash(TokenKind::UserCode, "yes");
        let waiting = bed.store.read(|c| device_codes::find_waiting(c, &typed, NOW)).unwrap();
        assert_eq!(waiting.unwrap().client, id("cli"));
        assert!(bed.write(move |c| device_codes::allow(c, &typed, &row, NOW)).unwrap());
        assert!(bed.write(|c| device_codes::deny(c, &hash(TokenKind::UserCode, "no"), NOW)).unwrap());
        assert!(!bed.write(|c| device_codes::deny(c, &hash(TokenKind::UserCode, "no"), NOW)).unwrap());
        assert!(matches!(poll("no", 0), Answer::Denied));
        assert!(matches!(poll("yes", 20), Answer::Allowed(given) if given.id == grant.id));
        assert!(matches!(poll("yes", 40), Answer::Unknown));
        assert!(matches!(poll("no", 600), Answer::Expired));
    }

    fn a_token_hangs_on_its_grant_and_its_session(bed) {
        let grant = granted(&bed, later(60));
        let backs = |user, grant, session, now| {
            bed.store.read(|c| grants::backs(c, user, grant, session, now)).unwrap()
        };
        assert!(backs(grant.user, None, None, NOW));
        assert!(backs(grant.user, Some(grant.id), None, NOW));
        assert!(!backs(grant.user, Some(grant.id), None, later(60)), "ended");
        assert!(!backs(person(&bed), Some(grant.id), None, NOW), "somebody else's");
        let nobodys = SessionId::from_random(random());
        assert!(!backs(grant.user, Some(grant.id), Some(nobodys), NOW));
        let id = grant.id;
        assert!(bed.write(move |c| grants::revoke(c, id, NOW)).unwrap());
        assert!(!backs(grant.user, Some(grant.id), None, NOW));
    }

    fn what_ended_long_ago_is_removed(bed) {
        let (old, new) = (granted(&bed, later(60)), granted(&bed, later(600)));
        let id = new.id;
        bed.write(move |c| grants::extend(c, id, later(900))).unwrap();
        bed.write(move |c| grants::extend(c, id, later(1))).unwrap();
        assert_eq!(bed.write(|c| oauth::purge(c, later(61))).unwrap(), 1);
        assert_eq!(bed.store.read(|c| grants::find(c, old.id)).unwrap(), None);
        let left = bed.store.read(|c| grants::find(c, new.id)).unwrap().unwrap();
        assert_eq!(left.ends_at, later(900));
        let listed = bed.store.read(|c| grants::list_of_user(c, new.user, NOW)).unwrap();
        assert_eq!(listed.len(), 1);
    }

    fn consent_grows_and_people_are_linked_once(bed) {
        let user = person(&bed);
        for scopes in ["openid", "email"] {
            let scopes = Scopes::known_in(scopes);
            bed.write(move |c| consents::add(c, user, &id("app"), &scopes, NOW)).unwrap();
        }
        let agreed = bed.store.read(|c| consents::find(c, user, &id("app"))).unwrap();
        assert_eq!(agreed.to_string(), "openid email");
        let link = move |bed: &Bed| {
            bed.write(move |c| federation::link(c, "https://idp.example", "s", user, NOW)).unwrap()
        };
        assert!(link(&bed) && !link(&bed));
        let found = bed.store.read(|c| federation::find(c, "https://idp.example", "s")).unwrap();
        assert_eq!(found, Some(user));
        let other = bed.store.read(|c| federation::find(c, "https://evil.example", "s")).unwrap();
        assert_eq!(other, None);
    }

    fn signing_keys_change_in_turn(bed) {
        let rotation = Rotation { signs_ms: 1000, checks_ms: 5000 };
        let rotate = |bed: &Bed, now: UnixMillis| {
            let twice = SigningAlg::ALL.into_iter().flat_map(|alg| [alg, alg]);
            let key = |alg| {
                let id = SigningKeyId::from_random(random());
                SigningKey::new(id, alg, "{}".to_owned(), b"private", now, bed.store.master_key())
            };
            let drawn: Vec<SigningKey> = twice.map(|alg| key(alg).unwrap()).collect();
            bed.write(move |c| signing_keys::rotate(c, &drawn, rotation, now)).unwrap()
        };
        let first = rotate(&bed, NOW);
        assert_eq!(first.len(), 6);
        assert!(!signing_keys::is_due(&first, rotation, NOW.plus_millis(999)));
        assert!(signing_keys::is_due(&first, rotation, NOW.plus_millis(1000)));
        assert_eq!(first[0].private(bed.store.master_key()).unwrap().as_slice(), b"private");
        assert_eq!(rotate(&bed, NOW.plus_millis(10)).len(), 6, "nothing was due");
        let next = |keys: &[SigningKey]| {
            keys.iter().find(|key| key.alg == SigningAlg::Rs256 && key.is_next()).unwrap().id
        };
        let current = |keys: &[SigningKey]| {
            keys.iter().find(|key| key.alg == SigningAlg::Rs256 && key.is_current()).unwrap().id
        };
        let second = rotate(&bed, NOW.plus_millis(1000));
        assert_eq!((second.len(), current(&second)), (9, next(&first)));
        let much_later = rotate(&bed, NOW.plus_millis(20_000));
        assert_eq!((much_later.len(), current(&much_later)), (9, next(&second)));
    }
}
