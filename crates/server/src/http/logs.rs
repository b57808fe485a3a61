//! `/v1/logs`, `/v1/logs/api`, and `/_parlor/logs`, where the first is filled
//! from.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use parlor_model::call_log::{CallLogLevel, CallLogReport, MAX_REPORT_BYTES};
use parlor_model::error::{ApiError, ErrorKind};
use parlor_model::rest::body::parse_object;
use parlor_model::rest::logs::{ApiLogEntry, CallLogs};
use parlor_model::time::UnixMillis;
use parlor_store::api_log::{ApiLogQuery, Source};
use parlor_store::call_log::{CallLogQuery, Order};
use parlor_store::page::{Cursor, PageRequest};
use serde_json::Value;

use crate::app::logs::{self, Parts};
use crate::cx::{AppState, Limits};
use crate::http::error::{Answer, Refusal};
use crate::http::extract::{QueryPairs, read_body};
use crate::http::openapi::Errors;
use crate::http::query::{Checked, PageSize};
use crate::http::rate_limit::{Budget, Door};
use crate::http::sender;
use crate::identity::Caller;

/// `POST /_parlor/logs`: what a client reports of its call. The pass in it is
/// all that it shows, so it is looked at before the entries are, and senders
/// are counted before anything is read.
pub(crate) async fn report(
    State(state): State<AppState>,
    request: Request,
) -> Result<Response, Refusal> {
    let budget = sender::budget(&state, Door::Report, request.extensions(), request.headers());
    budget.map_or(Ok(()), Budget::admit)?;
    let limits = Limits { body_bytes: MAX_REPORT_BYTES, ..state.cx.settings.limits.clone() };
    let bytes = read_body(request, &limits).await?;
    let object = parse_object(&bytes)?;
    let pass = object.get("pass").ok_or_else(|| ApiError::missing_field("pass"))?;
    let text = pass.as_str().ok_or_else(|| ApiError::wrong_value("pass", pass, "a string"))?;
    let pass = logs::admit(&state, text, bytes.len())?;
    let report: CallLogReport = serde_json::from_value(Value::Object(object))
        .map_err(|error| ApiError::new(ErrorKind::InvalidRequest, error.to_string()))?;
    logs::keep(&state, pass, report).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// List what clients reported of a call. One of `userSessionId` and
/// `mtgSessionId` is needed.
#[utoipa::path(
    get, path = "/logs", tag = "logs",
    params(
        ("userSessionId" = Option<String>, Query, description = "Only reports of this session", example = "7c1e5a94-6f0d-4a5e-9a7a-0d3b6a2f7d11"),
        ("mtgSessionId" = Option<String>, Query, description = "Only reports of this meeting", example = "3f0c9a52-8f5b-4b6e-8d6b-6b1f8f1f3a77"),
        ("includeLogs" = Option<bool>, Query, description = "Whether lines are listed; `true` when absent"),
        ("includeMetrics" = Option<bool>, Query, description = "Whether measurements are listed; `false` when absent"),
        ("logLevel" = Option<String>, Query, description = "Only lines of this level: `ERROR`, `INFO` or `DEBUG`", example = "INFO"),
        ("order" = Option<String>, Query, description = "`DESC`, newest first, when absent; or `ASC`", example = "ASC"),
        ("startTime" = Option<i64>, Query, description = "Only what was received at this time or later, unix milliseconds"),
        ("endTime" = Option<i64>, Query, description = "Only what was received at this time or earlier, unix milliseconds"),
        ("limit" = Option<u32>, Query, minimum = 1, description = "Most lines, and most measurements, 1 to 100; 20 when absent"),
        ("offset" = Option<u64>, Query, minimum = 0, description = "How many to leave out; 0 when absent"),
    ),
    responses((status = 200, description = "The log", body = CallLogs), Errors),
)]
pub(crate) async fn list_logs(
    State(state): State<AppState>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Answer<CallLogs>, Refusal> {
    let query = Checked::new(
        &query,
        &[
            "userSessionId",
            "mtgSessionId",
            "includeLogs",
            "includeMetrics",
            "logLevel",
            "order",
            "startTime",
            "endTime",
            "limit",
            "offset",
        ],
    )?;
    let parts = Parts {
        has_lines: query.flag("includeLogs")?.unwrap_or(true),
        has_metrics: query.flag("includeMetrics")?.unwrap_or(false),
    };
    let wanted = call_log_query(query)?;
    if wanted.session.is_none() && wanted.meeting.is_none() {
        return Err(ApiError::log_session_required().into());
    }
    Ok(Answer(logs::list(&state, caller.org(), wanted, parts).await?))
}

fn call_log_query(query: Checked<'_>) -> Result<CallLogQuery, ApiError> {
    let time = |name| {
        let millis = query.number(name)?;
        Ok::<_, ApiError>(millis.map(|millis| UnixMillis::from_seconds(millis / 1000.0)))
    };
    Ok(CallLogQuery {
        session: query.text("userSessionId").map(str::to_ascii_lowercase),
        meeting: query.text("mtgSessionId").map(str::to_ascii_lowercase),
        level: query
            .one_of("logLevel", &["ERROR", "INFO", "DEBUG"])?
            .and_then(CallLogLevel::from_name),
        from: time("startTime")?,
        until: time("endTime")?,
        order: match query.one_of("order", &["ASC", "DESC"])? {
            Some("ASC") => Order::OldestFirst,
            _ => Order::NewestFirst,
        },
        limit: query.limit(PageSize::LOGS)?,
        offset: query.count("offset")?.unwrap_or(0),
    })
}

/// List the requests that were made, newest first. Secrets are not in it, and
/// bodies are cut after 4 KiB.
#[utoipa::path(
    get, path = "/logs/api", tag = "logs",
    params(
        ("source" = Option<String>, Query, description = "`api`, requests to this server, when absent; or `webhook`, requests from it", example = "api"),
        ("url" = Option<String>, Query, description = "Only requests to this address, whatever their query", example = "/v1/rooms"),
        ("limit" = Option<u32>, Query, minimum = 1, description = "Most requests in the page, 1 to 100; 20 when absent"),
        ("starting_after" = Option<String>, Query, description = "Request id: the page begins just after it"),
        ("ending_before" = Option<String>, Query, description = "Request id: the page ends just before it; `OLDEST` for the last page"),
    ),
    responses((status = 200, description = "One page", body = Vec<ApiLogEntry>), Errors),
)]
pub(crate) async fn list_api_logs(
    State(state): State<AppState>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Answer<Vec<ApiLogEntry>>, Refusal> {
    let query =
        Checked::new(&query, &["source", "url", "limit", "starting_after", "ending_before"])?;
    let cursor = Cursor::parse(query.text("starting_after"), query.text("ending_before"));
    let wanted = ApiLogQuery {
        source: match query.one_of("source", &["api", "webhook"])? {
            Some("webhook") => Source::Webhook,
            _ => Source::Api,
        },
        url: query.text("url").map(str::to_owned),
        page: PageRequest::new(
            query.limit(PageSize::LOGS)?,
            cursor.map_err(|_| ApiError::both_cursors())?,
        ),
    };
    Ok(Answer(logs::list_requests(&state, caller.org(), wanted).await?))
}
