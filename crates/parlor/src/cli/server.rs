//! Requests to the REST API. Every failure says what to do about it.

use std::time::Duration;

use anyhow::{Context as _, bail};
use parlor_model::error::ErrorBody;
use reqwest::{Method, StatusCode, Url};
use serde_json::Value;
use thiserror::Error;

use super::ServerOptions;

/// How long a server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// How long a whole request may take. A webhook's test delivery may take 8 s.
const REQUEST: Duration = Duration::from_secs(30);

/// How often a request that was refused for being one too many is made again.
const MOST_WAITS: usize = 20;

/// Longest wait that a server may ask for and get.
const LONGEST_WAIT: u64 = 60;

/// Largest answer that is read, in bytes. A page of deliveries with their
/// requests and responses is the largest there is.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// Why a request has no good answer.
#[derive(Debug, Error)]
pub(crate) enum ServerError {
    /// Nobody there.
    #[error(
        "no server answers at {url} ({why}): start one with `parlor dev`, or name another with --url or PARLOR_URL"
    )]
    Unreachable {
        /// Whom we asked.
        url: String,
        /// What the system said.
        why: String,
    },
    /// Somebody else there.
    #[error(
        "what answers at {url} is not Parlor (status {status}): name the server with --url or PARLOR_URL"
    )]
    Stranger {
        /// Whom we asked.
        url: String,
        /// What it answered.
        status: StatusCode,
    },
    /// The key is unknown.
    #[error(
        "the server at {url} does not know this API key: `parlor dev` prints its key when it starts, and \
         `parlor api-key create NAME` makes one on the server's machine; pass it with --api-key or PARLOR_API_KEY"
    )]
    UnknownKey {
        /// Whom we asked.
        url: String,
    },
    /// The server says no.
    #[error("{info}")]
    Refused {
        /// With which status.
        status: StatusCode,
        /// Why.
        info: String,
    },
}

/// A server, and the key to it.
pub(crate) struct Server {
    client: reqwest::Client,
    url: Url,
    key: Option<String>,
}

/// One request.
pub(crate) struct Ask<'a> {
    /// Its method.
    pub(crate) method: Method,
    /// The segments of its path, as they are; they are encoded here.
    pub(crate) path: &'a [&'a str],
    /// Its query.
    pub(crate) query: &'a [(&'a str, &'a str)],
    /// Its body, if it has one.
    pub(crate) body: Option<&'a Value>,
}

impl Server {
    /// The server that `options` name.
    pub(crate) fn new(options: &ServerOptions) -> anyhow::Result<Self> {
        let url = parse_url(options.url())?;
        // Fails when it was done before, which is as good.
        rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(REQUEST)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("parlor/", env!("CARGO_PKG_VERSION")));
        // A proxy out of this machine does not lead into it.
        let builder = if is_loopback(&url) { builder.no_proxy() } else { builder };
        let client = builder.build().context("cannot set up HTTP")?;
        let key = options.api_key.clone().map(|key| key.trim().to_owned());
        Ok(Self { client, url, key: key.filter(|key| !key.is_empty()) })
    }

    /// Whether there is a key to send.
    pub(crate) fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// The address, as it is shown.
    pub(crate) fn address(&self) -> String {
        self.url.as_str().trim_end_matches('/').to_owned()
    }

    /// Reads.
    pub(crate) async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> anyhow::Result<Value> {
        self.ask(Ask { method: Method::GET, path, query, body: None }).await
    }

    /// Makes or changes.
    pub(crate) async fn post(&self, path: &[&str], body: &Value) -> anyhow::Result<Value> {
        self.ask(Ask { method: Method::POST, path, query: &[], body: Some(body) }).await
    }

    /// Removes.
    pub(crate) async fn delete(&self, path: &[&str]) -> anyhow::Result<Value> {
        self.ask(Ask { method: Method::DELETE, path, query: &[], body: None }).await
    }

    /// Makes a request with the key and waits where the server says that it
    /// was one too many: a refused request was not carried out.
    pub(crate) async fn ask(&self, ask: Ask<'_>) -> anyhow::Result<Value> {
        let Some(key) = &self.key else {
            bail!(
                "an API key is missing: pass it with --api-key or PARLOR_API_KEY; `parlor dev` prints its key \
                 when it starts, and `parlor api-key create NAME` makes one on the server's machine"
            );
        };
        let url = self.address_of(&ask)?;
        for _ in 0..MOST_WAITS {
            let mut request = self.client.request(ask.method.clone(), url.clone()).bearer_auth(key);
            if let Some(body) = ask.body {
                request = request.body(body.to_string());
            }
            let response = request.send().await.map_err(|error| self.unreachable(&error))?;
            let Some(wait) = wait_of(&response) else {
                return self.answer(response).await;
            };
            tokio::time::sleep(wait).await;
        }
        bail!("the server at {} refuses one request too many again and again", self.address());
    }

    /// Reads without the key: what anybody may see.
    pub(crate) async fn look(&self, path: &[&str]) -> Result<reqwest::Response, ServerError> {
        let request = self.client.get(self.below(path));
        request.send().await.map_err(|error| self.unreachable(&error))
    }

    /// What an emulator's clock shows; no other server has one to show.
    pub(crate) async fn dev_clock(&self) -> anyhow::Result<Value> {
        let key = self.key.as_deref().unwrap_or_default();
        let request = self.client.get(self.below(&["_dev", "clock"])).bearer_auth(key);
        self.answer(request.send().await?).await
    }

    fn below(&self, path: &[&str]) -> Url {
        let mut url = self.url.clone();
        // Refused only by addresses that cannot have a path; ours is http.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    fn address_of(&self, ask: &Ask<'_>) -> anyhow::Result<Url> {
        // An address would lose these, and be another one.
        if let Some(segment) = ask.path.iter().find(|one| ["", ".", ".."].contains(*one)) {
            bail!("'{segment}' is no name of anything on a server");
        }
        if let Some(segment) = ask.path.iter().find(|one| one.contains(char::is_control)) {
            bail!("{segment:?} is no name of anything on a server: it holds a control character");
        }
        let path: Vec<&str> = ["v1"].iter().chain(ask.path).copied().collect();
        let mut url = self.below(&path);
        if !ask.query.is_empty() {
            url.query_pairs_mut().extend_pairs(ask.query);
        }
        Ok(url)
    }

    fn unreachable(&self, error: &reqwest::Error) -> ServerError {
        let mut cause: &dyn std::error::Error = error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        let why =
            if error.is_timeout() { "it took too long".to_owned() } else { cause.to_string() };
        ServerError::Unreachable { url: self.address(), why }
    }

    async fn answer(&self, mut response: reqwest::Response) -> anyhow::Result<Value> {
        let (status, url) = (response.status(), self.address());
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if bytes.len() + chunk.len() > MAX_ANSWER {
                bail!(
                    "the server at {url} answers more than {MAX_ANSWER} bytes: ask for less with --limit"
                );
            }
            bytes.extend_from_slice(&chunk);
        }
        let value = serde_json::from_slice::<Value>(&bytes);
        match (status, value) {
            (StatusCode::UNAUTHORIZED, Ok(_)) => Err(ServerError::UnknownKey { url }.into()),
            (status, Ok(value)) if status.is_success() => Ok(value),
            (status, Ok(value)) => match serde_json::from_value::<ErrorBody>(value) {
                Ok(ErrorBody { info, .. }) => Err(ServerError::Refused { status, info }.into()),
                Err(_) => Err(ServerError::Stranger { url, status }.into()),
            },
            (status, Err(_)) => Err(ServerError::Stranger { url, status }.into()),
        }
    }
}

/// How long the server wants to be left alone, where it does.
fn wait_of(response: &reqwest::Response) -> Option<Duration> {
    if response.status() != StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let after = response.headers().get(reqwest::header::RETRY_AFTER)?;
    let seconds = after.to_str().ok()?.parse::<u64>().ok()?;
    (seconds <= LONGEST_WAIT).then(|| Duration::from_secs(seconds))
}

fn parse_url(text: &str) -> anyhow::Result<Url> {
    let parsed = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    let mut url = parsed.with_context(|| {
        format!("the server's address was '{text}' but should be like http://127.0.0.1:8080 or https://meet.example.com")
    })?;
    // People paste the base of the API; every path here begins with it anyway.
    let path = url.path().trim_end_matches('/');
    let origin = path.strip_suffix("/api/v1").or_else(|| path.strip_suffix("/v1"));
    if let Some(origin) = origin.map(str::to_owned) {
        url.set_path(&origin);
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_loopback_ip = host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    host == "localhost" || host.ends_with(".localhost") || is_loopback_ip
}
