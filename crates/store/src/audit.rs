//! Who did what. Before an action an entry says what is about to be done, and
//! after it one says what came of it; both carry the action's id. Entries are
//! only ever added, and each is bound to the one before it ([`chain`]), so
//! that whoever changes or removes one is found out.
//!
//! ```text
//! chain.rs      append, and what binds entries together
//! list.rs       reading: the two entries of an action joined, filtered
//! verify.rs     checking a chain from its beginning to its head
//! retention.rs  removing the oldest, so that what is left can be checked
//! ```

use parlor_model::id::{AuditId, OrgId};
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_model::time::UnixMillis;
use serde_json::{Map, Value};

mod chain;
pub(crate) mod key;
mod list;
mod retention;
mod verify;

pub use chain::{add_intent, add_outcome};
pub use key::AuditKey;
pub use list::{AuditFilter, AuditSlice, Shown, Walked, Wanted, list, walk};
pub use retention::remove_before;
pub use verify::{Fault, Verified, chains, verify};

pub(crate) use chain::STATEMENTS as CHAIN_STATEMENTS;
pub(crate) use list::STATEMENTS as LIST_STATEMENTS;
pub(crate) use retention::STATEMENTS as RETENTION_STATEMENTS;
pub(crate) use verify::STATEMENTS as VERIFY_STATEMENTS;

/// Longest text of one field, in bytes; what is longer is cut. Clients choose
/// some of them, and all of them are kept for long.
pub const MAX_TEXT_BYTES: usize = 512;

/// Largest metadata, in bytes of JSON. Where there is more, the largest fields
/// give way to a note of their size, so that no field can hide the others.
pub const MAX_METADATA_BYTES: usize = 8192;

/// What somebody is about to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// The caller drew it.
    pub id: AuditId,
    /// In which organization; `None`: in none.
    pub org_id: Option<OrgId>,
    /// When.
    pub at: UnixMillis,
    /// Who.
    pub actor: AuditActor,
    /// What.
    pub action: AuditAction,
    /// To what kind of thing.
    pub target_type: AuditTarget,
    /// To which one. Never a secret.
    pub target_id: String,
    /// From where.
    pub origin: AuditOrigin,
    /// More about it. Never secrets.
    pub metadata: Map<String, Value>,
}

/// Who does something, and with which credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditActor {
    /// A user's id, `operator` for somebody at the machine, or empty.
    pub id: String,
    /// Their address then; empty where there is none.
    pub email: String,
    /// How the key begins, if it is done with one.
    pub key_prefix: Option<String>,
    /// How that key ends.
    pub key_suffix: Option<String>,
}

/// From where something is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditOrigin {
    /// The address.
    pub ip: String,
    /// The program.
    pub user_agent: String,
    /// What the program calls itself.
    pub source: String,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditOutcome {
    /// What was answered.
    pub status: u16,
    /// Why it failed.
    pub error: Option<String>,
}

/// The name of an organization's chain.
fn chain_name(org: Option<OrgId>) -> String {
    org.map(|org| org.to_string()).unwrap_or_default()
}

/// Metadata as they are kept.
fn fitting(metadata: &Map<String, Value>) -> String {
    let whole = Value::from(metadata.clone()).to_string();
    if whole.len() <= MAX_METADATA_BYTES {
        return whole;
    }
    let size = |name: &str, value: &Value| name.len() + value.to_string().len();
    let mut by_size: Vec<_> = metadata.iter().collect();
    by_size.sort_by_key(|(name, value)| size(name, value));
    let (mut kept, mut text) = (Map::new(), "{}".to_owned());
    for (name, value) in by_size {
        let mut longer = kept.clone();
        longer.insert(name.clone(), value.clone());
        let mut longer_text = Value::from(longer.clone()).to_string();
        if longer_text.len() > MAX_METADATA_BYTES {
            let note = format!("… ({} bytes)", size(name, value));
            longer.insert(name.clone(), note.into());
            longer_text = Value::from(longer.clone()).to_string();
        }
        if longer_text.len() <= MAX_METADATA_BYTES {
            (kept, text) = (longer, longer_text);
        }
    }
    text
}

/// The beginning of a text, as each engine keeps it: `PostgreSQL` has no NUL,
/// and an entry that came back otherwise than it was chained would look forged.
fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_TEXT_BYTES)].replace('\0', "\u{FFFD}")
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{MAX_METADATA_BYTES, fitting};

    fn map(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_field_that_is_too_large_hides_no_other() {
        let small = map(json!({"name": "ci", "permissions": ["read:rooms"]}));
        assert_eq!(fitting(&small), r#"{"name":"ci","permissions":["read:rooms"]}"#);
        let mut padded = small.clone();
        padded.insert("a".to_owned(), "x".repeat(MAX_METADATA_BYTES).into());
        let kept: Map<String, Value> = serde_json::from_str(&fitting(&padded)).unwrap();
        assert_eq!(kept["permissions"], small["permissions"]);
        assert_eq!(kept["a"], "… (8195 bytes)");
        let many: Map<_, _> = (0..2000).map(|n| (format!("field {n}"), n.into())).collect();
        assert!(fitting(&many).len() <= MAX_METADATA_BYTES);
    }
}
