//! One API key in memory, with the uses that are noted but not written yet.

use std::sync::atomic::{AtomicI64, Ordering};

use parlor_model::id::{ApiKeyId, OrgId, UserId};
use parlor_model::identity::limits::UsageLimits;
use parlor_model::key_permission::KeyPermissions;
use parlor_model::time::UnixMillis;

use crate::api_keys::{self, ApiKeyRow};
use crate::error::StoreError;
use crate::key::{KeyDisplay, LookupHash, TokenSecret};
use crate::seal::MasterKey;

/// Between two writes of a key's last use. Longer saves commits and shows an
/// older time after a crash; while the server runs the time shown is exact.
const SAVE_USE_EVERY_MILLIS: i64 = 10_000;

/// Stands for "never" among the atomics.
const NEVER: i64 = i64::MIN;

/// A key that is not revoked.
#[derive(Debug)]
pub struct ApiKey {
    /// Its record.
    pub id: ApiKeyId,
    /// Whose key it is.
    pub org_id: OrgId,
    /// The organizations it was granted beyond that one.
    pub further_orgs: Vec<OrgId>,
    /// Who made it; `None`: somebody at the machine.
    pub user_id: Option<UserId>,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub permissions: KeyPermissions,
    /// What may be shown of its value.
    pub display: KeyDisplay,
    /// When it was made.
    pub created_at: UnixMillis,
    /// From this point on it is refused.
    pub expires_at: Option<UnixMillis>,
    /// What may be done with it, beside what its organization may.
    pub limits: UsageLimits,
    token_secret: TokenSecret,
    pub(super) lookup_hash: LookupHash,
    last_used: AtomicI64,
    last_saved: AtomicI64,
}

impl ApiKey {
    /// Whether it may be used at `now`.
    #[must_use]
    pub fn is_active(&self, now: UnixMillis) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }

    /// Whether it selects the organization by itself; otherwise a request says
    /// which one it is about.
    #[must_use]
    pub fn has_one_org(&self) -> bool {
        self.further_orgs.is_empty()
    }

    /// Whether it may be used in `org`.
    #[must_use]
    pub fn is_of(&self, org: OrgId) -> bool {
        self.org_id == org || self.further_orgs.contains(&org)
    }

    /// Every organization it may be used in, its own first.
    pub fn orgs(&self) -> impl Iterator<Item = OrgId> {
        std::iter::once(self.org_id).chain(self.further_orgs.iter().copied())
    }

    /// When it was last used.
    #[must_use]
    pub fn last_used_at(&self) -> Option<UnixMillis> {
        let at = self.last_used.load(Ordering::Relaxed);
        (at != NEVER).then(|| UnixMillis::new(at))
    }

    /// What checks the meeting tokens signed with it.
    #[must_use]
    pub fn token_secret(&self) -> &TokenSecret {
        &self.token_secret
    }

    pub(super) fn open(row: ApiKeyRow, master_key: &MasterKey) -> Result<Self, StoreError> {
        let id = row.new.id.to_string();
        let secret = master_key.open(&api_keys::place(&id), &row.sealed_secret)?;
        let last_used = row.last_used_at.map_or(NEVER, UnixMillis::as_millis);
        Ok(Self {
            id: row.new.id,
            org_id: row.new.org_id,
            further_orgs: row.new.further_orgs,
            user_id: row.new.user_id,
            name: row.new.name,
            permissions: row.new.permissions,
            display: row.display,
            created_at: row.new.created_at,
            expires_at: row.new.expires_at,
            limits: row.new.limits,
            token_secret: TokenSecret::new(&secret),
            lookup_hash: row.lookup_hash,
            last_used: AtomicI64::new(last_used),
            last_saved: AtomicI64::new(last_used),
        })
    }

    /// The same key under another name and with another end.
    pub(super) fn retired(&self, name: String, expires_at: UnixMillis) -> Self {
        Self { name, expires_at: Some(expires_at), ..self.copied() }
    }

    /// The same key, held to something else.
    pub(super) fn held_to(&self, limits: UsageLimits) -> Self {
        Self { limits, ..self.copied() }
    }

    fn copied(&self) -> Self {
        Self {
            id: self.id,
            org_id: self.org_id,
            further_orgs: self.further_orgs.clone(),
            user_id: self.user_id,
            name: self.name.clone(),
            permissions: self.permissions.clone(),
            display: self.display.clone(),
            created_at: self.created_at,
            expires_at: self.expires_at,
            limits: self.limits,
            token_secret: self.token_secret.clone(),
            lookup_hash: self.lookup_hash,
            last_used: AtomicI64::new(self.last_used.load(Ordering::Relaxed)),
            last_saved: AtomicI64::new(self.last_saved.load(Ordering::Relaxed)),
        }
    }

    /// Notes a use; `Some` when it is time to write it down.
    pub(super) fn note_use(&self, now: UnixMillis) -> Option<UnixMillis> {
        let now = now.as_millis();
        self.last_used.fetch_max(now, Ordering::Relaxed);
        let saved = self.last_saved.load(Ordering::Relaxed);
        if saved != NEVER && now.saturating_sub(saved) < SAVE_USE_EVERY_MILLIS {
            return None;
        }
        // Of several threads one writes.
        self.last_saved
            .compare_exchange(saved, now, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
            .then_some(UnixMillis::new(now))
    }

    /// A use that was only noted; from now on it counts as written.
    pub(super) fn take_noted_use(&self) -> Option<UnixMillis> {
        let used = self.last_used.load(Ordering::Relaxed);
        (self.last_saved.swap(used, Ordering::Relaxed) < used).then_some(UnixMillis::new(used))
    }
}
