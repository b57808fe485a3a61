//! Which slot carries whose track: what a receiver may have and wants, for as
//! long as there are transceivers for it.

use std::collections::{BTreeMap, BTreeSet};

use parlor_model::call::{ServerMessage, SlotTrack, SubscriptionWish};
use parlor_model::id::ParticipantId;

use super::Room;
use super::message::Rejection;
use crate::forward::Place;
use crate::participant::Participant;
use crate::peer::Peer;
use crate::publication::{Publication, Subscriber};
use crate::select::Choice;

impl Room {
    /// Every track this participant should receive, in order of joining.
    pub(super) fn tracks_for(&self, id: ParticipantId) -> Vec<SlotTrack> {
        let Some(receiver) = self.participants.get(&id) else {
            return Vec::new();
        };
        self.participants
            .values()
            .flat_map(|sender| sender.sent_tracks().map(move |track| (sender, track)))
            .filter(|(sender, track)| receiver.wants(sender, track.source))
            .map(|(_, track)| track)
            .collect()
    }

    pub(super) fn unserved_of(&mut self, id: ParticipantId) -> Vec<SlotTrack> {
        let participant = self.participants.get_mut(&id);
        participant.map_or_else(Vec::new, |participant| participant.slots.take_unserved())
    }

    /// A track that was never sent before.
    pub(super) fn offer_to_everybody(&mut self, track: &SlotTrack) {
        let Some(sender) = self.participants.get(&track.participant) else {
            return;
        };
        let receives = |receiver: &&Participant| {
            receiver.peer.is_some() && receiver.wants(sender, track.source)
        };
        let receivers: Vec<_> =
            self.participants.values().filter(receives).map(|receiver| receiver.id).collect();
        for receiver in receivers {
            self.give_tracks(receiver, vec![track.clone()], Vec::new());
        }
        self.request_due_keyframes();
    }

    /// Assigns slots to tracks, tells the receiver what changed (`freed` slots
    /// included) and how many more it should offer. The caller then sees to the
    /// keyframes that this made due.
    pub(super) fn give_tracks(
        &mut self,
        to: ParticipantId,
        tracks: Vec<SlotTrack>,
        freed: Vec<usize>,
    ) {
        let Some(receiver) = self.participants.get_mut(&to) else {
            return;
        };
        let assigned = receiver.slots.assign(tracks);
        receiver.restage();
        let mut changed = freed;
        changed.extend(&assigned);
        changed.sort_unstable();
        changed.dedup();
        let assignments: Vec<_> = changed
            .iter()
            .filter_map(|index| Some(receiver.slots.get_mut(*index)?.assignment()))
            .collect();
        let given: Vec<_> = assigned
            .into_iter()
            .filter_map(|index| {
                let slot = receiver.slots.get_mut(index).filter(|slot| !slot.is_staged)?;
                Some((index, slot.track.clone()?))
            })
            .collect();
        let sends = receiver.publications.values().filter(|it| it.mid.is_some()).count();
        let limit = self.config.limits.transceivers.saturating_sub(sends);
        let wanted = receiver.slots.shortage(limit);

        let is_watching = given.iter().any(|(_, track)| track.source.is_video());
        for (slot, track) in given {
            self.subscribe(Subscriber { participant: to, slot }, &track);
        }
        if !assignments.is_empty() {
            self.send(to, ServerMessage::Slots { slots: assignments });
        }
        if let Some(wanted) = wanted {
            let message = ServerMessage::SlotsWanted { audio: wanted.audio, video: wanted.video };
            self.send(to, message);
        }
        if is_watching {
            self.note_videos(to);
        }
    }

    fn subscribe(&mut self, subscriber: Subscriber, track: &SlotTrack) {
        // A keyframe before the receiver is connected would be lost, and the
        // next one may be asked for a second later only.
        let receiver = self.participants.get(&subscriber.participant);
        let peer = receiver.and_then(|it| it.peer.as_ref());
        let is_connected = peer.is_some_and(Peer::is_connected);
        if let Some(publication) = self.publication(track) {
            publication.subscribers.push(subscriber);
            if is_connected && track.source.is_video() && publication.is_sending() {
                publication.want_keyframe(publication.encoding_for(Choice::ALL));
                self.note_wanting(track);
            }
            let Subscriber { participant: receiver, slot } = subscriber;
            self.carry(Place { receiver, slot }, track);
        }
    }

    pub(super) fn unsubscribe(&mut self, subscriber: ParticipantId, track: &SlotTrack) {
        let Some(publication) = self.publication(track) else {
            return;
        };
        let is_theirs = |it: &mut Subscriber| it.participant == subscriber;
        let gone: Vec<_> = publication.subscribers.extract_if(.., is_theirs).collect();
        for Subscriber { participant: receiver, slot } in gone {
            self.drop_carried(Place { receiver, slot });
        }
    }

    /// Takes somebody who left off the lists of those they received.
    pub(super) fn unsubscribe_everything(&mut self, gone: &Participant) {
        let tracks: Vec<_> = gone.slots.iter().filter_map(|slot| slot.track.clone()).collect();
        for track in tracks {
            self.unsubscribe(gone.id, &track);
        }
    }

    /// Frees the slots that carry what `is_gone`, for those who wait.
    pub(super) fn release_slots(&mut self, is_gone: impl Fn(&SlotTrack) -> bool) {
        for receiver in self.participants.keys().copied().collect::<Vec<_>>() {
            let Some(participant) = self.participants.get_mut(&receiver) else {
                continue;
            };
            let freed = participant.slots.keep(|track| !is_gone(track));
            if freed.is_empty() {
                continue;
            }
            let waiting = participant.slots.take_unserved();
            for (slot, _) in &freed {
                self.drop_carried(Place { receiver, slot: *slot });
            }
            self.give_tracks(receiver, waiting, freed.into_iter().map(|(slot, _)| slot).collect());
        }
        self.request_due_keyframes();
    }

    /// Which tracks somebody wants has changed.
    pub(super) fn set_subscriptions(
        &mut self,
        from: ParticipantId,
        base: Option<SubscriptionWish>,
        participants: BTreeMap<ParticipantId, Option<SubscriptionWish>>,
    ) -> Result<(), Rejection> {
        let receiver = self.participants.get(&from);
        if receiver.is_some_and(|it| !it.wishes.has_space_for(&participants)) {
            self.forget_wishes_for_strangers(from);
        }
        if let Some(receiver) = self.participants.get_mut(&from) {
            receiver.wishes.change(base, participants)?;
            self.refresh_tracks(from);
            self.request_due_keyframes();
        }
        Ok(())
    }

    /// Somebody is gone for good.
    pub(super) fn forget_wishes(&mut self, gone: ParticipantId) {
        for receiver in self.participants.values_mut() {
            receiver.wishes.forget(gone);
            receiver.receiving.forget(gone);
        }
    }

    /// Wishes may come before whom they are about, but must not keep out those
    /// for people who are here.
    pub(super) fn forget_wishes_for_strangers(&mut self, of: ParticipantId) {
        let present: BTreeSet<_> = self.participants.keys().copied().collect();
        if let Some(receiver) = self.participants.get_mut(&of) {
            receiver.wishes.keep(&present);
            receiver.receiving.keep(&present);
        }
    }

    /// What somebody may receive, or wants, has changed: takes the rest from
    /// their slots, and gives them what they lack.
    pub(super) fn refresh_tracks(&mut self, id: ParticipantId) {
        let tracks = self.tracks_for(id);
        let Some(receiver) = self.participants.get_mut(&id).filter(|it| it.peer.is_some()) else {
            return;
        };
        let wanted: BTreeSet<_> = tracks.iter().collect();
        let freed = receiver.slots.keep(|track| wanted.contains(track));
        // Those that wait for a slot are among `tracks`.
        receiver.slots.take_unserved();
        let carried: BTreeSet<_> =
            receiver.slots.iter().filter_map(|it| it.track.clone()).collect();
        let missing = tracks.into_iter().filter(|track| !carried.contains(track)).collect();
        let restaged = receiver.restage();
        let is_watching = restaged.iter().any(|(_, track, _)| track.source.is_video());
        for (_, track) in &freed {
            self.unsubscribe(id, track);
        }
        for (slot, track, is_staged) in restaged {
            if is_staged {
                self.unsubscribe(id, &track);
            } else {
                self.subscribe(Subscriber { participant: id, slot }, &track);
            }
        }
        self.give_tracks(id, missing, freed.into_iter().map(|(slot, _)| slot).collect());
        if is_watching {
            self.note_videos(id);
        }
    }

    pub(super) fn publication(&mut self, track: &SlotTrack) -> Option<&mut Publication> {
        self.participants.get_mut(&track.participant)?.publications.get_mut(&track.source)
    }
}
