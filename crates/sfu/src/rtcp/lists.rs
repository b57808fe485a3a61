//! What control packets have many of. Each is read while it is walked.

use std::slice::ChunksExact;

/// What a receiver tells of one stream (RFC 3550, 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    /// The stream it is about.
    pub(crate) ssrc: u32,
    /// The part lost since the last report, in 256ths.
    pub(crate) fraction_lost: u8,
    /// Packets lost since the stream began; below zero when some came twice.
    pub(crate) cumulative_lost: i32,
    /// Highest sequence number received, and before it how often they wrapped.
    pub(crate) highest: u32,
    /// Mean deviation between arrivals, in units of the stream's timestamps.
    pub(crate) jitter: u32,
    /// The middle of the time in our last sender report; 0: it saw none.
    pub(crate) last_sr: u32,
    /// How long ago that was, in 65,536ths of a second.
    pub(crate) delay_since_sr: u32,
}

impl Block {
    /// Of a block on the wire, in bytes.
    pub(super) const BYTES: usize = 24;

    fn read(bytes: &[u8]) -> Option<Self> {
        let [ssrc, lost, highest, jitter, last_sr, delay_since_sr] = words(bytes)?;
        let [fraction_lost, high, middle, low] = lost.to_be_bytes();
        // 24 bits with a sign.
        let cumulative_lost = i32::from_be_bytes([high, middle, low, 0]) >> 8;
        Some(Self {
            ssrc,
            fraction_lost,
            cumulative_lost,
            highest,
            jitter,
            last_sr,
            delay_since_sr,
        })
    }
}

fn words<const N: usize>(bytes: &[u8]) -> Option<[u32; N]> {
    let mut words = [0; N];
    let (chunks, _) = bytes.as_chunks::<4>();
    for (index, word) in words.iter_mut().enumerate() {
        *word = u32::from_be_bytes(*chunks.get(index)?);
    }
    Some(words)
}

/// The blocks of a report.
#[derive(Debug, Clone)]
pub(crate) struct Blocks<'a>(ChunksExact<'a, u8>);

impl<'a> Blocks<'a> {
    /// `None`: there are fewer than promised.
    pub(super) fn new(body: &'a [u8], count: u8) -> Option<Self> {
        Some(Self(body.get(..usize::from(count) * Block::BYTES)?.chunks_exact(Block::BYTES)))
    }
}

impl Iterator for Blocks<'_> {
    type Item = Block;

    fn next(&mut self) -> Option<Block> {
        Block::read(self.0.next()?)
    }
}

/// Sources named one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Sources<'a>(ChunksExact<'a, u8>);

impl<'a> Sources<'a> {
    /// `None`: there are fewer than promised.
    pub(super) fn new(body: &'a [u8], count: u8) -> Option<Self> {
        Some(Self(body.get(..usize::from(count) * 4)?.chunks_exact(4)))
    }
}

impl Iterator for Sources<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        words::<1>(self.0.next()?).map(|[ssrc]| ssrc)
    }
}

/// Sequence numbers of a NACK (RFC 4585, 6.2.1), in the order of writing: at
/// most 17 for each four bytes. The same may be named twice.
#[derive(Debug, Clone)]
pub(crate) struct Lost<'a> {
    items: ChunksExact<'a, u8>,
    /// The number that bit 0 of `behind` is about.
    next: u16,
    /// Those still to be told of the present item.
    behind: u32,
}

impl<'a> Lost<'a> {
    pub(super) fn new(items: &'a [u8]) -> Self {
        Self { items: items.chunks_exact(4), next: 0, behind: 0 }
    }
}

impl Iterator for Lost<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        if self.behind == 0 {
            let [item] = words(self.items.next()?)?;
            let [high, low, ..] = item.to_be_bytes();
            self.next = u16::from_be_bytes([high, low]);
            // The number itself, and a bit for each of the 16 behind it.
            self.behind = (item & 0xffff) << 1 | 1;
        }
        let passed = self.behind.trailing_zeros();
        self.behind >>= passed;
        self.behind &= !1;
        self.next = self.next.wrapping_add(passed as u16);
        Some(self.next)
    }
}

/// The sources of which a keyframe is wanted, each with the number of its
/// request, which repeats until it is heard (RFC 5104, 4.3.1).
#[derive(Debug, Clone)]
pub(crate) struct KeyframeRequests<'a>(ChunksExact<'a, u8>);

impl<'a> KeyframeRequests<'a> {
    pub(super) fn new(items: &'a [u8]) -> Self {
        Self(items.chunks_exact(8))
    }
}

impl Iterator for KeyframeRequests<'_> {
    /// Source and number.
    type Item = (u32, u8);

    fn next(&mut self) -> Option<(u32, u8)> {
        let [ssrc, number] = words(self.0.next()?)?;
        Some((ssrc, number.to_be_bytes()[0]))
    }
}
