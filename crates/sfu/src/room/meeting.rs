//! A meeting: the span in which a room has visible people, and what lasts as
//! long as it does.

use std::collections::BTreeSet;

use indexmap::IndexSet;
use parlor_model::call::{MAX_SESSION_DATA_BYTES, ServerMessage};
use parlor_model::command::{MergeStrategy, SessionDataChange};
use parlor_model::event::{Fact, RoomEvent};
use parlor_model::id::MeetingId;
use parlor_model::time::UnixMillis;
use serde_json::{Map, Value};

use super::Room;
use crate::io::Output;
use crate::participant::Participant;
use crate::size::{is_within, size_of};

/// Most bytes of user ids that a meeting bans; further ones push out the
/// oldest. Only the holder of a key can add one.
const MAX_BANNED_BYTES: usize = 1024 * 1024;

/// A span with people. It is told to the server from its first visible
/// participant on; hidden ones alone make one that nobody hears of.
#[derive(Debug)]
pub(super) struct Meeting {
    pub(super) id: MeetingId,
    /// When its start was told.
    started_at: Option<UnixMillis>,
    /// Events told so far.
    told: u64,
    session_data: Map<String, Value>,
    banned: IndexSet<String>,
}

impl Meeting {
    pub(super) fn new(id: MeetingId) -> Self {
        Self { id, started_at: None, told: 0, session_data: Map::new(), banned: IndexSet::new() }
    }

    pub(super) fn session_data(&self) -> &Map<String, Value> {
        &self.session_data
    }

    /// Carries out a change as a whole, or not at all: then the size it would
    /// have led to.
    pub(super) fn change_session_data(&mut self, change: SessionDataChange) -> Result<(), usize> {
        let SessionDataChange { strategy, data, keys_to_delete } = change;
        let changed = match strategy {
            MergeStrategy::Replace => data,
            MergeStrategy::ShallowMerge => {
                let mut merged = self.session_data.clone();
                let gone: BTreeSet<_> = keys_to_delete.iter().collect();
                merged.retain(|key, _| !gone.contains(key));
                merged.extend(data);
                merged
            }
        };
        if !is_within(&changed, MAX_SESSION_DATA_BYTES) {
            return Err(size_of(&changed));
        }
        self.session_data = changed;
        Ok(())
    }

    /// Nobody comes in as one of these any more.
    pub(super) fn ban(&mut self, user_ids: Vec<String>) {
        self.banned.extend(user_ids);
        let mut bytes: usize = self.banned.iter().map(String::len).sum();
        let excess = self.banned.iter().take_while(|oldest| {
            let is_excess = bytes > MAX_BANNED_BYTES;
            bytes -= oldest.len();
            is_excess
        });
        let excess = excess.count();
        self.banned.drain(..excess);
    }

    pub(super) fn bans(&self, user_id: Option<&str>) -> bool {
        user_id.is_some_and(|user_id| self.banned.contains(user_id))
    }
}

impl Room {
    /// Whoever comes into an empty room begins a meeting.
    pub(super) fn ensure_meeting(&mut self) {
        if self.meeting.is_none() {
            self.meeting = Some(Meeting::new(self.secrets.meeting_id()));
        }
    }

    /// The first visible participant makes a span of people a meeting.
    pub(super) fn tell_meeting_started(&mut self) {
        let wall = self.wall();
        if let Some(meeting) = self.meeting.as_mut().filter(|it| it.started_at.is_none()) {
            meeting.started_at = Some(wall);
            self.tell(Fact::MeetingStarted);
        }
    }

    /// Ends the meeting when the last visible participant is gone. Hidden ones
    /// who stay begin another, of which they are told.
    pub(super) fn end_meeting_if_over(&mut self) {
        if self.participants.values().any(Participant::is_visible) {
            return;
        }
        let was_told = self.meeting.as_ref().is_some_and(|it| it.started_at.is_some());
        if was_told {
            self.tell(Fact::MeetingEnded);
        }
        if self.participants.is_empty() {
            self.meeting = None;
        } else if was_told {
            let next = Meeting::new(self.secrets.meeting_id());
            let message = ServerMessage::MeetingChanged { meeting: next.id };
            self.meeting = Some(next);
            self.send_where(|_| true, message);
        }
    }

    /// Tells the server a fact of a meeting whose start was told.
    pub(super) fn tell(&mut self, fact: Fact) {
        let at = self.wall();
        let Some(meeting) = self.meeting.as_mut() else { return };
        let Some(started_at) = meeting.started_at else { return };
        let event = RoomEvent {
            org: self.config.org,
            room: self.config.room,
            room_name: self.config.name.clone(),
            seq: meeting.told,
            at,
            meeting: meeting.id,
            meeting_started_at: started_at,
            fact,
        };
        meeting.told += 1;
        self.outputs.push_back(Output::Event(Box::new(event)));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("{other} is no object"),
        }
    }

    fn change(strategy: MergeStrategy, data: Value, keys: &[&str]) -> SessionDataChange {
        let keys_to_delete = keys.iter().map(|key| (*key).to_owned()).collect();
        SessionDataChange { strategy, data: map(data), keys_to_delete }
    }

    fn meeting() -> Meeting {
        Meeting::new(MeetingId::from_random([0; 16]))
    }

    #[test]
    fn session_data_is_replaced_or_merged_with_deletion() {
        use MergeStrategy::{Replace, ShallowMerge};
        let mut meeting = meeting();
        for (change, expected) in [
            (
                change(ShallowMerge, json!({"a": 1, "b": {"x": 1}}), &[]),
                json!({"a": 1, "b": {"x": 1}}),
            ),
            (change(ShallowMerge, json!({"b": {"y": 2}}), &["a", "zz"]), json!({"b": {"y": 2}})),
            // A key that is deleted and given has the given value.
            (change(ShallowMerge, json!({"b": 3}), &["b"]), json!({"b": 3})),
            (change(Replace, json!({"c": null}), &["c"]), json!({"c": null})),
            (change(Replace, json!({}), &[]), json!({})),
        ] {
            meeting.change_session_data(change).unwrap();
            assert_eq!(meeting.session_data(), &map(expected));
        }
    }

    #[test]
    fn session_data_has_a_limit_in_bytes_and_what_exceeds_it_changes_nothing() {
        let mut meeting = meeting();
        let frame = r#"{"k":""}"#.len();
        let fitting = json!({"k": "x".repeat(MAX_SESSION_DATA_BYTES - frame)});
        let whole = change(MergeStrategy::Replace, fitting.clone(), &[]);
        assert_eq!(meeting.change_session_data(whole), Ok(()));
        let more = change(MergeStrategy::ShallowMerge, json!({"l": 1}), &[]);
        assert_eq!(meeting.change_session_data(more), Err(MAX_SESSION_DATA_BYTES + 6));
        assert_eq!(meeting.session_data(), &map(fitting));
        let swapped = change(MergeStrategy::ShallowMerge, json!({"l": 1}), &["k"]);
        assert_eq!(meeting.change_session_data(swapped), Ok(()));
    }

    #[test]
    fn bans_are_bounded() {
        let mut meeting = meeting();
        let long = |n: usize| n.to_string().repeat(MAX_BANNED_BYTES / 4);
        for n in 0..=4 {
            meeting.ban(vec![long(n)]);
        }
        assert!(!meeting.bans(Some(&long(0))));
        assert!((1..=4).all(|n| meeting.bans(Some(&long(n)))));
        assert!(!meeting.bans(None));
    }
}
