//! What a page of ours may load.

use axum::http::HeaderValue;

use crate::origin::Origin;

/// The content security policy of every page. `'self'` covers call sockets in
/// current browsers; older ones need them named.
pub(crate) fn of_pages(origin: Origin<'_>) -> HeaderValue {
    let connect = format!("connect-src 'self' {}; ", origin.sockets().join(" "));
    let policy = |connect: &str| {
        format!(
            "default-src 'self'; {connect}img-src 'self' data: blob:; media-src 'self' data: blob:; \
             worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; \
             frame-ancestors *"
        )
    };
    HeaderValue::try_from(policy(&connect))
        // A public URL that fits into no header fits into no browser either.
        .or_else(|_| HeaderValue::try_from(policy("")))
        .unwrap_or(HeaderValue::from_static("default-src 'self'"))
}
