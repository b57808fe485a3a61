//! What handlers take from a request: who calls, the body, the query and the
//! path. Every refusal is in our envelope.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_LENGTH;
use axum::http::request::Parts;
use http_body_util::BodyExt as _;
use parlor_model::error::ApiError;
use parlor_model::rest::body::parse_object;
use serde_json::{Map, Value};

use crate::app::rooms::PageQuery;
use crate::cx::{AppState, Limits};
use crate::http::error::Refusal;
use crate::identity::{Caller, Who};

/// The guard of the route put it there; a handler that takes it cannot be
/// reached without.
impl FromRequestParts<AppState> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Refusal> {
        parts
            .extensions
            .remove::<Self>()
            .ok_or_else(|| Refusal::from(ApiError::missing_authorization_header()))
    }
}

/// The same, whatever organization it is about.
impl FromRequestParts<AppState> for Who {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Refusal> {
        parts
            .extensions
            .remove::<Self>()
            .ok_or_else(|| Refusal::from(ApiError::missing_authorization_header()))
    }
}

/// A body that is a JSON object, whatever its content type says. An empty body
/// is an empty object.
#[derive(Clone, Debug)]
pub(crate) struct JsonObject(pub(crate) Map<String, Value>);

impl FromRequest<AppState> for JsonObject {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refusal> {
        let bytes = read_body(request, &state.cx.settings.limits).await?;
        Ok(Self(parse_object(&bytes)?))
    }
}

/// How far beyond its limit a body is read before it is refused. A client that
/// is still sending when the connection closes may never see the answer.
const LINGER_BYTES: usize = 4 * 1024 * 1024;

/// Reads a whole body within the limits of size and time.
pub(crate) async fn read_body(request: Request, limits: &Limits) -> Result<Vec<u8>, ApiError> {
    let too_large = || ApiError::payload_too_large(limits.body_bytes);
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok())
        .unwrap_or(0);
    if announced > limits.body_bytes + LINGER_BYTES {
        return Err(too_large());
    }
    let reading = collect(request.into_body(), limits.body_bytes, announced);
    match tokio::time::timeout(limits.body_time, reading).await {
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => Err(too_large()),
        Ok(Err(error)) => Err(ApiError::body_not_json(&error.to_string())),
        Err(_elapsed) => Err(ApiError::request_timeout(whole_seconds(limits.body_time))),
    }
}

/// The body's bytes, or `None` when there are more than `limit`.
async fn collect(
    mut body: Body,
    limit: usize,
    announced: usize,
) -> Result<Option<Vec<u8>>, axum::Error> {
    let mut bytes = Vec::with_capacity(announced.min(limit));
    let mut total = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        total = total.saturating_add(data.len());
        if total > limit + LINGER_BYTES {
            break;
        }
        if total <= limit {
            bytes.extend_from_slice(&data);
        }
    }
    Ok((total <= limit).then_some(bytes))
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs().max(1)
}

/// The query string as pairs; the first value of a name counts.
#[derive(Clone, Debug)]
pub(crate) struct QueryPairs(Vec<(String, String)>);

impl QueryPairs {
    /// Every name with its value, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of `name`, empty or not.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of `name`. An empty one counts as absent: query builders send
    /// them.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Which page of a list is wanted.
    pub(crate) fn page(&self) -> PageQuery<'_> {
        PageQuery {
            limit: self.get("limit"),
            starting_after: self.get("starting_after"),
            ending_before: self.get("ending_before"),
        }
    }
}

impl FromRequestParts<AppState> for QueryPairs {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Refusal> {
        Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map(|Query(pairs)| Self(pairs))
            .map_err(|_| Refusal::from(ApiError::bad_percent_encoding()))
    }
}

/// The one variable segment of a path, decoded.
#[derive(Clone, Debug)]
pub(crate) struct Segment(pub(crate) String);

impl FromRequestParts<AppState> for Segment {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        Path::<String>::from_request_parts(parts, state)
            .await
            .map(|Path(segment)| Self(segment))
            .map_err(|_| Refusal::from(ApiError::bad_percent_encoding()))
    }
}

/// The two variable segments of a path, decoded.
#[derive(Clone, Debug)]
pub(crate) struct TwoSegments(pub(crate) String, pub(crate) String);

impl FromRequestParts<AppState> for TwoSegments {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map(|Path((first, second))| Self(first, second))
            .map_err(|_| Refusal::from(ApiError::bad_percent_encoding()))
    }
}
