//! What the server asks of the room.

use std::collections::BTreeSet;
use std::time::Duration;

use parlor_model::call::{Recipients, ServerMessage, server_sender};
use parlor_model::command::{EndReason, PresentParticipant, Reply, SessionDataChange};
use parlor_model::event::LeaveReason;
use parlor_model::id::ParticipantId;
use serde_json::Value;

use super::Room;
use crate::io::{Ejection, Output, ReplyTo, RoomCommand};
use crate::size::size_of;

/// How fast session data is told again and again, in bytes a second for each
/// participant. More shows quick changes sooner; less spares slow networks.
const SESSION_DATA_RATE: usize = 400 * 1024;
/// Time between two tellings, however small the data.
const SESSION_DATA_PAUSE: Duration = Duration::from_millis(50);

impl Room {
    pub(super) fn handle_command(&mut self, command: RoomCommand, reply_to: ReplyTo) {
        let reply = self.carry_out_command(command);
        self.outputs.push_back(Output::Reply(reply_to, reply));
    }

    fn carry_out_command(&mut self, command: RoomCommand) -> Reply {
        match command {
            RoomCommand::Presence => Reply::Presence { participants: self.present() },
            // The removed are told the same either way: the call is over.
            RoomCommand::End(EndReason::RoomDeleted | EndReason::Shutdown) => {
                Reply::Ended { removed: self.remove_everybody() }
            }
            _ if self.participants.is_empty() => Reply::NoCall,
            RoomCommand::IsHosting => Reply::Done,
            RoomCommand::Administers(id, area) => Reply::Administers {
                is_allowed: self.participants.get(&id).is_some_and(|it| it.administers(area)),
                room_name: self.config.name.clone(),
            },
            RoomCommand::SendAppMessage(to, data) => self.send_app_message(&to, data),
            RoomCommand::ReadSessionData => self.read_session_data(),
            RoomCommand::SetSessionData(change) => match self.set_session_data(change) {
                Ok(()) => Reply::Done,
                Err(bytes) => Reply::SessionDataTooLarge { bytes },
            },
            RoomCommand::Eject(ejection) => Reply::Ejected { ids: self.eject(ejection) },
            RoomCommand::UpdatePermissions(everybody, participants) => {
                self.update_permissions(everybody.as_ref(), &participants);
                Reply::Done
            }
        }
    }

    fn send_app_message(&mut self, to: &Recipients, data: Value) -> Reply {
        let from = server_sender(self.config.room);
        self.deliver(to, None, ServerMessage::AppMessage { from, data });
        Reply::Done
    }

    fn read_session_data(&self) -> Reply {
        let data = self.meeting.as_ref().map(|meeting| meeting.session_data().clone());
        Reply::SessionData { data: Value::Object(data.unwrap_or_default()) }
    }

    /// Changes the session data, or says how large it would have become.
    pub(super) fn set_session_data(&mut self, change: SessionDataChange) -> Result<(), usize> {
        if let Some(meeting) = &mut self.meeting {
            meeting.change_session_data(change)?;
            self.session_data_news.note();
            self.tell_session_data();
        }
        Ok(())
    }

    /// Shows everybody the session data, if there is news and it may be told.
    pub(super) fn tell_session_data(&mut self) {
        let due = self.session_data_news.deadline(self.now);
        let Some(meeting) = self.meeting.as_ref().filter(|_| due.is_some_and(|at| at <= self.now))
        else {
            return;
        };
        let data = meeting.session_data().clone();
        let share = f64::from(u32::try_from(size_of(&data)).unwrap_or(u32::MAX));
        let pause = Duration::from_secs_f64(share / SESSION_DATA_RATE as f64);
        self.session_data_news.take(self.now, pause.max(SESSION_DATA_PAUSE));
        self.send_where(|_| true, ServerMessage::SessionData { data });
    }

    fn eject(&mut self, ejection: Ejection) -> Vec<ParticipantId> {
        let meant = self.meant_by(&ejection);
        if let Some(meeting) = self.meeting.as_mut().filter(|_| ejection.is_ban) {
            meeting.ban(ejection.user_ids);
        }
        self.remove_all(&meant, LeaveReason::Ejected);
        self.remove_waiting(&meant, LeaveReason::Ejected);
        meant
    }

    /// Who of those inside and in the lobby is to go.
    fn meant_by(&self, ejection: &Ejection) -> Vec<ParticipantId> {
        let ids: BTreeSet<_> = ejection.ids.iter().collect();
        let users: BTreeSet<_> = ejection.user_ids.iter().collect();
        let inside = self.participants.values().map(|it| (it.id, &it.user_id));
        let waiting = self.lobby.waiting.values();
        let waiting = waiting.map(|it| (it.ticket.participant, &it.ticket.user_id));
        inside
            .chain(waiting)
            .filter(|(id, user)| {
                ids.contains(id) || user.as_ref().is_some_and(|user| users.contains(user))
            })
            .map(|(id, _)| id)
            .collect()
    }

    fn present(&self) -> Vec<PresentParticipant> {
        let Some(meeting) = &self.meeting else {
            return Vec::new();
        };
        let visible = self.participants.values().filter(|participant| participant.is_visible());
        visible
            .map(|participant| PresentParticipant {
                room: self.config.room,
                room_name: self.config.name.clone(),
                participant: participant.id,
                user_id: participant.user_id.clone(),
                user_name: participant.user_name.clone(),
                meeting: meeting.id,
                joined_at: participant.joined_at,
            })
            .collect()
    }

    fn remove_everybody(&mut self) -> usize {
        let everybody: Vec<_> = self.participants.keys().copied().collect();
        self.remove_all(&everybody, LeaveReason::RoomEnded);
        let waiting: Vec<_> = self.lobby.waiting.keys().copied().collect();
        self.remove_waiting(&waiting, LeaveReason::RoomEnded);
        everybody.len()
    }
}
