//! The same way without a server: from one socket of the thread to another,
//! while it is as busy as it is. What a server adds to the time on the way is
//! what packets take beyond this.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};

use crate::histogram::Histogram;
use crate::peer::Stamp;
use crate::target::Place;

/// Between two datagrams. Not a divisor of a frame's time, so that they meet
/// the thread at all moments.
const PAUSE: Duration = Duration::from_micros(7_300);
/// As large as what is measured.
const BYTES: usize = 1200;

/// Two sockets.
pub(super) struct Path {
    from: UdpSocket,
    to: UdpSocket,
    destination: SocketAddr,
    stamp: Stamp,
    /// When the next datagram is sent.
    pub(super) due: Instant,
    pub(super) times: Histogram,
}

impl Path {
    pub(super) fn new(place: Place, registry: &Registry, token: Token) -> anyhow::Result<Self> {
        let bind =
            || UdpSocket::bind((place.ip, 0).into()).context("the calibration needs sockets");
        let (from, mut to) = (bind()?, bind()?);
        let destination = to.local_addr().context("it is bound")?;
        registry.register(&mut to, token, Interest::READABLE).context("epoll is full")?;
        let now = Instant::now();
        let times = Histogram::default();
        Ok(Self { from, to, destination, stamp: place.stamp, due: now, times })
    }

    pub(super) fn send(&mut self, now: Instant) {
        let mut datagram = [0; BYTES];
        self.stamp.write(&mut datagram);
        // What does not fit the socket is not measured.
        drop(self.from.send_to(&datagram, self.destination));
        self.due = now + PAUSE;
    }

    pub(super) fn read(&mut self) {
        let mut datagram = [0; BYTES];
        while let Ok(length) = self.to.recv(&mut datagram) {
            if let Some(age) = self.stamp.age(Instant::now(), &datagram[..length]) {
                self.times.note(age);
            }
        }
    }
}
