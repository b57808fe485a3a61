//! Checking that nobody changed, removed or slipped in an entry.
//!
//! A chain shows everything but the removal of its newest entries together
//! with its head: who can put the whole database back to an earlier state
//! leaves a chain that holds. So a check says which head it saw, and the next
//! one can be told to find that again.

use parlor_model::id::OrgId;
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use serde_json::Value;
use thiserror::Error;

use super::chain::Entry;
use super::list::entries;
use super::{AuditKey, chain_name};
use crate::engine::{Connection, statements};
use crate::error::StoreError;

/// Entries read at once: bounds memory, costs a look-up each.
const BATCH: u32 = 1000;

/// What a check saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are.
    pub entries: u64,
    /// The number of the last entry that retention took; 0: none was.
    pub removed_through: i64,
    /// The number of the newest entry.
    pub head: i64,
    /// Its mac, by which the next check can be told that it was there.
    pub head_mac: String,
}

/// Where a chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// An entry is missing.
    #[error("entry {0} is missing")]
    Missing(i64),
    /// An entry does not say what it said when it was written, or follows
    /// another one than it did.
    #[error("entry {0} was changed, or what comes before it was")]
    Changed(i64),
    /// The newest entries are gone, or the head was moved.
    #[error("the chain ends with entry {found}, but its head says {head}")]
    Head {
        /// The newest entry there is.
        found: i64,
        /// What the head says.
        head: i64,
    },
    /// The oldest entries are gone, and no entry says that retention took them.
    #[error("the entries through {0} are gone, and no entry says why")]
    Removed(i64),
    /// What an earlier check saw is not there any more.
    #[error("entry {0} is not the one that an earlier check saw")]
    Expected(i64),
}

statements! {
    CHAINS = "SELECT chain FROM audit_chains ORDER BY chain";
    HEAD = "SELECT seq, mac, removed_seq, removed_mac FROM audit_chains WHERE chain = $1";
}

struct Head {
    seq: i64,
    mac: String,
    removed_seq: i64,
    removed_mac: String,
}

/// The organizations that have a chain; `None` is the chain of what belongs to
/// none.
///
/// # Errors
/// The engine's.
pub fn chains(connection: &mut dyn Connection) -> Result<Vec<Option<OrgId>>, StoreError> {
    connection.list(&CHAINS, &[], |row| match row.text(0)? {
        "" => Ok(None),
        _ => row.parsed(0).map(Some),
    })
}

/// Checks a chain. `expected` is the head of an earlier check: its number and
/// mac.
///
/// # Errors
/// The engine's. What does not hold is the inner error.
pub fn verify(
    connection: &mut dyn Connection,
    key: &AuditKey,
    org: Option<OrgId>,
    expected: Option<(i64, &str)>,
) -> Result<Result<Verified, Fault>, StoreError> {
    let chain = chain_name(org);
    let head = connection.find(&HEAD, &[chain.as_str().into()], |row| {
        Ok(Head {
            seq: row.int(0)?,
            mac: row.text(1)?.to_owned(),
            removed_seq: row.int(2)?,
            removed_mac: row.text(3)?.to_owned(),
        })
    })?;
    let head = head.unwrap_or(Head {
        seq: 0,
        mac: String::new(),
        removed_seq: 0,
        removed_mac: String::new(),
    });
    let mut check = Check::new(key, &head, expected);
    loop {
        let batch = entries(connection, &chain, check.seq, BATCH)?;
        if batch.is_empty() {
            return Ok(check.finish());
        }
        for entry in &batch {
            if let Err(fault) = check.take(entry) {
                return Ok(Err(fault));
            }
        }
    }
}

struct Check<'a> {
    key: &'a AuditKey,
    head: &'a Head,
    expected: Option<(i64, &'a str)>,
    /// The entry seen last.
    seq: i64,
    mac: String,
    entries: u64,
    /// Whether an entry says that retention took what is gone.
    is_removal_told: bool,
}

impl<'a> Check<'a> {
    fn new(key: &'a AuditKey, head: &'a Head, expected: Option<(i64, &'a str)>) -> Self {
        Self {
            key,
            head,
            expected,
            seq: head.removed_seq,
            mac: head.removed_mac.clone(),
            entries: 0,
            is_removal_told: head.removed_seq == 0,
        }
    }

    fn take(&mut self, entry: &Entry) -> Result<(), Fault> {
        if entry.seq != self.seq + 1 {
            return Err(Fault::Missing(self.seq + 1));
        }
        if entry.mac != self.key.bind(&self.mac, &entry.said()) {
            return Err(Fault::Changed(entry.seq));
        }
        if self.expected.is_some_and(|(seq, mac)| seq == entry.seq && mac != entry.mac) {
            return Err(Fault::Expected(entry.seq));
        }
        self.seq = entry.seq;
        self.mac.clone_from(&entry.mac);
        self.entries += 1;
        self.is_removal_told |= tells_removal(entry, self.head);
        Ok(())
    }

    fn finish(self) -> Result<Verified, Fault> {
        if self.seq != self.head.seq || self.mac != self.head.mac {
            return Err(Fault::Head { found: self.seq, head: self.head.seq });
        }
        if !self.is_removal_told {
            return Err(Fault::Removed(self.head.removed_seq));
        }
        if let Some((seq, _)) = self.expected.filter(|(seq, _)| *seq > self.seq) {
            return Err(Fault::Expected(seq));
        }
        Ok(Verified {
            entries: self.entries,
            removed_through: self.head.removed_seq,
            head: self.seq,
            head_mac: self.mac,
        })
    }
}

fn tells_removal(entry: &Entry, head: &Head) -> bool {
    let is_removal = entry.action == AuditAction::Delete.as_str()
        && entry.target_type == AuditTarget::AuditLog.as_str();
    let metadata: Value = serde_json::from_str(&entry.metadata).unwrap_or_default();
    is_removal && metadata["through"] == head.removed_seq && metadata["mac"] == *head.removed_mac
}
