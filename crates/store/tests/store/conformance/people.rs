use parlor_model::id::{GrantId, InvitationId, OrgId, SessionId, UserId};
use parlor_model::identity::Email;
use parlor_model::identity::invitation::InvitationStatus;
use parlor_model::identity::member::MemberRole;
use parlor_model::key_permission::{KeyPermission, KeyPermissions};
use parlor_model::oauth::{OauthClientId, Scopes};
use parlor_model::time::UnixMillis;
use parlor_store::accounts::{self, Created, NewAccount, NotDeleted, OtherWays};
use parlor_store::api_keys::NewApiKey;
use parlor_store::invitations::{self, Invitation};
use parlor_store::key::KeyValue;
use parlor_store::members::{self, Access, Member};
use parlor_store::oauth::grants::{self, Grant};
use parlor_store::oauth::{consents, federation};
use parlor_store::passkeys::{self, Passkey};
use parlor_store::roles::{self, RoleContent};
use parlor_store::secret_token::{SecretToken, TokenHash, TokenKind};
use parlor_store::sessions::{self, Method, Session};
use parlor_store::users::{self, User};
use parlor_store::{Connection, StoreError, Unique, orgs};

use crate::bed::{Bed, NOW, new_key, random, secs};
use crate::conformance::cases;

pub(super) fn email(name: &str) -> Email {
    Email::parse(&format!("{name}@example.org")).unwrap()
}

pub(super) fn user(bed: &Bed, name: &str) -> UserId {
    let user = User::new(UserId::from_random(random()), email(name), name, NOW);
    let id = user.id;
    bed.write(move |c| users::create(c, &user)).unwrap();
    id
}

fn account(bed: &Bed, name: &str) -> Result<Created, StoreError> {
    let user = User::new(UserId::from_random(random()), email(name), name, NOW);
    let org = OrgId::from_random(random());
    let new = NewAccount::new(user, org, bed.store.master_key()).unwrap();
    bed.write(move |c| accounts::create_by_operator(c, &new))
}

fn invited(bed: &Bed, name: &str) -> Created {
    let user = User::new(UserId::from_random(random()), email(name), name, secs(1));
    let new = NewAccount::new(user, OrgId::from_random(random()), bed.store.master_key()).unwrap();
    bed.write(move |c| accounts::create(c, &new)).unwrap()
}

fn session_of(user_id: UserId) -> (Session, TokenHash) {
    let session = Session {
        id: SessionId::from_random(random()),
        user_id,
        method: Method::Password,
        ip: String::new(),
        user_agent: String::new(),
        created_at: NOW,
        last_seen_at: NOW,
        expires_at: secs(60),
    };
    (session, SecretToken::generate().unwrap().hash(TokenKind::Session))
}

fn begin_session(bed: &Bed, user: UserId) -> TokenHash {
    let (session, hash) = session_of(user);
    let written = hash.clone();
    bed.write(move |c| sessions::create(c, &session, &written)).unwrap();
    hash
}

fn allow(bed: &Bed, user: UserId) -> GrantId {
    let grant = Grant {
        id: GrantId::from_random(random()),
        user,
        client: OauthClientId::cli(),
        scopes: Scopes::default(),
        nonce: None,
        signed_in_at: NOW,
        created_at: NOW,
        ends_at: secs(60),
        revoked_at: None,
    };
    let id = grant.id;
    bed.write(move |c| grants::create(c, &grant)).unwrap();
    id
}

fn member(org_id: OrgId, user_id: UserId, role_ids: Vec<parlor_model::id::RoleId>) -> Member {
    Member { role: MemberRole::Member, role_ids, ..accounts::owner(org_id, user_id, NOW) }
}

fn permissions(bed: &Bed, org: OrgId, user: UserId) -> Option<KeyPermissions> {
    bed.store.read(|c| members::permissions_of(c, org, user)).unwrap()
}

pub(super) fn invitation(org_id: OrgId, name: &str, now: UnixMillis) -> Invitation {
    Invitation {
        id: InvitationId::from_random(random()),
        org_id,
        email: email(name),
        invited_by: None,
        role: MemberRole::Member,
        role_ids: Vec::new(),
        status: InvitationStatus::Pending,
        created_at: now,
        updated_at: now,
        expires_at: now.plus_seconds(60),
    }
}

pub(super) fn token(kind: TokenKind) -> TokenHash {
    SecretToken::generate().unwrap().hash(kind)
}

fn passkey(owner: UserId, number: usize) -> Passkey {
    Passkey {
        id: format!("credential {number}"),
        user_id: owner,
        name: "Laptop".to_owned(),
        credential: "{}".to_owned(),
        created_at: NOW,
        last_used_at: None,
    }
}

fn content(name: &str, permissions: &[KeyPermission]) -> RoleContent {
    RoleContent {
        name: name.to_owned(),
        description: String::new(),
        permissions: permissions.iter().copied().collect(),
    }
}

cases! {
    fn an_account_is_found_by_its_address_whatever_the_case(bed) {
        let id = user(&bed, "ana");
        let wanted = Email::parse("ANA@Example.org").unwrap();
        let found = bed.store.read(|c| users::find_by_email(c, &wanted)).unwrap().unwrap();
        assert_eq!((found.id, found.password_hash()), (id, None));
        assert_eq!(bed.store.read(|c| users::find(c, id)).unwrap(), Some(found));
        let again = User::new(UserId::from_random(random()), wanted, "Ana", NOW);
        let refused = bed.write(move |c| users::create(c, &again));
        assert!(matches!(refused, Err(StoreError::Conflict(Unique::UserEmail))), "{refused:?}");
    }

    fn an_account_can_be_changed(bed) {
        let id = user(&bed, "ana");
        let nobody = UserId::from_random(random());
        assert!(bed.write(move |c| users::set_password_hash(c, id, Some("$x"), secs(1))).unwrap());
        assert!(!bed.write(move |c| users::set_password_hash(c, nobody, None, NOW)).unwrap());
        assert!(bed.write(move |c| users::set_email_verified(c, id, true, secs(2))).unwrap());
        assert!(bed.write(move |c| users::set_name(c, id, "Ana M.", secs(3))).unwrap());
        let found = bed.store.read(|c| users::find(c, id)).unwrap().unwrap();
        assert_eq!((found.password_hash(), found.name.as_str()), (Some("$x"), "Ana M."));
        assert!(found.is_email_verified);
        assert_eq!(bed.store.read(|c| users::list(c, 10)).unwrap().len(), 1);
    }

    fn the_first_account_of_the_operator_owns_the_first_organization(bed) {
        let first = bed.org("local");
        let eve = invited(&bed, "eve");
        assert_ne!(eve.org, first, "whoever came otherwise does not");
        assert_eq!(permissions(&bed, first, eve.user), None);
        let ana = account(&bed, "ana").unwrap();
        assert_eq!(ana.org, first);
        let org = bed.store.read(|c| orgs::find(c, first)).unwrap().unwrap();
        assert!(org.is_personal);
        assert_eq!((org.created_by, org.domain.as_str()), (Some(ana.user), "local"));
        assert_eq!(permissions(&bed, first, ana.user), Some(KeyPermissions::admin()));

        let bo = account(&bed, "bo").unwrap();
        assert_ne!(bo.org, first);
        let org = bed.store.read(|c| orgs::find(c, bo.org)).unwrap().unwrap();
        assert!(org.is_personal && org.domain.starts_with("bo-"), "{}", org.domain);
        assert_eq!(permissions(&bed, first, bo.user), None);
        let taken = account(&bed, "bo");
        assert!(matches!(taken, Err(StoreError::Conflict(Unique::UserEmail))), "{taken:?}");
        assert_eq!(bed.store.read(orgs::list).unwrap().len(), 3);
    }

    fn an_account_that_passes_to_somebody_else_keeps_its_password_alone(bed) {
        let (ana, bo) = (user(&bed, "ana"), user(&bed, "bo"));
        let client = OauthClientId::cli();
        for (n, owner) in [ana, ana, bo].into_iter().enumerate() {
            let passkey = passkey(owner, n);
            let (subject, client) = (format!("s{n}"), client.clone());
            bed.write(move |c| {
                passkeys::create(c, &passkey)?;
                federation::link(c, "https://idp.example", &subject, owner, NOW)?;
                consents::add(c, owner, &client, &Scopes::known_in("openid"), NOW)
            })
            .unwrap();
        }
        let removed = bed.write(move |c| accounts::remove_other_ways(c, ana)).unwrap();
        assert_eq!(removed, OtherWays { passkeys: 2, links: 2 });
        for (owner, is_left) in [(ana, false), (bo, true)] {
            let left = bed.store.read(|c| {
                let keys = passkeys::list_of_user(c, owner)?;
                let is_linked = federation::is_linked(c, "https://idp.example", owner)?;
                let agreed = consents::find(c, owner, &client)?;
                Ok::<_, StoreError>((keys.len() == 1, is_linked, agreed.to_string() == "openid"))
            });
            assert_eq!(left.unwrap(), (is_left, is_left, is_left));
        }
    }

    fn a_deleted_account_leaves_nothing_that_refers_to_it(bed) {
        bed.org("local");
        let (ana, bo) = (account(&bed, "ana").unwrap(), invited(&bed, "bo"));
        let session = begin_session(&bed, bo.user);
        let grant = allow(&bed, bo.user);
        let client = OauthClientId::cli();
        let (owner, passkey) = (accounts::owner(ana.org, bo.user, NOW), passkey(bo.user, 0));
        let asked = Invitation { invited_by: Some(bo.user), ..invitation(ana.org, "cy", NOW) };
        let asked_id = asked.id;
        bed.write(move |c| {
            members::add(c, &owner)?;
            passkeys::create(c, &passkey)?;
            invitations::create(c, &asked, &token(TokenKind::Invitation))?;
            federation::link(c, "https://idp.example", "s", bo.user, NOW)?;
            consents::add(c, bo.user, &client, &Scopes::default(), NOW)
        })
        .unwrap();
        let keys = bed.store.api_keys();
        let key = KeyValue::generate().unwrap();
        let new = NewApiKey { user_id: Some(bo.user), ..new_key(ana.org, "ci") };
        bed.wait(keys.create(new, &key)).unwrap();
        let (shared, own) = (bed.room(ana.org, "board"), bed.room(bo.org, "desk"));
        let delete = |user, held: &[OrgId]| {
            let (held, orgs) = (held.to_vec(), held.to_vec());
            let work = move |c: &mut dyn Connection| accounts::delete(c, user, &held, secs(1));
            bed.wait(keys.with_change_of_people_in(orgs, secs(1), work))
        };
        let unheld = delete(bo.user, &[bo.org]);
        assert!(matches!(unheld, Err(NotDeleted::Joined)), "{unheld:?}");
        assert!(keys.find(key.expose()).is_some(), "nothing of it was done");
        let affected = bed.store.read(|c| accounts::affected_by_deletion(c, bo.user)).unwrap();
        let mut fates: Vec<_> = affected.iter().map(|one| (one.goes_along, one.org.id)).collect();
        fates.sort_unstable();
        assert_eq!(fates, [(false, ana.org), (true, bo.org)]);
        let without_org = delete(bo.user, &[ana.org, bo.org]).unwrap();
        assert_eq!(without_org, [own.id], "not {}", shared.id);
        assert!(keys.find(key.expose()).is_none());
        let asked = bed.store.read(|c| invitations::find(c, asked_id)).unwrap().unwrap();
        assert_eq!(asked.status, InvitationStatus::Cancelled);
        assert!(bed.store.read(|c| passkeys::list_of_user(c, bo.user)).unwrap().is_empty());
        assert_eq!(bed.store.read(|c| users::find(c, bo.user)).unwrap(), None);
        assert_eq!(bed.store.read(|c| sessions::find_by_hash(c, &session)).unwrap(), None);
        assert_eq!(bed.store.read(|c| grants::find(c, grant)).unwrap(), None);
        assert_eq!(bed.store.read(|c| orgs::find(c, bo.org)).unwrap(), None);
        assert_eq!(permissions(&bed, ana.org, bo.user), None);
        let last = delete(ana.user, &[ana.org]);
        assert!(matches!(&last, Err(NotDeleted::LastOwner(orgs)) if orgs == &["'local'"]), "{last:?}");
        account(&bed, "bo").unwrap();
    }

    fn another_password_ends_what_the_one_before_began(bed) {
        let ana = account(&bed, "ana").unwrap().user;
        let hash = begin_session(&bed, ana);
        let grant = allow(&bed, ana);
        let nobody = UserId::from_random(random());
        assert!(!bed.write(move |c| accounts::replace_password(c, nobody, "$x", NOW)).unwrap());
        assert!(bed.write(move |c| accounts::replace_password(c, ana, "$x", secs(1))).unwrap());
        let found = bed.store.read(|c| users::find(c, ana)).unwrap().unwrap();
        assert_eq!(found.password_hash(), Some("$x"));
        assert_eq!(bed.store.read(|c| sessions::find_by_hash(c, &hash)).unwrap(), None);
        let left = bed.store.read(|c| grants::find(c, grant)).unwrap().unwrap();
        assert_eq!(left.revoked_at, Some(secs(1)));

        for (compared, is_good) in [("$before", false), ("$x", true)] {
            let (session, hash) = session_of(ana);
            let begun =
                bed.write(move |c| sessions::create_by_password(c, &session, &hash, compared));
            assert_eq!(begun.unwrap(), is_good, "{compared}");
        }
    }

    fn a_member_holds_what_the_roles_add_up_to(bed) {
        let org = bed.org("local");
        let ana = user(&bed, "ana");
        let role = parlor_model::id::RoleId::from_random(random());
        let own = content("Guests", &[KeyPermission::ReadRooms]);
        let made = bed.write({
            let own = own.clone();
            move |c| roles::create(c, org, role, &own, NOW)
        });
        assert_eq!(made.unwrap().org_id, Some(org));
        let auditor = parlor_model::id::RoleId::from_number(7);
        let place = member(org, ana, vec![role, auditor]);
        bed.write(move |c| members::add(c, &place)).unwrap();
        let held = permissions(&bed, org, ana).unwrap();
        assert!(held.allow(KeyPermission::ReadRooms) && held.allow(KeyPermission::ReadAuditLogs));
        assert!(!held.allow(KeyPermission::WriteRooms));

        let wider = content("Guests", &[KeyPermission::WriteRooms]);
        bed.write(move |c| roles::update(c, org, role, &wider, secs(1))).unwrap().unwrap();
        assert!(permissions(&bed, org, ana).unwrap().allow(KeyPermission::WriteRooms));
        assert!(bed.write(move |c| roles::delete(c, org, role, secs(2))).unwrap());
        let held = permissions(&bed, org, ana).unwrap();
        assert!(!held.allow(KeyPermission::ReadRooms) && held.allow(KeyPermission::ReadAuditLogs));
        let left = bed.store.read(|c| members::find(c, org, ana)).unwrap().unwrap();
        assert_eq!(left.role_ids, [auditor]);
    }

    fn roles_belong_to_their_organization(bed) {
        let (org, other) = (bed.org("local"), bed.org("other"));
        let id = parlor_model::id::RoleId::from_random(random());
        let own = content("Guests", &[]);
        bed.write(move |c| roles::create(c, org, id, &own, NOW)).unwrap();
        assert_eq!(bed.store.read(|c| roles::list(c, org)).unwrap().len(), 9);
        assert_eq!(bed.store.read(|c| roles::list(c, other)).unwrap().len(), 8);
        assert_eq!(bed.store.read(|c| roles::find(c, other, id)).unwrap(), None);
        assert!(!bed.write(move |c| roles::delete(c, other, id, NOW)).unwrap());
        for name in ["Guests", "Auditor"] {
            let same = content(name, &[]);
            let id = parlor_model::id::RoleId::from_random(random());
            let refused = bed.write(move |c| roles::create(c, org, id, &same, NOW));
            assert!(matches!(refused, Err(StoreError::Conflict(Unique::RoleName))), "{refused:?}");
        }
    }

    fn people_come_and_go(bed) {
        let (org, other) = (bed.org("local"), bed.org("other"));
        let (ana, bo) = (user(&bed, "ana"), user(&bed, "bo"));
        for place in [accounts::owner(org, ana, NOW), member(org, bo, Vec::new())] {
            let again = place.clone();
            bed.write(move |c| members::add(c, &place)).unwrap();
            let twice = bed.write(move |c| members::add(c, &again));
            assert!(matches!(twice, Err(StoreError::Conflict(Unique::Member))), "{twice:?}");
        }
        assert_eq!(bed.store.read(|c| members::count_owners(c, org)).unwrap(), 1);
        let access = Access { role: MemberRole::Owner, role_ids: Vec::new() };
        assert!(bed.write(move |c| members::set_access(c, org, bo, &access, secs(1))).unwrap());
        assert_eq!(bed.store.read(|c| members::count_owners(c, org)).unwrap(), 2);
        assert!(!bed.write(move |c| members::remove(c, other, bo)).unwrap());
        assert!(bed.write(move |c| members::remove(c, org, bo)).unwrap());
        assert_eq!(permissions(&bed, org, bo), None);
        let left = bed.store.read(|c| members::list_of_org(c, org)).unwrap();
        assert_eq!(left.iter().map(|member| member.user_id).collect::<Vec<_>>(), [ana]);
        assert_eq!(bed.store.read(|c| members::list_of_user(c, ana)).unwrap(), left);
    }

    fn nothing_finds_a_deleted_organization(bed) {
        let (org, ana) = (bed.org("local"), user(&bed, "ana"));
        bed.write(move |c| members::add(c, &accounts::owner(org, ana, NOW))).unwrap();
        assert!(bed.write(move |c| orgs::delete(c, org, NOW)).unwrap());
        assert!(!bed.write(move |c| orgs::delete(c, org, NOW)).unwrap());
        assert_eq!(bed.store.read(|c| orgs::find(c, org)).unwrap(), None);
        assert!(bed.store.read(orgs::list).unwrap().is_empty());
        assert_eq!(permissions(&bed, org, ana), None);
        bed.org("local");
    }

    fn roles_and_invitations_of_an_organization_are_bounded(bed) {
        let (org, other) = (bed.org("local"), bed.org("other"));
        let fill = bed.write(move |c| {
            for number in 0..200 {
                let id = parlor_model::id::RoleId::from_random(random());
                roles::create(c, org, id, &content(&format!("Role {number}"), &[]), NOW)?;
            }
            for number in 0..5000 {
                let new = invitation(org, &format!("p{number}"), NOW);
                let token = token(TokenKind::Invitation);
                invitations::create(c, &new, &token)?;
            }
            Ok(())
        });
        fill.unwrap();
        let role = |org| {
            let id = parlor_model::id::RoleId::from_random(random());
            bed.write(move |c| roles::create(c, org, id, &content("One more", &[]), NOW))
        };
        assert!(matches!(role(org), Err(StoreError::TooMany { limit: 200, .. })));
        role(other).unwrap();
        let invite = |org, now| {
            let (new, token) = (invitation(org, "late", now), token(TokenKind::Invitation));
            bed.write(move |c| invitations::create(c, &new, &token))
        };
        assert!(matches!(invite(org, NOW), Err(StoreError::TooMany { limit: 5000, .. })));
        invite(other, NOW).unwrap();
        // Ninety days after their end they make place.
        invite(org, secs(60 + 90 * 86_400)).unwrap();
        assert_eq!(bed.store.read(|c| invitations::list_of_org(c, org)).unwrap().len(), 1);
    }
}
