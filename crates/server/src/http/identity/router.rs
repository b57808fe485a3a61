//! Every operation of the identity face, on one page: which credentials it
//! takes, whose organization it is about, and what the caller must hold there.

mod organizations;
mod sandboxes;

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, get, on};
use parlor_model::key_permission::KeyPermission::{self, ManageApiKeys, ReadAuditLogs};
use tower_http::compression::CompressionLayer;

use super::guard::guard;
use super::{api_keys, audit, config, openapi, users};
use crate::cx::AppState;
use crate::http::health;

/// Where the identity face is mounted: where SDKs look for it, and where the
/// source document shows it.
pub(crate) const BASES: [&str; 2] = ["/api", ""];

/// Which credentials an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// None: anybody may ask.
    None,
    /// An API key or an access token.
    Any,
    /// An API key: the operation is about it.
    Key,
    /// An access token: the operation is about whoever signed in.
    Person,
}

/// Which organization an operation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// None: it is about the caller.
    None,
    /// The key's own, or the one that the header names.
    Header,
    /// The one that the path names.
    Path,
}

/// What the caller must hold in the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: belonging to it is enough.
    Membership,
    /// This permission.
    Holds(KeyPermission),
    /// Either of them; a refusal names the first.
    OneOf(KeyPermission, KeyPermission),
    /// A key must hold this permission; people reach what is theirs without.
    KeyHolds(KeyPermission),
    /// To administer the server's first organization.
    Operator,
}

impl Need {
    /// The permission that an API key must hold.
    #[must_use]
    pub const fn of_key(self) -> Option<KeyPermission> {
        match self {
            Self::Membership => None,
            Self::Holds(permission) | Self::OneOf(permission, _) | Self::KeyHolds(permission) => {
                Some(permission)
            }
            Self::Operator => Some(KeyPermission::AdminOrganization),
        }
    }
}

/// What an operation demands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdentityRule {
    pub(crate) operation: &'static str,
    pub(crate) credentials: Credentials,
    pub(crate) place: Place,
    pub(crate) need: Need,
}

/// One operation of the identity face.
pub(crate) struct Operation {
    method: Method,
    path: &'static str,
    rule: IdentityRule,
    handler: MethodRouter<AppState>,
}

impl Operation {
    fn takes(self, credentials: Credentials) -> Self {
        Self { rule: IdentityRule { credentials, ..self.rule }, ..self }
    }

    /// About the caller, and no organization.
    fn about_nobody(self) -> Self {
        Self { rule: IdentityRule { place: Place::None, ..self.rule }, ..self }
    }

    /// In the caller's organization, whichever one the path names.
    fn in_own_organization(self) -> Self {
        Self { rule: IdentityRule { place: Place::Header, ..self.rule }, ..self }
    }
}

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;

/// Every operation.
pub(crate) fn operations() -> Vec<Operation> {
    use Credentials::{Key, None, Person};
    use Need::{Holds, KeyHolds, Membership};
    let keys = KeyHolds(ManageApiKeys);
    let mut all = vec![
        op(GET, "/config", "read_config", Membership, config::read_config).takes(None),
        op(GET, "/health", "check_health", Membership, health::healthz).takes(None),
        op(GET, "/health/ready", "check_readiness", Membership, health::readyz).takes(None),
        op(POST, "/api-keys", "create_api_key", keys, api_keys::create_api_key),
        op(GET, "/api-keys", "list_api_keys", keys, api_keys::list_api_keys),
        op(
            GET,
            "/api-keys/current",
            "read_current_api_key",
            Membership,
            api_keys::read_current_api_key,
        )
        .takes(Key),
        op(GET, "/api-keys/{name}", "read_api_key", keys, api_keys::read_api_key),
        op(DELETE, "/api-keys/{name}", "delete_api_key", keys, api_keys::delete_api_key),
        op(PATCH, "/api-keys/{name}", "change_api_key", keys, api_keys::change_api_key),
        op(POST, "/api-keys/{name}/rotate", "rotate_api_key", keys, api_keys::rotate_api_key),
        op(
            DELETE,
            "/api-keys/{userId}/{name}",
            "delete_api_key_of_user",
            keys,
            api_keys::delete_api_key_of_user,
        ),
        op(GET, "/users/me", "read_me", Membership, users::read_me).about_nobody(),
        op(
            GET,
            "/users/account-providers",
            "list_account_providers",
            Membership,
            users::list_account_providers,
        )
        .about_nobody()
        .takes(Person),
        op(
            GET,
            "/audit/organizations/{organizationId}",
            "list_audit_logs",
            Holds(ReadAuditLogs),
            audit::list_audit_logs,
        ),
    ];
    all.extend(organizations::operations());
    all.extend(sandboxes::operations());
    all
}

/// An operation of the identity face as tests and documents see it.
#[derive(Clone, Debug)]
pub struct IdentityRoute {
    /// Its method.
    pub method: Method,
    /// Its path below the base.
    pub path: &'static str,
    /// Its name: the handler's, and the `operationId` of the document.
    pub operation: &'static str,
    /// Which credentials it takes.
    pub credentials: Credentials,
    /// Which organization it is about.
    pub place: Place,
    /// What the caller must hold there.
    pub need: Need,
}

/// The operations of the identity face.
#[must_use]
pub fn identity_routes() -> Vec<IdentityRoute> {
    let route = |Operation { method, path, rule, .. }| IdentityRoute {
        method,
        path,
        operation: rule.operation,
        credentials: rule.credentials,
        place: rule.place,
        need: rule.need,
    };
    operations().into_iter().map(route).collect()
}

/// The identity face, at both its bases.
pub(crate) fn routes(state: &AppState) -> Router<AppState> {
    let document = get(openapi::read_openapi).layer(CompressionLayer::new());
    let mut router = Router::new().route("/api/openapi.json", document);
    for base in BASES {
        for operation in operations() {
            let guarded = Arc::new((Arc::clone(state), operation.rule));
            let handler = operation.handler.route_layer(from_fn_with_state(guarded, guard));
            router = router.route(&format!("{base}{}", operation.path), handler);
        }
    }
    router
}

/// In the path's organization where it names one, in the header's elsewhere.
fn op<H, T>(
    method: Method,
    path: &'static str,
    operation: &'static str,
    need: Need,
    handler: H,
) -> Operation
where
    H: Handler<T, AppState>,
    T: 'static,
{
    let place = match path.contains("{organizationId}") {
        true => Place::Path,
        false => Place::Header,
    };
    let handler = on(filter(&method), handler);
    let rule = IdentityRule { operation, credentials: Credentials::Any, place, need };
    Operation { method, path, rule, handler }
}

fn filter(method: &Method) -> MethodFilter {
    match *method {
        Method::POST => MethodFilter::POST,
        Method::PUT => MethodFilter::PUT,
        Method::PATCH => MethodFilter::PATCH,
        Method::DELETE => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    }
}
