//! What admitted clients say.

use std::collections::BTreeSet;
use std::io;
use std::time::Instant;

use parlor_model::call::{
    ClientMessage, MAX_APP_MESSAGE_BYTES, MAX_USER_DATA_BYTES, MAX_USER_NAME_CHARS, Recipients,
    ServerMessage, SlotTrack, TrackSource, TrackState,
};
use parlor_model::event::LeaveReason;
use parlor_model::id::ParticipantId;
use serde_json::Value;

use super::Room;
use crate::io::ConnectionId;
use crate::participant::{Budgets, Participant};
use crate::publication::Publication;

/// Why a message was not carried out, for people.
pub(super) type Rejection = String;

impl Room {
    pub(super) fn handle_message(&mut self, connection: ConnectionId, message: ClientMessage) {
        let Some(&from) = self.connections.get(&connection) else {
            return;
        };
        let now = self.now;
        let Some(participant) = self.participants.get_mut(&from) else {
            return;
        };
        participant.hear(now);
        let name = name_of(&message);
        let outcome = match check_budget(&mut participant.budgets, &message, now) {
            Ok(()) => self.carry_out(from, message),
            Err(rejection) => Err(rejection),
        };
        if let Err(info) = outcome {
            self.send(from, ServerMessage::Rejected { message: name.to_owned(), info });
        }
        self.flush();
    }

    fn carry_out(&mut self, from: ParticipantId, message: ClientMessage) -> Result<(), Rejection> {
        match message {
            ClientMessage::Hello { .. } | ClientMessage::Resume { .. } => {
                return Err("you are in already".into());
            }
            ClientMessage::Offer { sdp, sends, slots } => {
                return self.handle_offer(from, &sdp, &sends, &slots);
            }
            ClientMessage::Publish { source, state } => self.publish(from, source, state),
            ClientMessage::SetUserName { name } => self.set_user_name(from, &name),
            ClientMessage::SetUserData { data } => return self.set_user_data(from, data),
            ClientMessage::AppMessage { to, data } => return self.pass_on(from, &to, data),
            ClientMessage::RequestKeyframe { mid } => return self.want_keyframe(from, &mid),
            ClientMessage::Ping => self.send(from, ServerMessage::Pong),
            ClientMessage::Leave => self.remove(from, LeaveReason::Left),
        }
        Ok(())
    }

    fn publish(&mut self, from: ParticipantId, source: TrackSource, state: TrackState) {
        let Some(participant) = self.participants.get_mut(&from) else {
            return;
        };
        let state = match state {
            _ if !participant.may_send(source) => TrackState::NotPermitted,
            // Only the room says that something is not permitted.
            TrackState::NotPermitted => TrackState::Off,
            said => said,
        };
        let publication = participant
            .publications
            .entry(source)
            .or_insert_with(|| Publication::new(TrackState::Off));
        let was_sent = publication.was_sent;
        if !publication.set_state(state) {
            return;
        }
        let is_first = publication.was_sent && !was_sent;
        if publication.is_sending() {
            if !publication.subscribers.is_empty() && source.is_video() {
                publication.keyframes.want();
            }
        } else {
            publication.keyframes.forget();
        }
        self.tell_updated(from);
        if is_first {
            self.offer_to_everybody(&SlotTrack { participant: from, source });
        }
        self.request_due_keyframes();
    }

    fn set_user_name(&mut self, from: ParticipantId, name: &str) {
        let Some(participant) = self.participants.get_mut(&from) else {
            return;
        };
        participant.user_name = name.chars().take(MAX_USER_NAME_CHARS).collect();
        self.tell_updated(from);
    }

    fn set_user_data(&mut self, from: ParticipantId, data: Value) -> Result<(), Rejection> {
        if !is_small_user_data(&data) {
            return Err(format!("userData is larger than {MAX_USER_DATA_BYTES} bytes"));
        }
        if let Some(participant) = self.participants.get_mut(&from) {
            participant.user_data = Some(data);
            self.tell_updated(from);
        }
        Ok(())
    }

    fn pass_on(
        &mut self,
        from: ParticipantId,
        to: &Recipients,
        data: Value,
    ) -> Result<(), Rejection> {
        if !is_within(&data, MAX_APP_MESSAGE_BYTES) {
            return Err(format!("an app message is at most {MAX_APP_MESSAGE_BYTES} bytes"));
        }
        let message = ServerMessage::AppMessage { from, data };
        match to {
            Recipients::All(_) => self.send_where(|other| other.id != from, message),
            Recipients::Some(ids) => {
                // A set, because the list may be long and repeat itself.
                let ids: BTreeSet<_> = ids.iter().collect();
                self.send_where(|other| other.id != from && ids.contains(&other.id), message);
            }
        }
        Ok(())
    }

    /// Shows a changed participant to everybody, themselves included; somebody
    /// unseen only to themselves.
    fn tell_updated(&mut self, id: ParticipantId) {
        let Some(participant) = self.participants.get(&id) else {
            return;
        };
        let is_visible = participant.is_visible();
        let message = ServerMessage::ParticipantUpdated { participant: participant.view() };
        self.send_where(|other: &Participant| is_visible || other.id == id, message);
    }
}

fn check_budget(
    budgets: &mut Budgets,
    message: &ClientMessage,
    now: Instant,
) -> Result<(), Rejection> {
    let is_within = budgets.messages.spend(now)
        && match message {
            ClientMessage::AppMessage { .. } => budgets.app_messages.spend(now),
            ClientMessage::Offer { .. } => budgets.offers.spend(now),
            ClientMessage::Publish { .. }
            | ClientMessage::SetUserName { .. }
            | ClientMessage::SetUserData { .. } => budgets.updates.spend(now),
            ClientMessage::Hello { .. }
            | ClientMessage::Resume { .. }
            | ClientMessage::RequestKeyframe { .. }
            | ClientMessage::Ping => true,
            // Whoever wants to go may go.
            ClientMessage::Leave => return Ok(()),
        };
    if is_within { Ok(()) } else { Err("too many messages: slow down".into()) }
}

/// The message's `type` on the wire.
fn name_of(message: &ClientMessage) -> &'static str {
    match message {
        ClientMessage::Hello { .. } => "hello",
        ClientMessage::Resume { .. } => "resume",
        ClientMessage::Offer { .. } => "offer",
        ClientMessage::Publish { .. } => "publish",
        ClientMessage::SetUserName { .. } => "set_user_name",
        ClientMessage::SetUserData { .. } => "set_user_data",
        ClientMessage::AppMessage { .. } => "app_message",
        ClientMessage::RequestKeyframe { .. } => "request_keyframe",
        ClientMessage::Ping => "ping",
        ClientMessage::Leave => "leave",
    }
}

pub(super) fn is_small_user_data(data: &Value) -> bool {
    is_within(data, MAX_USER_DATA_BYTES)
}

/// Whether the value takes at most `limit` bytes as JSON text.
fn is_within(value: &Value, limit: usize) -> bool {
    struct Left(usize);

    impl io::Write for Left {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    serde_json::to_writer(Left(limit), value).is_ok()
}
