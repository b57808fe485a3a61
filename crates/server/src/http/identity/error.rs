//! The envelope of the identity face. Whatever refuses a request there, the
//! edge, the guard, a handler or the lack of a route, its [`ApiError`] travels
//! with the answer, and is put into this envelope in one place.

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use parlor_model::error::ApiError;
use parlor_model::identity::error::IdentityErrorBody;
use parlor_model::time::UnixMillis;

use crate::http::error::JSON;

/// First segments of the identity face at the root. Each is a reserved room
/// name; of some only the errors are there yet.
const ROOTS: [&str; 17] = [
    "admin",
    "api",
    "api-keys",
    "audit",
    "config",
    "docker-registry",
    "health",
    "object-storage",
    "organizations",
    "regions",
    "runners",
    "sandbox",
    "secret",
    "snapshots",
    "toolbox",
    "users",
    "volumes",
];

/// Longest path that an error repeats, in bytes.
const MAX_PATH_BYTES: usize = 1024;

/// The envelope of errors at one address.
#[derive(Debug)]
pub(crate) struct Envelope {
    path: String,
}

impl Envelope {
    /// The envelope for `path`, if that is an address of the identity face.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let first = segments.next()?;
        let is_rest = first == "api" && segments.next() == Some("v1");
        (!is_rest && ROOTS.contains(&first))
            .then(|| Self { path: path[..path.floor_char_boundary(MAX_PATH_BYTES)].to_owned() })
    }

    /// The answer, its error in this envelope if it is one.
    pub(crate) fn apply(self, mut response: Response, now: UnixMillis) -> Response {
        let Some(error) = response.extensions_mut().remove::<ApiError>() else {
            return response;
        };
        let status = StatusCode::from_u16(IdentityErrorBody::status_of(error.kind))
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reason = status.canonical_reason().unwrap_or("Error");
        let body = IdentityErrorBody::new(&error, reason, &self.path, now);
        let text = serde_json::to_vec(&body).unwrap_or_else(|error| {
            tracing::error!(%error, "an error answer could not be serialised");
            Vec::new()
        });
        *response.status_mut() = status;
        *response.body_mut() = Body::from(text);
        let headers = response.headers_mut();
        headers.remove(CONTENT_LENGTH);
        headers.insert(CONTENT_TYPE, JSON);
        if status == StatusCode::UNAUTHORIZED {
            // A client must be told how to show who it is (RFC 9110, 11.6.1).
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::Envelope;

    #[test]
    fn the_identity_face_is_everything_below_its_roots_but_the_rest_api() {
        for path in [
            "/api",
            "/api/sandbox",
            "/api-keys",
            "//sandbox/",
            "/users/me",
            "/api/v10",
            "/api/nothing",
        ] {
            assert!(Envelope::of(path).is_some(), "{path}");
        }
        for path in [
            "/",
            "/v1/rooms",
            "/api/v1",
            "//api//v1/rooms",
            "/standup",
            "/account/sign-in",
            "/oauth/token",
            "/apis",
        ] {
            assert!(Envelope::of(path).is_none(), "{path}");
        }
    }
}
