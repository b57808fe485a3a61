//! What a form sent, and whether it is one that this browser was given here.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{HOST, HeaderName, ORIGIN};
use parlor_model::error::ApiError;
use percent_encoding::percent_decode_str;

use crate::cx::AppState;
use crate::http::extract::read_body;

/// How a request relates to the page it comes from; set by the browser alone.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Most fields that are looked at; forms of ours have fewer than twenty. Each
/// takes some hundred bytes, however short it is.
const MAX_FIELDS: usize = 64;

/// The fields of a form, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the body of a request as a browser writes forms.
    ///
    /// # Errors
    /// When it is too large or too slow.
    pub(crate) async fn read(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let bytes = read_body(request, &state.cx.settings.limits).await?;
        Ok(Self::parse(&String::from_utf8_lossy(&bytes)))
    }

    fn parse(body: &str) -> Self {
        let decoded = |part: &str| {
            percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned()
        };
        let pairs = body.split('&').filter(|pair| !pair.is_empty()).take(MAX_FIELDS);
        let split = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Self(split.map(|(name, value)| (decoded(name), decoded(value))).collect())
    }

    /// The value of a field; empty where there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// Whether a request comes from a page of ours, as far as the browser says. A
/// program that is no browser says nothing, and has nobody's cookies to lend.
pub(crate) fn is_from_here(headers: &HeaderMap) -> bool {
    let of = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = of(SEC_FETCH_SITE) {
        return site == "same-origin";
    }
    let Some(origin) = of(ORIGIN) else {
        return true;
    };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some_and(|host| of(HOST).is_some_and(|own| own.eq_ignore_ascii_case(host)))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::{Form, is_from_here};

    #[test]
    fn fields_are_decoded() {
        let form = Form::parse("email=ana%40example.org&password=a+b%2Bc&empty=&flag&=x&bad=%FF%G");
        assert_eq!(form.get("email"), "ana@example.org");
        assert_eq!(form.get("password"), "a b+c");
        assert_eq!((form.get("empty"), form.get("flag"), form.get("absent")), ("", "", ""));
        assert_eq!(form.get("bad"), "\u{fffd}%G");
    }

    #[test]
    fn fields_beyond_those_of_any_form_are_not_looked_at() {
        let form = Form::parse(&"a&".repeat(500_000));
        assert_eq!(form.0.len(), super::MAX_FIELDS);
    }

    fn from(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        is_from_here(&headers)
    }

    #[test]
    fn other_sites_are_told_apart() {
        let here = ("host", "meet.example.org");
        assert!(from(&[here]));
        assert!(from(&[here, ("sec-fetch-site", "same-origin")]));
        assert!(from(&[here, ("origin", "https://Meet.example.org")]));
        assert!(!from(&[here, ("sec-fetch-site", "cross-site")]));
        assert!(!from(&[
            here,
            ("sec-fetch-site", "same-site"),
            ("origin", "https://meet.example.org")
        ]));
        assert!(!from(&[here, ("origin", "https://evil.example")]));
        assert!(!from(&[here, ("origin", "null")]));
        assert!(!from(&[("origin", "https://meet.example.org")]));
    }
}
