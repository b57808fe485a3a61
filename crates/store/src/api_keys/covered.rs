//! A key holds no more than its owner does, in each organization that it is
//! for. Looked at where a key is made, and again where somebody's place or an
//! organization changes: both within the transaction, so that no order of the
//! two leaves a key that nobody could give.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use parlor_model::id::{ApiKeyId, OrgId, UserId};
use parlor_model::key_permission::KeyPermissions;
use parlor_model::time::UnixMillis;

use super::{NewApiKey, permissions_from_text, revoke};
use crate::engine::{Connection, Row, statements};
use crate::error::StoreError;
use crate::{members, orgs};

statements! {
    OF_ORG = "SELECT id, user_id, permissions FROM api_keys \
        WHERE org_id = $1 AND revoked_at IS NULL ORDER BY id";
    GRANTED = "SELECT k.id, k.user_id, k.permissions FROM api_key_orgs g \
        JOIN api_keys k ON k.id = g.api_key_id \
        WHERE g.org_id = $1 AND k.revoked_at IS NULL ORDER BY k.id";
}

/// Refuses a key whose owner does not hold what it does. Changes of the same
/// organizations wait meanwhile, on every node.
pub(super) fn check(connection: &mut dyn Connection, new: &NewApiKey) -> Result<(), StoreError> {
    let mut orgs: Vec<OrgId> = new.further_orgs.clone();
    orgs.push(new.org_id);
    // Always in the same order: two that share some never wait for each other.
    orgs.sort_unstable();
    for org in orgs {
        orgs::hold(connection, org)?;
        let held = held_by(connection, org, new.user_id)?;
        if !covers(held.as_ref(), &new.permissions) {
            return Err(StoreError::KeyBeyondOwner);
        }
    }
    Ok(())
}

/// Revokes the keys of an organization that hold more than their owners do by
/// now, and says which they were.
pub(super) fn revoke_beyond(
    connection: &mut dyn Connection,
    org: OrgId,
    now: UnixMillis,
) -> Result<BTreeSet<ApiKeyId>, StoreError> {
    let of = org.to_string();
    let mut keys = connection.list(&OF_ORG, &[(&of).into()], owned)?;
    keys.extend(connection.list(&GRANTED, &[(&of).into()], owned)?);
    let mut known: BTreeMap<Option<UserId>, Option<KeyPermissions>> = BTreeMap::new();
    let mut gone = BTreeSet::new();
    for key in keys {
        let held = match known.entry(key.owner) {
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(place) => place.insert(held_by(connection, org, key.owner)?),
        };
        if !covers(held.as_ref(), &key.permissions) && revoke(connection, key.id, now)? {
            gone.insert(key.id);
        }
    }
    Ok(gone)
}

/// What somebody holds in an organization; whoever sits at the machine, all of
/// it. `None`: nothing keeps a key of theirs there.
fn held_by(
    connection: &mut dyn Connection,
    org: OrgId,
    owner: Option<UserId>,
) -> Result<Option<KeyPermissions>, StoreError> {
    match owner {
        Some(user) => members::permissions_of(connection, org, user),
        None => Ok(orgs::find(connection, org)?.map(|_| KeyPermissions::admin())),
    }
}

fn covers(held: Option<&KeyPermissions>, wanted: &KeyPermissions) -> bool {
    held.is_some_and(|held| wanted.iter().all(|permission| held.allow(permission)))
}

/// A key, as far as this is about it.
struct Owned {
    id: ApiKeyId,
    owner: Option<UserId>,
    permissions: KeyPermissions,
}

fn owned(row: &dyn Row) -> Result<Owned, StoreError> {
    let owner = row.optional_text(1)?.map(str::parse).transpose();
    Ok(Owned {
        id: row.parsed(0)?,
        owner: owner.map_err(|_| StoreError::column(1, "a user's id"))?,
        permissions: permissions_from_text(row.text(2)?)?,
    })
}
