//! What arrives in one slot, judged as a decoder would: packets in sequence
//! make frames, a frame needs the one before it or to be a keyframe.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::script::VideoMark;

/// How long a hole in the sequence may last until the decoder gives the frame
/// up and asks for a keyframe.
const PATIENCE: Duration = Duration::from_millis(600);

/// How often a decoder asks that has nothing to begin with.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// Counters of one slot. They run on when another track takes the slot.
#[derive(Debug, Default)]
pub struct Reception {
    /// Packets received, each once.
    pub packets: u64,
    /// Their payload in bytes.
    pub bytes: u64,
    /// Packets that came again although they had come before.
    pub duplicates: u64,
    /// Whole frames, decodable from a keyframe on; for audio, packets.
    pub frames: u64,
    /// Keyframes among them.
    pub keyframes: u64,
    /// Frames that were given up, with all that depended on them.
    pub freezes: u64,
    /// Times at which timestamps or picture ids went back although the
    /// sequence went on: never, if the room does its work.
    pub setbacks: u64,
    /// Times at which a picture id was skipped although the sequence went on:
    /// never either.
    pub skips: u64,
    /// Frames of each size.
    pub sizes: [u64; 3],
    /// The same of each temporal layer.
    pub temporal_layers: [u64; 3],
    /// The size of the last frame.
    pub size: Option<u8>,
    /// The longest time between two whole frames.
    pub longest_pause: Duration,
    last_frame_at: Option<Instant>,
    asked_at: Option<Instant>,
    /// When the first packet came.
    pub first_packet_at: Option<Instant>,
    /// When the last packet came.
    pub last_packet_at: Option<Instant>,
    /// When the first frame was complete.
    pub first_frame_at: Option<Instant>,
    /// The first and the highest sequence number.
    pub sequences: Option<(u64, u64)>,
    /// Packets that wait for earlier ones.
    waiting: BTreeMap<u64, Arrival>,
    next: Option<u64>,
    position: Position,
    last: Option<(u32, Option<u16>)>,
}

#[derive(Clone, Copy, Debug)]
struct Arrival {
    at: Instant,
    timestamp: u32,
    mark: Option<VideoMark>,
}

/// Where the decoder is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Position {
    /// Nothing to build upon.
    #[default]
    AwaitingKeyframe,
    /// Between two frames.
    Between,
    /// After the packet with this index of a frame.
    Inside(u8),
}

impl Reception {
    /// How many packets never came, by the gaps in the sequence.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.sequences.map_or(0, |(first, last)| (last - first + 1).saturating_sub(self.packets))
    }

    /// Takes a packet. `true`: the decoder needs a keyframe.
    pub(crate) fn take(
        &mut self,
        now: Instant,
        sequence: u64,
        timestamp: u32,
        payload: &[u8],
        is_video: bool,
    ) -> bool {
        if self.waiting.contains_key(&sequence) {
            self.duplicates += 1;
            return false;
        }
        self.count(now, sequence, payload.len());
        let mark = is_video.then(|| VideoMark::read(payload)).flatten();
        if self.next.is_none_or(|next| sequence >= next) {
            self.waiting.insert(sequence, Arrival { at: now, timestamp, mark });
        } else if !is_video {
            self.frames += 1;
        }
        self.next.get_or_insert(sequence);
        self.decode(now) || is_video && self.is_stuck(now)
    }

    /// Whether packets come, and none that a decoder could begin with.
    fn is_stuck(&mut self, now: Instant) -> bool {
        let is_waiting = self.position == Position::AwaitingKeyframe;
        let has_asked = self.asked_at.is_some_and(|at| now.duration_since(at) < ASK_EVERY);
        let is_stuck = is_waiting && !has_asked;
        if is_stuck {
            self.asked_at = Some(now);
        }
        is_stuck
    }

    /// Gives up what has waited too long. `true`: the decoder needs a keyframe.
    pub(crate) fn decode(&mut self, now: Instant) -> bool {
        loop {
            let Some((&sequence, &arrival)) = self.waiting.first_key_value() else {
                return false;
            };
            let is_next = self.next == Some(sequence);
            if !is_next && now.duration_since(arrival.at) < PATIENCE {
                return false;
            }
            self.waiting.pop_first();
            self.next = Some(sequence + 1);
            if !is_next {
                self.freezes += u64::from(self.position != Position::AwaitingKeyframe);
                self.position = Position::AwaitingKeyframe;
            }
            self.step(now, arrival, is_next);
            if !is_next && self.position == Position::AwaitingKeyframe && arrival.mark.is_some() {
                return true;
            }
        }
    }

    fn count(&mut self, now: Instant, sequence: u64, bytes: usize) {
        self.packets += 1;
        self.bytes += bytes as u64;
        self.first_packet_at.get_or_insert(now);
        self.last_packet_at = Some(now);
        let (first, last) = self.sequences.unwrap_or((sequence, sequence));
        self.sequences = Some((first.min(sequence), last.max(sequence)));
    }

    /// The next packet in sequence.
    fn step(&mut self, now: Instant, arrival: Arrival, is_next: bool) {
        self.check_progress(&arrival, is_next);
        let Some(mark) = arrival.mark else {
            // Audio: each packet is a frame.
            self.complete_frame(now, None);
            return;
        };
        let continues = match self.position {
            // Wherever the stream was: here it begins anew.
            _ if mark.index == 0 && mark.is_keyframe => true,
            Position::AwaitingKeyframe => false,
            Position::Between => mark.index == 0,
            Position::Inside(index) => mark.index == index + 1,
        };
        self.position = if !continues {
            Position::AwaitingKeyframe
        } else if mark.index + 1 == mark.packets {
            self.complete_frame(now, Some(mark));
            Position::Between
        } else {
            Position::Inside(mark.index)
        };
    }

    fn complete_frame(&mut self, now: Instant, mark: Option<VideoMark>) {
        self.frames += 1;
        self.first_frame_at.get_or_insert(now);
        let pause = self.last_frame_at.map_or(Duration::ZERO, |last| now.duration_since(last));
        self.longest_pause = self.longest_pause.max(pause);
        self.last_frame_at = Some(now);
        let Some(mark) = mark else {
            return;
        };
        self.keyframes += u64::from(mark.is_keyframe);
        self.size = Some(mark.size);
        for (counts, index) in
            [(&mut self.sizes, mark.size), (&mut self.temporal_layers, mark.temporal)]
        {
            if let Some(count) = counts.get_mut(usize::from(index)) {
                *count += 1;
            }
        }
    }

    /// Forgets the longest pause so far: from now on it counts anew.
    pub(crate) fn restart_pauses(&mut self, now: Instant) {
        self.longest_pause = Duration::ZERO;
        self.last_frame_at = Some(now);
    }

    fn check_progress(&mut self, arrival: &Arrival, is_next: bool) {
        let picture_id = arrival.mark.map(|mark| mark.picture_id);
        if let Some((timestamp, previous)) = self.last {
            let is_back = arrival.timestamp.wrapping_sub(timestamp).cast_signed() < 0;
            let is_picture_back = previous.zip(picture_id).is_some_and(|(previous, current)| {
                current.wrapping_sub(previous) & 0x7fff >= 0x4000
            });
            self.setbacks += u64::from(is_back || is_picture_back);
            let is_skipped = previous
                .zip(picture_id)
                .is_some_and(|(previous, current)| current.wrapping_sub(previous) & 0x7fff > 1);
            self.skips += u64::from(is_skipped && is_next);
        }
        self.last = Some((arrival.timestamp, picture_id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{Player, StreamScript, VideoScript};

    /// The packets of some frames, each with its timestamp.
    fn camera(now: Instant, frames: usize) -> Vec<(u32, Vec<u8>)> {
        let mut player = Player::new(StreamScript::Video(VideoScript::default()), now);
        let pieces = (0..frames).flat_map(|_| player.play(player.due()));
        pieces.map(|piece| (piece.timestamp, piece.payload)).collect()
    }

    #[expect(clippy::disallowed_methods, reason = "a test begins at any moment")]
    fn start() -> Instant {
        Instant::now()
    }

    /// Receives these packets by number, a millisecond apart; returns whether
    /// a keyframe was asked for.
    fn receive(reception: &mut Reception, now: Instant, numbers: &[u64]) -> bool {
        let packets = camera(now, 10);
        let mut asked = false;
        for (millis, number) in (0..).zip(numbers) {
            let (timestamp, payload) = &packets[usize::try_from(*number).unwrap()];
            let at = now + Duration::from_millis(millis);
            asked |= reception.take(at, *number, *timestamp, payload, true);
        }
        asked
    }

    #[test]
    fn packets_out_of_order_make_whole_frames() {
        let (mut reception, now) = (Reception::default(), start());
        let numbers: Vec<_> = (0..10).chain([11, 10]).chain(12..21).collect();
        assert!(!receive(&mut reception, now, &numbers));
        assert_eq!((reception.frames, reception.keyframes, reception.lost()), (3, 1, 0));
    }

    #[test]
    fn a_hole_freezes_the_picture_and_asks_for_a_keyframe() {
        let (mut reception, now) = (Reception::default(), start());
        let numbers: Vec<_> = (0..14).chain(15..30).collect();
        receive(&mut reception, now, &numbers);
        assert_eq!((reception.frames, reception.lost()), (1, 1));
        assert!(reception.decode(now + Duration::from_secs(1)));
        assert_eq!((reception.frames, reception.freezes), (1, 1));
    }

    #[test]
    fn repeats_are_counted() {
        let (mut reception, now) = (Reception::default(), start());
        receive(&mut reception, now, &[0, 2, 2]);
        assert_eq!((reception.packets, reception.duplicates), (2, 1));
    }
}
