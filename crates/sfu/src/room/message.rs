//! What admitted clients say.

use std::collections::BTreeSet;
use std::time::Instant;

use parlor_model::call::{
    ClientMessage, MAX_APP_MESSAGE_BYTES, MAX_SESSION_DATA_BYTES, MAX_USER_DATA_BYTES,
    MAX_USER_NAME_CHARS, Recipients, ServerMessage, unseen_sender,
};
use parlor_model::command::SessionDataChange;
use parlor_model::event::LeaveReason;
use parlor_model::id::ParticipantId;
use serde_json::Value;

use super::Room;
use crate::io::{ConnectionId, Output};
use crate::participant::{Budgets, Participant};
use crate::size::is_within;

/// Why a message was not carried out, for people.
pub(super) type Rejection = String;

impl Room {
    pub(super) fn handle_message(&mut self, connection: ConnectionId, message: ClientMessage) {
        let Some(&from) = self.connections.get(&connection) else {
            return;
        };
        self.handle_heard(connection);
        let (now, name) = (self.now, name_of(&message));
        let outcome = if let Some(participant) = self.participants.get_mut(&from) {
            check_budget(&mut participant.budgets, &message, now)
                .and_then(|()| self.carry_out(from, message))
        } else if let Some(waiting) = self.lobby.waiting.get_mut(&from) {
            check_budget(&mut waiting.budgets, &message, now)
                .and_then(|()| self.carry_out_in_lobby(from, message))
        } else {
            return;
        };
        if let Err(info) = outcome {
            let rejected = ServerMessage::Rejected { message: name.to_owned(), info };
            self.outputs.push_back(Output::Message(vec![connection], Box::new(rejected)));
        }
        self.flush_peers();
    }

    fn carry_out(&mut self, from: ParticipantId, message: ClientMessage) -> Result<(), Rejection> {
        match message {
            ClientMessage::Hello { .. } | ClientMessage::Resume { .. } => {
                return Err("you are in already".into());
            }
            ClientMessage::Offer { sdp, sends, slots } => {
                return self.handle_offer(from, &sdp, &sends, &slots);
            }
            ClientMessage::Publish { source, state } => return self.publish(from, source, state),
            ClientMessage::SetUserName { name } => self.set_user_name(from, &name),
            ClientMessage::SetUserData { data } => return self.set_user_data(from, data),
            ClientMessage::AppMessage { to, data } => return self.pass_on(from, &to, data),
            ClientMessage::SetSessionData { strategy, data, keys_to_delete } => {
                let change = SessionDataChange { strategy, data, keys_to_delete };
                return self.set_session_data_as(from, change);
            }
            ClientMessage::RequestKeyframe { mid } => return self.want_keyframe(from, &mid),
            ClientMessage::UpdateParticipants { everybody, participants } => {
                return self.update_participants(from, everybody.as_ref(), &participants);
            }
            ClientMessage::SetNetworkQuality { quality } => {
                self.change_quietly(from, |it| {
                    std::mem::replace(&mut it.network, quality) != quality
                });
            }
            ClientMessage::SetRecording { is_recording } => {
                let set = |it: &mut Participant| {
                    std::mem::replace(&mut it.is_recording, is_recording) != is_recording
                };
                self.change_quietly(from, set);
            }
            ClientMessage::RequestAccess { .. } => return Err("you are in already".into()),
            ClientMessage::AnswerKnocks { everybody, participants } => {
                return self.answer_knocks(from, everybody, &participants);
            }
            ClientMessage::SetSubscriptions { base, participants } => {
                return self.set_subscriptions(from, base, participants);
            }
            ClientMessage::SetVideoWishes { base, participants } => {
                return self.set_video_wishes(from, base, participants);
            }
            ClientMessage::Ping => self.send(from, ServerMessage::Pong),
            ClientMessage::Leave => self.remove(from, LeaveReason::Left),
        }
        Ok(())
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
        let is_visible = self.participants.get(&from).is_some_and(Participant::is_visible);
        let shown = if is_visible { from } else { unseen_sender(self.config.room) };
        let message = ServerMessage::AppMessage { from: shown, data };
        self.deliver(to, Some(from), message);
        Ok(())
    }

    /// Sends to all of these but one.
    pub(super) fn deliver(
        &mut self,
        to: &Recipients,
        but: Option<ParticipantId>,
        message: ServerMessage,
    ) {
        match to {
            Recipients::All(_) => self.send_where(|other| Some(other.id) != but, message),
            Recipients::Some(ids) => {
                // A set, because the list may be long and repeat itself.
                let ids: BTreeSet<_> = ids.iter().collect();
                self.send_where(|other| Some(other.id) != but && ids.contains(&other.id), message);
            }
        }
    }

    /// An audience looks on; everybody else may change what all share.
    fn set_session_data_as(
        &mut self,
        from: ParticipantId,
        change: SessionDataChange,
    ) -> Result<(), Rejection> {
        if self.participants.get(&from).is_none_or(Participant::is_in_audience) {
            return Err("somebody of an audience cannot change session data".into());
        }
        self.set_session_data(change).map_err(|bytes| {
            format!("session data was {bytes} bytes but should be at most {MAX_SESSION_DATA_BYTES}")
        })
    }

    /// Changes what may change often, and so is shown with the next views. The
    /// change says whether it was one.
    fn change_quietly(&mut self, id: ParticipantId, change: impl FnOnce(&mut Participant) -> bool) {
        if self.participants.get_mut(&id).is_some_and(change) {
            self.stale_views.insert(id);
            self.views_news.note();
            self.tell_views();
        }
    }

    /// Shows a changed participant to everybody, themselves included; somebody
    /// unseen only to themselves.
    pub(super) fn tell_updated(&mut self, id: ParticipantId) {
        let Some(participant) = self.participants.get(&id) else {
            return;
        };
        let sight = participant.sight();
        let message = ServerMessage::ParticipantUpdated { participant: participant.view() };
        self.send_where(|other| other.sees(sight), message);
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
            ClientMessage::SetSubscriptions { .. } | ClientMessage::SetVideoWishes { .. } => {
                budgets.wishes.spend(now)
            }
            ClientMessage::Publish { .. }
            | ClientMessage::SetUserName { .. }
            | ClientMessage::SetUserData { .. }
            | ClientMessage::UpdateParticipants { .. }
            | ClientMessage::RequestAccess { .. }
            | ClientMessage::AnswerKnocks { .. }
            | ClientMessage::SetNetworkQuality { .. }
            | ClientMessage::SetRecording { .. }
            | ClientMessage::SetSessionData { .. } => budgets.updates.spend(now),
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
        ClientMessage::SetSessionData { .. } => "set_session_data",
        ClientMessage::RequestKeyframe { .. } => "request_keyframe",
        ClientMessage::UpdateParticipants { .. } => "update_participants",
        ClientMessage::RequestAccess { .. } => "request_access",
        ClientMessage::AnswerKnocks { .. } => "answer_knocks",
        ClientMessage::SetSubscriptions { .. } => "set_subscriptions",
        ClientMessage::SetVideoWishes { .. } => "set_video_wishes",
        ClientMessage::SetNetworkQuality { .. } => "set_network_quality",
        ClientMessage::SetRecording { .. } => "set_recording",
        ClientMessage::Ping => "ping",
        ClientMessage::Leave => "leave",
    }
}

pub(super) fn is_small_user_data(data: &Value) -> bool {
    is_within(data, MAX_USER_DATA_BYTES)
}
