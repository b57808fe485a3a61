//! Keyframes: who waits for one of which encoding, and asking their senders.

use parlor_model::call::{SlotTrack, TrackSource};
use parlor_model::id::ParticipantId;
use str0m::media::Mid;

use super::Room;
use super::message::Rejection;
use crate::select::Choice;
use crate::slots::Slot;

impl Room {
    /// A client's decoder of this slot needs a keyframe.
    pub(super) fn want_keyframe(
        &mut self,
        from: ParticipantId,
        mid: &str,
    ) -> Result<(), Rejection> {
        let receiver = self.participants.get(&from);
        let slot = receiver.and_then(|receiver| receiver.slots.find(mid));
        let wish = wish_of(slot.ok_or("there is no such slot")?);
        self.want_keyframe_of(wish);
        Ok(())
    }

    /// A peer asks for a keyframe in one of its slots.
    pub(super) fn want_keyframe_in(&mut self, receiver: ParticipantId, mid: Mid) {
        let receiver = self.participants.get(&receiver);
        let slot = receiver.and_then(|it| it.slots.iter().find(|slot| slot.mid == mid));
        self.want_keyframe_of(slot.and_then(wish_of));
    }

    /// A receiver can be sent to from now on.
    pub(super) fn want_all_keyframes(&mut self, receiver: ParticipantId) {
        let Some(receiver) = self.participants.get(&receiver) else {
            return;
        };
        let wishes: Vec<_> = receiver.slots.iter().filter_map(wish_of).collect();
        for wish in wishes {
            self.want_keyframe_of(Some(wish));
        }
    }

    fn want_keyframe_of(&mut self, wish: Option<(SlotTrack, Choice)>) {
        let Some((track, choice)) = wish else {
            return;
        };
        if let Some(publication) = self.publication(&track).filter(|it| it.is_sending()) {
            let encoding = publication.encoding_for(choice);
            publication.want_keyframe(encoding);
            self.request_keyframes_if_due(track.participant, track.source);
        }
    }

    pub(super) fn request_due_keyframes(&mut self) {
        let now = self.now;
        let due: Vec<_> = self
            .participants
            .values()
            .flat_map(|sender| sender.publications.iter().map(move |it| (sender.id, it)))
            .filter(|(_, (_, it))| it.keyframe_deadline(now).is_some_and(|at| at <= now))
            .map(|(sender, (source, _))| (sender, *source))
            .collect();
        for (sender, source) in due {
            self.request_keyframes_if_due(sender, source);
        }
    }

    pub(super) fn request_keyframes_if_due(&mut self, sender: ParticipantId, source: TrackSource) {
        let now = self.now;
        let Some(participant) = self.participants.get_mut(&sender) else {
            return;
        };
        let Some(publication) = participant.publications.get_mut(&source) else {
            return;
        };
        let (Some(mid), Some(peer)) = (publication.mid, participant.peer.as_mut()) else {
            return;
        };
        let mut is_asked = false;
        for encoding in publication.encodings.iter_mut() {
            if encoding.keyframes.is_due(now) {
                is_asked |= peer.request_keyframe(mid, encoding.rid());
            }
        }
        if is_asked {
            self.mark_dirty(sender);
        }
    }
}

/// The video a slot carries, and how much of it; `None`: no keyframe helps.
fn wish_of(slot: &Slot) -> Option<(SlotTrack, Choice)> {
    let track = slot.track.clone().filter(|track| track.source.is_video() && !slot.is_staged)?;
    Some((track, slot.subscription.selector.target()?))
}
