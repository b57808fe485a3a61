//! Ports: free for a server to be started, or in use by the one that runs;
//! and the address that people use.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::Finding;
use crate::cli::ServerOptions;
use crate::cli::server::Server;
use crate::config::{Config, MediaIps};

/// How long a datagram may take from this machine to itself.
const LOOPBACK: Duration = Duration::from_secs(1);

/// Whether a server runs on this data folder.
pub(super) fn is_running(data: &Path) -> bool {
    UnixStream::connect(data.join("parlor.sock")).is_ok()
}

/// Whether what a server of this configuration needs is there.
pub(super) fn ports(config: Option<&Config>, is_running: bool) -> Vec<Finding> {
    let mut findings = vec![datagrams()];
    if is_running {
        findings.push(Finding::ok("ports", "a server is running on this data folder and has them"));
        return findings;
    }
    let Some(config) = config else {
        return findings;
    };
    findings.push(http_port(config.listen));
    findings.push(udp_ports(config));
    findings
}

fn http_port(listen: SocketAddr) -> Finding {
    match TcpListener::bind(listen) {
        Ok(_) => Finding::ok("http port", format!("{listen} is free")),
        Err(error) => {
            let fix = match error.kind() {
                io::ErrorKind::AddrInUse => {
                    "stop the program that has it (ss -ltnp shows it), or choose another port with `listen`"
                }
                io::ErrorKind::PermissionDenied => {
                    "ports below 1024 need a right: choose a higher one, or setcap cap_net_bind_service=+ep on parlor"
                }
                _ => "name an address of this machine with `listen` (ip address shows them)",
            };
            Finding::problem("http port", format!("{listen} cannot be had: {error}"), fix)
        }
    }
}

fn udp_ports(config: &Config) -> Finding {
    let first = config.media.udp_port;
    let threads = config.media.threads.unwrap_or_else(cores);
    if first == 0 {
        return Finding::ok("udp ports", "any free ones will do");
    }
    let ips = match &config.media.ips {
        MediaIps::These(ips) => ips.clone(),
        MediaIps::Auto(_) => vec![IpAddr::V4(Ipv4Addr::UNSPECIFIED)],
    };
    let ports = (0..threads).map_while(|index| first.checked_add(u16::try_from(index).ok()?));
    for port in ports {
        for ip in &ips {
            if let Err(error) = UdpSocket::bind(SocketAddr::new(*ip, port)) {
                let fix = "stop the program that has it (ss -lunp shows it), or choose others with media.udp_port";
                let finding = format!("UDP port {port} on {ip} cannot be had: {error}");
                return Finding::problem("udp ports", finding, fix);
            }
        }
    }
    Finding::ok(
        "udp ports",
        format!("{threads} from {first} on are free; open them in the firewall"),
    )
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Whether a datagram reaches this machine from itself: a firewall may be in
/// the way even there, and then no browser here hears anything.
fn datagrams() -> Finding {
    match datagram_arrives() {
        Ok(()) => Finding::ok("udp", "a datagram on loopback arrives"),
        Err(error) => {
            let fix =
                "let UDP through on the loopback interface: iptables -I INPUT -i lo -j ACCEPT";
            Finding::problem("udp", format!("a datagram on loopback does not arrive: {error}"), fix)
        }
    }
}

fn datagram_arrives() -> io::Result<()> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let (here, there) = (UdpSocket::bind(any)?, UdpSocket::bind(any)?);
    there.set_read_timeout(Some(LOOPBACK))?;
    here.send_to(b"parlor", there.local_addr()?)?;
    there.recv(&mut [0; 16]).map(drop)
}

/// Whether the address that people use leads to where cameras work.
pub(super) async fn public_url(config: &Config) -> Option<Finding> {
    let origin = config.origin();
    if !origin.starts_with("https://") {
        let is_own = config.public_url.is_none() || is_local(&origin);
        return Some(match is_own {
            true => Finding::ok("public_url", format!("{origin} is for this machine only")),
            false => Finding::problem(
                "public_url",
                format!("{origin} is plain http: browsers give no camera to its pages"),
                "name a certificate (tls.cert, tls.key) or put a proxy that ends TLS in front, and say public_url = \"https://…\"",
            ),
        });
    }
    Some(match leads_here(&origin).await {
        Ok(()) => Finding::ok(
            "public_url",
            format!("{origin} leads to a Parlor, with a good certificate"),
        ),
        Err(error) => {
            let fix = "check the name's DNS entry, the proxy and its certificate; a server that is not started yet explains this, too";
            Finding::warning("public_url", format!("{origin}: {error:#}"), fix)
        }
    })
}

fn is_local(origin: &str) -> bool {
    ["http://127.", "http://localhost", "http://[::1]"].iter().any(|own| origin.starts_with(own))
}

async fn leads_here(origin: &str) -> anyhow::Result<()> {
    let options = ServerOptions {
        url: Some(origin.to_owned()),
        api_key: None,
        organization: None,
        json: false,
        text: false,
    };
    let response = Server::new(&options)?.look(&["healthz"]).await?;
    anyhow::ensure!(response.status().is_success(), "it answers {}", response.status());
    Ok(())
}
