//! Everything that happens by itself.

use std::time::{Duration, Instant};

use parlor_model::call::ServerMessage;
use parlor_model::event::LeaveReason;
use parlor_model::id::ParticipantId;
use parlor_model::time::UnixMillis;

use super::Room;
use crate::alarms::Alarm;
use crate::config::RoomTimes;
use crate::participant::Participant;
use crate::peer::Peer;
use crate::waiting::Waiting;

/// Further away than any call lasts, and near enough to reckon with.
const NEVER: Duration = Duration::from_secs(100 * 365 * 86_400);
/// Most people looked at in one go; those behind them have their turn with the
/// next, as soon as the shell has sent what came of this one. More makes packets
/// wait longer behind the timers of a large room.
const MOST_LOOKS: usize = 64;
/// How late a peer's timer may be that is in no hurry: a report, a look at who is
/// silent. Longer wakes the thread less often; reports are a second apart.
const PATIENCE: Duration = Duration::from_millis(100);

impl Room {
    pub(super) fn handle_timeout(&mut self) {
        self.forget_expired_tickets();
        let due = self.take_due();
        for id in &due {
            self.remove_if_overdue(*id);
            self.remove_waiting_if_overdue(*id);
        }
        self.evaluate_speaker();
        self.tell_news();
        for id in &due {
            self.see_to_videos_if_due(*id);
        }
        self.request_due_keyframes();
        for id in due {
            self.mark_if_due(id);
            self.set_alarm(id);
        }
        self.is_flushing = true;
    }

    /// The earliest moment at which anything happens by itself.
    pub(super) fn earliest_deadline(&self) -> Option<Instant> {
        if !self.dirty.is_empty() {
            return Some(self.now);
        }
        let news = [&self.session_data_news, &self.hidden_news, &self.views_news];
        let news = news.into_iter().filter_map(|news| news.deadline(self.now)).min();
        // Only an otherwise empty room waits for its tickets.
        let is_deserted = self.participants.is_empty() && self.lobby.waiting.is_empty();
        let tickets = if is_deserted { self.spent.last_deadline() } else { None };
        let (people, speaker) = (self.alarms.next(), self.speakers.deadline());
        let media = self.spread.deadline(self.now);
        [people, speaker, self.ask_at, news, tickets, media].into_iter().flatten().min()
    }

    /// Somebody is looked at when the next thing is due for them. To be called
    /// when something may be due earlier than it was.
    pub(super) fn set_alarm(&mut self, id: ParticipantId) {
        let (now, made_at) = (self.now, self.made_at);
        let Self { participants, lobby, alarms, config, .. } = self;
        if let Some(participant) = participants.get_mut(&id) {
            let at = deadline_of(participant, &config.times, now, made_at);
            alarms.set(&mut participant.alarm, id, at);
        } else if let Some(waiting) = lobby.waiting.get_mut(&id) {
            let at = deadline_of_waiting(waiting, &config.times);
            alarms.set(&mut waiting.alarm, id, at);
        }
    }

    /// Those for whom something may be due. They have no alarm now.
    fn take_due(&mut self) -> Vec<ParticipantId> {
        let Self { participants, lobby, alarms, now, .. } = self;
        let alarm_of = |id| {
            let inside = participants.get(&id).map(|it| it.alarm);
            inside.or_else(|| lobby.waiting.get(&id).map(|it| it.alarm))
        };
        let people = participants.len() + lobby.waiting.len();
        let due = alarms.take_due(*now, MOST_LOOKS, people, alarm_of);
        for id in &due {
            if let Some(participant) = participants.get_mut(id) {
                participant.alarm = Alarm::default();
            } else if let Some(waiting) = lobby.waiting.get_mut(id) {
                waiting.alarm = Alarm::default();
            }
        }
        due
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
        let people = self.participants.keys().chain(self.lobby.waiting.keys());
        for id in people.copied().collect::<Vec<_>>() {
            self.set_alarm(id);
        }
    }

    /// When the wall clock will show `wall`; now, if it has.
    pub(super) fn instant_of(&self, wall: UnixMillis) -> Instant {
        later(self.now, self.wall(), wall)
    }

    fn remove_if_overdue(&mut self, id: ParticipantId) {
        let overdue = self.participants.get(&id).and_then(|participant| self.overdue(participant));
        if let Some(reason) = overdue {
            self.remove(id, reason);
        }
    }

    fn overdue(&self, participant: &Participant) -> Option<LeaveReason> {
        if participant.eject_deadline.is_some_and(|deadline| deadline <= self.now) {
            return Some(LeaveReason::TimeLimit);
        }
        let is_silent = participant.line.deadline(&self.config.times) <= self.now;
        is_silent.then_some(LeaveReason::Disconnected)
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

    /// Has somebody's peer served if its timer has run out.
    fn mark_if_due(&mut self, id: ParticipantId) {
        let peer = self.participants.get(&id).and_then(|participant| participant.peer.as_ref());
        let deadline = peer.and_then(|peer| peer_deadline(peer, self.made_at));
        if deadline.is_some_and(|deadline| deadline <= self.now) {
            self.mark_dirty(id);
        }
    }

    /// When somebody in the lobby has to go if nothing changes.
    pub(super) fn deadline_of_waiting(&self, waiting: &Waiting) -> Instant {
        deadline_of_waiting(waiting, &self.config.times)
    }
}

/// When the next thing is due for somebody, `now` if it is overdue.
fn deadline_of(
    participant: &Participant,
    times: &RoomTimes,
    now: Instant,
    made_at: Instant,
) -> Instant {
    // A peer that waits for its drain is given a new deadline by it.
    let peer = participant.peer.as_ref().filter(|_| !participant.is_dirty);
    let peer = peer.and_then(|peer| peer_deadline(peer, made_at));
    let (line, videos) = (participant.line.deadline(times), participant.videos_deadline(now));
    [peer, participant.eject_deadline, videos].into_iter().flatten().fold(line, Instant::min)
}

fn deadline_of_waiting(waiting: &Waiting, times: &RoomTimes) -> Instant {
    let line = waiting.line.deadline(times);
    waiting.time_limit().map_or(line, |at| at.min(line))
}

/// When a peer is served. Those that can wait are served together.
pub(super) fn peer_deadline(peer: &Peer, made_at: Instant) -> Option<Instant> {
    let deadline = peer.deadline()?;
    if !peer.is_patient() {
        return Some(deadline);
    }
    let since = deadline.saturating_duration_since(made_at).as_millis();
    let rounds = u32::try_from(since.div_ceil(PATIENCE.as_millis())).ok();
    Some(rounds.map_or(deadline, |rounds| deadline.max(made_at + PATIENCE * rounds)))
}

/// When a wall clock that shows `wall` at `now` will show `at`; now, if it has.
fn later(now: Instant, wall: UnixMillis, at: UnixMillis) -> Instant {
    let left = u64::try_from(at.millis_since(wall)).unwrap_or(0);
    now + Duration::from_millis(left).min(NEVER)
}
