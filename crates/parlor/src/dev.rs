//! `parlor dev`: everything in one process, on loopback, with a key of every
//! permission. What it relaxes against `serve`: no rate limits unless asked
//! for, any non-empty string may be a key, the data folder may be temporary.

use std::fs::Permissions;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use parlor_server::WebhookSettings;
use tempfile::TempDir;

use crate::api_key;
use crate::banner::Ready;
use crate::config::{LogFormat, check::check_domain};
use crate::node::{self, Node, NodeConfig};
use crate::user::{AdminOptions, PasswordRule};
use crate::{random, telemetry};

/// Options of `parlor dev`.
#[derive(Args)]
pub(crate) struct DevOptions {
    /// Address and port of HTTP; loopback only, port 0 is any free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder for rooms and keys [default: a temporary one, removed at the end]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// First of as many UDP ports as there are media threads; 0: any free ones
    #[arg(long, value_name = "N", default_value_t = 0)]
    udp_port: u16,
    /// Media address to offer beside 127.0.0.1, of another interface of this machine
    #[arg(long, value_name = "ADDR")]
    media_ip: Vec<IpAddr>,
    /// Print one JSON line once ready, instead of text
    #[arg(long)]
    json: bool,
    /// Use this API key; any text will do
    #[arg(long, env = "PARLOR_API_KEY", hide_env_values = true, value_name = "KEY")]
    api_key: Option<String>,
    /// The organization's public name
    #[arg(long, env = "PARLOR_DOMAIN", default_value = "local", value_name = "NAME")]
    domain: String,
    /// `on`: count requests per key as `serve` does
    #[arg(long, env = "PARLOR_RATE_LIMITS", default_value = "off", value_name = "on|off")]
    rate_limits: OnOff,
    #[command(flatten)]
    admin: AdminOptions,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OnOff {
    On,
    Off,
}

/// Runs until Ctrl+C.
pub(crate) fn run(options: DevOptions) -> anyhow::Result<()> {
    telemetry::start("warn", LogFormat::Text);
    if !options.listen.ip().is_loopback() {
        bail!(
            "dev listens on loopback only, and {} is not: for other machines use `parlor serve`",
            options.listen.ip()
        );
    }
    check_domain(&options.domain)?;
    let folder = DataFolder::new(options.data.clone())?;
    node::block_on(start(options, folder.path()))
}

async fn start(options: DevOptions, data: &Path) -> anyhow::Result<Node> {
    let config = NodeConfig {
        listen: options.listen,
        public_url: None,
        data: data.to_owned(),
        domain: options.domain.clone(),
        udp_port: options.udp_port,
        media_threads: None,
        // A laptop that compiles beside it is no reason to refuse anybody.
        max_load: 100,
        media_ips: media_ips(&options.media_ip),
        announce: Vec::new(),
        turn_urls: None,
        max_participants: 200,
        tls: None,
        is_behind_proxy: false,
        has_rate_limits: options.rate_limits == OnOff::On,
        oauth_clients: Vec::new(),
        identity_providers: Vec::new(),
        webhooks: WebhookSettings { allows_private_addresses: true, ..WebhookSettings::default() },
        retention: parlor_server::Retention::default(),
        is_emulator: true,
    };
    let (node, key) = Node::start(config, async |store, clock| {
        let key = dev_key(options.api_key, data)?;
        api_key::import(store, "dev", &key, clock).await?;
        options.admin.ensure(store, clock, PasswordRule::Any).await?;
        Ok(key)
    })
    .await?;
    let ready = Ready {
        url: &node.url,
        api_key: &key,
        domain: &options.domain,
        data,
        version: env!("CARGO_PKG_VERSION"),
    };
    if options.json {
        ready.print_json()?;
    } else {
        ready.print(&format!("hello-{}", random::word::<4>()?));
    }
    Ok(node)
}

fn media_ips(further: &[IpAddr]) -> Vec<IpAddr> {
    let mut ips = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
    ips.extend(further.iter().copied().filter(|ip| !ip.is_loopback()));
    ips
}

/// The key given, else the one this data folder got at its first start: a
/// restart must not break what was configured with it. Only `dev` keeps a key
/// in the clear.
fn dev_key(given: Option<String>, data: &Path) -> anyhow::Result<String> {
    if let Some(key) = given.filter(|key| !key.is_empty()) {
        // A header cannot carry these, so no request could ever use the key.
        if key.trim() != key || key.contains(char::is_control) {
            bail!(
                "the API key may be any text, but not begin or end with a space or contain \
                 line breaks: no Authorization header could carry it"
            );
        }
        api_key::refuse_token_form(&key)?;
        return Ok(key);
    }
    let path = data.join("dev-api-key");
    if let Ok(key) = std::fs::read_to_string(&path) {
        return Ok(key.trim_end().to_owned());
    }
    let key = api_key::generate()?;
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(key.as_bytes()))
        .with_context(|| format!("cannot keep the API key in {}", path.display()))?;
    Ok(key)
}

/// The data folder: given, or temporary and removed at the end.
enum DataFolder {
    Given(PathBuf),
    Temporary(TempDir),
}

impl DataFolder {
    fn new(given: Option<PathBuf>) -> anyhow::Result<Self> {
        match given {
            Some(path) => Ok(Self::Given(path)),
            None => tempfile::Builder::new()
                .prefix("parlor-")
                .permissions(Permissions::from_mode(0o700))
                .tempdir()
                .map(Self::Temporary)
                .context("cannot make a temporary data folder; choose one with --data"),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }
}
