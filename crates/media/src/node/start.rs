//! Binding the ports and starting the threads of a node.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use mio::{Poll, Waker};

use crate::config::{MAX_THREADS, MediaConfig, MediaError};
use crate::counters::Published;
use crate::directory::Directory;
use crate::inbox::Inbox;
use crate::mail::{self, Address, Mailbox};
use crate::streams::StreamInbox;
use crate::udp;
use crate::worker::{WAKER, Worker, WorkerParts};

/// How often a port that is free on the first address, but not on another one,
/// is given back for a different one.
const FREE_PORT_ATTEMPTS: usize = 16;

/// What was started.
pub(super) struct Started {
    pub(super) directory: Arc<Directory>,
    pub(super) inboxes: Vec<Inbox>,
    pub(super) stream_inboxes: Vec<StreamInbox>,
    /// The addresses offered for UDP, by worker.
    pub(super) candidates: BTreeMap<SocketAddr, usize>,
    pub(super) threads: Vec<JoinHandle<()>>,
    pub(super) udp_addrs: Vec<SocketAddr>,
    pub(super) published: Vec<Arc<Published>>,
}

/// Binds everything first, so that a taken port leaves no thread behind.
pub(super) fn workers(config: &MediaConfig) -> Result<Started, MediaError> {
    let bound = bind_all(config)?;
    let mut started = Started {
        directory: Directory::new(bound.len(), config.max_load),
        inboxes: Vec::new(),
        stream_inboxes: Vec::new(),
        candidates: BTreeMap::new(),
        threads: Vec::new(),
        udp_addrs: Vec::new(),
        published: Vec::new(),
    };
    let mut desks = Vec::new();
    for _ in &bound {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        desks.push((poll, mail::mailbox(Arc::clone(&waker)), waker));
    }
    let addresses = desks.iter().map(|(_, (address, _), _)| address.clone()).collect();
    let mut workers = Vec::new();
    for (sockets, (poll, (_, mailbox), waker)) in bound.into_iter().zip(desks) {
        let desk = Desk { poll, waker, mailbox, addresses: Arc::clone(&addresses) };
        workers.push(prepare(config, sockets, desk, &mut started)?);
    }
    for (index, worker) in workers.into_iter().enumerate() {
        let builder = thread::Builder::new().name(format!("media-{index}"));
        started.threads.push(builder.spawn(move || worker.run())?);
    }
    Ok(started)
}

/// Where a worker waits, and what other workers write to it.
struct Desk {
    poll: Poll,
    waker: Arc<Waker>,
    mailbox: Mailbox,
    addresses: Arc<[Address]>,
}

fn prepare(
    config: &MediaConfig,
    sockets: Vec<UdpSocket>,
    desk: Desk,
    started: &mut Started,
) -> Result<Worker, MediaError> {
    let Desk { poll, waker, mailbox, addresses } = desk;
    let (inbox, receiver) = Inbox::new(Arc::clone(&waker));
    let (stream_inbox, streams) = StreamInbox::new(waker);
    let locals = sockets.iter().map(UdpSocket::local_addr).collect::<io::Result<Vec<_>>>()?;
    let index = started.inboxes.len();
    let candidates = candidates(&locals, &config.announce);
    started.candidates.extend(candidates.iter().map(|address| (*address, index)));
    let published = Arc::new(Published::default());
    let worker = Worker::new(WorkerParts {
        index,
        poll,
        sockets,
        inbox: receiver,
        streams,
        mailbox,
        addresses,
        own_receivers: config.own_receivers,
        directory: Arc::clone(&started.directory),
        published: Arc::clone(&published),
        candidates,
        tcp_candidates: config.streams.tcp.clone(),
        facts: config.facts.clone(),
        wall_clock: Arc::clone(&config.wall_clock),
    })?;
    started.inboxes.push(inbox);
    started.stream_inboxes.push(stream_inbox);
    started.udp_addrs.extend(locals);
    started.published.push(published);
    Ok(worker)
}

/// The bound addresses, and the announced ones with the same port.
fn candidates(locals: &[SocketAddr], announce: &[IpAddr]) -> Vec<SocketAddr> {
    let port = locals.first().map_or(0, SocketAddr::port);
    let mut candidates = locals.to_vec();
    for ip in announce {
        let announced = SocketAddr::new(*ip, port);
        if !candidates.contains(&announced) {
            candidates.push(announced);
        }
    }
    candidates
}

/// One port, on all addresses, for each thread.
fn bind_all(config: &MediaConfig) -> Result<Vec<Vec<UdpSocket>>, MediaError> {
    let threads = threads(config)?;
    if config.ips.is_empty() {
        return Err(MediaError::NoAddress);
    }
    if let Some(ip) = config.ips.iter().find(|ip| ip.is_unspecified()) {
        return Err(MediaError::Unspecified { ip: *ip });
    }
    let first = config.udp_port;
    if first == 0 {
        return (0..threads).map(|_| bind_any(&config.ips)).collect();
    }
    let last = usize::from(first) + threads - 1;
    let Ok(last) = u16::try_from(last) else {
        return Err(MediaError::PortRange { first, threads });
    };
    (first..=last).map(|port| bind_port(&config.ips, port)).collect()
}

fn threads(config: &MediaConfig) -> Result<usize, MediaError> {
    let threads = match config.threads {
        Some(threads) => threads,
        None => thread::available_parallelism()?.get().min(MAX_THREADS),
    };
    if (1..=MAX_THREADS).contains(&threads) {
        Ok(threads)
    } else {
        Err(MediaError::Threads(threads))
    }
}

/// A port that is free on every address.
fn bind_any(ips: &[IpAddr]) -> Result<Vec<UdpSocket>, MediaError> {
    let mut attempts = 1;
    loop {
        let mut sockets = bind_port(&ips[..1], 0)?;
        let port = sockets[0].local_addr()?.port();
        match bind_port(&ips[1..], port) {
            Ok(others) => {
                sockets.extend(others);
                return Ok(sockets);
            }
            Err(error) if attempts == FREE_PORT_ATTEMPTS => return Err(error),
            Err(_taken) => attempts += 1,
        }
    }
}

fn bind_port(ips: &[IpAddr], port: u16) -> Result<Vec<UdpSocket>, MediaError> {
    ips.iter().map(|ip| bind(SocketAddr::new(*ip, port))).collect()
}

fn bind(addr: SocketAddr) -> Result<UdpSocket, MediaError> {
    udp::bind(addr).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => MediaError::PortTaken { addr },
        _ => MediaError::Bind { addr, source },
    })
}

#[cfg(test)]
mod tests {
    use parlor_bus::TicketKey;

    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn config() -> MediaConfig {
        MediaConfig {
            threads: Some(2),
            udp_port: 0,
            max_load: 100,
            own_receivers: crate::OWN_RECEIVERS,
            ips: vec![LOOPBACK],
            announce: Vec::new(),
            streams: crate::StreamConfig::default(),
            ticket_key: TicketKey::from_bytes([1; 32]),
            facts: parlor_bus::facts().0,
            wall_clock: crate::system_clock(),
        }
    }

    #[test]
    fn a_taken_port_is_named_with_the_way_out() {
        let taken = udp::bind(SocketAddr::new(LOOPBACK, 0)).unwrap();
        let addr = taken.local_addr().unwrap();
        let config = MediaConfig { threads: Some(1), udp_port: addr.port(), ..config() };
        let error = bind_all(&config).unwrap_err();
        assert!(matches!(error, MediaError::PortTaken { addr: named } if named == addr));
        let text = error.to_string();
        assert!(text.contains(&format!("UDP port {} on 127.0.0.1 is taken", addr.port())));
        assert!(text.contains("--udp-port"), "{text}");
    }

    #[test]
    fn settings_without_sense_are_refused() {
        let no_address = MediaConfig { ips: Vec::new(), ..config() };
        assert!(matches!(bind_all(&no_address), Err(MediaError::NoAddress)));
        let any = MediaConfig { ips: vec!["0.0.0.0".parse().unwrap()], ..config() };
        assert!(matches!(bind_all(&any), Err(MediaError::Unspecified { .. })));
        let none = MediaConfig { threads: Some(0), ..config() };
        assert!(matches!(bind_all(&none), Err(MediaError::Threads(0))));
        let high = MediaConfig { udp_port: 65_535, ..config() };
        assert!(matches!(bind_all(&high), Err(MediaError::PortRange { .. })));
        let foreign = MediaConfig { ips: vec!["192.0.2.1".parse().unwrap()], ..config() };
        assert!(matches!(bind_all(&foreign), Err(MediaError::Bind { .. })));
    }

    #[test]
    fn each_worker_has_one_port_on_every_address() {
        let two = MediaConfig { ips: vec![LOOPBACK, "127.0.0.2".parse().unwrap()], ..config() };
        for sockets in bind_all(&two).unwrap() {
            let ports: Vec<u16> =
                sockets.iter().map(|socket| socket.local_addr().unwrap().port()).collect();
            assert_eq!(ports.len(), 2);
            assert_eq!(ports[0], ports[1]);
        }
    }

    #[test]
    fn announced_addresses_get_the_bound_port() {
        let local = SocketAddr::new(LOOPBACK, 4000);
        let public: IpAddr = "198.51.100.7".parse().unwrap();
        assert_eq!(
            candidates(&[local], &[public, LOOPBACK]),
            [local, SocketAddr::new(public, 4000)]
        );
    }
}
