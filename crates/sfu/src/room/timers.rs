//! Everything that happens by itself.

use std::time::{Duration, Instant};

use parlor_model::call::ServerMessage;
use parlor_model::event::LeaveReason;
use parlor_model::id::ParticipantId;
use parlor_model::time::UnixMillis;

use super::Room;
use crate::participant::Participant;
use crate::peer::Peer;
use crate::waiting::Waiting;

/// Further away than any call lasts, and near enough to reckon with.
const NEVER: Duration = Duration::from_secs(100 * 365 * 86_400);

impl Room {
    pub(super) fn handle_timeout(&mut self) {
        self.forget_expired_tickets();
        self.remove_overdue();
        self.remove_overdue_waiting();
        self.evaluate_speaker();
        self.tell_news();
        self.share_videos();
        self.request_due_keyframes();
        self.mark_due_peers();
        self.is_flushing = true;
    }

    /// The earliest moment at which anything happens by itself.
    pub(super) fn earliest_deadline(&self) -> Option<Instant> {
        if !self.dirty.is_empty() {
            return Some(self.now);
        }
        let participants = self.participants.values();
        let theirs = participants.filter_map(|participant| self.deadline_of(participant)).min();
        let speaker = self.speakers.deadline();
        let videos = self.videos_deadline();
        let news = [&self.session_data_news, &self.hidden_news, &self.views_news];
        let news = news.into_iter().filter_map(|news| news.deadline(self.now)).min();
        let waiting = self.lobby.waiting.values();
        let lobby = waiting.map(|it| self.deadline_of_waiting(it)).min();
        // Only an otherwise empty room waits for its tickets.
        let is_deserted = self.participants.is_empty() && self.lobby.waiting.is_empty();
        let tickets = if is_deserted { self.tickets_deadline() } else { None };
        [theirs, lobby, speaker, videos, news, tickets].into_iter().flatten().min()
    }

    pub(super) fn forget_expired_tickets(&mut self) {
        self.spent.forget_expired(self.now);
    }

    /// What is due by the wall clock is reckoned from where it is now.
    pub(super) fn handle_wall_jumped(&mut self, wall: UnixMillis) {
        self.anchor = (self.now, wall);
        let now = self.now;
        let instant_of = |at: UnixMillis| later(now, wall, at);
        self.spent.reckon(instant_of);
        for participant in self.participants.values_mut() {
            participant.eject_deadline = participant.eject_at.map(instant_of);
        }
        for waiting in self.lobby.waiting.values_mut() {
            waiting.eject_deadline = waiting.ticket.eject.at.map(instant_of);
        }
    }

    /// When the wall clock will show `wall`; now, if it has.
    pub(super) fn instant_of(&self, wall: UnixMillis) -> Instant {
        later(self.now, self.wall(), wall)
    }

    fn deadline_of(&self, participant: &Participant) -> Option<Instant> {
        let line = Some(participant.line.deadline(&self.config.times));
        let peer = participant.peer.as_ref().and_then(Peer::deadline);
        let publications = participant.publications.values();
        let keyframe = publications.filter_map(|it| it.keyframe_deadline(self.now)).min();
        [line, peer, keyframe, participant.eject_deadline].into_iter().flatten().min()
    }

    pub(super) fn deadline_of_waiting(&self, waiting: &Waiting) -> Instant {
        let line = waiting.line.deadline(&self.config.times);
        waiting.time_limit().map_or(line, |at| at.min(line))
    }

    fn tickets_deadline(&self) -> Option<Instant> {
        self.spent.last_deadline()
    }

    fn remove_overdue(&mut self) {
        let overdue: Vec<_> = self
            .participants
            .values()
            .filter_map(|participant| self.overdue(participant))
            .collect();
        for (id, reason) in overdue {
            self.remove(id, reason);
        }
    }

    fn overdue(&self, participant: &Participant) -> Option<(ParticipantId, LeaveReason)> {
        if participant.eject_deadline.is_some_and(|deadline| deadline <= self.now) {
            return Some((participant.id, LeaveReason::TimeLimit));
        }
        let is_silent = participant.line.deadline(&self.config.times) <= self.now;
        is_silent.then_some((participant.id, LeaveReason::Disconnected))
    }

    fn evaluate_speaker(&mut self) {
        let Some(speaker) = self.speakers.evaluate(self.now) else {
            return;
        };
        let Some(sight) = self.participants.get(&speaker).map(Participant::sight) else {
            return;
        };
        self.send_where(
            |listener| listener.id != speaker && listener.sees(sight),
            ServerMessage::ActiveSpeaker { participant: speaker },
        );
        self.note_all_videos();
    }

    fn mark_due_peers(&mut self) {
        let now = self.now;
        let is_due = |peer: &Peer| peer.deadline().is_some_and(|deadline| deadline <= now);
        for participant in self.participants.values_mut() {
            if !participant.is_dirty && participant.peer.as_ref().is_some_and(is_due) {
                participant.is_dirty = true;
                self.dirty.push_back(participant.id);
            }
        }
    }
}

/// When a wall clock that shows `wall` at `now` will show `at`; now, if it has.
fn later(now: Instant, wall: UnixMillis, at: UnixMillis) -> Instant {
    let left = u64::try_from(at.millis_since(wall)).unwrap_or(0);
    now + Duration::from_millis(left).min(NEVER)
}
