//! What the room tells its forwarding plane, and what it is told: the room
//! never looks into it, but remembers both. Shards of the plane are elsewhere,
//! and what they tell comes later; about whom is checked by `spread`.

use parlor_model::call::SlotTrack;
use parlor_model::id::ParticipantId;

use super::Room;
use crate::forward::{Bandwidth, Command, Event, Opening, Place};
use crate::io::Route;
use crate::layers::EncodingSet;
use crate::participant::Participant;
use crate::peer::{Peer, Way};
use crate::select::Choice;
use crate::shard::ShardEvent;
use crate::srtp::Sealer;

impl Room {
    /// Somebody can be sent to from now on: tells all that they are to get.
    pub(super) fn open_receiver(&mut self, id: ParticipantId, sealer: Sealer) {
        let way = self.participants.get(&id).and_then(|it| it.peer.as_ref()?.way());
        let Some(way) = way else { return };
        let opening = Opening { receiver: id, sealer, route: route(id, way) };
        self.instruct(Command::Open(Box::new(opening)));
        self.set_up_streams(id);
        let Some(receiver) = self.participants.get(&id) else {
            return;
        };
        let slots = receiver.slots.iter().enumerate();
        let carried = slots.filter(|(_, slot)| !slot.is_staged).filter_map(|(index, slot)| {
            Some((Place { receiver: id, slot: index }, slot.track.clone()?, slot.target))
        });
        for (place, track, target) in carried.collect::<Vec<_>>() {
            self.instruct(Command::Carry(place, track));
            self.instruct(Command::Aim(place, target));
        }
        self.want_all_keyframes(id);
        self.note_videos(id);
    }

    /// Somebody's transport is new: assumes what is usual of its bandwidth.
    pub(super) fn assume_bandwidth(&mut self, id: ParticipantId) {
        let Some(participant) = self.participants.get_mut(&id) else {
            return;
        };
        if participant.peer.as_ref().is_some_and(Peer::tells_of_arrivals) {
            participant.receiving.bandwidth = Bandwidth::assumed(self.now);
        }
    }

    /// Their transport is gone.
    pub(super) fn close_receiver(&mut self, id: ParticipantId) {
        self.instruct(Command::Close(id));
        if let Some(participant) = self.participants.get_mut(&id) {
            participant.receiving.bandwidth = Bandwidth::default();
        }
    }

    /// Somebody is to be sent to by another way.
    pub(super) fn move_receiver(&mut self, id: ParticipantId, way: Way) {
        self.instruct(Command::Route(id, route(id, way)));
    }

    /// Tells how the packets of each slot look, as negotiated last.
    pub(super) fn set_up_streams(&mut self, id: ParticipantId) {
        let Some(Participant { peer: Some(peer), slots, .. }) = self.participants.get_mut(&id)
        else {
            return;
        };
        if !peer.is_connected() {
            return;
        }
        for (index, slot) in slots.iter().enumerate() {
            if let Some(setup) = peer.stream_setup(slot.mid, slot.beginning) {
                let place = Place { receiver: id, slot: index };
                let command = Command::Stream(place, Box::new(setup));
                self.spread.command(self.now, command, &mut self.outputs);
            }
        }
    }

    /// A slot carries this track from now on.
    pub(super) fn carry(&mut self, place: Place, track: &SlotTrack) {
        if self.is_open(place.receiver) {
            self.instruct(Command::Carry(place, track.clone()));
        }
    }

    /// A slot carries nothing any more.
    pub(super) fn drop_carried(&mut self, place: Place) {
        self.instruct(Command::Drop(place));
    }

    /// So much is to be sent of the video in a slot.
    pub(super) fn aim(&mut self, place: Place, target: Option<Choice>) {
        let receiver = self.participants.get_mut(&place.receiver);
        let Some(slot) = receiver.and_then(|it| it.slots.get_mut(place.slot)) else {
            return;
        };
        if slot.target != target {
            slot.target = target;
            self.instruct(Command::Aim(place, target));
        }
    }

    /// So much would be sent to somebody if all of it passed.
    pub(super) fn need(&mut self, id: ParticipantId, bits_per_second: f64) {
        self.instruct(Command::Need(id, bits_per_second));
    }

    /// Takes what the forwarding plane tells.
    pub(super) fn take_news(&mut self) {
        while let Some(event) = self.spread.poll_event() {
            self.handle_news(event);
        }
    }

    /// Takes what a shard told.
    pub(super) fn handle_shard(&mut self, shard: usize, events: Vec<ShardEvent>) {
        for event in events {
            let Some(event) = self.spread.accept(shard, event) else {
                continue;
            };
            let fed_back = match &event {
                Event::Bandwidth(receiver, _) => Some(*receiver),
                _ => None,
            };
            self.handle_news(event);
            if let Some(receiver) = fed_back {
                self.check_bandwidth(receiver);
            }
        }
    }

    /// A shard is no more: those who were sent to from there begin anew.
    pub(super) fn handle_shard_lost(&mut self, shard: usize) {
        for receiver in self.spread.lose(self.now, shard) {
            self.let_go(receiver);
        }
    }

    fn handle_news(&mut self, event: Event) {
        match event {
            Event::Awaited(track, encodings) => self.handle_awaited(&track, encodings),
            Event::Current(place, encoding) => self.handle_current(place, encoding),
            Event::Bandwidth(receiver, bandwidth) => self.handle_bandwidth(receiver, bandwidth),
            Event::KeyframeWanted(place) => self.want_keyframe_at(place),
            Event::Failed(receiver) => self.drop_peer(receiver),
        }
    }

    fn instruct(&mut self, command: Command) {
        self.spread.command(self.now, command, &mut self.outputs);
        self.take_news();
    }

    fn is_open(&self, id: ParticipantId) -> bool {
        let peer = self.participants.get(&id).and_then(|it| it.peer.as_ref());
        peer.is_some_and(Peer::is_connected)
    }

    fn handle_awaited(&mut self, track: &SlotTrack, encodings: EncodingSet) {
        if let Some(publication) = self.publication(track) {
            publication.want_keyframes(encodings);
            self.request_keyframes_if_due(track.participant, track.source);
        }
    }

    fn handle_current(&mut self, place: Place, encoding: Option<u8>) {
        let receiver = self.participants.get_mut(&place.receiver);
        if let Some(slot) = receiver.and_then(|it| it.slots.get_mut(place.slot)) {
            slot.current = encoding;
        }
    }

    fn handle_bandwidth(&mut self, receiver: ParticipantId, bandwidth: Bandwidth) {
        let Some(participant) = self.participants.get_mut(&receiver) else {
            return;
        };
        if bandwidth.is_leap {
            participant.receiving.headroom.forget();
        }
        participant.receiving.bandwidth = bandwidth;
    }
}

fn route(participant: ParticipantId, way: Way) -> Route {
    let Way { transport, source, destination } = way;
    Route { participant, transport, source, destination }
}
