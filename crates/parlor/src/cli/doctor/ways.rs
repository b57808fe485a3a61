//! The ways to a running server's media, each tried through the addresses that
//! clients are offered: UDP by STUN, TCP, and the relay with its TLS.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::Finding;
use crate::config::Config;
use crate::{serve, streams};

/// How long each step may take, from this machine to itself.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often a datagram is sent before it counts as lost.
const ATTEMPTS: usize = 3;

/// A STUN request that names nobody (RFC 8489).
const BINDING: [u8; 20] = request(0x01);
/// A request for a relay that does not say who asks.
const ALLOCATE: [u8; 20] = request(0x03);
const SUCCESS: u8 = 0x01;

const fn request(method: u8) -> [u8; 20] {
    [0, method, 0, 0, 0x21, 0x12, 0xA4, 0x42, b'p', b'a', b'r', b'l', b'o', b'r', 0, 0, 0, 0, 0, 0]
}

/// Tries every way to the server that runs with this configuration.
pub(super) async fn examine(config: &Config) -> Vec<Finding> {
    let Ok(ips) = serve::media_ips(&config.media.ips) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let port = config.media.udp_port;
    for ip in ips.iter().chain(&config.media.announce).filter(|_| port != 0) {
        findings.push(udp(SocketAddr::new(*ip, port)).await);
    }
    let is_proxys = config.behind_proxy && config.listen.ip().is_loopback();
    if config.listen.port() != 0 && !is_proxys {
        let addresses = streams::tcp_addresses(config.listen, &ips, &config.media.announce);
        for address in addresses {
            findings.push(tcp(address).await);
        }
    }
    let configured = config.media.turn_urls.as_deref();
    let urls = streams::turn_urls(configured, config.behind_proxy, &config.origin());
    if urls.is_empty() {
        findings.push(Finding::skipped("relay", "clients are given none (media.turn_urls)"));
    }
    for url in &urls {
        findings.push(relay(url).await);
    }
    findings
}

async fn udp(address: SocketAddr) -> Finding {
    match stun_by_udp(address).await {
        Ok(()) => Finding::ok("media udp", format!("{address} answers")),
        Err(error) => Finding::problem(
            "media udp",
            format!("{address} does not answer: {error}"),
            "let UDP through to it in the firewall; if it is a router's, forward the same port to this machine, \
             also for what comes from inside (hairpin)",
        ),
    }
}

async fn stun_by_udp(address: SocketAddr) -> io::Result<()> {
    let any: IpAddr = if address.is_ipv4() { [0, 0, 0, 0].into() } else { [0_u16; 8].into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    let mut buffer = [0; 128];
    for _ in 0..ATTEMPTS {
        socket.send_to(&BINDING, address).await?;
        if let Ok(received) = timeout(PATIENCE / 3, socket.recv_from(&mut buffer)).await {
            let (length, _from) = received?;
            return check_answer(&buffer[..length], SUCCESS);
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

async fn tcp(address: SocketAddr) -> Finding {
    match within(TcpStream::connect(address)).await {
        Ok(_stream) => Finding::ok("media tcp", format!("{address} takes connections")),
        Err(error) => Finding::problem(
            "media tcp",
            format!("{address} takes no connections: {error}"),
            "let TCP through to it in the firewall; if it is a router's, forward the same port to this machine",
        ),
    }
}

async fn relay(url: &str) -> Finding {
    match ask_relay(url).await {
        Ok(()) => Finding::ok("relay", format!("{url} answers and asks for credentials")),
        Err(error) => Finding::problem(
            "relay",
            format!("{url}: {error:#}"),
            "the address must lead to `listen` by TCP: nothing that understands HTTP only may be in between, and \
             with turns: the certificate must be good for its name. Until then: media.turn_urls = []",
        ),
    }
}

async fn ask_relay(url: &str) -> anyhow::Result<()> {
    let address = RelayAddress::parse(url)
        .ok_or_else(|| anyhow::anyhow!("it is not of the form turns:HOST:PORT?transport=tcp"))?;
    let stream = within(TcpStream::connect((address.host.as_str(), address.port))).await?;
    if !address.is_secure {
        return Ok(within(knock(stream)).await?);
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    let name = ServerName::try_from(address.host)?;
    let stream = within(TlsConnector::from(Arc::new(config)).connect(name, stream)).await?;
    Ok(within(knock(stream)).await?)
}

/// Asks for a relay without saying who asks: whoever understands refuses.
async fn knock(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    const ERROR: u8 = 0x01;
    stream.write_all(&ALLOCATE).await?;
    let mut answer = [0; 20];
    stream.read_exact(&mut answer).await?;
    check_answer(&answer, ERROR)
}

/// The answer to a request of ours begins with its class and repeats the rest.
fn check_answer(answer: &[u8], class: u8) -> io::Result<()> {
    let is_answer = answer.first() == Some(&class) && answer.get(4..20) == Some(&BINDING[4..20]);
    if is_answer { Ok(()) } else { Err(io::Error::other("what answers is not Parlor")) }
}

async fn within<T>(step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(PATIENCE, step).await.unwrap_or_else(|_late| Err(io::ErrorKind::TimedOut.into()))
}

/// What an address of a relay says.
#[derive(Debug, PartialEq, Eq)]
struct RelayAddress {
    is_secure: bool,
    host: String,
    port: u16,
}

impl RelayAddress {
    fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once(':')?;
        let is_secure = match scheme {
            "turns" => true,
            "turn" => false,
            _ => return None,
        };
        let authority = rest.strip_suffix("?transport=tcp")?;
        let (host, port) = authority.rsplit_once(':')?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Some(Self { is_secure, host, port: port.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_relays_are_read() {
        let parse = RelayAddress::parse;
        let name = parse("turns:meet.example.com:443?transport=tcp").unwrap();
        assert_eq!(
            (name.is_secure, name.host.as_str(), name.port),
            (true, "meet.example.com", 443)
        );
        let plain = parse("turn:[::1]:80?transport=tcp").unwrap();
        assert_eq!((plain.is_secure, plain.host.as_str(), plain.port), (false, "::1", 80));
        for bad in ["turns:meet.example.com:443", "stun:a:1?transport=tcp", "turn:a?transport=tcp"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
