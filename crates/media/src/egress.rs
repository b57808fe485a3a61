//! What connections themselves send (STUN, DTLS, reports of what arrived),
//! collected per destination so that one system call can send many.
//!
//! Media do not pass here: a forwarder hands out its runs ready for the socket.
//! But a join makes a flight of handshake packets, and a room of many makes them
//! for many at once. Sent one by one they cost about 3 µs each in the kernel; in
//! runs of equal size (the last may be shorter) four in a call cost 1.2 µs each.

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::counters::Counts;
use crate::udp::UdpPort;

/// Most packets in one call: the kernel's limit.
const MAX_SEGMENTS: usize = 64;
/// Most bytes in one call: what a UDP length field holds, less the headers.
const MAX_RUN_BYTES: usize = 65_000;
/// So many bytes are sent before packets for another destination are collected.
/// They still lie in the processor's cache then; more would be written to
/// memory and read back, fewer would part what belongs together.
const FLUSH_BYTES: usize = 64 * 1024;
/// So many bytes are sent whatever comes next. Bounds memory.
const MAX_PENDING_BYTES: usize = 1024 * 1024;
/// Batches kept for reuse.
const MAX_FREE_BATCHES: usize = 1024;
/// Most memory a batch keeps while it is not used; what a video frame takes.
const MAX_FREE_BYTES: usize = 32 * 1024;

/// Packets of one size for one destination (the last may be shorter): what
/// one call sends.
pub(crate) struct Run<'a> {
    pub(crate) destination: SocketAddr,
    /// The packets one after the other.
    pub(crate) contents: &'a [u8],
    /// The size of each but the last.
    pub(crate) segment_bytes: usize,
    /// How many they are.
    pub(crate) packets: usize,
}

/// From which port to which address.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Way {
    port: usize,
    destination: SocketAddr,
}

/// What waits for one way out.
struct Batch {
    way: Way,
    contents: Vec<u8>,
    sizes: Vec<u16>,
}

/// The collected packets of a worker.
#[derive(Default)]
pub(crate) struct Egress {
    by_way: HashMap<Way, usize>,
    batches: Vec<Batch>,
    free: Vec<Batch>,
    pending_bytes: usize,
}

impl Egress {
    /// Takes a packet that port number `port` is to send.
    pub(crate) fn push(&mut self, port: usize, destination: SocketAddr, packet: &[u8]) {
        let Ok(size) = u16::try_from(packet.len()) else {
            return;
        };
        self.pending_bytes += packet.len();
        let batch = self.batch(Way { port, destination });
        batch.contents.extend_from_slice(packet);
        batch.sizes.push(size);
    }

    /// Sends everything.
    pub(crate) fn flush(&mut self, ports: &mut [UdpPort], counts: &mut Counts) {
        for mut batch in self.batches.drain(..) {
            for run in runs(&batch) {
                ports[batch.way.port].send(&run, counts);
            }
            batch.contents.clear();
            batch.sizes.clear();
            if self.free.len() < MAX_FREE_BATCHES {
                batch.contents.shrink_to(MAX_FREE_BYTES);
                batch.sizes.shrink_to(MAX_FREE_BYTES / 64);
                self.free.push(batch);
            }
        }
        self.by_way.clear();
        self.pending_bytes = 0;
    }

    /// Whether what waits should be sent before a packet for this way out.
    pub(crate) fn is_full(&self, port: usize, destination: SocketAddr) -> bool {
        self.pending_bytes >= FLUSH_BYTES
            && (self.pending_bytes >= MAX_PENDING_BYTES
                || !self.continues(Way { port, destination }))
    }

    /// Whether the last packet took the same way.
    fn continues(&self, way: Way) -> bool {
        self.batches.last().is_some_and(|last| last.way == way)
    }

    fn batch(&mut self, way: Way) -> &mut Batch {
        // The packets of one subscriber come side by side.
        let last = self.continues(way).then(|| self.batches.len() - 1);
        let index = last.unwrap_or_else(|| self.batch_index(way));
        &mut self.batches[index]
    }

    fn batch_index(&mut self, way: Way) -> usize {
        let (batches, free) = (&mut self.batches, &mut self.free);
        *self.by_way.entry(way).or_insert_with(|| {
            let mut batch = free.pop().unwrap_or_else(|| Batch::new(way));
            batch.way = way;
            batches.push(batch);
            batches.len() - 1
        })
    }
}

impl Batch {
    fn new(way: Way) -> Self {
        Self { way, contents: Vec::new(), sizes: Vec::new() }
    }
}

fn runs(batch: &Batch) -> impl Iterator<Item = Run<'_>> {
    let (mut contents, mut sizes) = (&batch.contents[..], &batch.sizes[..]);
    std::iter::from_fn(move || {
        let (packets, bytes) = first_run(sizes)?;
        let segment_bytes = usize::from(sizes[0]);
        let (run, rest) = contents.split_at(bytes);
        (contents, sizes) = (rest, &sizes[packets..]);
        Some(Run { destination: batch.way.destination, contents: run, segment_bytes, packets })
    })
}

/// How many packets at the head of `sizes` one call can send, and their bytes.
fn first_run(sizes: &[u16]) -> Option<(usize, usize)> {
    let segment = *sizes.first()?;
    let (mut packets, mut bytes) = (0, 0);
    for &size in sizes.iter().take(MAX_SEGMENTS) {
        if size > segment || bytes + usize::from(size) > MAX_RUN_BYTES {
            break;
        }
        packets += 1;
        bytes += usize::from(size);
        if size < segment {
            break;
        }
    }
    // A packet larger than any run goes alone; the socket will refuse it.
    Some(if packets == 0 { (1, usize::from(segment)) } else { (packets, bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(sizes: &[u16]) -> Vec<usize> {
        let destination = SocketAddr::from(([127, 0, 0, 1], 9));
        let contents = vec![0; sizes.iter().map(|size| usize::from(*size)).sum()];
        let way = Way { port: 0, destination };
        let batch = Batch { way, contents, sizes: sizes.to_vec() };
        let mut sent = 0;
        let packets = runs(&batch)
            .map(|run| {
                sent += run.contents.len();
                assert_eq!(run.contents.chunks(run.segment_bytes.max(1)).count(), run.packets);
                run.packets
            })
            .collect();
        assert_eq!(sent, batch.contents.len());
        packets
    }

    #[test]
    fn equal_packets_leave_in_one_run() {
        assert_eq!(cut(&[1200; 10]), [10]);
    }

    #[test]
    fn a_shorter_packet_ends_its_run() {
        assert_eq!(cut(&[1200, 1200, 800, 1200]), [3, 1]);
    }

    #[test]
    fn a_longer_packet_begins_a_run() {
        assert_eq!(cut(&[1100, 1101, 1101, 1100]), [1, 3]);
    }

    #[test]
    fn runs_keep_the_kernels_limits() {
        assert_eq!(cut(&[100; 130]), [64, 64, 2]);
        assert_eq!(cut(&[1400; 50]), [46, 4]);
    }

    #[test]
    fn nothing_makes_no_run() {
        assert_eq!(cut(&[]), Vec::<usize>::new());
    }
}
