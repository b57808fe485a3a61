//! One API key in memory, with the uses that are noted but not written yet.

use std::sync::atomic::{AtomicI64, Ordering};

use parlor_model::id::{ApiKeyId, OrgId};
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
            name: row.new.name,
            permissions: row.new.permissions,
            display: row.display,
            created_at: row.new.created_at,
            expires_at: row.new.expires_at,
            token_secret: TokenSecret::new(&secret),
            lookup_hash: row.lookup_hash,
            last_used: AtomicI64::new(last_used),
            last_saved: AtomicI64::new(last_used),
        })
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
