//! The socket of one peer: read with GRO where the kernel has it, as browsers'
//! successors and QUIC stacks do, and written one datagram a call, as browsers
//! do. With a [`Network`] what passes is lost and held up on purpose.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use mio::net::UdpSocket;
use quinn_udp::{RecvMeta, UdpSockRef, UdpSocketState};

use crate::link::{Link, Network};

/// Buffers that one system call may fill.
const BUFFERS: usize = 4;
/// Size of each: what GRO puts together at most.
const BUFFER_BYTES: usize = 64 * 1024;
/// Asked for of the kernel, which may give less: what arrives while the thread
/// is busy with other sockets must not be lost here.
const SOCKET_BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// Whether sockets are read with GRO; see [`read_plainly`].
static HAS_GRO: AtomicBool = AtomicBool::new(true);

/// From now on sockets are read without GRO: then the kernel cuts what a server
/// sent with GSO at the receiver's socket, in the server's time.
pub fn read_plainly() {
    HAS_GRO.store(false, Ordering::Relaxed);
}

pub(crate) struct Wire {
    socket: UdpSocket,
    state: Option<UdpSocketState>,
    address: SocketAddr,
    impaired: Option<Box<Impaired>>,
}

/// A way that loses and holds up.
struct Impaired {
    up: Link,
    down: Link,
    /// What is on its way, in order of arrival, then of sending.
    waiting: BinaryHeap<Reverse<(Instant, u64, Held)>>,
    number: u64,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    is_outgoing: bool,
    other: SocketAddr,
    bytes: Vec<u8>,
}

/// Where datagrams are read to; one for a thread.
pub(crate) struct Buffers {
    bytes: Vec<Vec<u8>>,
    meta: [RecvMeta; BUFFERS],
}

impl Default for Buffers {
    fn default() -> Self {
        let bytes = (0..BUFFERS).map(|_| vec![0; BUFFER_BYTES]).collect();
        Self { bytes, meta: [RecvMeta::default(); BUFFERS] }
    }
}

impl Buffers {
    /// Who sent what is in one of them, and the datagrams.
    pub(crate) fn datagrams(&self, index: usize) -> (SocketAddr, impl Iterator<Item = &[u8]>) {
        let meta = &self.meta[index];
        let bytes = &self.bytes[index][..meta.len];
        (meta.addr, bytes.chunks(meta.stride.max(1)))
    }
}

impl Wire {
    pub(crate) fn bind(ip: IpAddr, network: Option<(Network, u64)>) -> io::Result<Self> {
        let socket = std::net::UdpSocket::bind((ip, 0))?;
        let state = if HAS_GRO.load(Ordering::Relaxed) {
            let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
            state.set_recv_buffer_size(UdpSockRef::from(&socket), SOCKET_BUFFER_BYTES)?;
            Some(state)
        } else {
            socket.set_nonblocking(true)?;
            None
        };
        let address = socket.local_addr()?;
        let impaired = network.map(|(network, seed)| {
            Box::new(Impaired {
                up: Link::up(network, seed),
                down: Link::down(network, seed),
                waiting: BinaryHeap::new(),
                number: 0,
            })
        });
        Ok(Self { socket: UdpSocket::from_std(socket), state, address, impaired })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn source(&mut self) -> &mut UdpSocket {
        &mut self.socket
    }

    /// Fills buffers; how many.
    pub(crate) fn receive(&mut self, buffers: &mut Buffers) -> usize {
        let Some(state) = &self.state else {
            let Ok((length, addr)) = self.socket.recv_from(&mut buffers.bytes[0]) else {
                return 0;
            };
            (buffers.meta[0].addr, buffers.meta[0].len) = (addr, length);
            buffers.meta[0].stride = length;
            return 1;
        };
        let Buffers { bytes, meta } = buffers;
        let mut bytes = bytes.iter_mut();
        let mut next = || IoSliceMut::new(bytes.next().expect("there are as many as slices"));
        let mut slices: [_; BUFFERS] = std::array::from_fn(|_| next());
        state.recv(UdpSockRef::from(&self.socket), &mut slices, meta).unwrap_or(0)
    }

    /// Sends. A datagram that the socket does not take is lost, as on any
    /// network; the report shows it as lost.
    pub(crate) fn send(&mut self, now: Instant, destination: SocketAddr, bytes: &[u8]) {
        if let Some(impaired) = &mut self.impaired {
            let arrival = impaired.up.arrival(now, bytes.len());
            impaired.hold(arrival, true, destination, bytes);
            return;
        }
        drop(self.socket.send_to(bytes, destination));
    }

    /// Whether a datagram that came is held up, or lost on the way.
    pub(crate) fn holds_up(&mut self, now: Instant, source: SocketAddr, bytes: &[u8]) -> bool {
        let Some(impaired) = &mut self.impaired else {
            return false;
        };
        let arrival = impaired.down.arrival(now, bytes.len());
        impaired.hold(arrival, false, source, bytes);
        true
    }

    /// The next datagram that was held up and has arrived. What was on its way
    /// out is sent.
    pub(crate) fn arrived(&mut self, now: Instant) -> Option<(SocketAddr, Vec<u8>)> {
        let impaired = self.impaired.as_mut()?;
        while impaired.waiting.peek().is_some_and(|Reverse((at, _, _))| *at <= now) {
            let Some(Reverse((_, _, held))) = impaired.waiting.pop() else {
                break;
            };
            if !held.is_outgoing {
                return Some((held.other, held.bytes));
            }
            drop(self.socket.send_to(&held.bytes, held.other));
        }
        None
    }

    /// When the next one arrives.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.impaired.as_ref()?.waiting.peek().map(|Reverse((at, _, _))| *at)
    }
}

impl Impaired {
    fn hold(&mut self, at: Option<Instant>, is_outgoing: bool, other: SocketAddr, bytes: &[u8]) {
        let Some(at) = at else { return };
        self.number += 1;
        let held = Held { is_outgoing, other, bytes: bytes.to_vec() };
        self.waiting.push(Reverse((at, self.number, held)));
    }
}
