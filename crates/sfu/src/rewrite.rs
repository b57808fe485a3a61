//! Per-subscription rewriting: a slot's receiver sees one unbroken stream,
//! whoever's track it carries, in whatever size, and however often that
//! changes.
//!
//! Gaps inside a source are kept, since they are losses that the receiver
//! should ask for and that the source may still repair. Only where the room
//! withheld packets, or the source changed, is the sequence joined.

mod picture;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

pub(crate) use picture::{Picture, PictureNumbers};

/// How many packets that were left out are remembered, for those that come
/// late; those before are refused, for nobody knows their place any more, and a
/// number that was sent already must never be sent with another payload: SRTP
/// would use a keystream twice (RFC 3711, 9.1). More bears with more reordering.
const LEFT_OUT: usize = 128;
/// A hole of more packets than this is closed: none of them can be repaired, and
/// a receiver that then misses a few more would guess the wrong rollover counter
/// (RFC 3711, 3.3.1), and could open none of the stream's packets any more.
const MOST_MISSING: u64 = 2000;

/// The fields of an incoming packet that are rewritten.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Original {
    /// Which stream of which sender: changes with the size, and when the
    /// sender starts anew.
    pub(crate) source: u32,
    /// Extended sequence number.
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    /// Ticks of the timestamp per second.
    pub(crate) clock_rate: u32,
    /// When it was captured, by the sender's reports; without one, unknown.
    pub(crate) captured_at: Option<Instant>,
    /// How VP8 numbers the picture; empty for other codecs.
    pub(crate) picture: Picture,
}

/// What is sent instead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rewritten {
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    /// How the picture is numbered, if not as before.
    pub(crate) numbers: Option<PictureNumbers>,
}

/// The state of one outgoing stream.
#[derive(Debug)]
pub(crate) struct Rewriter {
    next_sequence: u64,
    last_timestamp: u32,
    last_sent: Option<Moment>,
    picture_id: u16,
    layer_index: u8,
    current: Option<Mapping>,
    /// The source before, for its packets that come late.
    previous: Option<Mapping>,
    is_joined: bool,
}

/// When the last packet was sent, and when captured if that is known.
#[derive(Clone, Copy, Debug)]
struct Moment {
    sent_at: Instant,
    captured_at: Option<Instant>,
}

/// How a source maps to the stream. Differences wrap.
#[derive(Debug)]
struct Mapping {
    source: u32,
    /// The lowest one that has a place.
    first_sequence: u64,
    /// The highest one seen.
    last_sequence: u64,
    timestamp_shift: u32,
    layer_index_shift: u8,
    /// For packets behind everything that was left out.
    shift: Shift,
    left_out: VecDeque<LeftOut>,
    /// The picture that was left out last.
    left_out_picture: Option<u16>,
}

/// What is added to the numbers.
#[derive(Clone, Copy, Debug)]
struct Shift {
    sequence: u64,
    picture_id: u16,
}

/// A packet that was left out, and what is added to those before it.
#[derive(Clone, Copy, Debug)]
struct LeftOut {
    sequence: u64,
    before: Shift,
}

impl Mapping {
    /// What is added to the numbers of this packet.
    fn shift_of(&self, sequence: u64) -> Shift {
        // From the newest: packets in order look at one.
        let later = self.left_out.iter().rev().take_while(|left_out| left_out.sequence > sequence);
        later.last().map_or(self.shift, |left_out| left_out.before)
    }

    /// How its picture is numbered in the stream.
    fn renumbered(&self, original: &Original) -> PictureNumbers {
        let shift = self.shift_of(original.sequence).picture_id;
        original.picture.shifted(shift, self.layer_index_shift)
    }

    /// The same; `None`: as the sender does.
    fn numbers_of(&self, original: &Original) -> Option<PictureNumbers> {
        let numbers = self.renumbered(original);
        (numbers != original.picture.numbers).then_some(numbers)
    }

    /// Closes the hole that this packet would leave.
    fn leave_out(&mut self, original: &Original) {
        if self.left_out.len() == LEFT_OUT {
            let forgotten = self.left_out.pop_front();
            self.first_sequence =
                forgotten.map_or(self.first_sequence, |left_out| left_out.sequence + 1);
        }
        let left_out = LeftOut { sequence: original.sequence, before: self.shift };
        self.left_out.push_back(left_out);
        self.shift.sequence = self.shift.sequence.wrapping_sub(1);
        let picture = original.picture.numbers.id;
        if picture.is_some() && picture != self.left_out_picture {
            self.left_out_picture = picture;
            self.shift.picture_id = self.shift.picture_id.wrapping_sub(1);
        }
    }
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
            previous: None,
            is_joined: false,
        }
    }

    /// Packets are being withheld: the next one sent joins on to the last.
    pub(crate) fn break_off(&mut self) {
        self.is_joined = false;
        self.previous = None;
    }

    /// Rewrites a packet. `None`: it is older than where the source was joined
    /// on, or than what is remembered, and has no place in the stream.
    pub(crate) fn rewrite(&mut self, now: Instant, original: &Original) -> Option<Rewritten> {
        if !self.is_joined || self.current.as_ref().is_none_or(|map| map.source != original.source)
        {
            self.join(now, original);
        }
        let map = self.current.as_mut()?;
        if original.sequence < map.first_sequence {
            return None;
        }
        map.last_sequence = map.last_sequence.max(original.sequence);
        if translate(map, original).sequence > self.next_sequence + MOST_MISSING {
            self.break_off();
            self.join(now, original);
        }
        let map = self.current.as_ref()?;
        let rewritten = translate(map, original);
        let numbers = map.renumbered(original);
        if rewritten.sequence >= self.next_sequence {
            self.next_sequence = rewritten.sequence + 1;
            self.last_timestamp = rewritten.timestamp;
            self.last_sent = Some(Moment { sent_at: now, captured_at: original.captured_at });
            self.picture_id = numbers.id.unwrap_or(self.picture_id);
            self.layer_index = numbers.layer.unwrap_or(self.layer_index);
        }
        Some(rewritten)
    }

    /// A packet of the source before, which comes late and has its place.
    pub(crate) fn rewrite_late(&self, original: &Original) -> Option<Rewritten> {
        let map = self.previous.as_ref().filter(|map| map.source == original.source)?;
        let has_place = (map.first_sequence..map.last_sequence).contains(&original.sequence)
            && map.left_out.iter().all(|left_out| left_out.sequence != original.sequence);
        has_place.then(|| translate(map, original))
    }

    /// A packet of the source being sent is not: no hole is left for it.
    pub(crate) fn leave_out(&mut self, original: &Original) {
        let Some(map) = self.current.as_mut().filter(|map| map.source == original.source) else {
            return;
        };
        // A late one was taken for lost, and keeps its place.
        if self.is_joined && original.sequence > map.last_sequence {
            map.last_sequence = original.sequence;
            map.leave_out(original);
        }
    }

    /// Makes this packet follow the last one sent.
    fn join(&mut self, now: Instant, original: &Original) {
        let picture = &original.picture.numbers;
        let (same, other) = match self.current.take() {
            Some(map) if map.source == original.source => (Some(map), None),
            other => (None, other),
        };
        self.previous = other.filter(|_| self.is_joined);
        let sequence = self.next_sequence.wrapping_sub(original.sequence);
        // A source that goes on has its own unbroken clock; only a new one must
        // be set behind the old.
        let timestamp_shift = same.map_or_else(
            || self.follow_up_timestamp(now, original).wrapping_sub(original.timestamp),
            |map| map.timestamp_shift,
        );
        let picture_id =
            picture.id.map_or(0, |id| self.picture_id.wrapping_add(1).wrapping_sub(id));
        let layer_index_shift =
            picture.layer.map_or(0, |tl0| self.layer_index.wrapping_add(1).wrapping_sub(tl0));
        self.current = Some(Mapping {
            source: original.source,
            first_sequence: original.sequence,
            last_sequence: original.sequence,
            timestamp_shift,
            layer_index_shift,
            shift: Shift { sequence, picture_id },
            left_out: VecDeque::new(),
            left_out_picture: None,
        });
        self.is_joined = true;
    }

    /// The timestamp for a new source's first packet: as much later than the
    /// last as it was captured later, if both senders' reports say so, else as
    /// time has passed. Never the same or earlier: two sizes of one picture
    /// may follow each other.
    fn follow_up_timestamp(&self, now: Instant, original: &Original) -> u32 {
        let Some(last) = self.last_sent else {
            return self.last_timestamp;
        };
        let elapsed = match (last.captured_at, original.captured_at) {
            (Some(last), Some(this)) => this.saturating_duration_since(last),
            _ => now.saturating_duration_since(last.sent_at),
        };
        let elapsed = elapsed.max(Duration::from_millis(1));
        let ticks = elapsed.as_micros() * u128::from(original.clock_rate) / 1_000_000;
        // Timestamps wrap; so may the difference.
        self.last_timestamp.wrapping_add((ticks & u128::from(u32::MAX)) as u32)
    }
}

fn translate(map: &Mapping, original: &Original) -> Rewritten {
    Rewritten {
        sequence: original.sequence.wrapping_add(map.shift_of(original.sequence).sequence),
        timestamp: original.timestamp.wrapping_add(map.timestamp_shift),
        numbers: map.numbers_of(original),
    }
}

#[cfg(test)]
mod tests;
