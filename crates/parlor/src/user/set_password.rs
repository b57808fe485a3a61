//! `parlor user set-password`: for whoever forgot theirs, and for an account
//! that the operator hands over. Somebody else may have made it for this
//! address, so nothing that they left opens it afterwards, unless that is
//! wanted.

use anyhow::bail;
use parlor_model::identity::Email;
use parlor_server::Clock;
use parlor_store::accounts::{self, OtherWays};
use parlor_store::{Connection, Store, StoreError, users};
use serde::{Deserialize, Serialize};

use crate::noted::Noted;

/// An account's new password. Not to be printed.
#[derive(Serialize, Deserialize)]
pub(crate) struct NewPassword {
    /// Of this address.
    pub(crate) email: Email,
    /// The password.
    pub(crate) password: String,
    /// Whether passkeys and links to other providers stay.
    pub(crate) keeps_other_ways: bool,
}

/// Replaces the password, and says what else of the account was removed, and
/// what was not. Whoever was signed in is signed out, in every case.
pub(super) async fn carry_out(
    store: &Store,
    new: NewPassword,
    clock: &dyn Clock,
    noted: &mut Noted,
) -> anyhow::Result<Vec<String>> {
    let hash = parlor_server::hash_password(&new.password).await?;
    let (email, keeps_other_ways, now) = (new.email.clone(), new.keeps_other_ways, clock.now());
    let write = move |c: &mut dyn Connection| -> Result<_, StoreError> {
        let Some(user) = users::find_by_email(c, &email)? else {
            return Ok(None);
        };
        accounts::replace_password(c, user.id, &hash, now)?;
        let removed = match keeps_other_ways {
            true => None,
            false => Some(accounts::remove_other_ways(c, user.id)?),
        };
        Ok(Some((user.id, removed)))
    };
    let Some((user, removed)) = store.write(write).await? else {
        bail!("{} has no account; `parlor user list` shows those there are", new.email.as_str());
    };
    if let Some(OtherWays { passkeys, links }) = removed {
        noted.tell("removedPasskeys", passkeys);
        noted.tell("removedLinks", links);
    }
    let mut said = vec![removed.map_or_else(kept, told)];
    let keys = store.api_keys().count_active_of_user(user, now);
    if keys > 0 {
        said.push(format!(
            "API keys that it holds, and that go on working: {keys}. Its dashboard lists them"
        ));
    }
    Ok(said)
}

fn kept() -> String {
    "signed out everywhere; passkeys and links to other providers stay".to_owned()
}

fn told(removed: OtherWays) -> String {
    let OtherWays { passkeys, links } = removed;
    format!(
        "signed out everywhere; removed passkeys: {passkeys}, links to other providers: {links}"
    )
}

#[cfg(test)]
mod tests {
    use parlor_model::id::{ApiKeyId, UserId};
    use parlor_model::identity::Email;
    use parlor_model::identity::limits::UsageLimits;
    use parlor_model::key_permission::KeyPermission;
    use parlor_server::{Clock as _, NewPerson, SystemClock, create_account};
    use parlor_store::api_keys::NewApiKey;
    use parlor_store::key::KeyValue;
    use parlor_store::oauth::federation;
    use parlor_store::passkeys::{self, Passkey};
    use parlor_store::{Connection, Store, StoreError};

    use super::{NewPassword, carry_out};
    use crate::node;
    use crate::noted::Noted;

    const ISSUER: &str = "https://idp.example";

    fn email() -> Email {
        Email::parse("ana@example.org").unwrap()
    }

    /// An account that somebody prepared to come back into.
    async fn prepared(store: &Store) -> UserId {
        let person = NewPerson {
            email: email(),
            name: None,
            password: None,
            allows_any_password: false,
            is_email_verified: false,
        };
        let made = create_account(store, &SystemClock, person).await.unwrap();
        let now = SystemClock.now();
        let passkey = Passkey {
            id: "credential".to_owned(),
            user_id: made.user,
            name: "Phone".to_owned(),
            credential: "{}".to_owned(),
            created_at: now,
            last_used_at: None,
        };
        let write = move |c: &mut dyn Connection| {
            passkeys::create(c, &passkey)?;
            federation::link(c, ISSUER, "squatter", made.user, now)
        };
        assert!(store.write(write).await.unwrap());
        let key = NewApiKey {
            id: ApiKeyId::from_random([5; 16]),
            org_id: made.org,
            further_orgs: Vec::new(),
            user_id: Some(made.user),
            name: "ci".to_owned(),
            permissions: [KeyPermission::ReadRooms].into_iter().collect(),
            created_at: now,
            expires_at: None,
            limits: UsageLimits::default(),
        };
        store.api_keys().create(key, &KeyValue::generate().unwrap()).await.unwrap();
        made.user
    }

    /// How many passkeys the account has, and whether it is linked.
    fn ways(store: &Store, user: UserId) -> (usize, bool) {
        let read = |c: &mut dyn Connection| {
            let passkeys = passkeys::list_of_user(c, user)?.len();
            Ok::<_, StoreError>((passkeys, federation::is_linked(c, ISSUER, user)?))
        };
        store.read(read).unwrap()
    }

    #[test]
    fn handed_over_account_has_no_other_way_in_and_its_keys_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = node::open_store(folder.path()).unwrap();
            let user = prepared(&store).await;
            let set = async |keeps_other_ways| {
                let password = "correct horse".to_owned();
                let new = NewPassword { email: email(), password, keeps_other_ways };
                let mut noted = Noted::default();
                carry_out(&store, new, &SystemClock, &mut noted).await.unwrap().join("\n")
            };
            let said = set(true).await;
            assert!(said.contains("links to other providers stay"), "{said}");
            assert_eq!(ways(&store, user), (1, true));

            let said = set(false).await;
            assert!(said.contains("passkeys: 1, links to other providers: 1"), "{said}");
            assert!(said.contains("go on working: 1."), "{said}");
            assert_eq!(ways(&store, user), (0, false));
            store.shutdown();
        });
    }
}
