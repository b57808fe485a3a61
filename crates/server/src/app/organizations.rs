//! Organizations: made, shown, changed and left by those who belong to them;
//! stopped by the server's operator.

pub(crate) mod invitations;
pub(crate) mod members;
pub(crate) mod roles;
pub(crate) mod settings;
mod shown;

use parlor_model::error::ApiError;
use parlor_model::id::{OrgId, UserId};
use parlor_model::identity::organization::{CreateOrganization, Organization};
use parlor_model::identity::user::parse_name;
use parlor_store::orgs::{self, Org};
use parlor_store::{Connection, StoreError, accounts, members as records, rooms};
use serde_json::{Map, Value, json};

use crate::cx::AppState;
use crate::failure::Failure;
use crate::identity::{Caller, Who};
use crate::random;

/// Most organizations that one person makes. Each has quotas of its own, so that
/// more lets people use more than the operator meant them to.
const MAX_MADE: u64 = 50;

/// Most of theirs that were deleted within a day, for one more to be made. Each
/// leaves its audit log behind: fewer stop programs that make one for each run.
const MAX_DELETED: u64 = 200;

/// A day.
const DELETED_SECONDS: i64 = 24 * 60 * 60;

/// The organizations that a credential opens: a key's, or those that a person
/// belongs to.
pub(crate) async fn list(state: &AppState, who: &Who) -> Result<Vec<Organization>, Failure> {
    let ids: Vec<OrgId> = match who {
        Who::Key(key) => key.orgs().collect(),
        Who::Person(person) => {
            let found = state.cx.store.read(|c| records::list_of_user(c, person.user))?;
            found.into_iter().map(|member| member.org_id).collect()
        }
    };
    let mut list = Vec::with_capacity(ids.len());
    for id in ids {
        // One that was just deleted is not there any more.
        if let Some(org) = state.cx.store.read(|c| orgs::find(c, id))? {
            let shown = shown::organization(state, &org).await?;
            let there = Caller::in_organization(state, who.clone(), id);
            let is_admin = there.is_ok_and(|caller| caller.administers());
            list.push(if is_admin { shown } else { for_members(shown) });
        }
    }
    Ok(list)
}

/// Makes an organization, and its maker the owner.
pub(crate) async fn create(
    state: &AppState,
    maker: UserId,
    request: CreateOrganization,
) -> Result<Organization, Failure> {
    let name = checked_name(&request.name)?;
    let id = OrgId::from_random(random::bytes()?);
    let domain = accounts::domain_name(&name, id);
    let now = state.now();
    let mut org = Org::new(id, &domain, now, state.cx.store.master_key())?;
    org.name = name;
    org.created_by = Some(maker);
    let region = request.default_region_id.clone().into();
    let settings = Map::from_iter([("defaultRegionId".to_owned(), region)]);
    org.set_settings(&settings, state.cx.store.master_key())?;
    let new = org.clone();
    let write = move |c: &mut dyn Connection| {
        let since = now.plus_seconds(-DELETED_SECONDS);
        if orgs::count_made_by(c, maker)? >= MAX_MADE {
            let many = format!("an account makes at most {MAX_MADE} organizations");
            return Ok(Some(format!("{many}: delete one first")));
        }
        if orgs::count_deleted_of(c, maker, since)? >= MAX_DELETED {
            let many =
                format!("{MAX_DELETED} organizations of this account were deleted within a day");
            return Ok(Some(format!("{many}: wait, or keep one")));
        }
        orgs::create(c, &new)?;
        records::add(c, &accounts::owner(new.id, maker, now))?;
        Ok::<_, StoreError>(None)
    };
    if let Some(refusal) = state.cx.store.write(write).await? {
        return Err(ApiError::forbidden(&refusal).into());
    }
    shown::organization(state, &org).await
}

/// Shows the caller's organization.
pub(crate) async fn read(state: &AppState, caller: &Caller) -> Result<Organization, Failure> {
    let shown = shown::organization(state, &find(state, caller.org())?).await?;
    Ok(if caller.administers() { shown } else { for_members(shown) })
}

/// The organization without what only those read who administer it: beside the
/// place where telemetry goes stands what lets it in there.
fn for_members(shown: Organization) -> Organization {
    Organization { otel_config: Value::Null, ..shown }
}

/// Deletes an organization: its members, and its keys at once; its calls end. A
/// personal one stays as long as its person.
pub(crate) async fn delete(state: &AppState, caller: &Caller) -> Result<(), Failure> {
    let org = find(state, caller.org())?;
    if org.is_personal || org.id == state.cx.settings.org {
        let info = "a personal organization, and the server's first one, cannot be deleted";
        return Err(ApiError::forbidden(info).into());
    }
    let (id, now) = (org.id, state.now());
    let keys = state.cx.store.api_keys();
    // Its keys go with it, and those of other organizations that were granted it.
    let delete = move |c: &mut dyn Connection| {
        let is_deleted = orgs::delete(c, id, now)?;
        is_deleted.then(|| rooms::ids_of_org(c, id)).transpose()
    };
    let Some(rooms) = keys.with_change_of_people(id, now, delete).await? else {
        return Err(ApiError::not_found("organization", &id.to_string()).into());
    };
    // Nobody is left who could end them.
    state.cx.calls_to_end.end_all(&state.cx.bus, rooms).await;
    Ok(())
}

/// What of the sandboxes' resources is used. There is no engine for them, so
/// that nothing is.
pub(crate) fn usage() -> Value {
    json!({
        "regionUsage": [],
        "totalSnapshotQuota": 0,
        "currentSnapshotUsage": 0,
        "totalVolumeQuota": 0,
        "currentVolumeUsage": 0,
    })
}

/// The organization's record.
pub(crate) fn find(state: &AppState, id: OrgId) -> Result<Org, Failure> {
    let found = state.cx.store.read(|c| orgs::find(c, id))?;
    Ok(found.ok_or_else(|| ApiError::not_found("organization", &id.to_string()))?)
}

/// A name of an organization or a role.
pub(crate) fn checked_name(text: &str) -> Result<String, ApiError> {
    let name = parse_name(text).ok_or_else(|| {
        let expectation = "1 to 100 characters without line breaks, < and >";
        ApiError::wrong_value("name", &text.into(), expectation)
    })?;
    Ok(name.to_owned())
}
