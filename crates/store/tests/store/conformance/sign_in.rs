use parlor_model::id::{SessionId, UserId};
use parlor_model::identity::invitation::InvitationStatus;
use parlor_model::identity::member::MemberRole;
use parlor_model::time::UnixMillis;
use parlor_store::invitations::{self, Invitation};
use parlor_store::members::Access;
use parlor_store::passkeys::{self, Passkey};
use parlor_store::secret_token::{TokenHash, TokenKind};
use parlor_store::sessions::{self, Method, Session};
use parlor_store::{StoreError, Unique, orgs};

use crate::bed::{Bed, NOW, random, secs};
use crate::conformance::cases;
use crate::conformance::people::{email, invitation, token, user};

fn session(bed: &Bed, user_id: UserId, at: UnixMillis) -> (SessionId, TokenHash) {
    let session = Session {
        id: SessionId::from_random(random()),
        user_id,
        method: Method::Password,
        ip: "203.0.113.9".to_owned(),
        user_agent: "Browser".to_owned(),
        created_at: at,
        last_seen_at: at,
        expires_at: at.plus_millis(sessions::LIFE_MILLIS),
    };
    let (id, hash) = (session.id, token(TokenKind::Session));
    let stored = hash.clone();
    bed.write(move |c| sessions::create(c, &session, &stored)).unwrap();
    (id, hash)
}

fn invite(bed: &Bed, new: &Invitation) -> Result<TokenHash, StoreError> {
    let (hash, new) = (token(TokenKind::Invitation), new.clone());
    let stored = hash.clone();
    bed.write(move |c| invitations::create(c, &new, &stored)).map(|()| hash)
}

cases! {
    fn a_text_with_a_nul_is_looked_up_and_kept_like_any_other(bed) {
        let ana = user(&bed, "ana");
        assert!(!bed.write(move |c| passkeys::delete(c, ana, "a\0b")).unwrap());
        let org = bed.org("acme");
        let reason = "a\0b".to_owned();
        let suspended = bed.write(move |c| {
            let mut org = orgs::find(c, org)?.unwrap();
            let suspension = orgs::Suspension { at: NOW, until: None, reason: reason.clone() };
            org.suspension = Some(suspension);
            orgs::update(c, &org)
        });
        assert!(suspended.unwrap());
        let found = bed.store.read(|c| orgs::find(c, org)).unwrap().unwrap();
        assert!(found.suspension.unwrap().reason.starts_with('a'));
    }

    fn a_session_is_found_until_it_is_revoked(bed) {
        let (ana, bo) = (user(&bed, "ana"), user(&bed, "bo"));
        let (id, hash) = session(&bed, ana, NOW);
        let (_, other) = session(&bed, ana, secs(1));
        let found = bed.store.read(|c| sessions::find_by_hash(c, &hash)).unwrap().unwrap();
        assert_eq!((found.id, found.user_id, found.method), (id, ana, Method::Password));
        assert!(!bed.write(move |c| sessions::revoke(c, bo, id)).unwrap(), "it is not Bo's");
        assert!(bed.write(move |c| sessions::revoke(c, ana, id)).unwrap());
        assert_eq!(bed.store.read(|c| sessions::find_by_hash(c, &hash)).unwrap(), None);
        assert!(bed.store.read(|c| sessions::find_by_hash(c, &other)).unwrap().is_some());
        assert_eq!(bed.write(move |c| sessions::revoke_all_of_user(c, ana)).unwrap(), 1);
        assert!(bed.store.read(|c| sessions::list_of_user(c, ana)).unwrap().is_empty());
    }

    fn a_session_ends_by_age_and_by_idleness(bed) {
        let ana = user(&bed, "ana");
        let (id, hash) = session(&bed, ana, NOW);
        let found = |bed: &Bed| bed.store.read(|c| sessions::find_by_hash(c, &hash)).unwrap();
        let idle = NOW.plus_millis(sessions::IDLE_MILLIS);
        let fresh = found(&bed).unwrap();
        assert!(fresh.is_active(idle.plus_millis(-1)) && !fresh.is_active(idle));
        assert!(!fresh.is_due_for_touch(secs(59)) && fresh.is_due_for_touch(secs(60)));
        bed.write(move |c| sessions::touch(c, id, secs(60))).unwrap();
        bed.write(move |c| sessions::touch(c, id, secs(30))).unwrap();
        assert_eq!(found(&bed).unwrap().last_seen_at, secs(60));
        assert_eq!(bed.write(move |c| sessions::purge(c, idle)).unwrap(), 0);
        assert_eq!(bed.write(move |c| sessions::purge(c, idle.plus_seconds(60))).unwrap(), 1);
        assert_eq!(found(&bed), None);
    }

    fn an_account_has_only_so_many_sessions(bed) {
        let ana = user(&bed, "ana");
        let mut hashes = Vec::new();
        for second in 0..=i64::try_from(sessions::MAX_OF_USER).unwrap() {
            hashes.push(session(&bed, ana, secs(second)).1);
        }
        let left = bed.store.read(|c| sessions::list_of_user(c, ana)).unwrap();
        assert_eq!(left.len(), sessions::MAX_OF_USER);
        assert_eq!(bed.store.read(|c| sessions::find_by_hash(c, &hashes[0])).unwrap(), None);
    }

    fn an_invitation_is_answered_once(bed) {
        let org = bed.org("local");
        let new = invitation(org, "ana", NOW);
        let hash = invite(&bed, &new).unwrap();
        let found = bed.store.read(|c| invitations::find_by_token(c, &hash)).unwrap();
        assert_eq!(found.as_ref(), Some(&new));
        assert!(new.is_open(secs(59)) && !new.is_open(secs(60)));
        let set = |bed: &Bed, status| {
            let id = new.id;
            bed.write(move |c| invitations::set_status(c, id, status, secs(1))).unwrap()
        };
        assert!(set(&bed, InvitationStatus::Accepted));
        assert!(!set(&bed, InvitationStatus::Declined));
        let found = bed.store.read(|c| invitations::find(c, new.id)).unwrap().unwrap();
        assert_eq!(found.status, InvitationStatus::Accepted);
        let access = Access { role: MemberRole::Owner, role_ids: Vec::new() };
        let id = new.id;
        assert!(!bed.write(move |c| invitations::update(c, id, &access, secs(9), NOW)).unwrap());
    }

    fn an_address_has_one_open_invitation_into_an_organization(bed) {
        let (org, other) = (bed.org("local"), bed.org("other"));
        invite(&bed, &invitation(org, "ana", NOW)).unwrap();
        invite(&bed, &invitation(other, "ana", NOW)).unwrap();
        let twice = invite(&bed, &invitation(org, "ana", secs(59)));
        assert!(matches!(twice, Err(StoreError::Conflict(Unique::Invitation))), "{twice:?}");
        // One whose time has passed makes way.
        invite(&bed, &invitation(org, "ana", secs(60))).unwrap();
        assert_eq!(bed.store.read(|c| invitations::list_of_org(c, org)).unwrap().len(), 2);
        let ana = email("ana");
        assert_eq!(bed.store.read(|c| invitations::list_of_email(c, &ana)).unwrap().len(), 3);
    }

    fn passkeys_belong_to_one_account(bed) {
        let (ana, bo) = (user(&bed, "ana"), user(&bed, "bo"));
        let passkey = |user_id| Passkey {
            id: "credential".to_owned(),
            user_id,
            name: "Laptop".to_owned(),
            credential: "{}".to_owned(),
            created_at: NOW,
            last_used_at: None,
        };
        let (of_ana, of_bo) = (passkey(ana), passkey(bo));
        bed.write(move |c| passkeys::create(c, &of_ana)).unwrap();
        let twice = bed.write(move |c| passkeys::create(c, &of_bo));
        assert!(matches!(twice, Err(StoreError::Conflict(Unique::Passkey))), "{twice:?}");
        let used = bed.write(|c| passkeys::note_use(c, "credential", "{\"n\":1}", secs(5)));
        assert!(used.unwrap());
        let found = bed.store.read(|c| passkeys::find(c, "credential")).unwrap().unwrap();
        assert_eq!((found.user_id, found.last_used_at), (ana, Some(secs(5))));
        assert!(!bed.write(move |c| passkeys::delete(c, bo, "credential")).unwrap());
        assert!(bed.write(move |c| passkeys::delete(c, ana, "credential")).unwrap());
        assert!(bed.store.read(|c| passkeys::list_of_user(c, ana)).unwrap().is_empty());
    }
}
