//! What is posted: headers, signature, and the test message.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use parlor_model::error::ApiError;
use parlor_model::time::UnixMillis;
use parlor_store::StoreError;
use parlor_store::seal::MasterKey;
use parlor_store::webhooks::{Content, Webhook};
use reqwest::Url;
use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use serde_json::{Map, Value};

use super::client::Client;

const TIMESTAMP: HeaderName = HeaderName::from_static("x-webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("x-webhook-signature");
const AGENT: HeaderValue = HeaderValue::from_static(concat!("Parlor/", env!("CARGO_PKG_VERSION")));

/// What a webhook is asked before it is saved.
const TEST: &str = r#"{"test":"test"}"#;

/// Padding may be left out: receivers decode with libraries that do not mind.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Where a webhook's posts go, and what makes them its own.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) url: Url,
    key: Option<hmac::Key>,
    authorization: Option<HeaderValue>,
}

/// Why nothing can be posted there.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadAddress {
    /// Its secrets do not open.
    #[error("its secrets cannot be opened")]
    Sealed(#[from] StoreError),
    /// What it holds was never accepted.
    #[error("its {0} cannot be used")]
    Unusable(&'static str),
}

impl Address {
    /// The address of a stored webhook.
    pub(super) fn of(webhook: &Webhook, master_key: &MasterKey) -> Result<Self, BadAddress> {
        let hmac = webhook.hmac(master_key)?;
        let basic_auth = webhook.basic_auth(master_key)?;
        Self::new(&webhook.url, &hmac, basic_auth.as_deref().map(String::as_str))
    }

    fn new(url: &str, hmac: &str, basic_auth: Option<&str>) -> Result<Self, BadAddress> {
        let url = Url::parse(url).map_err(|_| BadAddress::Unusable("url"))?;
        let key = BASE64.decode(hmac).map_err(|_| BadAddress::Unusable("hmac"))?;
        let authorization = basic_auth.map(|value| {
            let mut header = HeaderValue::from_str(&format!("Basic {value}"))
                .map_err(|_| BadAddress::Unusable("basicAuth"))?;
            header.set_sensitive(true);
            Ok::<_, BadAddress>(header)
        });
        Ok(Self {
            url,
            key: (!key.is_empty()).then(|| hmac::Key::new(hmac::HMAC_SHA256, &key)),
            authorization: authorization.transpose()?,
        })
    }

    /// The headers of a post of `body` at `now`.
    pub(super) fn headers(&self, body: &str, now: UnixMillis) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, AGENT);
        let timestamp = now.as_seconds();
        headers.insert(TIMESTAMP, HeaderValue::from(timestamp));
        if let Some(key) = &self.key
            && let Ok(signature) = HeaderValue::from_str(&signature(key, timestamp, body))
        {
            headers.insert(SIGNATURE, signature);
        }
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        headers
    }
}

/// Base64 of the HMAC-SHA256 of timestamp, a dot and the raw body.
fn signature(key: &hmac::Key, timestamp: i64, body: &str) -> String {
    STANDARD.encode(hmac::sign(key, format!("{timestamp}.{body}").as_bytes()))
}

/// Headers for the log: what is secret stays out.
pub(super) fn shown(headers: &HeaderMap) -> Map<String, Value> {
    let visible = headers.iter().filter(|(_, value)| !value.is_sensitive());
    let pair = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.to_string(), Value::String(String::from_utf8_lossy(value.as_bytes()).into_owned()))
    };
    visible.map(pair).collect()
}

/// Posts the test message and wants a 200 for it.
///
/// # Errors
/// In the words that clients know.
pub(super) async fn verify(
    client: &Client,
    content: &Content,
    now: UnixMillis,
) -> Result<(), ApiError> {
    let basic_auth = content.basic_auth.as_deref().map(String::as_str);
    let address = Address::new(&content.url, &content.hmac, basic_auth)
        .map_err(|_| ApiError::webhook_test_failed(None))?;
    let exchange = client.post(&address, TEST.to_owned(), now).await;
    if exchange.has_arrived() {
        return Ok(());
    }
    match exchange.error {
        Some(why) if exchange.is_refused => Err(ApiError::webhook_test_refused(&why)),
        _ => Err(ApiError::webhook_test_failed(exchange.status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_is_over_timestamp_and_body_with_the_decoded_key() {
        let address = Address::new("https://hooks.example/", "c2VjcmV0", Some("dTpw")).unwrap();
        let headers = address.headers(TEST, UnixMillis::new(1_893_456_000_999));
        assert_eq!(headers["x-webhook-timestamp"], "1893456000");
        // printf '1893456000.{"test":"test"}' | openssl dgst -sha256 -hmac secret -binary | base64
        assert_eq!(headers["x-webhook-signature"], "MKnwKyYmzW6hpyw0jRVCItXg3DB6s42kpD3FxLojPnA=");
        assert_eq!(headers["authorization"], "Basic dTpw");
        assert_eq!(headers["content-type"], "application/json");
        assert!(!shown(&headers).contains_key("authorization"));
    }
}
