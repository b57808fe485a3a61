//! Files of the browser side: built by npm into `web/dist`, embedded into a
//! release binary and read from disk in a debug build.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use rust_embed::{EmbeddedFile, RustEmbed};

/// What npm built. Absent files are answered with a way out, so that the API
/// runs without them.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct WebDist;

/// How long a client may use its copy without asking.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Freshness {
    /// The name carries a hash of the contents: for ever.
    Immutable,
    /// The name stays while the contents change: ask every time, by `ETag`.
    Revalidate,
}

impl Freshness {
    fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::Revalidate => "no-cache",
        })
    }
}

/// One file of the browser side.
pub(crate) struct WebFile {
    file: EmbeddedFile,
    content_type: &'static str,
}

impl WebFile {
    /// The file at `path` below `web/dist`, if it was built.
    pub(crate) fn find(path: &str) -> Option<Self> {
        let is_inside = path.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
        let file = is_inside.then(|| WebDist::get(path)).flatten()?;
        Some(Self { file, content_type: content_type(path) })
    }

    /// The file as an answer: 304 without a body when the client has it.
    pub(crate) fn respond(self, request: &HeaderMap, freshness: Freshness) -> Response {
        let tag = tag(&self.file.metadata.sha256_hash());
        let mut response = if has_copy(request, &tag) {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else {
            Response::new(Body::from(self.file.data.into_owned()))
        };
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(CACHE_CONTROL, freshness.header());
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(ETAG, tag);
        }
        response
    }

    /// The contents as text, for pages that are completed before they go out.
    pub(crate) fn into_text(self) -> String {
        String::from_utf8_lossy(&self.file.data).into_owned()
    }

    /// The contents, for pages whose status and headers depend on more.
    pub(crate) fn into_body(self) -> Body {
        Body::from(self.file.data.into_owned())
    }
}

/// A weak tag, because the same contents also travel compressed.
fn tag(sha256: &[u8; 32]) -> String {
    use std::fmt::Write as _;
    let mut tag = String::from("W/\"");
    for byte in &sha256[..12] {
        // Writing into a String cannot fail.
        write!(tag, "{byte:02x}").ok();
    }
    tag.push('"');
    tag
}

fn has_copy(request: &HeaderMap, tag: &str) -> bool {
    let bare = tag.trim_start_matches("W/");
    request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|list| {
        list.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == bare)
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "json" | "map" => "application/json; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "mp3" => "audio/mpeg",
        "ogg" | "opus" => "audio/ogg",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{HeaderMap, HeaderValue, IF_NONE_MATCH, WebFile, has_copy, tag};

    #[test]
    fn a_copy_is_recognised_weak_strong_or_in_a_list() {
        let tag = tag(&[7; 32]);
        let strong = tag.trim_start_matches("W/").to_owned();
        for sent in [tag.clone(), strong, format!("\"other\", {tag}"), "*".to_owned()] {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_str(&sent).unwrap());
            assert!(has_copy(&headers, &tag), "{sent}");
        }
        assert!(!has_copy(&HeaderMap::new(), &tag));
    }

    #[test]
    fn paths_that_climb_out_find_nothing() {
        for path in ["../Cargo.toml", "a/../../Cargo.toml", "/etc/passwd", "", "./x"] {
            assert!(WebFile::find(path).is_none(), "{path}");
        }
    }
}
