//! Per-subscription rewriting: a slot's receiver sees one unbroken stream,
//! whoever's track it carries and however often that starts anew.
//!
//! Gaps inside a source are kept, since they are losses that the receiver
//! should ask for and that the source may still repair. Only where the room
//! withheld packets, or the source changed, is the sequence joined.

use std::time::{Duration, Instant};

use str0m::rtp::{Vp8Descriptor, Vp8Patch};

/// Highest VP8 picture id with 15 bits.
const PICTURE_ID_MASK: u16 = 0x7fff;
/// The same with 7 bits.
const SHORT_PICTURE_ID_MASK: u16 = 0x7f;

/// The fields of an incoming packet that are rewritten.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Original {
    /// Which stream of which sender: changes when the sender starts anew.
    pub(crate) source: u32,
    /// Extended sequence number.
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    /// Ticks of the timestamp per second.
    pub(crate) clock_rate: u32,
    /// How VP8 numbers the picture; empty for other codecs.
    pub(crate) picture: Picture,
}

/// What is sent instead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rewritten {
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    pub(crate) vp8_patch: Option<Vp8Patch>,
}

/// The state of one outgoing stream.
#[derive(Debug)]
pub(crate) struct Rewriter {
    next_sequence: u64,
    last_timestamp: u32,
    last_sent: Option<Instant>,
    picture_id: u16,
    layer_index: u8,
    current: Option<Mapping>,
    is_joined: bool,
}

/// How the current source maps to the stream. Differences wrap.
#[derive(Debug)]
struct Mapping {
    source: u32,
    first_sequence: u64,
    sequence_shift: u64,
    timestamp_shift: u32,
    picture_id_shift: u16,
    layer_index_shift: u8,
}

impl Rewriter {
    /// A stream that will begin with these values. The sequence must start
    /// below 32,768: a receiver that misses the first packets could otherwise
    /// guess the wrong rollover counter (RFC 3711, 3.3.1).
    pub(crate) fn new(first_sequence: u64, first_timestamp: u32) -> Self {
        Self {
            next_sequence: first_sequence,
            last_timestamp: first_timestamp,
            last_sent: None,
            picture_id: 0,
            layer_index: 0,
            current: None,
            is_joined: false,
        }
    }

    /// Packets are being withheld: the next one sent joins on to the last.
    pub(crate) fn break_off(&mut self) {
        self.is_joined = false;
    }

    /// Rewrites a packet. `None`: it is older than where the source was joined
    /// on and has no place in the stream.
    pub(crate) fn rewrite(&mut self, now: Instant, original: &Original) -> Option<Rewritten> {
        if !self.is_joined || self.current.as_ref().is_none_or(|map| map.source != original.source)
        {
            self.join(now, original);
        }
        let map = self.current.as_ref()?;
        if original.sequence < map.first_sequence {
            return None;
        }
        let rewritten = Rewritten {
            sequence: original.sequence.wrapping_add(map.sequence_shift),
            timestamp: original.timestamp.wrapping_add(map.timestamp_shift),
            vp8_patch: original.picture.patch(map),
        };
        let (picture_id, layer_index) = original.picture.shifted(map);
        if rewritten.sequence >= self.next_sequence {
            self.next_sequence = rewritten.sequence + 1;
            self.last_timestamp = rewritten.timestamp;
            self.last_sent = Some(now);
            self.picture_id = picture_id.unwrap_or(self.picture_id);
            self.layer_index = layer_index.unwrap_or(self.layer_index);
        }
        Some(rewritten)
    }

    /// Makes this packet follow the last one sent.
    fn join(&mut self, now: Instant, original: &Original) {
        let picture = &original.picture;
        let same = self.current.take().filter(|map| map.source == original.source);
        let sequence_shift = self.next_sequence.wrapping_sub(original.sequence);
        // A source that goes on has its own unbroken clock and pictures; only
        // a new one must be set behind the old.
        let (timestamp_shift, picture_id_shift, layer_index_shift) = same.map_or_else(
            || {
                (
                    self.follow_up_timestamp(now, original.clock_rate)
                        .wrapping_sub(original.timestamp),
                    picture.id.map_or(0, |id| self.picture_id.wrapping_add(1).wrapping_sub(id)),
                    picture
                        .layer
                        .map_or(0, |tl0| self.layer_index.wrapping_add(1).wrapping_sub(tl0)),
                )
            },
            |map| (map.timestamp_shift, map.picture_id_shift, map.layer_index_shift),
        );
        self.current = Some(Mapping {
            source: original.source,
            first_sequence: original.sequence,
            sequence_shift,
            timestamp_shift,
            picture_id_shift,
            layer_index_shift,
        });
        self.is_joined = true;
    }

    /// The timestamp for a new source's first packet: as much later than the
    /// last as time has passed.
    fn follow_up_timestamp(&self, now: Instant, clock_rate: u32) -> u32 {
        let Some(last_sent) = self.last_sent else {
            return self.last_timestamp;
        };
        let elapsed = now.saturating_duration_since(last_sent).max(Duration::from_millis(1));
        let ticks = elapsed.as_micros() * u128::from(clock_rate) / 1_000_000;
        // Timestamps wrap; so may the difference.
        self.last_timestamp.wrapping_add((ticks & u128::from(u32::MAX)) as u32)
    }
}

/// VP8's numbering of pictures, as a packet carries it. Read once a packet,
/// however many receive it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Picture {
    descriptor: Option<Vp8Descriptor>,
    id: Option<u16>,
    is_long: bool,
    layer: Option<u8>,
}

impl Picture {
    /// Reads the numbers of a VP8 descriptor.
    pub(crate) fn read(descriptor: Vp8Descriptor) -> Self {
        Self {
            id: descriptor.picture_id(),
            // Only 15 bits have room for the highest id.
            is_long: descriptor.patch().picture_id(PICTURE_ID_MASK).build().is_ok(),
            layer: descriptor.tl0_pic_idx(),
            descriptor: Some(descriptor),
        }
    }

    fn shifted(&self, map: &Mapping) -> (Option<u16>, Option<u8>) {
        let mask = if self.is_long { PICTURE_ID_MASK } else { SHORT_PICTURE_ID_MASK };
        let id = self.id.map(|id| id.wrapping_add(map.picture_id_shift) & mask);
        (id, self.layer.map(|layer| layer.wrapping_add(map.layer_index_shift)))
    }

    /// The change to the descriptor; `None` when it stays as it is.
    fn patch(&self, map: &Mapping) -> Option<Vp8Patch> {
        let (id, layer) = self.shifted(map);
        if id == self.id && layer == self.layer {
            return None;
        }
        let mut patch = self.descriptor?.patch();
        if let Some(id) = id {
            patch = patch.picture_id(id);
        }
        if let Some(layer) = layer {
            patch = patch.tl0_pic_idx(layer);
        }
        patch.build().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(40);
    const FRAME_TICKS: u32 = 3600;

    fn audio(source: u32, sequence: u64, timestamp: u32) -> Original {
        let picture = Picture::default();
        Original { source, sequence, timestamp, clock_rate: 90_000, picture }
    }

    fn vp8(source: u32, sequence: u64, picture_id: u16, layer: u8) -> Original {
        let [high, low] = picture_id.to_be_bytes();
        let payload = [0x90, 0xe0, high | 0x80, low, layer, 0x20, 0x00];
        let picture = Picture::read(Vp8Descriptor::parse(&payload).unwrap());
        Original { picture, ..audio(source, sequence, 0) }
    }

    /// Rewrites in order and returns the sequence numbers that came out.
    fn sequences(rewriter: &mut Rewriter, originals: &[Original]) -> Vec<Option<u64>> {
        let now = crate::test_start();
        let rewrite = |original| rewriter.rewrite(now, original).map(|out| out.sequence);
        originals.iter().map(rewrite).collect()
    }

    #[test]
    fn losses_and_reordering_inside_a_source_are_kept() {
        let mut rewriter = Rewriter::new(100, 0);
        let originals = [5000, 5001, 5004, 5003, 5005].map(|sequence| audio(1, sequence, 0));
        let expected = [100, 101, 104, 103, 105].map(Some);
        assert_eq!(sequences(&mut rewriter, &originals), expected);
    }

    #[test]
    fn a_new_source_continues_the_sequence_and_the_clock() {
        let start = crate::test_start();
        let mut rewriter = Rewriter::new(100, 7);
        rewriter.rewrite(start, &audio(1, 5000, 90_000)).unwrap();
        let out = rewriter.rewrite(start + FRAME, &audio(2, 20, 4_000_000_000)).unwrap();
        assert_eq!(out.sequence, 101);
        assert_eq!(out.timestamp, 7 + FRAME_TICKS);
        let out = rewriter.rewrite(start + FRAME, &audio(2, 21, 4_000_000_000 + FRAME_TICKS));
        assert_eq!(out.unwrap().timestamp, 7 + 2 * FRAME_TICKS);
    }

    #[test]
    fn withheld_packets_leave_no_gap_but_time_goes_on() {
        let start = crate::test_start();
        let mut rewriter = Rewriter::new(100, 0);
        rewriter.rewrite(start, &audio(1, 5000, 0)).unwrap();
        rewriter.break_off();
        let out = rewriter.rewrite(start + FRAME, &audio(1, 5500, 450_000)).unwrap();
        assert_eq!((out.sequence, out.timestamp), (101, 450_000));
        assert!(rewriter.rewrite(start + FRAME, &audio(1, 5499, 449_000)).is_none());
    }

    #[test]
    fn sequence_numbers_pass_the_wrap_of_their_16_bits() {
        let mut rewriter = Rewriter::new(32_000, 0);
        let first = audio(1, 65_000, 0);
        let later = audio(1, 65_000 + 70_000, 0);
        assert_eq!(sequences(&mut rewriter, &[first, later]), [Some(32_000), Some(102_000)]);
    }

    #[test]
    fn picture_ids_never_go_back() {
        let now = crate::test_start();
        let mut rewriter = Rewriter::new(0, 0);
        let first = rewriter.rewrite(now, &vp8(1, 10, 0x7ffe, 200)).unwrap();
        // The first source is numbered on from nothing.
        assert!(first.vp8_patch.is_some());
        let second = rewriter.rewrite(now, &vp8(1, 11, 0x7fff, 201)).unwrap();
        assert!(second.vp8_patch.is_some());
        assert_eq!(rewriter.picture_id, 2);
        rewriter.rewrite(now, &vp8(2, 900, 40, 3)).unwrap();
        assert_eq!((rewriter.picture_id, rewriter.layer_index), (3, 3));
        rewriter.rewrite(now, &vp8(2, 901, 41, 4)).unwrap();
        assert_eq!((rewriter.picture_id, rewriter.layer_index), (4, 4));
    }
}
