//! The path of a packet: in by one peer, across to every subscriber, out at
//! the flush.

use std::collections::VecDeque;

use parlor_model::call::{SlotTrack, TrackSource};
use parlor_model::id::ParticipantId;
use str0m::media::{Mid, Rid};
use str0m::rtp::RtpPacket;

use super::Room;
use super::timers::peer_deadline;
use crate::io::{Output, Received, RouteChange, Transmit};
use crate::participant::Participant;
use crate::peer::{self, Peer, PeerEvent, PeerSink, PeerTransmit, Way};
use crate::publication::Publication;

/// Where a peer's outputs go while it is drained.
struct Drain<'a> {
    participant: ParticipantId,
    outputs: &'a mut VecDeque<Output>,
    events: &'a mut Vec<PeerEvent>,
}

impl PeerSink for Drain<'_> {
    fn transmit(&mut self, transmit: PeerTransmit) {
        let PeerTransmit { way: Way { transport, source, destination }, contents } = transmit;
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
        if self.handle_control(from, received.bytes) {
            return;
        }
        let now = self.now;
        // This drain also puts out what was written to the peer before.
        if let Some(participant) = self.participants.get_mut(&from) {
            participant.is_dirty = false;
        }
        self.with_peer(from, |peer, drain| peer.receive(now, received, drain));
    }

    /// Hands what somebody says of what they are sent to the forwarding plane.
    /// `true`: it is about nothing else.
    fn handle_control(&mut self, from: ParticipantId, datagram: &[u8]) -> bool {
        let peer = self.participants.get_mut(&from).and_then(|it| it.peer.as_mut());
        let Some(peer) = peer.filter(|peer| peer.can_open(datagram)) else {
            return false;
        };
        let Some(compound) = peer.open(datagram) else {
            return true;
        };
        self.spread.control(self.now, from, compound, &mut self.outputs);
        let is_answer = !peer::is_from_sender(compound);
        self.take_news();
        self.check_bandwidth(from);
        is_answer
    }

    /// Puts out everything that was written to peers: one drain for each.
    pub(super) fn flush_peers(&mut self) {
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
    fn with_peer(&mut self, id: ParticipantId, work: impl FnOnce(&mut Peer, &mut Drain<'_>)) {
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
            PeerEvent::Connected(sealer) => self.open_receiver(id, *sealer),
            PeerEvent::Moved(way) => self.move_receiver(id, way),
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
        let level = packet.header.ext_vals.audio_level;
        if source == TrackSource::CamAudio {
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
        if source == TrackSource::CamAudio
            && let Some(level) = level
        {
            self.speakers.handle_level(now, from, level);
        }
        let track = SlotTrack { participant: from, source };
        self.spread.forward(now, track, passing, &mut self.outputs);
        self.take_news();
    }

    fn count_microphones(&mut self) {
        let is_open = |participant: &&Participant| {
            let microphone = participant.publications.get(&TrackSource::CamAudio);
            microphone.is_some_and(Publication::is_sending)
        };
        let open = self.participants.values().filter(is_open).count();
        self.audible.count(self.now, open);
    }
}
