//! Who is here: leaving, and the facts told to the server.

use parlor_model::call::ServerMessage;
use parlor_model::event::{Fact, LeaveReason, RoomEvent};
use parlor_model::id::ParticipantId;

use super::Room;
use crate::io::{ConnectionId, Output, RouteChange};
use crate::participant::{Line, Participant};

impl Room {
    pub(super) fn handle_heard(&mut self, connection: ConnectionId) {
        let now = self.now;
        if let Some(participant) = self.participant_of(connection) {
            participant.hear(now);
        }
    }

    pub(super) fn handle_disconnected(&mut self, connection: ConnectionId) {
        let now = self.now;
        if let Some(participant) = self.participant_of(connection) {
            participant.line = Line::Lost { since: now };
        }
        self.connections.remove(&connection);
    }

    fn participant_of(&mut self, connection: ConnectionId) -> Option<&mut Participant> {
        self.participants.get_mut(self.connections.get(&connection)?)
    }

    /// Ends a stay for whatever reason: tells the one who goes (unless it was
    /// their own act), the others and the server.
    pub(super) fn remove(&mut self, id: ParticipantId, reason: LeaveReason) {
        if reason != LeaveReason::Left {
            self.send(id, ServerMessage::Removed { reason });
        }
        let Some(participant) = self.participants.shift_remove(&id) else {
            return;
        };
        if let Some(connection) = participant.connection() {
            self.connections.remove(&connection);
            self.outputs.push_back(Output::Close(connection));
        }
        if participant.peer.is_some() {
            self.outputs.push_back(Output::Route(RouteChange::Gone(id)));
        }
        self.outputs.push_back(Output::Left(id));
        self.speakers.remove(id);
        if participant.is_visible() {
            self.send_where(|_| true, ServerMessage::ParticipantLeft { id, reason });
            // Behind a clock that was set back, no stay is shorter than none.
            let stay = self.wall().millis_since(participant.joined_at).max(0);
            self.tell(Fact::ParticipantLeft { participant: id, reason, duration_ms: stay });
        }
        self.unsubscribe_everything(&participant);
        self.release_slots(id);
        self.end_meeting_if_empty();
    }

    /// The first visible participant makes a span of people a meeting.
    pub(super) fn tell_meeting_started(&mut self) {
        if let Some(meeting) = self.meeting.as_mut().filter(|meeting| !meeting.is_told) {
            meeting.is_told = true;
            self.tell(Fact::MeetingStarted);
        }
    }

    fn end_meeting_if_empty(&mut self) {
        if !self.participants.is_empty() {
            return;
        }
        if self.meeting.is_some_and(|meeting| meeting.is_told) {
            self.tell(Fact::MeetingEnded);
        }
        self.meeting = None;
    }

    pub(super) fn tell(&mut self, fact: Fact) {
        let Some(meeting) = self.meeting else { return };
        let event = RoomEvent {
            org: self.config.org,
            room: self.config.room,
            seq: self.told,
            at: self.wall(),
            meeting: meeting.id,
            fact,
        };
        self.told += 1;
        self.outputs.push_back(Output::Event(event));
    }
}
