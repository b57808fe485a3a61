//! Who is here and who sees whom: leaving, becoming visible or hidden.

use std::time::Duration;

use parlor_model::call::ServerMessage;
use parlor_model::event::LeaveReason;
use parlor_model::id::ParticipantId;

use super::Room;
use crate::io::{ConnectionId, Output, RouteChange};
use crate::line::Line;
use crate::participant::Participant;

/// Time between two counts of the hidden. Shorter is more exact; longer spares
/// everybody a message for each of an audience that streams in.
const HIDDEN_PAUSE: Duration = Duration::from_secs(1);

impl Room {
    pub(super) fn handle_heard(&mut self, connection: ConnectionId) {
        let now = self.now;
        if let Some(line) = self.line_at(connection) {
            line.hear(now);
        }
    }

    pub(super) fn handle_disconnected(&mut self, connection: ConnectionId) {
        let now = self.now;
        if let Some(line) = self.line_at(connection) {
            *line = Line::Lost { since: now };
        }
        if let Some(id) = self.connections.remove(&connection) {
            self.set_alarm(id);
        }
    }

    /// Whose socket it is, in the call or in the lobby.
    fn line_at(&mut self, connection: ConnectionId) -> Option<&mut Line> {
        let id = self.connections.get(&connection)?;
        let inside = self.participants.get_mut(id).map(|it| &mut it.line);
        inside.or_else(|| self.lobby.waiting.get_mut(id).map(|it| &mut it.line))
    }

    /// Ends a stay for whatever reason: tells the one who goes (unless it was
    /// their own act), the others and the server.
    pub(super) fn remove(&mut self, id: ParticipantId, reason: LeaveReason) {
        self.dismiss(id, reason);
        self.end_stay(id, reason);
    }

    /// What is left of somebody who was dismissed goes.
    fn end_stay(&mut self, id: ParticipantId, reason: LeaveReason) {
        let Some(participant) = self.participants.shift_remove(&id) else {
            return;
        };
        if participant.peer.is_some() {
            self.close_receiver(id);
            self.outputs.push_back(Output::Route(RouteChange::Gone(id)));
        }
        self.speakers.remove(id);
        if participant.is_visible() {
            self.tell_unseen(&participant, reason);
        } else {
            self.note_hidden();
        }
        self.unsubscribe_everything(&participant);
        self.release_slots(|track| track.participant == id);
        self.forget_wishes(id);
        self.end_meeting_if_over();
        self.note_hosts();
    }

    /// Ends a stay that cannot go on for no fault of whose it is. Their socket is
    /// closed without a word: their client finds that the stay is over, and
    /// joins again by itself.
    pub(super) fn let_go(&mut self, id: ParticipantId) {
        self.free_place(id);
        self.close_line(id);
        self.end_stay(id, LeaveReason::Disconnected);
    }

    /// As [`Self::remove`] for several: none of them is told of the others.
    pub(super) fn remove_all(&mut self, ids: &[ParticipantId], reason: LeaveReason) {
        for id in ids {
            self.dismiss(*id, reason);
        }
        for id in ids {
            self.end_stay(*id, reason);
        }
    }

    /// Says goodbye to somebody and closes their socket.
    fn dismiss(&mut self, id: ParticipantId, reason: LeaveReason) {
        if reason != LeaveReason::Left {
            self.send(id, ServerMessage::Removed { reason });
        }
        self.free_place(id);
        self.close_line(id);
    }

    /// Before their socket closes: whoever hears that somebody is gone, and comes
    /// in their stead, finds the place free.
    fn free_place(&mut self, id: ParticipantId) {
        if self.participants.contains_key(&id) {
            self.outputs.push_back(Output::Left(id));
        }
    }

    fn close_line(&mut self, id: ParticipantId) {
        let now = self.now;
        let Some(participant) = self.participants.get_mut(&id) else {
            return;
        };
        if let Some(connection) = participant.connection() {
            participant.line = Line::Lost { since: now };
            self.connections.remove(&connection);
            self.outputs.push_back(Output::Close(connection));
        }
    }

    /// Somebody is to be seen from now on: tells the others and the server.
    pub(super) fn tell_visible(&mut self, id: ParticipantId) {
        let Some(participant) = self.participants.get(&id) else {
            return;
        };
        let (sight, fact) = (participant.sight(), participant.joined_fact());
        let message = ServerMessage::ParticipantJoined { participant: participant.view() };
        self.send_where(|other| other.id != id && other.sees(sight), message);
        self.tell_meeting_started();
        self.tell(fact);
    }

    /// Somebody was seen until now, as `participant`: tells the others and the
    /// server.
    pub(super) fn tell_unseen(&mut self, participant: &Participant, reason: LeaveReason) {
        let (id, sight) = (participant.id, participant.sight());
        let message = ServerMessage::ParticipantLeft { id, reason };
        self.send_where(|other| other.id != id && other.sees(sight), message);
        let at = self.wall();
        self.tell(participant.left_fact(reason, at));
    }

    /// Whether somebody sees whoever has this session id.
    pub(super) fn is_seen_by(&self, viewer: &Participant, id: ParticipantId) -> bool {
        self.participants.get(&id).is_some_and(|other| viewer.sees(other.sight()))
    }

    /// The number of the hidden may have changed.
    pub(super) fn note_hidden(&mut self) {
        if self.count_hidden() != self.hidden_told {
            self.hidden_news.note();
            self.tell_news();
        }
    }

    /// Tells everybody what is new about all, if enough time has passed.
    pub(super) fn tell_news(&mut self) {
        if self.hidden_news.take(self.now, HIDDEN_PAUSE) {
            self.tell_hidden();
        }
        self.tell_session_data();
        self.tell_views();
    }

    /// Nobody is told who of the hidden they are, but nobody counts themselves.
    fn tell_hidden(&mut self) {
        let hidden = self.count_hidden();
        if std::mem::replace(&mut self.hidden_told, hidden) == hidden {
            return;
        }
        self.send_where(Participant::is_visible, ServerMessage::HiddenCount { hidden });
        if let Some(others) = hidden.checked_sub(1) {
            let message = ServerMessage::HiddenCount { hidden: others };
            self.send_where(|other| !other.is_visible(), message);
        }
    }

    fn count_hidden(&self) -> usize {
        self.participants.values().filter(|participant| !participant.is_visible()).count()
    }
}
