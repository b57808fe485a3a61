//! What is ordered at the machine stands in the audit log like everything else:
//! before it is done, and with what came of it. What cannot be written down is
//! not done.

use std::path::Path;

use parlor_model::id::{AuditId, OrgId};
use parlor_model::identity::Email;
use parlor_model::identity::api_key::OPERATOR;
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_server::{Clock, SystemClock};
use parlor_store::audit::{self, Action, AuditActor, AuditOrigin, AuditOutcome};
use parlor_store::users::User;
use parlor_store::{Connection, Store};
use serde_json::{Map, Value};

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
    chain: Chain,
    action: AuditAction,
    target: (AuditTarget, String),
    metadata: Map<String, Value>,
    source: &'static str,
}

/// In which chain something stands.
#[derive(Clone, Copy)]
enum Chain {
    Server,
    FirstOrg,
    Org(OrgId),
}

impl Words {
    fn new(action: AuditAction, target: AuditTarget, id: impl Into<String>) -> Self {
        let target = (target, id.into());
        let (chain, metadata) = (Chain::Server, Map::new());
        Self { chain, action, target, metadata, source: COMMAND_LINE }
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

    /// An organization that goes with its person's account.
    pub(crate) fn organization_of(person: &User, org: OrgId) -> Self {
        let words = Self::new(AuditAction::Delete, AuditTarget::Organization, org.to_string());
        words.with("userId", person.id.to_string()).with("email", person.email.as_str()).in_org(org)
    }

    /// A member whose account goes.
    pub(crate) fn member(person: &User, org: OrgId) -> Self {
        let id = person.id.to_string();
        let words = Self::new(AuditAction::Delete, AuditTarget::OrganizationUser, id);
        words.with("email", person.email.as_str()).in_org(org)
    }

    fn in_first_org(self) -> Self {
        Self { chain: Chain::FirstOrg, ..self }
    }

    fn in_org(self, org: OrgId) -> Self {
        Self { chain: Chain::Org(org), ..self }
    }

    /// The same with one thing more. Never a secret.
    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.metadata.insert(name.to_owned(), value.into());
        self
    }
}

/// Something that is being done, and whose outcome is owed.
#[must_use = "say what came of it with `done`"]
#[derive(Default)]
pub(crate) struct Noted {
    /// The first is the order; the others follow from it, each in a chain of
    /// its own.
    actions: Vec<Action>,
}

/// Writes down which order is about to be carried out; nothing, for one that
/// only looks.
pub(crate) async fn intend(
    store: &Store,
    order: &Order,
    clock: &dyn Clock,
) -> anyhow::Result<Noted> {
    match words(order) {
        Some(words) => note(store, words, clock).await,
        None => Ok(Noted::default()),
    }
}

/// Writes down what is about to be done.
pub(crate) async fn note(store: &Store, words: Words, clock: &dyn Clock) -> anyhow::Result<Noted> {
    let mut noted = Noted::default();
    noted.also(store, vec![words], clock).await?;
    Ok(noted)
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
    /// Writes down what else is about to be done with it.
    pub(crate) async fn also(
        &mut self,
        store: &Store,
        words: Vec<Words>,
        clock: &dyn Clock,
    ) -> anyhow::Result<()> {
        let mut actions = Vec::with_capacity(words.len());
        for words in words {
            actions.push(action(store, words, clock).await?);
        }
        let (key, written) = (store.audit_key().clone(), actions.clone());
        let write = move |c: &mut dyn Connection| {
            written.iter().try_for_each(|action| audit::add_intent(c, &key, action))
        };
        store.write(write).await?;
        self.actions.append(&mut actions);
        Ok(())
    }

    /// Has the order's outcome say one thing more. Never a secret.
    pub(crate) fn tell(&mut self, name: &str, value: impl Into<Value>) {
        if let Some(order) = self.actions.first_mut() {
            order.metadata.insert(name.to_owned(), value.into());
        }
    }

    /// Writes down what came of it: in the words of the API, 200 or 400.
    pub(crate) async fn done(self, store: &Store, clock: &dyn Clock, error: Option<String>) {
        let Some(id) = self.actions.first().map(|order| order.id) else {
            return;
        };
        let outcome = AuditOutcome { status: if error.is_some() { 400 } else { 200 }, error };
        let (key, now) = (store.audit_key().clone(), clock.now());
        let write = move |c: &mut dyn Connection| {
            let mut actions = self.actions.iter();
            actions.try_for_each(|action| audit::add_outcome(c, &key, action, &outcome, now))
        };
        if let Err(error) = store.write(write).await {
            tracing::error!(%error, action = %id, "the audit log lacks an outcome");
        }
    }
}

async fn action(store: &Store, words: Words, clock: &dyn Clock) -> anyhow::Result<Action> {
    let org_id = match words.chain {
        Chain::Server => None,
        Chain::FirstOrg => first_org(store).await?,
        Chain::Org(id) => Some(id),
    };
    let (target_type, target_id) = words.target;
    Ok(Action {
        id: AuditId::from_random(random::bytes()?),
        org_id,
        at: clock.now(),
        actor: AuditActor { id: OPERATOR.to_owned(), ..AuditActor::default() },
        action: words.action,
        target_type,
        target_id,
        origin: AuditOrigin { source: words.source.to_owned(), ..AuditOrigin::default() },
        metadata: words.metadata,
    })
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
    let of = |action, email: &Email| Words::new(action, AuditTarget::User, email.as_str());
    Some(match order {
        UserOrder::CreateUser { email, .. } => of(AuditAction::Create, email),
        UserOrder::SetPassword(new) => {
            of(AuditAction::Update, &new.email).with("keepsOtherWays", new.keeps_other_ways)
        }
        UserOrder::DeleteUser { email } => of(AuditAction::Delete, email),
        UserOrder::ListUsers => return None,
    })
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
