//! Requests to the REST API. Every failure says what to do about it.

use std::time::Duration;

use anyhow::{Context as _, bail};
use parlor_model::error::ErrorBody;
use parlor_model::identity::error::IdentityErrorBody;
use parlor_model::oauth::UserInfo;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode, Url};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use thiserror::Error;

use super::output::printable;
use super::{ServerOptions, login};

/// How long a server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// How long a whole request may take. A webhook's test delivery may take 8 s.
const REQUEST: Duration = Duration::from_secs(30);

/// Says which organization is meant.
const ORGANIZATION: HeaderName = HeaderName::from_static("x-daytona-organization-id");

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
    /// Whoever was signed in is not any more.
    #[error("the sign-in at {url} is no longer good: `parlor login` again")]
    SignedOut {
        /// Whom we asked.
        url: String,
    },
    /// Whoever asks belongs to several organizations, and named none.
    #[error(
        "there are several organizations: name one with --organization ID or PARLOR_ORGANIZATION{choices}"
    )]
    SeveralOrganizations {
        /// A line for each.
        choices: String,
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
    organization: Option<HeaderValue>,
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
        let client = client(&url)?;
        let key = options.api_key.clone().map(|key| key.trim().to_owned());
        let organization = options.organization.as_deref().filter(|id| !id.is_empty());
        let organization = organization.map(HeaderValue::try_from).transpose();
        let organization = organization.context("the organization is not an id")?;
        Ok(Self { client, url, key: key.filter(|key| !key.is_empty()), organization })
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

    /// A request to the identity face, which is not below `/v1`.
    pub(crate) async fn ask_identity(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let url = self.address_below("api", path)?;
        self.send(&Ask { method, path, query: &[], body }, url).await
    }

    /// Makes a request with the key and waits where the server says that it
    /// was one too many: a refused request was not carried out.
    pub(crate) async fn ask(&self, ask: Ask<'_>) -> anyhow::Result<Value> {
        let url = self.address_of(&ask)?;
        self.send(&ask, url).await
    }

    async fn send(&self, ask: &Ask<'_>, url: Url) -> anyhow::Result<Value> {
        let credential = self.credential().await?;
        for _ in 0..MOST_WAITS {
            let request = self.client.request(ask.method.clone(), url.clone());
            let mut request = request.bearer_auth(&credential);
            if let Some(organization) = &self.organization {
                request = request.header(ORGANIZATION, organization);
            }
            if let Some(body) = ask.body {
                request = request.body(body.to_string());
            }
            let response = request.send().await.map_err(|error| self.unreachable(&error))?;
            let Some(wait) = wait_of(&response) else {
                let answer = self.answer(response).await;
                return match answer.as_ref().map_err(|error| error.downcast_ref()) {
                    Err(Some(error)) if wants_organization(error) => {
                        Err(self.several_organizations(&credential).await.into())
                    }
                    _ => answer,
                };
            };
            tokio::time::sleep(wait).await;
        }
        bail!("the server at {} refuses one request too many again and again", self.address());
    }

    /// Says which organizations there are to choose from.
    async fn several_organizations(&self, credential: &str) -> ServerError {
        let request = self.client.get(self.below(&["api", "organizations"]));
        let listed = match request.bearer_auth(credential).send().await {
            Ok(response) => self.answer(response).await.unwrap_or_default(),
            Err(_) => Value::Null,
        };
        let text = |one: &Value, name: &str| one.get(name).and_then(Value::as_str).map(printable);
        let choices: Vec<String> = listed
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| Some(format!("\n  {}  {}", text(one, "id")?, text(one, "name")?)))
            .collect();
        ServerError::SeveralOrganizations { choices: choices.concat() }
    }

    /// The key, or else a token of whoever is signed in.
    async fn credential(&self) -> anyhow::Result<String> {
        if let Some(key) = &self.key {
            return Ok(key.clone());
        }
        login::access_token(self).await?.context(
            "an API key is missing: pass it with --api-key or PARLOR_API_KEY; `parlor dev` prints its key \
             when it starts, `parlor api-key create NAME --data DIR` (or --config FILE) makes one on the \
             server's machine, and `parlor login` does without one",
        )
    }

    /// Posts a form to an address of the server as an OAuth provider.
    pub(super) async fn post_form(
        &self,
        name: &str,
        form: &[(&str, &str)],
    ) -> anyhow::Result<(StatusCode, Value)> {
        let mut body = self.url.clone();
        body.query_pairs_mut().clear().extend_pairs(form);
        let request = self
            .client
            .post(self.below(&["oauth", name]))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.query().unwrap_or_default().to_owned());
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        let bytes = self.bytes(response).await?;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
    }

    /// Whom a token speaks for.
    pub(super) async fn user_info(&self, token: &str) -> anyhow::Result<UserInfo> {
        let request = self.client.get(self.below(&["oauth", "userinfo"])).bearer_auth(token);
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let bytes = self.bytes(response).await?;
        serde_json::from_slice(&bytes).context("the server does not say who is signed in")
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
        let mut url = self.address_below("v1", ask.path)?;
        if !ask.query.is_empty() {
            url.query_pairs_mut().extend_pairs(ask.query);
        }
        Ok(url)
    }

    fn address_below(&self, base: &str, path: &[&str]) -> anyhow::Result<Url> {
        // An address would lose these, and be another one.
        if let Some(segment) = path.iter().find(|one| ["", ".", ".."].contains(*one)) {
            bail!("'{segment}' is no name of anything on a server");
        }
        if let Some(segment) = path.iter().find(|one| one.contains(char::is_control)) {
            bail!("{segment:?} is no name of anything on a server: it holds a control character");
        }
        let path: Vec<&str> = [base].iter().chain(path).copied().collect();
        Ok(self.below(&path))
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

    async fn bytes(&self, mut response: reqwest::Response) -> anyhow::Result<Vec<u8>> {
        let url = self.address();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if bytes.len() + chunk.len() > MAX_ANSWER {
                bail!(
                    "the server at {url} answers more than {MAX_ANSWER} bytes: ask for less with --limit"
                );
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    async fn answer(&self, response: reqwest::Response) -> anyhow::Result<Value> {
        let (status, url) = (response.status(), self.address());
        let bytes = self.bytes(response).await?;
        if bytes.is_empty() && status.is_success() {
            return Ok(Value::Null);
        }
        let value = serde_json::from_slice::<Value>(&bytes);
        match (status, value) {
            (StatusCode::UNAUTHORIZED, Ok(_)) if self.key.is_none() => {
                Err(ServerError::SignedOut { url }.into())
            }
            (StatusCode::UNAUTHORIZED, Ok(_)) => Err(ServerError::UnknownKey { url }.into()),
            (status, Ok(value)) if status.is_success() => Ok(value),
            (status, Ok(value)) => match info_of(value) {
                Some(info) => Err(ServerError::Refused { status, info }.into()),
                None => Err(ServerError::Stranger { url, status }.into()),
            },
            (status, Err(_)) => Err(ServerError::Stranger { url, status }.into()),
        }
    }
}

/// What an error answer says to people, of either face.
fn info_of(answer: Value) -> Option<String> {
    if let Ok(ErrorBody { info, .. }) = serde_json::from_value(answer.clone()) {
        return Some(info);
    }
    let body: IdentityErrorBody = serde_json::from_value(answer).ok()?;
    Some(body.detail.unwrap_or(body.message))
}

/// Whether a request was refused because it does not say whose it is. Servers
/// name the header, which means nothing to who types commands.
fn wants_organization(error: &ServerError) -> bool {
    let name = ORGANIZATION;
    matches!(error, ServerError::Refused { status: StatusCode::BAD_REQUEST, info }
        if info.to_ascii_lowercase().contains(name.as_str()))
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

/// What talks to `url`. A machine without certificates of authorities, as small
/// container images are, still talks plain http.
fn client(url: &Url) -> anyhow::Result<reqwest::Client> {
    let builder = || {
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(REQUEST)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("parlor/", env!("CARGO_PKG_VERSION")));
        // A proxy out of this machine does not lead into it.
        if is_loopback(url) { builder.no_proxy() } else { builder }
    };
    let believing_nobody = || {
        let nobody = RootCertStore::empty();
        ClientConfig::builder().with_root_certificates(nobody).with_no_client_auth()
    };
    builder().build().or_else(|error| match url.scheme() {
        "http" => builder()
            .tls_backend_preconfigured(believing_nobody())
            .build()
            .context("cannot set up HTTP"),
        _ => Err(error).context(
            "cannot check certificates: install those of authorities (the package \
             ca-certificates), or name a file of them in SSL_CERT_FILE",
        ),
    })
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_loopback_ip = host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    host == "localhost" || host.ends_with(".localhost") || is_loopback_ip
}
