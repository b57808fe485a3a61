//! `parlor serve`: production, from a configuration file.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::Path;

use anyhow::bail;
use parlor_server::WebhookSettings;

use crate::config::{Config, IdentityProvider, MediaIps, OauthClient};
use crate::node::{self, Node, NodeConfig};
use crate::telemetry;
use crate::user::{AdminOptions, PasswordRule};

/// Runs until a termination signal.
pub(crate) fn run(file: &Path, admin: AdminOptions) -> anyhow::Result<()> {
    let config = Config::load(file)?;
    telemetry::start(&config.log.level, config.log.format);
    node::block_on(start(&config, admin))
}

async fn start(config: &Config, admin: AdminOptions) -> anyhow::Result<Node> {
    let of_node = NodeConfig {
        listen: config.listen,
        public_url: Some(config.origin()).filter(|_| config.public_url.is_some()),
        data: config.data.clone(),
        domain: config.domain.clone(),
        udp_port: config.media.udp_port,
        media_threads: config.media.threads,
        max_load: config.media.max_load,
        media_ips: media_ips(&config.media.ips)?,
        announce: config.media.announce.clone(),
        turn_urls: config.media.turn_urls.clone(),
        max_participants: config.limits.max_participants,
        tls: config.tls.files(),
        is_behind_proxy: config.behind_proxy,
        has_rate_limits: config.rate_limits.enabled,
        oauth_clients: config
            .oauth_client
            .iter()
            .map(OauthClient::client)
            .collect::<anyhow::Result<_>>()?,
        identity_providers: config
            .identity_provider
            .iter()
            .map(IdentityProvider::provider)
            .collect::<anyhow::Result<_>>()?,
        webhooks: WebhookSettings {
            max_count: config.webhooks.max_count,
            allows_private_addresses: config.webhooks.allow_private_addresses,
            kept_days: config.webhooks.kept_days,
            ..WebhookSettings::default()
        },
        retention: parlor_server::Retention {
            history_days: config.retention.history_days,
            logs_days: config.retention.logs_days,
            api_log_days: config.retention.api_log_days,
            audit_days: config.retention.audit_days,
        },
        is_emulator: false,
    };
    let (node, ()) = Node::start(of_node, async |store, clock| {
        admin.ensure(store, clock, PasswordRule::Strong).await
    })
    .await?;
    tracing::info!(url = node.url, listen = %node.listen, data = %config.data.display(), "parlor {} is running", env!("CARGO_PKG_VERSION"));
    Ok(node)
}

/// The addresses to bind: those listed, or those this machine would use to
/// reach others, and loopback for clients on the machine itself.
pub(crate) fn media_ips(ips: &MediaIps) -> anyhow::Result<Vec<IpAddr>> {
    match ips {
        MediaIps::These(ips) if ips.is_empty() => {
            bail!(
                "media.ips was empty but should be \"auto\" or a list of this machine's addresses"
            )
        }
        MediaIps::These(ips) => Ok(ips.clone()),
        MediaIps::Auto(_) => {
            let mut ips = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
            ips.extend(outward_ip(
                Ipv4Addr::UNSPECIFIED.into(),
                Ipv4Addr::new(192, 0, 2, 1).into(),
            ));
            ips.extend(outward_ip(
                Ipv6Addr::UNSPECIFIED.into(),
                Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
            ));
            Ok(ips)
        }
    }
}

/// The local address of the route to `target` (a documentation address, RFC
/// 5737 and 3849). Connecting a datagram socket sends nothing.
fn outward_ip(any: IpAddr, target: IpAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
    socket.connect(SocketAddr::new(target, 9)).ok()?;
    socket
        .local_addr()
        .ok()
        .map(|address| address.ip())
        .filter(|ip| !ip.is_loopback() && !ip.is_unspecified())
}
