//! What waits on its way from a room to one of its shards: bounded.
//!
//! When the shard does not keep up, media are left out, for late media are
//! worth nothing: from one moment on all that comes, until half of what waits
//! was taken. What is left out of a track breaks its streams off, so that its
//! receivers get whole pictures again from the next keyframe, which they ask
//! for. Nothing else may be left out; a shard for which too much of it waits,
//! or that is behind for too long, is lost.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use parlor_model::call::SlotTrack;

use super::{ShardInput, ToShard};

/// Most that waits before media are left out: of a large call about as much as
/// comes in a tenth of a second. More rides out longer pauses of the shard's
/// thread, and delivers older packets after one.
const MOST: usize = 4096;
/// Most that waits in all. A room tells much at once when somebody joins or
/// leaves; more costs memory when a shard has stopped, fewer gives up one that
/// has not.
const MOST_IN_ALL: usize = 4 * MOST;
/// How long a shard may be behind. Longer leaves its receivers without media
/// for as long; shorter gives up a shard whose machine was only busy.
const LONGEST_JAM: Duration = Duration::from_secs(3);

/// A shard does not keep up, and its receivers have to come in anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShardLost;

/// What the shell has not handed to a shard yet.
#[derive(Debug, Default)]
pub struct ShardQueue {
    waiting: Vec<ShardInput>,
    jammed_since: Option<Instant>,
    /// Tracks of which packets were left out. Of no more than are carried.
    broken_off: BTreeSet<SlotTrack>,
    dropped: u64,
}

impl ShardQueue {
    /// Adds an input. `in_flight` is how many were [taken](Self::take) and not
    /// handed to the shard yet.
    ///
    /// # Errors
    /// The shard is lost: too much waits for it, or for too long.
    pub fn push(
        &mut self,
        now: Instant,
        input: ShardInput,
        in_flight: usize,
    ) -> Result<(), ShardLost> {
        let mut length = in_flight + self.waiting.len();
        match self.jammed_since {
            None if length >= MOST => self.jammed_since = Some(now),
            Some(_) if length <= MOST / 2 => {
                self.jammed_since = None;
                let broken_off = std::mem::take(&mut self.broken_off).into_iter();
                self.waiting.extend(broken_off.map(|track| ShardInput(ToShard::BrokenOff(track))));
                length = in_flight + self.waiting.len();
            }
            Some(since) if now.saturating_duration_since(since) > LONGEST_JAM => {
                return Err(ShardLost);
            }
            _ => {}
        }
        if self.jammed_since.is_some() {
            match &input.0 {
                ToShard::Packet(packet) => {
                    if !self.broken_off.contains(&packet.track) {
                        self.broken_off.insert(packet.track.clone());
                    }
                    self.dropped += 1;
                    return Ok(());
                }
                ToShard::Control(..) => {
                    self.dropped += 1;
                    return Ok(());
                }
                ToShard::Open(..) | ToShard::Command(_) | ToShard::BrokenOff(_) => {}
            }
        }
        if length >= MOST_IN_ALL {
            return Err(ShardLost);
        }
        self.waiting.push(input);
        Ok(())
    }

    /// Everything that waits, to be handed to the shard in this order.
    pub fn take(&mut self) -> Vec<ShardInput> {
        std::mem::take(&mut self.waiting)
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// How many inputs were left out since this was asked last.
    pub fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }
}

#[cfg(test)]
mod tests {
    use parlor_model::call::TrackSource;
    use parlor_model::id::ParticipantId;

    use super::*;
    use crate::forward::Command;
    use crate::forward::tests::picture;
    use crate::shard::SharedPacket;

    fn person(n: u8) -> ParticipantId {
        ParticipantId::from_random([n; 16])
    }

    fn packet(n: u8) -> ShardInput {
        let passing = picture(crate::test_start(), 1);
        let track = SlotTrack { participant: person(n), source: TrackSource::CamVideo };
        ShardInput(ToShard::Packet(SharedPacket { track, passing }.into()))
    }

    fn command() -> ShardInput {
        ShardInput(ToShard::Command(Command::Close(person(1))))
    }

    fn kinds(inputs: &[ShardInput]) -> (usize, usize, usize) {
        let count = |is: fn(&ToShard) -> bool| inputs.iter().filter(|it| is(&it.0)).count();
        (
            count(|it| matches!(it, ToShard::Packet(_))),
            count(|it| matches!(it, ToShard::Command(_))),
            count(|it| matches!(it, ToShard::BrokenOff(_))),
        )
    }

    #[test]
    fn a_jam_leaves_media_out_and_breaks_their_streams_off() {
        let (mut queue, now) = (ShardQueue::default(), crate::test_start());
        for n in 0..MOST + 100 {
            queue.push(now, packet((n % 2) as u8), 0).unwrap();
        }
        queue.push(now, command(), 0).unwrap();
        assert_eq!((kinds(&queue.take()), queue.take_dropped()), ((MOST, 1, 0), 100));
        // Not before half was handed over does it go on.
        queue.push(now, packet(1), MOST / 2 + 1).unwrap();
        assert!(queue.is_empty());
        queue.push(now, packet(1), MOST / 2).unwrap();
        queue.push(now, packet(1), MOST / 2).unwrap();
        let waiting = queue.take();
        assert_eq!((kinds(&waiting), queue.take_dropped()), ((2, 0, 2), 1));
        assert!(matches!(waiting[0].0, ToShard::BrokenOff(_)));
        assert!(queue.broken_off.is_empty());
    }

    #[test]
    fn commands_are_never_left_out_but_too_many_lose_the_shard() {
        let (mut queue, now) = (ShardQueue::default(), crate::test_start());
        for _ in 0..MOST_IN_ALL {
            queue.push(now, command(), 0).unwrap();
        }
        assert_eq!(queue.push(now, command(), 0), Err(ShardLost));
        assert_eq!(queue.push(now, packet(1), 0), Ok(()));
    }

    #[test]
    fn a_shard_that_is_behind_for_too_long_is_lost() {
        let (mut queue, now) = (ShardQueue::default(), crate::test_start());
        queue.push(now, packet(1), MOST).unwrap();
        queue.push(now + LONGEST_JAM, packet(1), MOST).unwrap();
        let late = now + LONGEST_JAM + Duration::from_millis(1);
        assert_eq!(queue.push(late, packet(1), MOST), Err(ShardLost));
    }
}
