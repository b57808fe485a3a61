//! Where packets are written and sealed: one buffer, which stays in the
//! processor's cache, and from which they leave in runs of equal size, each
//! for one system call.

use super::Sink;
use crate::io::Route;

/// Most packets in one run: the kernel's limit for a call.
const MOST_PACKETS: usize = 64;
/// Most bytes in one run: what a UDP length field holds, less the headers.
const MOST_BYTES: usize = 65_000;

/// The packets of one receiver that were written and are not out yet.
#[derive(Debug, Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    run: Run,
    /// Where the packet begins that is being written.
    packet: usize,
}

/// The packets that leave next, at `start` of the buffer.
#[derive(Debug, Default)]
struct Run {
    start: usize,
    packets: usize,
    /// The size of each but the last.
    size: usize,
    /// Whether the last was shorter, so that none may follow.
    is_over: bool,
}

impl Batch {
    /// Begins a packet: it is what will be appended to the buffer.
    pub(super) fn begin(&mut self) -> (&mut Vec<u8>, usize) {
        self.packet = self.bytes.len();
        (&mut self.bytes, self.packet)
    }

    /// Takes back the packet that was begun.
    pub(super) fn abandon(&mut self) {
        self.bytes.truncate(self.packet);
    }

    /// Ends the packet that was begun. Puts out the run before it, if it does
    /// not fit in.
    pub(super) fn end(&mut self, to: &Route, sink: &mut impl Sink) -> usize {
        let size = self.bytes.len() - self.packet;
        let run_bytes = self.packet - self.run.start;
        let fits = !self.run.is_over
            && size <= self.run.size
            && self.run.packets < MOST_PACKETS
            && run_bytes + size <= MOST_BYTES;
        if !fits {
            self.put_out(self.packet, to, sink);
            self.run = Run { start: self.packet, packets: 0, size, is_over: false };
        }
        self.run.packets += 1;
        self.run.is_over = size < self.run.size;
        size
    }

    /// Puts out what is left, and is empty again.
    pub(super) fn finish(&mut self, to: &Route, sink: &mut impl Sink) {
        self.put_out(self.bytes.len(), to, sink);
        self.bytes.clear();
        self.run = Run::default();
    }

    fn put_out(&self, end: usize, to: &Route, sink: &mut impl Sink) {
        if self.run.packets > 0 {
            sink.run(to, &self.bytes[self.run.start..end], self.run.size);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forward::test_route;

    #[derive(Default)]
    struct Runs(Vec<(usize, usize)>);

    impl Sink for Runs {
        fn run(&mut self, _: &Route, bytes: &[u8], size: usize) {
            self.0.push((bytes.len().div_ceil(size), bytes.len()));
        }
    }

    fn cut(sizes: &[usize]) -> Vec<usize> {
        let (mut batch, mut runs, to) = (Batch::default(), Runs::default(), test_route());
        for size in sizes {
            let (bytes, start) = batch.begin();
            bytes.resize(start + size, 0);
            assert_eq!(batch.end(&to, &mut runs), *size);
        }
        batch.finish(&to, &mut runs);
        assert_eq!(runs.0.iter().map(|run| run.1).sum::<usize>(), sizes.iter().sum::<usize>());
        assert!(batch.bytes.is_empty());
        runs.0.into_iter().map(|run| run.0).collect()
    }

    #[test]
    fn equal_packets_and_a_shorter_one_leave_together() {
        assert_eq!(cut(&[1200; 10]), [10]);
        assert_eq!(cut(&[1200, 1200, 800, 1200]), [3, 1]);
        assert_eq!(cut(&[1100, 1101, 1101, 1100]), [1, 3]);
        assert_eq!(cut(&[]), Vec::<usize>::new());
    }

    #[test]
    fn runs_keep_the_kernels_limits() {
        assert_eq!(cut(&[100; 130]), [64, 64, 2]);
        assert_eq!(cut(&[1400; 50]), [46, 4]);
    }

    #[test]
    fn what_is_taken_back_does_not_leave() {
        let (mut batch, mut runs, to) = (Batch::default(), Runs::default(), test_route());
        for size in [3, 4] {
            let (bytes, start) = batch.begin();
            bytes.resize(start + size, 0);
            if size == 3 {
                batch.abandon();
            } else {
                batch.end(&to, &mut runs);
            }
        }
        batch.finish(&to, &mut runs);
        assert_eq!(runs.0, [(1, 4)]);
    }
}
