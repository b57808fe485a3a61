//! What the server asks of the room.

use parlor_model::command::{EndReason, PresentParticipant, Reply};
use parlor_model::event::LeaveReason;

use super::Room;
use crate::io::{Output, ReplyTo, RoomCommand};

impl Room {
    pub(super) fn handle_command(&mut self, command: RoomCommand, reply_to: ReplyTo) {
        let reply = match command {
            RoomCommand::Presence => Reply::Presence { participants: self.present() },
            // The removed are told the same either way: the call is over.
            RoomCommand::End(EndReason::RoomDeleted | EndReason::Shutdown) => {
                Reply::Ended { removed: self.remove_everybody() }
            }
        };
        self.outputs.push_back(Output::Reply(reply_to, reply));
    }

    fn present(&self) -> Vec<PresentParticipant> {
        let Some(meeting) = self.meeting else {
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
        for id in &everybody {
            self.remove(*id, LeaveReason::RoomEnded);
        }
        everybody.len()
    }
}
