//! Removing what is older than it is to be kept. First an entry says through
//! which one the chain is cut, and with which mac; then the rows go. So what
//! is left still begins with something that was vouched for.

use parlor_model::id::{AuditId, OrgId};
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_model::time::UnixMillis;
use serde_json::{Map, json};

use super::chain::{add_intent, add_outcome};
use super::{Action, AuditActor, AuditKey, AuditOrigin, AuditOutcome, chain_name};
use crate::engine::{Connection, statements};
use crate::error::StoreError;

statements! {
    // The first entry that stays; the clock may have gone back in between.
    FIRST_KEPT = "SELECT MIN(seq) FROM audit_log WHERE chain = $1 AND at >= $2";
    ENDS = "SELECT MIN(seq), MAX(seq) FROM audit_log WHERE chain = $1";
    MAC_OF = "SELECT mac FROM audit_log WHERE chain = $1 AND seq = $2";
    NOTE = "UPDATE audit_chains SET removed_seq = $1, removed_mac = $2 WHERE chain = $3";
    REMOVE = "DELETE FROM audit_log WHERE chain = $1 AND seq <= $2";
}

/// Most entries removed at once, so that one commit stays short. What is left
/// is for the next call.
const BATCH: i64 = 2000;

/// Removes entries of one chain that were written before `cutoff`, the oldest
/// ones first, and says how many. What tells it is named `told`.
///
/// # Errors
/// The engine's.
pub fn remove_before(
    connection: &mut dyn Connection,
    key: &AuditKey,
    org: Option<OrgId>,
    cutoff: UnixMillis,
    told: (AuditId, UnixMillis),
) -> Result<u64, StoreError> {
    let chain = chain_name(org);
    let ends = connection.find(&ENDS, &[chain.as_str().into()], |row| {
        Ok((row.optional_int(0)?, row.optional_int(1)?))
    })?;
    let Some((Some(oldest), Some(newest))) = ends else {
        return Ok(0);
    };
    let kept = [chain.as_str().into(), cutoff.into()];
    let first_kept = connection.find(&FIRST_KEPT, &kept, |row| row.optional_int(0))?.flatten();
    let through = first_kept.map_or(newest, |seq| seq - 1).min(oldest + BATCH - 1);
    let found = [chain.as_str().into(), through.into()];
    let mac = connection.find(&MAC_OF, &found, |row| Ok(row.text(0)?.to_owned()))?;
    let Some(mac) = mac else {
        return Ok(0);
    };
    let (id, now) = told;
    let action = removal(id, org, now, through, &mac);
    add_intent(connection, key, &action)?;
    let noted = [through.into(), mac.as_str().into(), chain.as_str().into()];
    connection.execute(&NOTE, &noted)?;
    let removed = connection.execute(&REMOVE, &found)?;
    add_outcome(connection, key, &action, &AuditOutcome { status: 200, error: None }, now)?;
    Ok(removed)
}

fn removal(id: AuditId, org: Option<OrgId>, at: UnixMillis, through: i64, mac: &str) -> Action {
    let mut metadata = Map::new();
    metadata.insert("through".to_owned(), json!(through));
    metadata.insert("mac".to_owned(), json!(mac));
    Action {
        id,
        org_id: org,
        at,
        actor: AuditActor { id: "retention".to_owned(), ..AuditActor::default() },
        action: AuditAction::Delete,
        target_type: AuditTarget::AuditLog,
        target_id: String::new(),
        origin: AuditOrigin::default(),
        metadata,
    }
}
