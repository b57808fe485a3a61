//! The receive-only transceivers of one participant, and whose tracks they
//! carry. A track keeps its slot until its sender leaves, so that at the
//! receiver a track object keeps its meaning.

use parlor_model::call::{SlotAssignment, SlotTrack};
use str0m::media::Mid;

use crate::forward::Beginning;
use crate::select::Choice;

/// How many slots more than needed are asked for, so that the next joiners
/// need no negotiation. Each unused one makes sending to this peer dearer.
const SPARE: usize = 2;

/// One receive-only transceiver.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) mid: Mid,
    pub(crate) name: String,
    pub(crate) is_video: bool,
    pub(crate) track: Option<SlotTrack>,
    /// Whether the track only waits here, and nothing is sent.
    pub(crate) is_staged: bool,
    /// Where the numbers of its packets begin.
    pub(crate) beginning: Beginning,
    /// What is meant to be sent of a video; `None`: nothing.
    pub(crate) target: Option<Choice>,
    /// The encoding that is sent, as the forwarding plane told last.
    pub(crate) current: Option<u8>,
}

impl Slot {
    /// What it carries now, as the client is told.
    pub(crate) fn assignment(&self) -> SlotAssignment {
        SlotAssignment { mid: self.name.clone(), track: self.track.clone() }
    }
}

/// All slots of a participant, in order of creation. Indices stay valid until
/// [`Slots::clear`].
#[derive(Debug, Default)]
pub(crate) struct Slots {
    slots: Vec<Slot>,
    /// Tracks that found no slot, in order of appearance.
    unserved: Vec<SlotTrack>,
    told: Wanted,
}

/// How many slots are wanted in all, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) audio: usize,
    pub(crate) video: usize,
}

impl Slots {
    /// Adds a slot unless it is known.
    pub(crate) fn add(
        &mut self,
        name: &str,
        is_video: bool,
        beginning: impl FnOnce() -> Beginning,
    ) {
        if self.slots.iter().any(|slot| slot.name == name) {
            return;
        }
        self.slots.push(Slot {
            mid: Mid::from(name),
            name: name.to_owned(),
            is_video,
            track: None,
            is_staged: false,
            beginning: beginning(),
            target: Some(Choice::ALL),
            current: None,
        });
    }

    /// The connection is another one: all slots are gone.
    pub(crate) fn clear(&mut self) -> Vec<Slot> {
        self.told = Wanted::default();
        self.unserved.clear();
        std::mem::take(&mut self.slots)
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Slot> {
        self.slots.get(index)
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut Slot> {
        self.slots.get_mut(index)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Slot> {
        self.slots.iter_mut()
    }

    /// Whether a video is carried.
    pub(crate) fn watches(&self) -> bool {
        self.slots.iter().any(|slot| slot.is_video && slot.track.is_some())
    }

    /// The slot with this mid.
    pub(crate) fn find(&self, name: &str) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.name == name)
    }

    /// Gives each track a free slot of its kind; returns the indices. Those
    /// without one wait for [`Self::take_unserved`].
    pub(crate) fn assign(&mut self, tracks: Vec<SlotTrack>) -> Vec<usize> {
        let mut assigned = Vec::new();
        for track in tracks {
            let free =
                |slot: &Slot| slot.track.is_none() && slot.is_video == track.source.is_video();
            let Some(index) = self.slots.iter().position(free) else {
                self.unserved.push(track);
                continue;
            };
            self.slots[index].track = Some(track);
            assigned.push(index);
        }
        assigned
    }

    /// The tracks that found no slot, to try again.
    pub(crate) fn take_unserved(&mut self) -> Vec<SlotTrack> {
        std::mem::take(&mut self.unserved)
    }

    /// Frees the slots whose tracks are not `wanted`; returns which, and what
    /// they carried.
    pub(crate) fn keep(&mut self, wanted: impl Fn(&SlotTrack) -> bool) -> Vec<(usize, SlotTrack)> {
        self.unserved.retain(|track| wanted(track));
        let mut freed = Vec::new();
        for (index, slot) in self.slots.iter_mut().enumerate() {
            if let Some(track) = slot.track.take_if(|track| !wanted(track)) {
                slot.current = None;
                slot.is_staged = false;
                freed.push((index, track));
            }
        }
        freed
    }

    /// How many slots to ask for so that all tracks find one, within `limit`
    /// in all. `None`: there is nothing new to ask.
    pub(crate) fn shortage(&mut self, limit: usize) -> Option<Wanted> {
        let present = self.count();
        let missing_video = self.unserved.iter().filter(|track| track.source.is_video()).count();
        let want = |present: usize, missing: usize| {
            if missing == 0 { present } else { present + missing + SPARE }
        };
        let mut wanted = Wanted {
            audio: want(present.audio, self.unserved.len() - missing_video),
            video: want(present.video, missing_video),
        };
        // Near the limit, hearing everybody comes before seeing everybody.
        wanted.audio = wanted.audio.min(limit.saturating_sub(present.video)).max(present.audio);
        wanted.video = wanted.video.min(limit.saturating_sub(wanted.audio)).max(present.video);
        let is_new = wanted.audio > self.told.audio.max(present.audio)
            || wanted.video > self.told.video.max(present.video);
        is_new.then(|| {
            self.told = wanted;
            wanted
        })
    }

    fn count(&self) -> Wanted {
        let video = self.slots.iter().filter(|slot| slot.is_video).count();
        Wanted { audio: self.slots.len() - video, video }
    }
}

#[cfg(test)]
mod tests {
    use parlor_model::call::TrackSource;
    use parlor_model::id::ParticipantId;

    use super::*;

    fn slots(audio: usize, video: usize) -> Slots {
        let mut slots = Slots::default();
        for n in 0..audio + video {
            let beginning = || Beginning { sequence: 0, repair_sequence: 0, timestamp: 0 };
            slots.add(&n.to_string(), n >= audio, beginning);
        }
        slots
    }

    fn track(n: u8, source: TrackSource) -> SlotTrack {
        SlotTrack { participant: ParticipantId::from_random([n; 16]), source }
    }

    fn cameras(count: u8) -> Vec<SlotTrack> {
        (0..count).map(|n| track(n, TrackSource::CamVideo)).collect()
    }

    #[test]
    fn a_track_gets_a_slot_of_its_kind_until_its_sender_leaves() {
        let mut slots = slots(1, 1);
        assert_eq!(slots.assign(vec![track(1, TrackSource::CamVideo)]), [1]);
        assert!(slots.assign(vec![track(2, TrackSource::CamVideo)]).is_empty());
        let camera = track(1, TrackSource::CamVideo);
        assert_eq!(slots.keep(|it| *it != camera), [(1, camera)]);
        let waiting = slots.take_unserved();
        assert_eq!(slots.assign(waiting), [1]);
    }

    #[test]
    fn a_shortage_is_told_once_and_rounded_up() {
        let mut slots = slots(1, 1);
        slots.assign(cameras(2));
        assert_eq!(slots.shortage(64), Some(Wanted { audio: 1, video: 4 }));
        assert_eq!(slots.shortage(64), None);
        slots.assign(cameras(2));
        assert_eq!(slots.shortage(64), Some(Wanted { audio: 1, video: 6 }));
    }

    #[test]
    fn near_the_limit_hearing_comes_first() {
        let mut slots = slots(2, 2);
        slots.assign(cameras(9));
        slots.assign((0..3).map(|n| track(n, TrackSource::CamAudio)).collect());
        assert_eq!(slots.shortage(8), Some(Wanted { audio: 5, video: 3 }));
        assert_eq!(slots.shortage(4), None);
    }
}
