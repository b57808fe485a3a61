//! Quotas: what an organization may use of the video plane, and uses.
//!
//! ```text
//! rooms                     counted where they are made, in the same transaction
//! concurrent participants   the ticket carries the limit, the media plane counts
//! recording minutes         asked before a recording starts
//! ```

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use parlor_model::command::{Command, Reply};
use parlor_model::error::ApiError;
use parlor_model::id::OrgId;
use parlor_model::identity::limits::UsageLimits;
use parlor_model::identity::organization::{Quota, Quotas};
use parlor_model::join::JoinRefusal;
use parlor_model::time::UnixMillis;
use parlor_store::orgs::{self, Org};
use parlor_store::{Connection, Store, rooms};

use crate::app::join::org_full;
use crate::cx::AppState;
use crate::failure::Failure;

/// How long the limits of an organization are kept in memory, in milliseconds.
/// Longer saves reads on every request where requests are counted; a change
/// made on another node comes into force after this.
const KEPT_MILLIS: i64 = 10_000;

/// Most organizations whose limits are kept; beyond it they are read anew. Each
/// takes some hundred bytes.
const KEPT_ORGS: usize = 10_000;

/// Limits of organizations, as they were read a moment ago.
#[derive(Debug, Default)]
pub(crate) struct KnownLimits {
    by_org: Mutex<HashMap<OrgId, (UsageLimits, UnixMillis)>>,
}

impl KnownLimits {
    /// The limits of an organization, at most some seconds old.
    pub(crate) fn of(
        &self,
        store: &Store,
        org: OrgId,
        now: UnixMillis,
    ) -> Result<UsageLimits, Failure> {
        let known = self.lock().get(&org).copied();
        // A clock that was set back makes them old, too.
        let is_fresh = |read: UnixMillis| (0..KEPT_MILLIS).contains(&now.millis_since(read));
        if let Some((limits, _)) = known.filter(|(_, read)| is_fresh(*read)) {
            return Ok(limits);
        }
        let found = store.read(|c| orgs::find(c, org))?;
        let limits = found.map(|org| org.limits).unwrap_or_default();
        let mut kept = self.lock();
        if kept.len() >= KEPT_ORGS {
            kept.clear();
        }
        kept.insert(org, (limits, now));
        Ok(limits)
    }

    /// They were changed.
    pub(crate) fn forget(&self, org: OrgId) {
        self.lock().remove(&org);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<OrgId, (UsageLimits, UnixMillis)>> {
        self.by_org.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses what a suspended organization does not start.
pub(crate) fn refuse_suspended(state: &AppState, org: OrgId) -> Result<(), Failure> {
    let org = state.cx.store.read(|c| orgs::find(c, org))?;
    match org.is_some_and(|org| org.is_suspended(state.now())) {
        true => Err(ApiError::suspended().into()),
        false => Ok(()),
    }
}

/// Whoever makes rooms, and is held to how many there may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RoomMaker {
    /// The organization.
    pub(crate) org: OrgId,
    /// What their key is held to beside it.
    pub(crate) own: UsageLimits,
}

impl RoomMaker {
    /// Call before making rooms: where they are limited, others that make some
    /// wait, and count these. A suspended organization makes none.
    pub(crate) fn limit(
        self,
        connection: &mut dyn Connection,
        now: UnixMillis,
    ) -> Result<Option<u32>, Failure> {
        let org = orgs::find(connection, self.org)?;
        if org.as_ref().is_some_and(|org| org.is_suspended(now)) {
            return Err(ApiError::suspended().into());
        }
        let limits = org.map(|org| org.limits).unwrap_or_default();
        let limit = limits.narrowed_by(self.own).rooms;
        if limit.is_some() {
            orgs::hold(connection, self.org)?;
        }
        Ok(limit)
    }

    /// Refuses rooms that were just made, so that they are undone, when there
    /// are more than `limit` with them.
    pub(crate) fn check(
        self,
        connection: &mut dyn Connection,
        limit: Option<u32>,
        now: UnixMillis,
    ) -> Result<(), Failure> {
        let Some(limit) = limit else {
            return Ok(());
        };
        if rooms::live(connection, self.org, now)? > u64::from(limit) {
            let way_out = "delete rooms, or let some expire (`exp`)";
            return Err(ApiError::over_quota("rooms", limit, way_out).into());
        }
        Ok(())
    }
}

/// Refuses somebody new while as many people are in the organization's rooms as
/// may be. The media plane has the last word; asked here, a page can say so
/// before it switches a camera on.
pub(crate) async fn check_people(
    state: &AppState,
    org: OrgId,
    limit: Option<u32>,
) -> Result<(), JoinRefusal> {
    let Some(limit) = limit else {
        return Ok(());
    };
    match people(state, org).await {
        Some(count) if count >= u64::from(limit) => Err(org_full(limit)),
        _ => Ok(()),
    }
}

/// Refuses a recording when the month's minutes are used up.
pub(crate) fn check_recording(state: &AppState, org: OrgId) -> Result<(), Failure> {
    let found = state.cx.store.read(|c| orgs::find(c, org))?;
    match found.and_then(|org| org.limits.recording_minutes) {
        Some(limit) if recorded_minutes() >= u64::from(limit) => {
            let way_out = "wait for the next month";
            Err(ApiError::over_quota("recordingMinutes", limit, way_out).into())
        }
        _ => Ok(()),
    }
}

/// Minutes that were recorded this month: none, since this release has no
/// engine that records.
fn recorded_minutes() -> u64 {
    0
}

/// What an organization may use, and uses.
pub(crate) async fn of(state: &AppState, org: &Org) -> Result<Quotas, Failure> {
    let (id, now) = (org.id, state.now());
    let rooms = state.cx.store.read(|c| rooms::live(c, id, now))?;
    Ok(Quotas {
        rooms: Quota { limit: org.limits.rooms, used: Some(rooms) },
        concurrent_participants: Quota {
            limit: org.limits.concurrent_participants,
            used: people(state, id).await,
        },
        recording_minutes: Quota {
            limit: org.limits.recording_minutes,
            used: Some(recorded_minutes()),
        },
    })
}

/// How many people are in an organization's rooms; `None` when the media plane
/// does not say.
async fn people(state: &AppState, org: OrgId) -> Option<u64> {
    match state.cx.bus.request(Command::OrgPeople { org }).await {
        Ok(Reply::People { count }) => Some(count as u64),
        _ => None,
    }
}
