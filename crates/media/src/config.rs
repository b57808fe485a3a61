//! What a media node is told at its start, and why it may refuse to start.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fmt, io};

use parlor_bus::{Facts, TicketKey};
use parlor_model::time::UnixMillis;
use thiserror::Error;

/// Most worker threads of one node.
pub const MAX_THREADS: usize = 256;

/// How a [`MediaNode`](crate::MediaNode) is set up.
#[derive(Clone)]
pub struct MediaConfig {
    /// Number of worker threads; `None`: one a core.
    pub threads: Option<usize>,
    /// The first of as many contiguous UDP ports as there are threads;
    /// 0: any free ones.
    pub udp_port: u16,
    /// From which share of its time, in percent, that a thread works nobody new
    /// is sent to it; 100: never. Higher serves more people, and leaves less for
    /// bursts before packets are late.
    pub max_load: u8,
    /// How many of a room's receivers its own thread serves before others take
    /// some; [`OWN_RECEIVERS`](crate::OWN_RECEIVERS) is a good number.
    pub own_receivers: usize,
    /// Addresses to bind on every port, and to announce. At least one.
    pub ips: Vec<IpAddr>,
    /// Further addresses to announce: those under which a bound one is reached
    /// from outside, with the same port.
    pub announce: Vec<IpAddr>,
    /// Media over connections.
    pub streams: StreamConfig,
    /// Opens the tickets that the server sealed.
    pub ticket_key: TicketKey,
    /// Where the rooms' facts go. The node drops its copies when it has ended.
    pub facts: Facts,
    /// What the wall clock shows. Only what is due by it (tickets, ejects) and
    /// the times of facts follow it; media run on a clock that never jumps.
    pub wall_clock: WallClock,
}

/// Media over connections, for clients whose networks let no UDP through.
#[derive(Clone, Debug)]
pub struct StreamConfig {
    /// Addresses under which clients reach the listener that hands connections
    /// to the [`StreamDoor`](crate::StreamDoor): offered for ICE-TCP.
    pub tcp: Vec<SocketAddr>,
    /// Most connections from one address.
    pub per_address: usize,
}

impl Default for StreamConfig {
    fn default() -> Self {
        Self { tcp: Vec::new(), per_address: crate::MAX_STREAMS_PER_ADDRESS }
    }
}

/// A wall clock; called from every thread of the node.
pub type WallClock = Arc<dyn Fn() -> UnixMillis + Send + Sync>;

/// The wall clock of the machine.
#[must_use]
pub fn system_clock() -> WallClock {
    Arc::new(|| {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMillis::new(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    })
}

impl fmt::Debug for MediaConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediaConfig")
            .field("threads", &self.threads)
            .field("udp_port", &self.udp_port)
            .field("ips", &self.ips)
            .field("own_receivers", &self.own_receivers)
            .field("announce", &self.announce)
            .field("streams", &self.streams)
            .finish_non_exhaustive()
    }
}

/// Why a media node did not start.
#[derive(Debug, Error)]
pub enum MediaError {
    /// Somebody else has the port.
    #[error(
        "UDP port {} on {} is taken; stop the process that has it, or choose another first port \
         (--udp-port, media.udp_port; 0 takes any free ones)",
        .addr.port(), .addr.ip()
    )]
    PortTaken {
        /// What was to be bound.
        addr: SocketAddr,
    },
    /// The operating system refused the port for another reason.
    #[error("cannot bind UDP {addr}; check that the address is one of this machine")]
    Bind {
        /// What was to be bound.
        addr: SocketAddr,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// No address to bind.
    #[error("no address for media: name at least one (--media-ip, media.ips)")]
    NoAddress,
    /// An address that stands for all addresses: nobody can be sent there.
    #[error("{ip} cannot be announced; name the addresses themselves (--media-ip, media.ips)")]
    Unspecified {
        /// The address.
        ip: IpAddr,
    },
    /// The ports would run past 65535.
    #[error(
        "{threads} UDP ports from {first} on do not fit below 65536; choose a lower first port \
         (--udp-port, media.udp_port) or fewer threads (media.threads)"
    )]
    PortRange {
        /// The first port.
        first: u16,
        /// How many are needed.
        threads: usize,
    },
    /// A number of threads that makes no sense.
    #[error("media.threads was '{0}' but should be an integer from 1 to {MAX_THREADS}")]
    Threads(usize),
    /// No thread, poll or random source could be had.
    #[error("the operating system refused what a media thread needs")]
    System(#[from] io::Error),
    /// Called outside an async runtime.
    #[error("a media node must be started within a tokio runtime")]
    NoRuntime,
}
