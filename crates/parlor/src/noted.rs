//! What is ordered at the machine stands in the audit log like everything else:
//! before it is done, and with what came of it. What cannot be written down is
//! not done.

use std::path::Path;

use parlor_model::id::{AuditId, OrgId};
use parlor_model::identity::api_key::OPERATOR;
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_server::{Clock, SystemClock};
use parlor_store::Store;
use parlor_store::audit::{self, Action, AuditActor, AuditOrigin, AuditOutcome};
use serde_json::Map;

use crate::api_key::KeyOrder;
use crate::audit::AuditOrder;
use crate::control::Order;
use crate::oauth_client::OauthClientOrder;
use crate::user::UserOrder;
use crate::{node, organization, random};

/// How the command line calls itself in the log.
const COMMAND_LINE: &str = "cli";

/// How what a start brings along calls itself there.
const START: &str = "start";

/// What is done at the machine, in the words of the log.
pub(crate) struct Words {
    action: AuditAction,
    target: (AuditTarget, String),
    is_of_first_org: bool,
    source: &'static str,
}

impl Words {
    fn new(action: AuditAction, target: AuditTarget, id: impl Into<String>) -> Self {
        let target = (target, id.into());
        Self { action, target, is_of_first_org: false, source: COMMAND_LINE }
    }

    /// The account that a start makes.
    pub(crate) fn first_account(email: &str) -> Self {
        Self { source: START, ..Self::new(AuditAction::Create, AuditTarget::User, email) }
    }

    /// The key that a start takes over.
    pub(crate) fn given_key(name: &str) -> Self {
        Self { source: START, ..Self::new(AuditAction::Create, AuditTarget::ApiKey, name) }
            .in_first_org()
    }

    /// Another master key.
    pub(crate) fn master_key() -> Self {
        Self::new(AuditAction::Rotate, AuditTarget::Secret, "master-key")
    }

    /// The keys that sign tokens are forgotten.
    pub(crate) fn signing_keys() -> Self {
        Self::new(AuditAction::Delete, AuditTarget::Secret, "signing-keys")
    }

    fn in_first_org(self) -> Self {
        Self { is_of_first_org: true, ..self }
    }
}

/// Something that is being done, and whose outcome is owed.
#[must_use = "say what came of it with `done`"]
pub(crate) struct Noted(Option<Action>);

/// Writes down which order is about to be carried out; nothing, for one that
/// only looks.
pub(crate) async fn intend(
    store: &Store,
    order: &Order,
    clock: &dyn Clock,
) -> anyhow::Result<Noted> {
    match words(order) {
        Some(words) => note(store, words, clock).await,
        None => Ok(Noted(None)),
    }
}

/// Writes down what is about to be done.
pub(crate) async fn note(store: &Store, words: Words, clock: &dyn Clock) -> anyhow::Result<Noted> {
    let org_id = if words.is_of_first_org { first_org(store).await? } else { None };
    let (target_type, target_id) = words.target;
    let action = Action {
        id: AuditId::from_random(random::bytes()?),
        org_id,
        at: clock.now(),
        actor: AuditActor { id: OPERATOR.to_owned(), ..AuditActor::default() },
        action: words.action,
        target_type,
        target_id,
        origin: AuditOrigin { source: words.source.to_owned(), ..AuditOrigin::default() },
        metadata: Map::new(),
    };
    let (key, written) = (store.audit_key().clone(), action.clone());
    store.write(move |c| audit::add_intent(c, &key, &written)).await?;
    Ok(Noted(Some(action)))
}

/// Writes down what is done to the records while nobody has them open: opens
/// them before it and after.
pub(crate) fn around<T>(
    data: &Path,
    words: Words,
    work: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let noted = runtime.block_on(async {
        let store = node::open_store(data)?;
        let noted = note(&store, words, &SystemClock).await;
        store.shutdown();
        noted
    })?;
    let outcome = work();
    let error = outcome.as_ref().err().map(|error| format!("{error:#}"));
    let told = runtime.block_on(async {
        let store = node::open_store(data)?;
        noted.done(&store, &SystemClock, error).await;
        store.shutdown();
        anyhow::Ok(())
    });
    if let Err(error) = told {
        tracing::error!(%error, "the audit log lacks an outcome");
    }
    outcome
}

impl Noted {
    /// Writes down what came of it: in the words of the API, 200 or 400.
    pub(crate) async fn done(self, store: &Store, clock: &dyn Clock, error: Option<String>) {
        let Some(action) = self.0 else {
            return;
        };
        let status = if error.is_some() { 400 } else { 200 };
        let (key, id, now) = (store.audit_key().clone(), action.id, clock.now());
        let outcome = AuditOutcome { status, error };
        let written = store.write(move |c| audit::add_outcome(c, &key, &action, &outcome, now));
        if let Err(error) = written.await {
            tracing::error!(%error, action = %id, "the audit log lacks an outcome");
        }
    }
}

fn words(order: &Order) -> Option<Words> {
    match order {
        Order::Key(order) => of_key(order),
        Order::User(order) => of_user(order),
        Order::Audit(order) => of_audit(order),
        Order::OauthClient(order) => of_client(order),
    }
}

fn of_key(order: &KeyOrder) -> Option<Words> {
    use AuditAction::{Create, Delete, Rotate, Update};
    let (action, name) = match order {
        KeyOrder::CreateApiKey(content) => (Create, &content.name),
        KeyOrder::ImportApiKey { key, .. } => (Create, &key.name),
        KeyOrder::RevokeApiKey { name } => (Delete, name),
        KeyOrder::LimitApiKey { name, .. } => (Update, name),
        KeyOrder::RotateApiKey { name, .. } => (Rotate, name),
        KeyOrder::ListApiKeys => return None,
    };
    Some(Words::new(action, AuditTarget::ApiKey, name).in_first_org())
}

fn of_user(order: &UserOrder) -> Option<Words> {
    let (action, email) = match order {
        UserOrder::CreateUser { email, .. } => (AuditAction::Create, email),
        UserOrder::SetPassword(new) => (AuditAction::Update, &new.email),
        UserOrder::DeleteUser { email } => (AuditAction::Delete, email),
        UserOrder::ListUsers => return None,
    };
    Some(Words::new(action, AuditTarget::User, email.as_str()))
}

/// Who takes the log away leaves a trace in it, once for each export.
fn of_audit(order: &AuditOrder) -> Option<Words> {
    match order {
        AuditOrder::ExportAudit { organization, after: 0 } => {
            let of = organization.clone().unwrap_or_default();
            Some(Words::new(AuditAction::Export, AuditTarget::AuditLog, of))
        }
        AuditOrder::ExportAudit { .. } | AuditOrder::VerifyAudit { .. } => None,
    }
}

fn of_client(order: &OauthClientOrder) -> Option<Words> {
    let (action, id) = match order {
        OauthClientOrder::CreateOauthClient(new) => (AuditAction::Create, &new.id),
        OauthClientOrder::DeleteOauthClient { id } => (AuditAction::Delete, id),
        OauthClientOrder::ListOauthClients => return None,
    };
    Some(Words::new(action, AuditTarget::OauthClient, id.to_string()))
}

/// Whose keys the operator's orders are about; `None` before the first start.
async fn first_org(store: &Store) -> anyhow::Result<Option<OrgId>> {
    Ok(organization::first(store).await?.map(|org| org.id))
}
