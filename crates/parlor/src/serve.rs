//! `parlor serve`: production, from a configuration file.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::Path;

use anyhow::bail;
use parlor_server::WebhookSettings;

use crate::config::{Config, MediaIps};
use crate::node::{self, Node, NodeConfig};
use crate::telemetry;

/// Runs until a termination signal.
pub(crate) fn run(file: &Path) -> anyhow::Result<()> {
    let config = Config::load(file)?;
    telemetry::start(&config.log.level, config.log.format);
    node::block_on(start(&config))
}

async fn start(config: &Config) -> anyhow::Result<Node> {
    let node = Node::start(NodeConfig {
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
        },
        is_emulator: false,
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
