//! Addresses as clients really send them. A trailing slash and repeated
//! slashes mean nothing (`/v1//rooms/` is `/v1/rooms`), and are taken off
//! here rather than by a redirect, in which many clients lose their body.

use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use parlor_model::error::ApiError;
use percent_encoding::percent_decode;

use crate::http::router::BASES;

/// Brings the path into its one form, in place.
///
/// # Errors
/// When path or query are not percent-encoded UTF-8.
pub(super) fn normalise(uri: &mut Uri) -> Result<(), ApiError> {
    check_encoding(uri.path())?;
    if let Some(query) = uri.query() {
        check_encoding(query)?;
    }
    if !is_crooked(uri.path()) {
        return Ok(());
    }
    let mut text = straightened(uri.path());
    if let Some(query) = uri.query() {
        text.push('?');
        text.push_str(query);
    }
    let mut parts = std::mem::take(uri).into_parts();
    parts.path_and_query =
        Some(PathAndQuery::try_from(text).map_err(|_| ApiError::bad_percent_encoding())?);
    *uri = Uri::from_parts(parts).map_err(|_| ApiError::bad_percent_encoding())?;
    Ok(())
}

/// Whether the path is one of the REST API, which answers nothing before it
/// knows who asks.
pub(super) fn is_rest(path: &str) -> bool {
    let path = straightened(path);
    BASES.iter().any(|base| {
        path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Makes an address that is not percent-encoded UTF-8 one that is, so that a
/// route can be found for it: its percent signs stand for themselves.
///
/// # Errors
/// When it is no address even then.
pub(super) fn mend(uri: &mut Uri) -> Result<(), ApiError> {
    let text = uri.path_and_query().map_or("/", PathAndQuery::as_str).replace('%', "%25");
    *uri = text.parse().map_err(|_| ApiError::bad_percent_encoding())?;
    normalise(uri)
}

fn is_crooked(path: &str) -> bool {
    path.len() > 1 && (path.ends_with('/') || path.contains("//"))
}

fn straightened(path: &str) -> String {
    let mut straight = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        straight.push('/');
        straight.push_str(segment);
    }
    if straight.is_empty() {
        straight.push('/');
    }
    straight
}

fn check_encoding(text: &str) -> Result<(), ApiError> {
    if !text.contains('%') {
        return Ok(());
    }
    let is_complete = text.split('%').skip(1).all(|after| {
        let digits = after.as_bytes();
        digits.len() >= 2 && digits[0].is_ascii_hexdigit() && digits[1].is_ascii_hexdigit()
    });
    if is_complete && percent_decode(text.as_bytes()).decode_utf8().is_ok() {
        return Ok(());
    }
    Err(ApiError::bad_percent_encoding())
}

#[cfg(test)]
mod tests {
    use super::normalise;
    use axum::http::Uri;

    fn normalised(text: &str) -> Option<String> {
        let mut uri: Uri = text.parse().unwrap();
        normalise(&mut uri).ok().map(|()| uri.to_string())
    }

    #[test]
    fn slashes_that_mean_nothing_are_taken_off() {
        let cases = [
            ("/", "/"),
            ("/v1/", "/v1"),
            ("/v1/rooms", "/v1/rooms"),
            ("/v1//rooms///standup/", "/v1/rooms/standup"),
            ("//v1/rooms/?limit=5&x=//", "/v1/rooms?limit=5&x=//"),
            ("///", "/"),
            ("/a%2Fb/", "/a%2Fb"),
        ];
        for (sent, meant) in cases {
            assert_eq!(normalised(sent).as_deref(), Some(meant), "{sent}");
        }
    }

    #[test]
    fn bad_percent_encoding_is_refused() {
        for bad in ["/v1/rooms/%", "/v1/rooms/%4", "/v1/rooms/%zz", "/%ff", "/?a=%c3%28", "/%+1"] {
            assert_eq!(normalised(bad), None, "{bad}");
        }
        assert_eq!(normalised("/r%C3%B6m").as_deref(), Some("/r%C3%B6m"));
    }
}
