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

/// The same policy for a page in a frame, whose embedding page may bring icons
/// and style files of its own. `embedder` is that page's address, as the
/// frame's own address names it; what is no plain web origin adds nothing.
pub(crate) fn for_frame(policy: &HeaderValue, embedder: &str) -> HeaderValue {
    let widened = || {
        let origin = origin_of(embedder)?;
        let policy = policy.to_str().ok()?.replace("img-src", &format!("img-src {origin}"));
        HeaderValue::try_from(format!("{policy}; style-src 'self' {origin}")).ok()
    };
    widened().unwrap_or_else(|| policy.clone())
}

/// Scheme, host and port of a web address, in characters that cannot end or
/// add a directive.
fn origin_of(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    let is_web =
        matches!(scheme, "http" | "https") && !host.is_empty() && host.bytes().all(is_plain);
    is_web.then(|| &address[..scheme.len() + "://".len() + host.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(embedder: &str) -> String {
        let policy = of_pages(Origin::of("http://127.0.0.1:8000"));
        for_frame(&policy, embedder).to_str().unwrap().to_owned()
    }

    #[test]
    fn a_frame_loads_icons_and_styles_of_the_page_around_it() {
        let policy = framed("https://app.example:8443/lesson?x=1");
        assert!(policy.contains("img-src https://app.example:8443 'self'"), "{policy}");
        assert!(policy.ends_with("style-src 'self' https://app.example:8443"), "{policy}");
    }

    #[test]
    fn an_address_that_is_no_origin_widens_nothing() {
        let plain = framed("");
        for odd in [
            "app.example",
            "file:///etc",
            "javascript://x",
            "https://a b",
            "https://a;script-src *",
            "https://",
        ] {
            assert_eq!(framed(odd), plain, "{odd}");
        }
    }
}
