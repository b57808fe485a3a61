//! The audit log's door: [`intend`] before an action, [`Intent::done`] after
//! it. What could not be written down before is not done.

use axum::http::header::USER_AGENT;
use axum::http::{Extensions, HeaderMap, HeaderName};
use parlor_model::id::{AuditId, OrgId};
use parlor_model::identity::api_key::OPERATOR;
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_store::Store;
use parlor_store::api_keys::ApiKey;
use parlor_store::audit::{self, Action, AuditActor, AuditOrigin, AuditOutcome};
use parlor_store::key::PREFIX;
use parlor_store::users::User;
use serde_json::{Map, Value};

use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::sender;
use crate::random;

/// What clients call themselves.
const SOURCE: HeaderName = HeaderName::from_static("x-daytona-source");

/// So many characters after the beginning of a key are one, in a text; a name
/// that begins like a key is shorter.
const KEY_CHARS: usize = 40;

/// What somebody is about to do.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// In which organization; `None`: in none.
    pub(crate) org: Option<OrgId>,
    /// Who, and with which credential.
    pub(crate) actor: AuditActor,
    /// What.
    pub(crate) action: AuditAction,
    /// To what kind of thing.
    pub(crate) target_type: AuditTarget,
    /// To which one: an id, or of keys the name. Never a secret.
    pub(crate) target_id: String,
    /// From where.
    pub(crate) origin: AuditOrigin,
    /// More about it. Never secrets.
    pub(crate) metadata: Map<String, Value>,
}

impl Entry {
    /// An entry that says nothing more than that.
    pub(crate) fn new(
        (actor, origin): (AuditActor, AuditOrigin),
        org: Option<OrgId>,
        action: AuditAction,
        (target_type, target_id): (AuditTarget, impl Into<String>),
    ) -> Self {
        let target_id = target_id.into();
        Self { org, actor, action, target_type, target_id, origin, metadata: Map::new() }
    }

    /// The same with one thing more. Never a secret.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.metadata.insert(name.to_owned(), value.into());
        self
    }

    /// The same with more about it.
    pub(crate) fn with_all(mut self, metadata: Map<String, Value>) -> Self {
        self.metadata = metadata;
        self
    }
}

/// Somebody at the machine itself.
pub(crate) fn operator() -> AuditActor {
    AuditActor { id: OPERATOR.to_owned(), ..AuditActor::default() }
}

/// Somebody signed in.
pub(crate) fn person(user: &User) -> AuditActor {
    AuditActor {
        id: user.id.to_string(),
        email: user.email.as_str().to_owned(),
        ..AuditActor::default()
    }
}

/// The holder of a key, and whose key it is, if it is anybody's.
pub(crate) fn holder(key: &ApiKey, owner: Option<&User>) -> AuditActor {
    let actor = owner.map_or_else(operator, person);
    AuditActor {
        key_prefix: Some(key.display.prefix.clone()),
        key_suffix: Some(key.display.suffix.clone()),
        ..actor
    }
}

/// From where a request comes.
pub(crate) fn origin(
    state: &AppState,
    extensions: &Extensions,
    headers: &HeaderMap,
) -> AuditOrigin {
    let text = |name| {
        let value = headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        value.unwrap_or_default().into_owned()
    };
    let ip = sender::address_of(state, extensions, headers);
    AuditOrigin {
        ip: ip.map(|ip| ip.to_string()).unwrap_or_default(),
        user_agent: text(USER_AGENT),
        source: text(SOURCE),
    }
}

/// Writes down what is about to be done. When this fails, it must not be done.
pub(crate) async fn intend(state: &AppState, entry: Entry) -> Result<Intent, Failure> {
    let action = Action {
        id: AuditId::from_random(random::bytes()?),
        org_id: entry.org,
        at: state.now(),
        actor: entry.actor,
        action: entry.action,
        target_type: entry.target_type,
        target_id: without_keys(&entry.target_id),
        origin: entry.origin,
        metadata: entry.metadata.into_iter().map(|(name, it)| (name, keyless(it))).collect(),
    };
    let store = state.cx.store.clone();
    let (key, written) = (store.audit_key().clone(), action.clone());
    store.write(move |c| audit::add_intent(c, &key, &written)).await?;
    Ok(Intent { store, action, state: AppState::clone(state) })
}

/// A text without API keys in it: whoever pasted one where its name belongs
/// gives it to nobody who reads the log. What is left shows which it was.
fn without_keys(text: &str) -> String {
    let is_of_key = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut shown = String::with_capacity(text.len());
    for part in text.split_inclusive(|c| !is_of_key(c)) {
        let end = part.trim_end_matches(|c| !is_of_key(c)).len();
        let (word, rest) = part.split_at(end);
        match word.find(PREFIX).map(|at| word.split_at(at + PREFIX.len())) {
            Some((before, value)) if value.len() >= KEY_CHARS => {
                shown.push_str(before);
                shown.push('…');
            }
            _ => shown.push_str(word),
        }
        shown.push_str(rest);
    }
    shown
}

/// The same in all texts of a value.
fn keyless(value: Value) -> Value {
    match value {
        Value::String(text) => without_keys(&text).into(),
        Value::Array(items) => items.into_iter().map(keyless).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, keyless(value))).collect()
        }
        plain => plain,
    }
}

/// Something that is being done, and whose outcome is owed.
#[must_use = "say what came of it with `done`"]
pub(crate) struct Intent {
    store: Store,
    action: Action,
    state: AppState,
}

impl Intent {
    /// Writes down what came of it. The action stands whether this succeeds or
    /// not: without an outcome the log says that nobody knows.
    pub(crate) async fn done(self, status: u16, error: Option<&str>) {
        let outcome = AuditOutcome { status, error: error.map(without_keys) };
        let (key, now, id) = (self.store.audit_key().clone(), self.state.now(), self.action.id);
        let action = self.action;
        let written =
            self.store.write(move |c| audit::add_outcome(c, &key, &action, &outcome, now));
        if let Err(error) = written.await {
            tracing::error!(%error, action = %id, status, "the audit log lacks an outcome");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::without_keys;

    #[test]
    fn a_key_that_was_pasted_is_not_shown() {
        let key = format!("parlor_{}", "aZ9".repeat(22));
        assert_eq!(without_keys(&key), "parlor_…");
        let text = format!("there is no API key named '{key}', nor x{key}");
        assert_eq!(without_keys(&text), "there is no API key named 'parlor_…', nor xparlor_…");
        for plain in ["", "parlor_ci", "ana@example.org", "übung ‘parlor_’"] {
            assert_eq!(without_keys(plain), plain);
        }
    }
}
