//! `/audit/organizations/{organizationId}`.

use axum::extract::State;
use parlor_model::identity::audit::AuditPage;

use crate::app::audit::{self, AuditQuery};
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::QueryPairs;
use crate::http::openapi::Errors;
use crate::identity::Caller;

/// List what was done in an organization, newest first. Actions are narrowed by
/// `from`, `to`, `createdAt`, `id`, `actorId`, `actorEmail`,
/// `actorApiKeyPrefix`, `actorApiKeySuffix`, `action`, `targetType`, `targetId`
/// and `statusCode`: by a value (`action=create`), by one of `eq`, `not`, `in`,
/// `notIn`, and for times and statuses `gte`, `gt`, `lte`, `lt`
/// (`action[in]=create,delete`), or by an object of them as JSON
/// (`action={"not": "read"}`). Times take the last four only. `result` is
/// `done`, `refused`, `failed`, or `unknown` where no outcome was written down.
#[utoipa::path(
    get, path = "/audit/organizations/{organizationId}",
    params(
        ("organizationId" = String, Path, description = "The organization's id"),
        ("page" = Option<u64>, Query, description = "Which page, from 1"),
        ("limit" = Option<u32>, Query, description = "How many on a page, 1 to 200"),
        ("nextToken" = Option<String>, Query, description = "Where the page before ended"),
    ),
    responses((status = 200, description = "A page of the log", body = AuditPage), Errors),
)]
pub(crate) async fn list_audit_logs(
    State(state): State<AppState>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Answer<AuditPage>, Refusal> {
    let query = AuditQuery::parse(query.iter())?;
    Ok(Answer(audit::list(&state, caller.org(), query).await?))
}
