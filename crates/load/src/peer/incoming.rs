//! What a peer receives, counted: packets, gaps, the time on the way.

use std::time::{Duration, Instant};

/// What was counted since the last mark, of one peer or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets, each once.
    pub packets: u64,
    /// Bytes of UDP payload that carried them.
    pub bytes: u64,
    /// Packets that have not come, also not when asked for again.
    pub lost: u64,
    /// Packets that were missing when a later one came.
    pub holes: u64,
    /// Connections over which something came.
    pub receiving: u64,
    /// Connections over which media can flow.
    pub connected: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.lost += other.lost;
        self.holes += other.holes;
        self.receiving += other.receiving;
        self.connected += other.connected;
    }
}

/// Everything that comes to one peer.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    streams: Vec<Stream>,
    pub(super) first_at: Option<Instant>,
}

#[derive(Debug)]
struct Stream {
    ssrc: u32,
    highest: u64,
    last_at: Instant,
    /// The highest when counting began.
    base: u64,
    /// Those above it.
    packets: u64,
    bytes: u64,
    holes: u64,
}

impl Incoming {
    /// Counts one; `true` if it is the first of its stream.
    pub(super) fn take(&mut self, now: Instant, ssrc: u32, sequence: u64, bytes: usize) -> bool {
        self.first_at.get_or_insert(now);
        let Some(stream) = self.streams.iter_mut().find(|stream| stream.ssrc == ssrc) else {
            self.streams.push(Stream {
                ssrc,
                highest: sequence,
                last_at: now,
                base: sequence.saturating_sub(1),
                packets: 1,
                bytes: bytes as u64,
                holes: 0,
            });
            return true;
        };
        if sequence > stream.highest {
            stream.holes += sequence - stream.highest - 1;
            stream.highest = sequence;
        }
        if sequence > stream.base {
            stream.packets += 1;
            stream.bytes += bytes as u64;
        }
        stream.last_at = now;
        false
    }

    /// Counts from here on.
    pub(super) fn mark(&mut self) {
        for stream in &mut self.streams {
            stream.base = stream.highest;
            (stream.packets, stream.bytes, stream.holes) = (0, 0, 0);
        }
    }

    /// What was counted since the mark.
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for stream in &self.streams {
            counts.packets += stream.packets;
            counts.bytes += stream.bytes;
            counts.holes += stream.holes;
            counts.lost += (stream.highest - stream.base).saturating_sub(stream.packets);
        }
        counts.receiving = u64::from(counts.packets > 0);
        counts
    }

    /// How long ago anything came.
    pub(super) fn silence(&self, now: Instant) -> Option<Duration> {
        let last = self.streams.iter().map(|stream| stream.last_at).max()?;
        Some(now.saturating_duration_since(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_late_is_a_hole_but_not_lost() {
        let (mut incoming, now) = (Incoming::default(), Instant::now());
        for sequence in [5, 6, 9, 7, 10] {
            incoming.take(now, 1, sequence, 100);
        }
        let counts = incoming.counts();
        assert_eq!((counts.packets, counts.holes, counts.lost), (5, 2, 1));
        incoming.mark();
        incoming.take(now, 1, 8, 100);
        incoming.take(now, 1, 11, 100);
        let counts = incoming.counts();
        assert_eq!((counts.packets, counts.holes, counts.lost, counts.bytes), (1, 0, 0, 100));
    }
}
