//! One HTTP post to an address that somebody else chose, and that may answer
//! anything, at any pace, or never.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use parlor_model::rest::webhooks::AttemptResponse;
use parlor_model::time::UnixMillis;
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode, redirect, retry};
use rustls::crypto::aws_lc_rs::default_provider;
use tokio::time::{Instant, timeout_at};

use super::WebhookSettings;
use super::address::{PrivateAddress, PublicResolver, check_literal};
use super::message::{Address, shown};
use crate::authorities;

/// Most bytes of an answer that are read. A receiver that sends more only
/// loses its connection.
const READ_BYTES: usize = 64 * 1024;

/// Most bytes of an answer's body that are kept. More shows longer error
/// pages, and makes the log larger.
const KEPT_BYTES: usize = 4 * 1024;

/// Most headers of an answer that are kept, most bytes of each value, and most
/// bytes of all names and values.
const KEPT_HEADERS: usize = 32;
const KEPT_HEADER_BYTES: usize = 512;
const KEPT_HEAD_BYTES: usize = 4 * 1024;

/// Connections kept open to one receiver, as many as it has attempts at once.
const IDLE_CONNECTIONS: usize = 8;

/// How long they are. Longer saves handshakes; shorter frees sockets.
const IDLE: Duration = Duration::from_secs(30);

/// Posts to webhooks. Clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    allows_private: bool,
    limit: Duration,
}

/// The HTTP client cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("the client that posts to webhooks cannot be set up")]
pub struct ClientError(#[from] reqwest::Error);

/// What came of a post.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exchange {
    /// What was sent, without secrets.
    pub(super) request_headers: serde_json::Map<String, serde_json::Value>,
    /// How long it took until the answer began, or until it failed.
    pub(super) latency: Duration,
    /// The status that was answered.
    pub(super) status: Option<u16>,
    /// The answer, as far as it is kept.
    pub(super) response: Option<AttemptResponse>,
    /// Why there was no answer, or why it ends early.
    pub(super) error: Option<String>,
    /// Whether nothing was sent, because the address is not public.
    pub(super) is_refused: bool,
}

impl Exchange {
    /// Nothing came back.
    pub(super) fn failed(error: &str) -> Self {
        Self {
            request_headers: serde_json::Map::new(),
            latency: Duration::ZERO,
            status: None,
            response: None,
            error: Some(error.to_owned()),
            is_refused: false,
        }
    }

    /// Only a 200 counts. What follows the status does not: the receiver has
    /// the event.
    pub(super) fn has_arrived(&self) -> bool {
        self.status == Some(StatusCode::OK.as_u16())
    }
}

impl Client {
    /// A client that follows these settings, and nothing of the environment.
    ///
    /// # Errors
    /// When the TLS library cannot be set up.
    pub(crate) fn new(settings: &WebhookSettings) -> Result<Self, ClientError> {
        // An error means that somebody installed one before, which is as good.
        drop(default_provider().install_default());
        let allows_private = settings.allows_private_addresses;
        let http = builder(allows_private).build().or_else(|error| {
            // A machine without certificates of authorities still posts to http.
            tracing::warn!(
                error = chain(&error),
                "no certificates of authorities: webhooks at https addresses will fail"
            );
            builder(allows_private).tls_backend_preconfigured(authorities::none()).build()
        })?;
        Ok(Self { http, allows_private, limit: settings.attempt })
    }

    /// Posts `body`, and reads what comes back within the time of an attempt.
    pub(super) async fn post(&self, to: &Address, body: String, now: UnixMillis) -> Exchange {
        let began = Instant::now();
        let deadline = began + self.limit;
        let headers = to.headers(&body, now);
        let request_headers = shown(&headers);
        let sent = timeout_at(deadline, self.send(to, body, headers)).await;
        let latency = began.elapsed();
        let exchange =
            Exchange { request_headers, latency, ..Exchange::failed("no answer in time") };
        match sent {
            Ok(Ok(response)) => {
                let status = Some(response.status().as_u16());
                let (response, error) = read(response, deadline).await;
                Exchange { status, response: Some(response), error, ..exchange }
            }
            Ok(Err(Unsent { error, is_refused })) => {
                Exchange { error: Some(error), is_refused, ..exchange }
            }
            Err(_elapsed) => exchange,
        }
    }

    async fn send(
        &self,
        to: &Address,
        body: String,
        headers: HeaderMap,
    ) -> Result<Response, Unsent> {
        if !self.allows_private {
            check_literal(&to.url)?;
        }
        let request = self.http.post(to.url.clone()).headers(headers).body(body);
        request.send().await.map_err(Unsent::from)
    }
}

/// Why a request has no answer.
struct Unsent {
    error: String,
    is_refused: bool,
}

impl From<PrivateAddress> for Unsent {
    fn from(error: PrivateAddress) -> Self {
        Self { error: error.to_string(), is_refused: true }
    }
}

impl From<reqwest::Error> for Unsent {
    fn from(error: reqwest::Error) -> Self {
        let mut cause: Option<&dyn Error> = Some(&error);
        while let Some(one) = cause {
            // What the resolver said, deep within.
            if let Some(private) = one.downcast_ref::<PrivateAddress>() {
                return private.clone().into();
            }
            cause = one.source();
        }
        Self { error: chain(&error.without_url()), is_refused: false }
    }
}

fn builder(allows_private: bool) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_CONNECTIONS);
    if allows_private { builder } else { builder.dns_resolver(PublicResolver) }
}

/// The answer as far as it is kept, and what was wrong with its body.
async fn read(mut response: Response, deadline: Instant) -> (AttemptResponse, Option<String>) {
    let headers = kept_headers(response.headers());
    let mut body = Body::default();
    let error = loop {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                if body.is_full_with(&chunk) {
                    break None;
                }
            }
            Ok(Ok(None)) => break None,
            Ok(Err(error)) => break Some(chain(&error.without_url())),
            Err(_elapsed) => break Some("the answer did not end in time".to_owned()),
        }
    };
    let is_cut = body.is_cut || error.is_some();
    (AttemptResponse { headers, body: text(&body.kept), is_cut }, error)
}

/// The beginning of a body, and how much of it was read.
#[derive(Default)]
struct Body {
    kept: Vec<u8>,
    read: usize,
    is_cut: bool,
}

impl Body {
    fn is_full_with(&mut self, chunk: &Bytes) -> bool {
        let room = KEPT_BYTES - self.kept.len();
        self.kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
        self.is_cut |= chunk.len() > room;
        self.read += chunk.len();
        self.read >= READ_BYTES
    }
}

fn kept_headers(headers: &HeaderMap) -> serde_json::Map<String, serde_json::Value> {
    let (mut kept, mut room) = (serde_json::Map::new(), KEPT_HEAD_BYTES);
    for (name, value) in headers.iter().take(KEPT_HEADERS) {
        let bytes = value.as_bytes();
        let bytes = &bytes[..bytes.len().min(KEPT_HEADER_BYTES)];
        let Some(left) = room.checked_sub(name.as_str().len() + bytes.len()) else {
            break;
        };
        room = left;
        kept.insert(name.to_string(), text(bytes).into());
    }
    kept
}

/// As text that a database takes: PostgreSQL has no place for a NUL.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}")
}

/// An error with its causes; each one's own text leaves its cause out.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn heads_of_answers_are_kept_as_far_as_there_is_room() {
        let mut headers = HeaderMap::new();
        for number in 0..20 {
            let name = HeaderName::from_bytes(format!("x-{number}").as_bytes()).unwrap();
            headers.insert(name, HeaderValue::from_str(&"a".repeat(600)).unwrap());
        }
        let kept = kept_headers(&headers);
        assert!(kept.values().all(|value| value.as_str().unwrap().len() == KEPT_HEADER_BYTES));
        assert_eq!(kept.len(), 7);
    }
}
