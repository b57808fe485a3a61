//! Keyframes: who waits for one of which encoding, and asking their senders.

use parlor_model::call::{SlotTrack, TrackSource};
use parlor_model::id::ParticipantId;

use super::Room;
use super::message::Rejection;
use crate::forward::Place;
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

    /// A decoder asks for a keyframe in one of its slots.
    pub(super) fn want_keyframe_at(&mut self, place: Place) {
        let receiver = self.participants.get(&place.receiver);
        let slot = receiver.and_then(|it| it.slots.get(place.slot));
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

    /// Somebody lacks a keyframe of this track, of which the publication knows.
    /// It is asked for with the next [`Self::request_due_keyframes`].
    pub(super) fn note_wanting(&mut self, track: &SlotTrack) {
        self.wanting.insert(track.clone());
        self.ask_at = Some(self.now);
    }

    /// What somebody sends arrives on other transceivers: what is wanted of it is
    /// asked for there.
    pub(super) fn note_wanting_of(&mut self, sender: ParticipantId) {
        let now = self.now;
        let publications =
            self.participants.get(&sender).into_iter().flat_map(|it| &it.publications);
        let wanted = publications.filter(|(_, it)| it.keyframe_deadline(now).is_some());
        let tracks: Vec<_> =
            wanted.map(|(source, _)| SlotTrack { participant: sender, source: *source }).collect();
        for track in tracks {
            self.note_wanting(&track);
        }
    }

    /// Asks for what is wanted and due.
    pub(super) fn request_due_keyframes(&mut self) {
        if self.ask_at.is_none_or(|at| at > self.now) {
            return;
        }
        self.ask_at = None;
        // Those that still want something come back with their next moment.
        for track in std::mem::take(&mut self.wanting) {
            self.request_keyframes_if_due(track.participant, track.source);
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
        if let Some(at) = publication.keyframe_deadline(now) {
            self.ask_at = Some(self.ask_at.map_or(at, |ask_at| ask_at.min(at)));
            self.wanting.insert(SlotTrack { participant: sender, source });
        }
        if is_asked {
            self.mark_dirty(sender);
        }
    }
}

/// The video a slot carries, and how much of it; `None`: no keyframe helps.
fn wish_of(slot: &Slot) -> Option<(SlotTrack, Choice)> {
    let track = slot.track.clone().filter(|track| track.source.is_video() && !slot.is_staged)?;
    Some((track, slot.target?))
}
