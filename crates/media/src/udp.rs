//! One UDP port of a worker: reads batches (GRO where the kernel has it) and
//! sends runs of equal-sized packets in one call (GSO), or one by one where
//! segmentation is missing or failed once.
//!
//! A full socket never stops the worker: what does not fit waits in a bounded
//! backlog until the socket is writable again, and beyond that it is dropped
//! and counted. Real-time media is better lost than late.

use std::collections::VecDeque;
use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsFd;

use mio::{Interest, Registry, Token};
use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, Socket, Type};

use crate::counters::Counts;
use crate::egress::Run;

/// Asked of the kernel for each direction of a socket; it grants less where
/// its limits are lower. About 100 ms of media at 300 Mbit/s: more rides out
/// longer pauses, and delivers older packets after one.
const SOCKET_BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// Most bytes that wait for a full socket. More survives longer jams and makes
/// what arrives after them later.
const MAX_BACKLOG_BYTES: usize = 2 * 1024 * 1024;

/// So many times in a row segmentation must fail on a port before it is not tried
/// any more. More costs a failed call each; fewer gives it up for a passing fault.
const MOST_UNSEGMENTED: u8 = 16;

/// Messages read by one system call. Each needs a buffer of
/// [`RECV_BUFFER_BYTES`].
const RECV_BATCH: usize = 8;

/// Room for the longest run of datagrams that GRO puts together.
const RECV_BUFFER_BYTES: usize = 64 * 1024;

/// Binds a socket for media on this address, without registering it anywhere.
pub(crate) fn bind(addr: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(addr), Type::DGRAM, Some(Protocol::UDP))?;
    if addr.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // A smaller buffer than asked for costs packets under load, not calls.
    socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES).ok();
    socket.set_send_buffer_size(SOCKET_BUFFER_BYTES).ok();
    socket.bind(&addr.into())?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// A bound port in the hands of its worker.
pub(crate) struct UdpPort {
    socket: mio::net::UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
    /// Where it is registered, and as what; `None`: nowhere.
    registered: Option<(Registry, Token)>,
    /// Whether nobody tells when there is room in the socket, though that was
    /// asked for.
    is_unwatched: bool,
    /// Most packets in one call. The library's own figure is not looked at again:
    /// it falls to one for good with any call that the kernel takes for wrong.
    segments: usize,
    /// How many calls with segments failed in a row whose packets then passed
    /// one by one.
    unsegmented: u8,
    backlog: VecDeque<Waiting>,
    backlog_bytes: usize,
    /// Whether the last read left something behind. The poll reports edges
    /// only, so nobody else remembers.
    pub(crate) is_readable: bool,
}

/// A run that found the socket full.
struct Waiting {
    destination: SocketAddr,
    contents: Vec<u8>,
    segment_bytes: usize,
    packets: usize,
}

impl UdpPort {
    /// Takes over a bound socket and registers it under `token`.
    pub(crate) fn register(
        socket: UdpSocket,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Self> {
        let local = socket.local_addr()?;
        let mut socket = mio::net::UdpSocket::from_std(socket);
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        registry.register(&mut socket, token, Interest::READABLE)?;
        let registered = Some((registry.try_clone()?, token));
        let (backlog, backlog_bytes) = (VecDeque::new(), 0);
        Ok(Self {
            socket,
            local,
            registered,
            is_unwatched: false,
            segments: state.max_gso_segments(),
            unsegmented: 0,
            state,
            backlog,
            backlog_bytes,
            is_readable: true,
        })
    }

    /// The socket of another thread's port: only sends, and is registered
    /// nowhere, so that a full one has to be tried again.
    pub(crate) fn of_another(socket: UdpSocket) -> io::Result<Self> {
        let local = socket.local_addr()?;
        let socket = mio::net::UdpSocket::from_std(socket);
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        let (backlog, backlog_bytes) = (VecDeque::new(), 0);
        Ok(Self {
            socket,
            local,
            registered: None,
            is_unwatched: false,
            segments: state.max_gso_segments(),
            unsegmented: 0,
            state,
            backlog,
            backlog_bytes,
            is_readable: false,
        })
    }

    /// The same socket for another thread to send by.
    pub(crate) fn try_clone_socket(&self) -> io::Result<UdpSocket> {
        Ok(self.socket.as_fd().try_clone_to_owned()?.into())
    }

    /// Whether something waits for the socket.
    pub(crate) fn is_backlogged(&self) -> bool {
        !self.backlog.is_empty()
    }

    /// Reads one batch into `inbound`. Sets `is_readable` to whether more may
    /// be waiting.
    pub(crate) fn receive(&mut self, inbound: &mut Inbound, counts: &mut Counts) {
        let outcome = inbound
            .fill(|slices, meta| self.state.recv(UdpSockRef::from(&self.socket), slices, meta));
        self.is_readable = outcome.is_ok();
        if let Err(error) = outcome
            && error.kind() != io::ErrorKind::WouldBlock
        {
            // What waits behind a failed read is read when the next datagram
            // arrives; trying again at once could spin on a lasting failure.
            counts.receive_errors += 1;
        }
    }

    /// Sends one run, or lets it wait, or drops it.
    pub(crate) fn send(&mut self, run: &Run<'_>, counts: &mut Counts) {
        if self.is_unwatched {
            self.drain(counts);
        }
        if self.backlog.is_empty() && self.send_now(run, counts) == Sent::Done {
            return;
        }
        if self.backlog_bytes + run.contents.len() > MAX_BACKLOG_BYTES {
            counts.packets_dropped += run.packets as u64;
            return;
        }
        if self.backlog.is_empty() {
            self.listen_for(Interest::READABLE | Interest::WRITABLE);
        }
        self.backlog_bytes += run.contents.len();
        self.backlog.push_back(Waiting {
            destination: run.destination,
            contents: run.contents.to_vec(),
            segment_bytes: run.segment_bytes,
            packets: run.packets,
        });
    }

    /// The socket takes packets again: sends what waited.
    pub(crate) fn drain(&mut self, counts: &mut Counts) {
        while let Some(waiting) = self.backlog.pop_front() {
            let run = Run {
                destination: waiting.destination,
                contents: &waiting.contents,
                segment_bytes: waiting.segment_bytes,
                packets: waiting.packets,
            };
            if self.send_now(&run, counts) == Sent::WouldBlock {
                self.backlog.push_front(waiting);
                return;
            }
            self.backlog_bytes -= waiting.contents.len();
        }
        self.listen_for(Interest::READABLE);
    }

    /// The address this port is bound to.
    pub(crate) fn local(&self) -> SocketAddr {
        self.local
    }

    /// Is woken for this from now on. For room in the socket only while
    /// something waits for it: the kernel tells of each packet that has left.
    fn listen_for(&mut self, interest: Interest) {
        let Some((registry, token)) = &self.registered else {
            return;
        };
        let watched = registry.reregister(&mut self.socket, *token, interest);
        self.is_unwatched = watched.is_err();
        if let Err(error) = watched {
            tracing::warn!(%error, "a media port cannot be watched; what waits leaves with the next packet");
        }
    }

    fn send_now(&mut self, run: &Run<'_>, counts: &mut Counts) -> Sent {
        if run.packets <= 1 || run.packets > self.segments {
            return self.send_singly(run, counts);
        }
        match self.send_call(run.destination, run.contents, Some(run.segment_bytes)) {
            Ok(()) => {
                counts.sent(run.packets, run.contents.len());
                self.unsegmented = 0;
                return Sent::Done;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Sent::WouldBlock,
            // Segmentation failed on this way out; the packets may not.
            Err(_) => counts.send_errors += 1,
        }
        let errors = counts.send_errors;
        let sent = self.send_singly(run, counts);
        if sent == Sent::Done && counts.send_errors == errors {
            self.unsegmented += 1;
            if self.unsegmented == MOST_UNSEGMENTED {
                tracing::warn!(local = %self.local, "this way out takes packets only one by one");
                self.segments = 1;
            }
        }
        sent
    }

    /// Part of a run may have left when the socket fills up: the rest of such
    /// a run is dropped, for repeating it would send packets twice.
    fn send_singly(&self, run: &Run<'_>, counts: &mut Counts) -> Sent {
        for (index, packet) in run.contents.chunks(run.segment_bytes).enumerate() {
            match self.send_call(run.destination, packet, None) {
                Ok(()) => counts.sent(1, packet.len()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && index == 0 => {
                    return Sent::WouldBlock;
                }
                Err(_) => {
                    counts.send_errors += 1;
                    counts.packets_dropped += 1;
                }
            }
        }
        Sent::Done
    }

    fn send_call(
        &self,
        destination: SocketAddr,
        contents: &[u8],
        segment_size: Option<usize>,
    ) -> io::Result<()> {
        let transmit = Transmit { destination, ecn: None, contents, segment_size, src_ip: None };
        self.state.try_send(UdpSockRef::from(&self.socket), &transmit)
    }
}

/// The port bound to `source`. An announced address is bound nowhere here: then
/// the first port that speaks the destination's protocol.
pub(crate) fn port_for(ports: &[UdpPort], source: SocketAddr, destination: SocketAddr) -> usize {
    let mut locals = ports.iter().map(UdpPort::local);
    let bound = locals.position(|local| local == source);
    let fitting = || {
        let mut locals = ports.iter().map(UdpPort::local);
        locals.position(|local| local.is_ipv4() == destination.is_ipv4())
    };
    bound.or_else(fitting).unwrap_or(0)
}

#[derive(PartialEq, Eq)]
enum Sent {
    /// Nothing of the run needs to be sent any more.
    Done,
    /// The socket is full; nothing of the run was sent.
    WouldBlock,
}

/// Buffers for one batch of received datagrams, shared by a worker's ports.
pub(crate) struct Inbound {
    buffers: Vec<Box<[u8]>>,
    meta: [RecvMeta; RECV_BATCH],
    filled: usize,
}

impl Inbound {
    pub(crate) fn new() -> Self {
        let buffers = (0..RECV_BATCH).map(|_| vec![0; RECV_BUFFER_BYTES].into()).collect();
        Self { buffers, meta: [RecvMeta::default(); RECV_BATCH], filled: 0 }
    }

    /// The runs of datagrams that the last batch read, each from one sender.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (SocketAddr, impl Iterator<Item = &[u8]>)> {
        let filled = self.meta[..self.filled].iter().zip(&self.buffers);
        // Nobody can be answered at port 0, and the kernel refuses to try.
        filled.filter(|(meta, _)| meta.addr.port() != 0).map(|(meta, buffer)| {
            // A stride of 0 comes with an empty datagram.
            let stride = meta.stride.max(1);
            (meta.addr, buffer[..meta.len].chunks(stride))
        })
    }

    fn fill(
        &mut self,
        receive: impl FnOnce(&mut [IoSliceMut<'_>], &mut [RecvMeta]) -> io::Result<usize>,
    ) -> io::Result<()> {
        self.filled = 0;
        let mut buffers = self.buffers.iter_mut();
        let mut slices: [IoSliceMut<'_>; RECV_BATCH] = std::array::from_fn(|_| {
            IoSliceMut::new(buffers.next().map_or(&mut [], |b| &mut b[..]))
        });
        self.filled = receive(&mut slices, &mut self.meta)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_cannot_be_answered_is_not_heard() {
        let mut inbound = Inbound::new();
        let filled = inbound.fill(|slices, meta| {
            for (index, port) in [0, 7, 0].into_iter().enumerate() {
                slices[index][0] = 1;
                meta[index].addr = SocketAddr::from(([127, 0, 0, 1], port));
                (meta[index].len, meta[index].stride) = (1, 1);
            }
            Ok(3)
        });
        filled.unwrap();
        let ports: Vec<_> = inbound.runs().map(|(from, _)| from.port()).collect();
        assert_eq!(ports, [7]);
    }
}
