//! Appending. Each organization has a chain of its own, numbered from 1
//! without gaps; an entry's mac is over the mac before it and all it says.

use parlor_model::time::UnixMillis;
use serde_json::json;

use super::{Action, AuditKey, AuditOutcome, chain_name, cut, fitting};
use crate::engine::{Connection, Row, statements};
use crate::error::StoreError;

/// Before or after the action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Before: it is about to be done.
    Intent,
    /// After: what came of it.
    Outcome,
}

impl Kind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Outcome => "outcome",
        }
    }
}

/// An entry as it lies in the table. The order of the fields is that of the
/// columns, and of what the mac is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) chain: String,
    pub(super) seq: i64,
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) at: UnixMillis,
    pub(super) actor_id: String,
    pub(super) actor_email: String,
    pub(super) key_prefix: Option<String>,
    pub(super) key_suffix: Option<String>,
    pub(super) action: String,
    pub(super) target_type: String,
    pub(super) target_id: String,
    pub(super) status: Option<i64>,
    pub(super) error: Option<String>,
    pub(super) ip: String,
    pub(super) user_agent: String,
    pub(super) source: String,
    pub(super) metadata: String,
    pub(super) mac: String,
}

/// The columns of [`Entry`], in its order.
macro_rules! columns {
    () => {
        "chain, seq, id, kind, at, actor_id, actor_email, key_prefix, key_suffix, action, \
         target_type, target_id, status, error, ip, user_agent, source, metadata, mac"
    };
}
pub(super) use columns;

statements! {
    BEGIN_CHAIN = "INSERT INTO audit_chains (chain, seq, mac, removed_seq, removed_mac) \
        VALUES ($1, 0, '', 0, '') ON CONFLICT (chain) DO NOTHING";
    // The row is locked by this, so that two entries never follow the same one.
    NEXT = "UPDATE audit_chains SET seq = seq + 1 WHERE chain = $1 RETURNING seq, mac";
    SET_HEAD = "UPDATE audit_chains SET mac = $1 WHERE chain = $2";
    INSERT = concat!(
        "INSERT INTO audit_log (", columns!(), ") \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
         $18, $19)"
    );
}

/// Writes down what is about to be done. Nothing may be done when this fails.
///
/// # Errors
/// The engine's.
pub fn add_intent(
    connection: &mut dyn Connection,
    key: &AuditKey,
    action: &Action,
) -> Result<(), StoreError> {
    append(connection, key, entry(action, Kind::Intent, action.at, None))
}

/// Writes down what came of it.
///
/// # Errors
/// The engine's.
pub fn add_outcome(
    connection: &mut dyn Connection,
    key: &AuditKey,
    action: &Action,
    outcome: &AuditOutcome,
    at: UnixMillis,
) -> Result<(), StoreError> {
    append(connection, key, entry(action, Kind::Outcome, at, Some(outcome)))
}

fn entry(action: &Action, kind: Kind, at: UnixMillis, outcome: Option<&AuditOutcome>) -> Entry {
    Entry {
        chain: chain_name(action.org_id),
        seq: 0,
        id: action.id.to_string(),
        kind: kind.as_str().to_owned(),
        at,
        actor_id: cut(&action.actor.id),
        actor_email: cut(&action.actor.email),
        key_prefix: action.actor.key_prefix.clone(),
        key_suffix: action.actor.key_suffix.clone(),
        action: action.action.as_str().to_owned(),
        target_type: action.target_type.as_str().to_owned(),
        target_id: cut(&action.target_id),
        status: outcome.map(|outcome| i64::from(outcome.status)),
        error: outcome.and_then(|outcome| outcome.error.as_deref()).map(cut),
        ip: cut(&action.origin.ip),
        user_agent: cut(&action.origin.user_agent),
        source: cut(&action.origin.source),
        metadata: fitting(&action.metadata),
        mac: String::new(),
    }
}

fn append(
    connection: &mut dyn Connection,
    key: &AuditKey,
    mut entry: Entry,
) -> Result<(), StoreError> {
    let chain = [entry.chain.as_str().into()];
    connection.execute(&BEGIN_CHAIN, &chain)?;
    let head = connection.find(&NEXT, &chain, |row| Ok((row.int(0)?, row.text(1)?.to_owned())))?;
    let (seq, before) =
        head.ok_or_else(|| StoreError::Corrupt("an audit chain has no head".into()))?;
    entry.seq = seq;
    entry.mac = key.bind(&before, &entry.said());
    let params = [
        entry.chain.as_str().into(),
        entry.seq.into(),
        entry.id.as_str().into(),
        entry.kind.as_str().into(),
        entry.at.into(),
        entry.actor_id.as_str().into(),
        entry.actor_email.as_str().into(),
        entry.key_prefix.as_deref().into(),
        entry.key_suffix.as_deref().into(),
        entry.action.as_str().into(),
        entry.target_type.as_str().into(),
        entry.target_id.as_str().into(),
        entry.status.into(),
        entry.error.as_deref().into(),
        entry.ip.as_str().into(),
        entry.user_agent.as_str().into(),
        entry.source.as_str().into(),
        entry.metadata.as_str().into(),
        entry.mac.as_str().into(),
    ];
    connection.execute(&INSERT, &params)?;
    let head = [entry.mac.as_str().into(), entry.chain.as_str().into()];
    connection.execute(&SET_HEAD, &head).map(drop)
}

impl Entry {
    /// All that the entry says, as the mac is over it. Never changed.
    pub(super) fn said(&self) -> String {
        json!([
            self.chain,
            self.seq,
            self.id,
            self.kind,
            self.at.as_millis(),
            self.actor_id,
            self.actor_email,
            self.key_prefix,
            self.key_suffix,
            self.action,
            self.target_type,
            self.target_id,
            self.status,
            self.error,
            self.ip,
            self.user_agent,
            self.source,
            self.metadata,
        ])
        .to_string()
    }

    pub(super) fn from_row(row: &dyn Row) -> Result<Self, StoreError> {
        let text = |column| row.text(column).map(str::to_owned);
        let optional = |column| Ok::<_, StoreError>(row.optional_text(column)?.map(str::to_owned));
        Ok(Self {
            chain: text(0)?,
            seq: row.int(1)?,
            id: text(2)?,
            kind: text(3)?,
            at: row.millis(4)?,
            actor_id: text(5)?,
            actor_email: text(6)?,
            key_prefix: optional(7)?,
            key_suffix: optional(8)?,
            action: text(9)?,
            target_type: text(10)?,
            target_id: text(11)?,
            status: row.optional_int(12)?,
            error: optional(13)?,
            ip: text(14)?,
            user_agent: text(15)?,
            source: text(16)?,
            metadata: text(17)?,
            mac: text(18)?,
        })
    }
}
