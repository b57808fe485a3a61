//! The path of a packet: in by one peer, across to every subscriber, out at
//! the flush.

use std::collections::VecDeque;

use parlor_model::call::TrackSource;
use parlor_model::id::ParticipantId;
use str0m::media::{Mid, Rid};
use str0m::rtp::RtpPacket;

use super::Room;
use super::timers::peer_deadline;
use crate::io::{Output, Received, RouteChange, Transmit};
use crate::layers::EncodingSet;
use crate::participant::Participant;
use crate::peer::{PeerEvent, PeerSink, PeerTransmit};
use crate::publication::{Passing, Publication, Subscriber};
use crate::subscription::Forwarded;

/// Where a peer's outputs go while it is drained.
struct Drain<'a> {
    participant: ParticipantId,
    outputs: &'a mut VecDeque<Output>,
    events: &'a mut Vec<PeerEvent>,
}

impl PeerSink for Drain<'_> {
    fn transmit(&mut self, transmit: PeerTransmit) {
        let PeerTransmit { transport, source, destination, contents } = transmit;
        let participant = self.participant;
        let transmit = Transmit { participant, transport, source, destination, contents };
        self.outputs.push_back(Output::Datagram(transmit));
    }

    fn event(&mut self, event: PeerEvent) {
        self.events.push(event);
    }
}

impl Room {
    pub(super) fn handle_datagram(&mut self, from: ParticipantId, received: Received<'_>) {
        let now = self.now;
        // This drain also puts out what was written to the peer before.
        if let Some(participant) = self.participants.get_mut(&from) {
            participant.is_dirty = false;
        }
        let mut is_told = false;
        self.with_peer(from, |peer, drain| is_told = peer.receive(now, received, drain));
        if is_told {
            self.check_bandwidth(from);
        }
    }

    /// Puts out everything that was written: one drain for each peer.
    pub(super) fn flush(&mut self) {
        while self.flush_next() {}
    }

    /// Drains the next peer that was written to. `false`: there is none.
    pub(super) fn flush_next(&mut self) -> bool {
        // Draining may make other peers dirty; they join the end of the queue.
        let Some(id) = self.dirty.pop_front() else {
            return false;
        };
        self.settle(id);
        true
    }

    /// Drains a peer that was written to, before it is changed otherwise.
    pub(super) fn settle(&mut self, id: ParticipantId) {
        let now = self.now;
        let participant = self.participants.get_mut(&id);
        if participant.is_some_and(|it| std::mem::take(&mut it.is_dirty)) {
            self.with_peer(id, |peer, drain| peer.flush(now, drain));
        }
    }

    pub(super) fn mark_dirty(&mut self, id: ParticipantId) {
        if let Some(participant) = self.participants.get_mut(&id)
            && !participant.is_dirty
        {
            participant.is_dirty = true;
            self.dirty.push_back(id);
        }
    }

    /// Works on a participant's peer, then on what came out of it.
    fn with_peer(
        &mut self,
        id: ParticipantId,
        work: impl FnOnce(&mut crate::peer::Peer, &mut Drain<'_>),
    ) {
        let made_at = self.made_at;
        let Some(Participant { peer: Some(peer), alarm, .. }) = self.participants.get_mut(&id)
        else {
            return;
        };
        let mut events = std::mem::take(&mut self.peer_events);
        let mut drain = Drain { participant: id, outputs: &mut self.outputs, events: &mut events };
        work(peer, &mut drain);
        if let Some(at) = peer_deadline(peer, made_at) {
            self.alarms.set(alarm, id, at);
        }
        for event in events.drain(..) {
            self.handle_peer_event(id, event);
        }
        self.peer_events = events;
    }

    fn handle_peer_event(&mut self, id: ParticipantId, event: PeerEvent) {
        match event {
            PeerEvent::Packet(mid, rid, packet) => self.forward(id, mid, rid, packet),
            PeerEvent::KeyframeWanted(mid) => self.want_keyframe_in(id, mid),
            PeerEvent::Connected => self.want_all_keyframes(id),
            PeerEvent::Located(address) => {
                self.outputs.push_back(Output::Route(RouteChange::Address(address, id)));
            }
            PeerEvent::Closed => self.drop_peer(id),
        }
    }

    /// Passes one packet on to everybody who receives the track.
    fn forward(&mut self, from: ParticipantId, mid: Mid, rid: Option<Rid>, packet: Box<RtpPacket>) {
        let now = self.now;
        if self.audible.is_count_due(now) {
            self.count_microphones();
        }
        let Some(sender) = self.participants.get_mut(&from) else {
            return;
        };
        let Some(source) = sender.source_at(mid) else {
            return;
        };
        let Participant { publications, capture_clock, peer: Some(peer), .. } = sender else {
            return;
        };
        let Some(publication) = publications.get_mut(&source) else {
            return;
        };
        if !publication.is_sending() {
            return;
        }
        if source == TrackSource::CamAudio {
            let level = packet.header.ext_vals.audio_level;
            let is_heard = self.audible.passes(now, from, level);
            publication.drown(!is_heard);
            if !is_heard {
                return;
            }
        }
        let codec = |payload_type| peer.codec(payload_type);
        let Some(passing) = publication.pass(now, (rid, packet), capture_clock, codec) else {
            return;
        };
        // The list is put back below: nothing in between changes it.
        let subscribers = std::mem::take(&mut publication.subscribers);
        if source == TrackSource::CamAudio
            && let Some(level) = passing.extensions.audio_level
        {
            self.speakers.handle_level(now, from, level);
        }
        let mut awaited = EncodingSet::default();
        for subscriber in &subscribers {
            let outcome = self.forward_to(*subscriber, &passing);
            awaited.extend(outcome.awaits);
        }
        let sender = self.participants.get_mut(&from);
        if let Some(publication) = sender.and_then(|it| it.publications.get_mut(&source)) {
            publication.subscribers = subscribers;
            if !awaited.is_empty() {
                publication.want_keyframes(awaited);
                self.request_keyframes_if_due(from, source);
            }
        }
    }

    fn count_microphones(&mut self) {
        let is_open = |participant: &&Participant| {
            let microphone = participant.publications.get(&TrackSource::CamAudio);
            microphone.is_some_and(Publication::is_sending)
        };
        let open = self.participants.values().filter(is_open).count();
        self.audible.count(self.now, open);
    }

    fn forward_to(&mut self, to: Subscriber, passing: &Passing) -> Forwarded {
        let Some(receiver) = self.participants.get_mut(&to.participant) else {
            return Forwarded::default();
        };
        let Participant { peer: Some(peer), slots, is_dirty, .. } = receiver else {
            return Forwarded::default();
        };
        let Some(slot) = slots.get_mut(to.slot) else {
            return Forwarded::default();
        };
        let outcome = slot.subscription.forward(self.now, passing, slot.mid, peer);
        if outcome.is_written && !*is_dirty {
            *is_dirty = true;
            self.dirty.push_back(to.participant);
        }
        outcome
    }
}
