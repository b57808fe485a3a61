//! The configuration of `parlor serve`: a TOML file, with `PARLOR_…`
//! environment variables on top (`PARLOR_MEDIA__UDP_PORT` for `media.udp_port`).
//! Only this module reads configuration; every part receives a struct of its
//! own. `docs/reference/config.md` describes every key.

pub(crate) mod check;
mod environment;
mod identity_provider;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use parlor_model::oauth::{OauthClientId, SigningAlg};
use parlor_model::time::UnixMillis;
use parlor_server::{TlsFiles, WebhookSettings};
use parlor_store::oauth::clients::Client;

pub(crate) use identity_provider::IdentityProvider;
use serde::{Deserialize, Serialize};

/// Everything an operator can set. Unknown keys fail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Address and port of HTTP.
    pub(crate) listen: SocketAddr,
    /// The origin people and clients use, e.g. `https://meet.example.com`.
    /// Default: `http://` + the listen address, which must then be loopback.
    pub(crate) public_url: Option<String>,
    /// TLS, ended here.
    pub(crate) tls: TlsConfig,
    /// Whether a proxy in front ends TLS.
    pub(crate) behind_proxy: bool,
    /// Where records, secrets and blobs live.
    pub(crate) data: PathBuf,
    /// The first organization's public name; one DNS label.
    pub(crate) domain: String,
    /// Calls.
    pub(crate) media: Media,
    /// Bounds.
    pub(crate) limits: Limits,
    /// Requests per key.
    pub(crate) rate_limits: RateLimits,
    /// Posts to others.
    pub(crate) webhooks: Webhooks,
    /// Applications that may ask people to sign in.
    pub(crate) oauth_client: Vec<OauthClient>,
    /// Providers that people may sign in through.
    pub(crate) identity_provider: Vec<IdentityProvider>,
    /// How long things are kept.
    pub(crate) retention: Retention,
    /// Logs.
    pub(crate) log: Log,
}

/// TLS, ended here: both files, or none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TlsConfig {
    /// The certificate and what leads to its authority; PEM.
    pub(crate) cert: Option<PathBuf>,
    /// Its private key; PEM.
    pub(crate) key: Option<PathBuf>,
}

impl TlsConfig {
    /// The files, if TLS is ended here.
    pub(crate) fn files(&self) -> Option<TlsFiles> {
        Some(TlsFiles { cert: self.cert.clone()?, key: self.key.clone()? })
    }
}

/// Calls: threads, ports, addresses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Media {
    /// First of as many UDP ports as there are media threads.
    pub(crate) udp_port: u16,
    /// Media threads; default: one per core.
    pub(crate) threads: Option<usize>,
    /// From which share of its time that a media thread works, in percent, new
    /// participants are refused; 1 to 100, 100: never.
    pub(crate) max_load: u8,
    /// Addresses to bind and offer: `auto` or a list.
    pub(crate) ips: MediaIps,
    /// Further addresses to offer, of a router that forwards to this machine.
    pub(crate) announce: Vec<IpAddr>,
    /// Addresses of the built-in relay that clients are given. Default: the
    /// origin's, unless a proxy is in front.
    pub(crate) turn_urls: Option<Vec<String>>,
}

/// Which addresses of this machine carry media.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum MediaIps {
    /// These.
    These(Vec<IpAddr>),
    /// `"auto"`: the addresses this machine would use to reach others.
    Auto(Auto),
}

/// The word `auto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Auto {
    /// `auto`.
    Auto,
}

/// Bounds an operator may move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// Highest `max_participants` a room may be given; 1 to 100,000.
    pub(crate) max_participants: u32,
}

/// Whether requests are counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RateLimits {
    /// Off lets every key send as much as it likes.
    pub(crate) enabled: bool,
}

/// Where webhooks may go, how many there may be, and how long they are on
/// record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Webhooks {
    /// Whether they may go to private, loopback and link-local addresses.
    pub(crate) allow_private_addresses: bool,
    /// Most webhooks of an organization.
    pub(crate) max_count: u64,
    /// Days for which deliveries stay in the log; 1 to 3650.
    pub(crate) kept_days: u32,
}

/// An application that may ask people to sign in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OauthClient {
    /// Its id.
    pub(crate) id: OauthClientId,
    /// As people are shown it.
    pub(crate) name: String,
    /// Where people are sent back to.
    pub(crate) redirect_uris: Vec<String>,
    /// File with its secret. Without one it is public.
    #[serde(default)]
    pub(crate) secret_file: Option<PathBuf>,
    /// How its tokens are signed.
    #[serde(default)]
    pub(crate) alg: SigningAlg,
    /// Whether it is the operator's own: people are not asked whether they
    /// agree.
    #[serde(default)]
    pub(crate) own: bool,
}

impl OauthClient {
    /// The client, with the hash of what its file holds.
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        let read = |path: &PathBuf| {
            let secret = std::fs::read_to_string(path).with_context(|| {
                format!("cannot read the client's secret in {}", path.display())
            })?;
            let secret = secret.trim();
            // 128 bits in any usual spelling.
            if secret.len() < 22 {
                bail!(
                    "the client's secret in {} has {} characters but should have 22 or more",
                    path.display(),
                    secret.len()
                );
            }
            Ok(Client::hash_of(secret))
        };
        Ok(Client {
            id: self.id.clone(),
            name: self.name.clone(),
            secret_hash: self.secret_file.as_ref().map(read).transpose()?,
            redirect_uris: self.redirect_uris.clone(),
            alg: self.alg,
            is_own: self.own,
            created_at: UnixMillis::new(0),
        })
    }
}

/// How long things are kept, in days; 1 to 3650.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Retention {
    /// Meetings and who was in them, from their end on.
    pub(crate) history_days: u32,
    /// What clients reported of their calls.
    pub(crate) logs_days: u32,
    /// Requests to the API and to webhooks.
    pub(crate) api_log_days: u32,
    /// Days for which the audit log is kept; 1 to 3650.
    pub(crate) audit_days: u32,
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// `error`, `warn`, `info`, `debug` or `trace`, or a filter by module.
    pub(crate) level: String,
    /// `text` for people, `json` for collectors.
    pub(crate) format: LogFormat,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For collectors.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: None,
            tls: TlsConfig::default(),
            behind_proxy: false,
            data: PathBuf::from("data"),
            domain: "local".to_owned(),
            media: Media::default(),
            limits: Limits::default(),
            rate_limits: RateLimits::default(),
            webhooks: Webhooks::default(),
            oauth_client: Vec::new(),
            identity_provider: Vec::new(),
            retention: Retention::default(),
            log: Log::default(),
        }
    }
}

impl Default for Media {
    fn default() -> Self {
        Self {
            udp_port: 10_000,
            threads: None,
            max_load: 85,
            ips: MediaIps::Auto(Auto::Auto),
            announce: Vec::new(),
            turn_urls: None,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_participants: 200 }
    }
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { enabled: true }
    }
}

impl Default for Webhooks {
    fn default() -> Self {
        let WebhookSettings { allows_private_addresses, max_count, kept_days, .. } =
            WebhookSettings::default();
        Self { allow_private_addresses: allows_private_addresses, max_count, kept_days }
    }
}

impl Default for Retention {
    fn default() -> Self {
        let parlor_server::Retention { history_days, logs_days, api_log_days, audit_days } =
            parlor_server::Retention::default();
        Self { history_days, logs_days, api_log_days, audit_days }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Text }
    }
}

impl Config {
    /// Reads `file` and the environment, and checks the whole.
    pub(crate) fn load(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read the configuration {}", file.display()))?;
        Self::parse(&text, environment::settings())
            .with_context(|| format!("in {}", file.display()))
    }

    fn parse(text: &str, env: Env) -> anyhow::Result<Self> {
        let mut config: Self = Figment::from(Serialized::defaults(Self::default()))
            .merge(Toml::string(text))
            .merge(env)
            .extract()
            .map_err(|error| check::explain(&error))?;
        config.normalise();
        config.check()?;
        Ok(config)
    }

    /// The origin of every URL the server hands out, without a trailing slash.
    pub(crate) fn origin(&self) -> String {
        let scheme = if self.tls.files().is_some() { "https" } else { "http" };
        self.public_url.clone().unwrap_or_else(|| format!("{scheme}://{}", self.listen))
    }

    fn normalise(&mut self) {
        if let Some(url) = &mut self.public_url {
            url.truncate(url.trim_end_matches('/').len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> anyhow::Result<Config> {
        Config::parse(text, Env::prefixed("PARLOR_TEST_NOTHING_"))
    }

    fn refusal(text: &str) -> String {
        format!("{:#}", parse(text).expect_err("should be refused"))
    }

    #[test]
    fn empty_file_means_the_defaults() {
        assert_eq!(parse("").unwrap(), Config::default());
    }

    #[test]
    fn unknown_key_names_the_nearest_known_one() {
        let text = refusal("listne = '127.0.0.1:1'");
        assert!(text.contains("`listne`") && text.contains("`listen`"), "{text}");
        let text = refusal("[media]\nudp_prot = 1");
        assert!(text.contains("`udp_prot`") && text.contains("`udp_port`"), "{text}");
    }

    #[test]
    fn wrong_type_names_the_key() {
        let text = refusal("[media]\nudp_port = 'many'");
        assert!(text.contains("media.udp_port"), "{text}");
    }

    #[test]
    fn plain_http_beyond_loopback_needs_a_proxy() {
        let text = refusal("listen = '0.0.0.0:8080'\npublic_url = 'https://meet.example.com'");
        assert!(text.contains("behind_proxy"), "{text}");
        parse(
            "listen = '0.0.0.0:80'\npublic_url = 'https://meet.example.com'\nbehind_proxy = true",
        )
        .unwrap();
    }

    #[test]
    fn beyond_loopback_the_public_url_must_be_said() {
        let text = refusal("listen = '0.0.0.0:8080'\nbehind_proxy = true");
        assert!(text.contains("public_url"), "{text}");
    }

    #[test]
    fn public_url_is_an_origin() {
        for bad in ["meet.example.com", "ftp://x", "https://x.example/rooms", "https://x.example?a"]
        {
            let text = refusal(&format!("public_url = '{bad}'"));
            assert!(text.contains("public_url"), "{text}");
        }
        let config = parse("public_url = 'https://x.example/'").unwrap();
        assert_eq!(config.origin(), "https://x.example");
    }

    #[test]
    fn domain_is_one_dns_label() {
        assert!(refusal("domain = 'a.b'").contains("domain"));
        assert!(refusal("domain = '-a'").contains("domain"));
        parse("domain = 'acme-2'").unwrap();
    }

    #[test]
    fn media_addresses_are_auto_or_a_list() {
        let config = parse("[media]\nips = ['192.0.2.7']").unwrap();
        assert_eq!(config.media.ips, MediaIps::These(vec!["192.0.2.7".parse().unwrap()]));
        assert_eq!(parse("[media]\nips = 'auto'").unwrap().media.ips, MediaIps::Auto(Auto::Auto));
    }

    #[test]
    fn retention_has_bounds() {
        assert!(refusal("[retention]\nlogs_days = 0").contains("retention.logs_days"));
        assert!(refusal("[retention]\nhistory_days = 3651").contains("retention.history_days"));
        assert_eq!(parse("[retention]\napi_log_days = 7").unwrap().retention.api_log_days, 7);
    }

    #[test]
    fn media_load_is_a_share() {
        assert!(refusal("[media]\nmax_load = 0").contains("media.max_load"));
        assert!(refusal("[media]\nmax_load = 101").contains("media.max_load"));
        assert_eq!(parse("[media]\nmax_load = 70").unwrap().media.max_load, 70);
    }

    #[test]
    fn participant_limit_has_bounds() {
        assert!(refusal("[limits]\nmax_participants = 0").contains("max_participants"));
        assert!(refusal("[limits]\nmax_participants = 100001").contains("max_participants"));
    }
}
