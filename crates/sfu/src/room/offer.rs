//! Negotiation: answering offers, and deciding which slot carries whose track.

use std::collections::BTreeSet;

use parlor_model::call::{SendTransceiver, ServerMessage, SlotTrack, TrackState};
use parlor_model::id::ParticipantId;
use str0m::media::Mid;

use super::Room;
use super::message::Rejection;
use crate::io::{Output, RouteChange};
use crate::offer::{count_transceivers, session_id};
use crate::participant::Participant;
use crate::peer::{Peer, PeerError};
use crate::publication::{Publication, Subscriber};
use crate::rewrite::Rewriter;
use crate::select::Choice;
use crate::subscription::Subscription;

/// Longest `a=mid` the library tells apart.
const MAX_MID_BYTES: usize = 16;

impl Room {
    pub(super) fn handle_offer(
        &mut self,
        from: ParticipantId,
        sdp: &str,
        sends: &[SendTransceiver],
        slots: &[String],
    ) -> Result<(), Rejection> {
        self.check_offer(sdp, sends, slots)?;
        let session = session_id(sdp).ok_or("the offer has no o= line")?;
        self.settle(from);
        let is_new = self.ensure_peer(from, session);
        let answer = match self.accept_offer(from, sdp) {
            Ok(answer) => answer,
            Err(error) => {
                // A connection that never worked is not kept; one that did goes on.
                if is_new || matches!(error, PeerError::Broken) {
                    self.drop_peer(from);
                }
                return Err(error.to_string());
            }
        };
        self.apply_transceivers(from, sends, slots);
        self.send(from, ServerMessage::Answer { sdp: answer });
        self.mark_dirty(from);
        let tracks = if is_new { self.tracks_for(from) } else { self.unserved_of(from) };
        self.give_tracks(from, tracks, Vec::new());
        self.request_due_keyframes();
        Ok(())
    }

    fn check_offer(
        &self,
        sdp: &str,
        sends: &[SendTransceiver],
        slots: &[String],
    ) -> Result<(), Rejection> {
        let limits = &self.config.limits;
        if sdp.len() > limits.offer_bytes {
            return Err(format!("an offer is at most {} bytes", limits.offer_bytes));
        }
        let transceivers = count_transceivers(sdp).max(sends.len() + slots.len());
        if transceivers > limits.transceivers {
            return Err(format!("an offer has at most {} transceivers", limits.transceivers));
        }
        let mut mids = sends.iter().map(|send| &send.mid).chain(slots);
        if mids.any(|mid| mid.is_empty() || mid.len() > MAX_MID_BYTES) {
            return Err(format!("a mid has 1 to {MAX_MID_BYTES} characters"));
        }
        Ok(())
    }

    /// Makes a peer for a new `RTCPeerConnection`; keeps it for one that is
    /// negotiated again. `true`: it is new.
    fn ensure_peer(&mut self, id: ParticipantId, session: &str) -> bool {
        let Some(participant) = self.participants.get(&id) else {
            return false;
        };
        if participant.peer.as_ref().is_some_and(|peer| peer.session() == session) {
            return false;
        }
        self.drop_peer(id);
        let credentials = self.secrets.ice_credentials(&self.config.ufrag_prefix);
        let peer = Peer::new(&self.config, credentials, session.to_owned(), self.now);
        if let Some(participant) = self.participants.get_mut(&id) {
            participant.peer = Some(peer);
        }
        true
    }

    /// Forgets a participant's transport and everything that lay on it.
    pub(super) fn drop_peer(&mut self, id: ParticipantId) {
        let Some(participant) = self.participants.get_mut(&id) else {
            return;
        };
        if participant.peer.take().is_none() {
            return;
        }
        for publication in participant.publications.values_mut() {
            publication.set_mid(None, &[]);
        }
        let slots = participant.slots.clear();
        for track in slots.into_iter().filter_map(|slot| slot.track) {
            self.unsubscribe(id, &track);
        }
        self.outputs.push_back(Output::Route(RouteChange::Gone(id)));
    }

    fn accept_offer(&mut self, id: ParticipantId, sdp: &str) -> Result<String, PeerError> {
        let participant = self.participants.get_mut(&id);
        let peer = participant.and_then(|participant| participant.peer.as_mut());
        let peer = peer.ok_or(PeerError::Broken)?;
        let answer = peer.accept_offer(sdp)?;
        let route = RouteChange::Ufrag(peer.ufrag(), id);
        self.outputs.push_back(Output::Route(route));
        Ok(answer)
    }

    /// Notes what the transceivers of an accepted offer are for.
    fn apply_transceivers(
        &mut self,
        id: ParticipantId,
        sends: &[SendTransceiver],
        slots: &[String],
    ) {
        let Some(participant) = self.participants.get_mut(&id) else {
            return;
        };
        let Some(peer) = &participant.peer else {
            return;
        };
        for send in sends {
            let mid = Mid::from(send.mid.as_str());
            if peer.is_video(mid) == Some(send.source.is_video()) {
                participant
                    .publications
                    .entry(send.source)
                    .or_insert_with(|| Publication::new(TrackState::Off))
                    .set_mid(Some(mid), &peer.encodings(mid));
            }
        }
        for slot in participant.slots.iter_mut() {
            slot.subscription.forget_negotiation();
        }
        for name in slots {
            let Some(is_video) = peer.is_video(Mid::from(name.as_str())) else {
                continue;
            };
            participant.slots.add(name, is_video, || {
                let secrets = &mut self.secrets;
                let rewriter = Rewriter::new(secrets.first_sequence(), secrets.first_timestamp());
                Subscription::new(rewriter)
            });
        }
    }

    /// Every track this participant should receive, in order of joining.
    fn tracks_for(&self, id: ParticipantId) -> Vec<SlotTrack> {
        let Some(receiver) = self.participants.get(&id) else {
            return Vec::new();
        };
        let senders = self.participants.values().filter(|sender| sender.id != id);
        senders
            .flat_map(|sender| sender.sent_tracks().map(move |track| (sender, track)))
            .filter(|(sender, track)| receiver.may_receive(sender, track.source))
            .map(|(_, track)| track)
            .collect()
    }

    fn unserved_of(&mut self, id: ParticipantId) -> Vec<SlotTrack> {
        let participant = self.participants.get_mut(&id);
        participant.map_or_else(Vec::new, |participant| participant.slots.take_unserved())
    }

    /// A track that was never sent before.
    pub(super) fn offer_to_everybody(&mut self, track: &SlotTrack) {
        let Some(sender) = self.participants.get(&track.participant) else {
            return;
        };
        let receives = |receiver: &&Participant| {
            receiver.id != sender.id
                && receiver.peer.is_some()
                && receiver.may_receive(sender, track.source)
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
    fn give_tracks(&mut self, to: ParticipantId, tracks: Vec<SlotTrack>, freed: Vec<usize>) {
        let Some(receiver) = self.participants.get_mut(&to) else {
            return;
        };
        let assigned = receiver.slots.assign(tracks);
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
            .filter_map(|slot| Some((slot, receiver.slots.get_mut(slot)?.track.clone()?)))
            .collect();
        let sends = receiver.publications.values().filter(|it| it.mid.is_some()).count();
        let limit = self.config.limits.transceivers.saturating_sub(sends);
        let wanted = receiver.slots.shortage(limit);

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
            }
        }
    }

    fn unsubscribe(&mut self, subscriber: ParticipantId, track: &SlotTrack) {
        if let Some(publication) = self.publication(track) {
            publication.subscribers.retain(|it| it.participant != subscriber);
        }
    }

    /// Takes somebody who left off the lists of those they received.
    pub(super) fn unsubscribe_everything(&mut self, gone: &Participant) {
        let tracks: Vec<_> = gone.slots.iter().filter_map(|slot| slot.track.clone()).collect();
        for track in tracks {
            self.unsubscribe(gone.id, &track);
        }
    }

    /// Frees the slots that carried somebody who left, for those who wait.
    pub(super) fn release_slots(&mut self, gone: ParticipantId) {
        for receiver in self.participants.keys().copied().collect::<Vec<_>>() {
            let Some(participant) = self.participants.get_mut(&receiver) else {
                continue;
            };
            let freed = participant.slots.release(gone);
            if freed.is_empty() {
                continue;
            }
            let waiting = participant.slots.take_unserved();
            self.give_tracks(receiver, waiting, freed);
        }
        self.request_due_keyframes();
    }

    /// What somebody may receive has changed: takes what they may not from
    /// their slots, and gives them what they may.
    pub(super) fn refresh_tracks(&mut self, id: ParticipantId) {
        let tracks = self.tracks_for(id);
        let Some(receiver) = self.participants.get_mut(&id).filter(|it| it.peer.is_some()) else {
            return;
        };
        let allowed: BTreeSet<_> = tracks.iter().collect();
        let freed = receiver.slots.keep(|track| allowed.contains(track));
        // Those that wait for a slot are among `tracks`.
        receiver.slots.take_unserved();
        let carried: BTreeSet<_> =
            receiver.slots.iter().filter_map(|it| it.track.clone()).collect();
        let missing = tracks.into_iter().filter(|track| !carried.contains(track)).collect();
        for (_, track) in &freed {
            self.unsubscribe(id, track);
        }
        self.give_tracks(id, missing, freed.into_iter().map(|(slot, _)| slot).collect());
    }

    pub(super) fn publication(&mut self, track: &SlotTrack) -> Option<&mut Publication> {
        self.participants.get_mut(&track.participant)?.publications.get_mut(&track.source)
    }
}
