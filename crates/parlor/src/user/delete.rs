//! `parlor user delete`.

use anyhow::{Context as _, bail};
use parlor_model::id::{OrgId, RoomId};
use parlor_model::identity::Email;
use parlor_server::Clock;
use parlor_store::accounts::{self, Affected, NotDeleted};
use parlor_store::{Connection, Store, StoreError, users};

use crate::noted::{Noted, Words};

/// Deletes the account of that address, and what is its alone; each organization
/// that this changes has it in its own log. Returns the rooms of those that are
/// gone.
pub(super) async fn carry_out(
    store: &Store,
    email: Email,
    clock: &dyn Clock,
    noted: &mut Noted,
) -> anyhow::Result<Vec<RoomId>> {
    let (address, now) = (email.as_str().to_owned(), clock.now());
    let look = move |c: &mut dyn Connection| -> Result<_, StoreError> {
        let Some(user) = users::find_by_email(c, &email)? else {
            return Ok(None);
        };
        let affected = accounts::affected_by_deletion(c, user.id)?;
        Ok(Some((user, affected)))
    };
    let found = store.scan(look).await?;
    let (user, affected) = found.with_context(|| {
        format!("{address} has no account; `parlor user list` shows those there are")
    })?;
    let words = |one: &Affected| match one.goes_along {
        true => Words::organization_of(&user, one.org.id),
        false => Words::member(&user, one.org.id),
    };
    noted.also(store, affected.iter().map(words).collect(), clock).await?;
    // Exactly those that were noted: the deletion is refused if there are more.
    let orgs: Vec<OrgId> = affected.iter().map(|one| one.org.id).collect();
    let (id, held) = (user.id, orgs.clone());
    let delete = move |c: &mut dyn Connection| accounts::delete(c, id, &held, now);
    match store.api_keys().with_change_of_people_in(orgs, now, delete).await {
        Ok(rooms) => Ok(rooms),
        Err(NotDeleted::LastOwner(orgs)) => bail!(
            "nobody else owns {}: make somebody else an owner there first, or delete what can be \
             deleted",
            orgs.join(", ")
        ),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use parlor_model::id::ApiKeyId;
    use parlor_model::identity::Email;
    use parlor_model::identity::limits::UsageLimits;
    use parlor_model::key_permission::KeyPermission;
    use parlor_model::time::UnixMillis;
    use parlor_server::{Clock, NewPerson, account_exists, create_account};
    use parlor_store::accounts::{self, Created};
    use parlor_store::api_keys::NewApiKey;
    use parlor_store::key::KeyValue;
    use parlor_store::{Store, members, orgs};

    use crate::noted::Noted;
    use crate::{node, organization};

    /// A clock that stands still.
    struct At(i64);

    impl Clock for At {
        fn now(&self) -> UnixMillis {
            UnixMillis::new(self.0)
        }
    }

    /// When the first organization is made, and later.
    const START: At = At(1_900_000_000_000);
    const NOW: At = At(1_900_000_001_000);

    fn email(name: &str) -> Email {
        Email::parse(&format!("{name}@example.org")).unwrap()
    }

    async fn account(store: &Store, name: &str) -> Created {
        let person = NewPerson {
            email: email(name),
            name: None,
            password: None,
            allows_any_password: false,
            is_email_verified: true,
        };
        create_account(store, &NOW, person).await.unwrap()
    }

    async fn key_of(store: &Store, owner: Created) -> KeyValue {
        let value = KeyValue::generate().unwrap();
        let key = NewApiKey {
            id: ApiKeyId::from_random([5; 16]),
            org_id: owner.org,
            further_orgs: Vec::new(),
            user_id: Some(owner.user),
            name: "ci".to_owned(),
            permissions: [KeyPermission::ReadRooms].into_iter().collect(),
            created_at: NOW.now(),
            expires_at: None,
            limits: UsageLimits::default(),
        };
        store.api_keys().create(key, &value).await.unwrap();
        value
    }

    async fn delete(store: &Store, name: &str) -> anyhow::Result<()> {
        let mut noted = Noted::default();
        super::carry_out(store, email(name), &NOW, &mut noted).await.map(drop)
    }

    #[test]
    fn deleted_account_takes_its_own_along_and_leaves_no_organization_to_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = node::open_store(folder.path()).unwrap();
            organization::ensure(&store, "local", &START).await.unwrap();
            let (ana, bo) = (account(&store, "ana").await, account(&store, "bo").await);
            let bos_key = key_of(&store, bo).await;
            let owner = accounts::owner(ana.org, bo.user, NOW.now());
            store.write(move |c| members::add(c, &owner)).await.unwrap();

            delete(&store, "bo").await.unwrap();
            assert!(!account_exists(&store, &email("bo")).await.unwrap());
            assert!(store.api_keys().find(bos_key.expose()).is_none());
            assert!(store.read(|c| orgs::find(c, bo.org)).unwrap().is_none());
            let again = delete(&store, "bo").await.unwrap_err().to_string();
            assert!(again.contains("has no account"), "{again}");

            // The first organization, which Ana owns alone by now.
            let kept = delete(&store, "ana").await.unwrap_err().to_string();
            assert!(kept.contains("nobody else owns 'local'"), "{kept}");
            assert!(account_exists(&store, &email("ana")).await.unwrap());
            let owners = store.read(|c| members::count_owners(c, ana.org)).unwrap();
            assert_eq!(owners, 1, "nothing of it was done");
            store.shutdown();
        });
    }
}
