//! What a webhook is told of: the envelope, and the payload of every event
//! that can happen.
//!
//! Receivers check the signature over the raw body, or over the body parsed
//! and written again by JavaScript. Compact JSON, keys in a fixed order and
//! numbers at their shortest make both the same bytes.

use serde::Serialize;
use serde_json::{Number, Value};

use super::webhooks::EventType;
use crate::event::{Fact, RoomEvent};
use crate::id::{MeetingId, ParticipantId};
use crate::permission::Permissions;
use crate::time::UnixMillis;

/// The version of the envelope.
const VERSION: &str = "1.0.0";

/// An event as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookEvent {
    /// The same for the same fact, however often it is told.
    pub id: String,
    /// What happened.
    pub event_type: EventType,
    /// When.
    pub at: UnixMillis,
    /// The whole body, byte for byte.
    pub body: String,
}

impl WebhookEvent {
    /// How a webhook is told of `event`.
    #[must_use]
    pub fn of(event: &RoomEvent) -> Self {
        let (event_type, id) = name(event);
        let envelope = Envelope {
            version: VERSION,
            event_type,
            id: &id,
            payload: payload(event),
            event_ts: seconds(event.at),
        };
        // Serialising fails for maps with keys that are no strings; there are
        // none.
        let body = serde_json::to_string(&envelope).unwrap_or_default();
        Self { event_type, at: event.at, body, id }
    }

    /// Whose entry the event with this id tells.
    #[must_use]
    pub fn joined_participant(id: &str) -> Option<ParticipantId> {
        id.strip_prefix(JOINED)?.get(1..37)?.parse().ok()
    }
}

/// What the id of a `participant.joined` begins with.
const JOINED: &str = "ptcp-join";

/// Type and id. A participant may lose and gain presence, and so join more
/// than once in a meeting: the number of the event tells those apart.
fn name(event: &RoomEvent) -> (EventType, String) {
    let (event_type, prefix, subject) = match &event.fact {
        Fact::MeetingStarted => (EventType::MeetingStarted, "mtg-start", event.meeting.as_uuid()),
        Fact::MeetingEnded => (EventType::MeetingEnded, "mtg-end", event.meeting.as_uuid()),
        Fact::ParticipantJoined { participant, .. } => {
            (EventType::ParticipantJoined, JOINED, participant.as_uuid())
        }
        Fact::ParticipantLeft { participant, .. } => {
            (EventType::ParticipantLeft, "ptcp-left", participant.as_uuid())
        }
        Fact::WaitingParticipantJoined { participant, .. } => {
            (EventType::WaitingParticipantJoined, "wait-join", participant.as_uuid())
        }
        Fact::WaitingParticipantLeft { participant, .. } => {
            (EventType::WaitingParticipantLeft, "wait-left", participant.as_uuid())
        }
    };
    (event_type, format!("{prefix}-{subject}-{}-{}", event.seq, event.at.as_millis()))
}

/// The keys in the order in which they are sent.
#[derive(Serialize)]
struct Envelope<'a> {
    version: &'static str,
    #[serde(rename = "type")]
    event_type: EventType,
    id: &'a str,
    payload: Payload<'a>,
    event_ts: Number,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Payload<'a> {
    Meeting(Meeting<'a>),
    Participant(Participant<'a>),
}

#[derive(Serialize)]
struct Meeting<'a> {
    start_ts: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_ts: Option<Number>,
    meeting_id: MeetingId,
    room: &'a str,
}

#[derive(Serialize)]
struct Participant<'a> {
    room: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    user_name: &'a str,
    session_id: ParticipantId,
    joined_at: Number,
    will_eject_at: Option<Number>,
    owner: bool,
    permissions: Value,
    #[serde(rename = "networkQualityState")]
    network_quality_state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<Number>,
}

fn payload(event: &RoomEvent) -> Payload<'_> {
    let at = event.at;
    Payload::Participant(match &event.fact {
        Fact::MeetingStarted => return Payload::Meeting(meeting(event, None)),
        Fact::MeetingEnded => return Payload::Meeting(meeting(event, Some(at))),
        Fact::ParticipantJoined {
            participant,
            user_id,
            user_name,
            is_owner,
            permissions,
            eject_at,
        } => Person { participant, user_id, user_name, is_owner, permissions }
            .in_the_call(event, at, *eject_at, None),
        Fact::ParticipantLeft {
            participant,
            duration_ms,
            joined_at,
            user_id,
            user_name,
            is_owner,
            permissions,
            eject_at,
            ..
        } => Person { participant, user_id, user_name, is_owner, permissions }.in_the_call(
            event,
            *joined_at,
            *eject_at,
            Some(*duration_ms),
        ),
        Fact::WaitingParticipantJoined {
            participant,
            user_id,
            user_name,
            is_owner,
            permissions,
        } => {
            Person { participant, user_id, user_name, is_owner, permissions }.shown(event, at, None)
        }
        Fact::WaitingParticipantLeft {
            participant,
            duration_ms,
            joined_at,
            user_id,
            user_name,
            is_owner,
            permissions,
        } => Person { participant, user_id, user_name, is_owner, permissions }.shown(
            event,
            *joined_at,
            Some(*duration_ms),
        ),
    })
}

/// What every fact about somebody says of them.
struct Person<'a> {
    participant: &'a ParticipantId,
    user_id: &'a Option<String>,
    user_name: &'a str,
    is_owner: &'a bool,
    permissions: &'a Permissions,
}

impl<'a> Person<'a> {
    fn shown(
        self,
        event: &'a RoomEvent,
        joined_at: UnixMillis,
        duration_ms: Option<i64>,
    ) -> Participant<'a> {
        Participant {
            room: &event.room_name,
            user_id: self.user_id.clone(),
            user_name: self.user_name,
            session_id: *self.participant,
            joined_at: seconds(joined_at),
            will_eject_at: None,
            owner: *self.is_owner,
            permissions: shown(self.permissions),
            network_quality_state: "unknown",
            duration: duration_ms.map(millis_as_seconds),
        }
    }

    /// Who is in the call has an end, and always a user id: the session id
    /// stands in for one that no token gave.
    fn in_the_call(
        self,
        event: &'a RoomEvent,
        joined_at: UnixMillis,
        eject_at: Option<UnixMillis>,
        duration_ms: Option<i64>,
    ) -> Participant<'a> {
        let user_id = self.user_id.clone().unwrap_or_else(|| self.participant.to_string());
        Participant {
            user_id: Some(user_id),
            will_eject_at: eject_at.map(seconds),
            ..self.shown(event, joined_at, duration_ms)
        }
    }
}

fn meeting(event: &RoomEvent, ended_at: Option<UnixMillis>) -> Meeting<'_> {
    Meeting {
        start_ts: seconds(event.meeting_started_at),
        end_ts: ended_at.map(seconds),
        meeting_id: event.meeting,
        room: &event.room_name,
    }
}

/// Unix seconds: whole ones as an integer, others with their fraction.
fn seconds(at: UnixMillis) -> Number {
    millis_as_seconds(at.as_millis())
}

fn millis_as_seconds(millis: i64) -> Number {
    if millis % 1000 == 0 {
        return Number::from(millis / 1000);
    }
    #[expect(clippy::cast_precision_loss, reason = "times are far below 2^53 milliseconds")]
    let seconds = millis as f64 / 1000.0;
    // Neither infinite nor NaN.
    Number::from_f64(seconds).unwrap_or_else(|| Number::from(millis / 1000))
}

/// In Daily's spelling.
fn shown(permissions: &Permissions) -> Value {
    in_script_order(serde_json::to_value(permissions).unwrap_or_default())
}

/// JavaScript writes keys that look like array indices first, and by number:
/// user ids may.
fn in_script_order(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> =
                fields.into_iter().map(|(key, value)| (key, in_script_order(value))).collect();
            // Stable, so that other keys keep their order.
            fields.sort_by_key(|(key, _)| array_index(key).unwrap_or(u32::MAX));
            Value::Object(fields.into_iter().collect())
        }
        Value::Array(items) => items.into_iter().map(in_script_order).collect(),
        plain => plain,
    }
}

fn array_index(key: &str) -> Option<u32> {
    let index = key.parse::<u32>().ok()?;
    (index != u32::MAX && index.to_string() == key).then_some(index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::LeaveReason;
    use crate::id::{OrgId, RoomId};
    use crate::permission::{CanReceive, ReceiveGrant};

    const AT: i64 = 1_893_456_000_500;

    fn told(at: i64, fact: Fact) -> WebhookEvent {
        WebhookEvent::of(&RoomEvent {
            org: OrgId::from_random([1; 16]),
            room: RoomId::from_random([2; 16]),
            room_name: "standup".to_owned(),
            seq: 4,
            at: UnixMillis::new(at),
            meeting: MeetingId::from_random([3; 16]),
            meeting_started_at: UnixMillis::new(1_893_456_000_000),
            fact,
        })
    }

    fn joined(permissions: Permissions, user_id: Option<&str>) -> Fact {
        Fact::ParticipantJoined {
            participant: ParticipantId::from_random([4; 16]),
            user_id: user_id.map(str::to_owned),
            user_name: "Ana \"Äpfel\"".to_owned(),
            is_owner: true,
            permissions,
            eject_at: Some(UnixMillis::new(1_893_459_600_000)),
        }
    }

    #[test]
    fn meetings_are_told_as_documented() {
        let started = told(1_893_456_000_000, Fact::MeetingStarted);
        assert_eq!(
            started.body,
            r#"{"version":"1.0.0","type":"meeting.started","id":"mtg-start-03030303-0303-4303-8303-030303030303-4-1893456000000","payload":{"start_ts":1893456000,"meeting_id":"03030303-0303-4303-8303-030303030303","room":"standup"},"event_ts":1893456000}"#
        );
        let ended = told(AT, Fact::MeetingEnded);
        assert_eq!(
            ended.body,
            r#"{"version":"1.0.0","type":"meeting.ended","id":"mtg-end-03030303-0303-4303-8303-030303030303-4-1893456000500","payload":{"start_ts":1893456000,"end_ts":1893456000.5,"meeting_id":"03030303-0303-4303-8303-030303030303","room":"standup"},"event_ts":1893456000.5}"#
        );
    }

    #[test]
    fn participants_are_told_as_documented() {
        let event = told(AT, joined(Permissions::owner(), Some("u-1")));
        assert_eq!(
            event.body,
            r#"{"version":"1.0.0","type":"participant.joined","id":"ptcp-join-04040404-0404-4404-8404-040404040404-4-1893456000500","payload":{"room":"standup","user_id":"u-1","user_name":"Ana \"Äpfel\"","session_id":"04040404-0404-4404-8404-040404040404","joined_at":1893456000.5,"will_eject_at":1893459600,"owner":true,"permissions":{"hasPresence":true,"canSend":true,"canReceive":{"base":true},"canAdmin":true},"networkQualityState":"unknown"},"event_ts":1893456000.5}"#
        );
        let left = told(
            AT + 12_345,
            Fact::ParticipantLeft {
                participant: ParticipantId::from_random([4; 16]),
                reason: LeaveReason::Left,
                duration_ms: 12_345,
                joined_at: UnixMillis::new(AT),
                user_id: None,
                user_name: String::new(),
                is_owner: false,
                permissions: Permissions::participant(),
                eject_at: None,
            },
        );
        assert_eq!(
            left.body,
            r#"{"version":"1.0.0","type":"participant.left","id":"ptcp-left-04040404-0404-4404-8404-040404040404-4-1893456012845","payload":{"room":"standup","user_id":"04040404-0404-4404-8404-040404040404","user_name":"","session_id":"04040404-0404-4404-8404-040404040404","joined_at":1893456000.5,"will_eject_at":null,"owner":false,"permissions":{"hasPresence":true,"canSend":true,"canReceive":{"base":true},"canAdmin":false},"networkQualityState":"unknown","duration":12.345},"event_ts":1893456012.845}"#
        );
    }

    #[test]
    fn those_who_wait_are_told_as_documented() {
        let joined = told(
            AT,
            Fact::WaitingParticipantJoined {
                participant: ParticipantId::from_random([4; 16]),
                user_id: None,
                user_name: "Bo".to_owned(),
                is_owner: false,
                permissions: Permissions::participant(),
            },
        );
        assert_eq!(
            joined.body,
            r#"{"version":"1.0.0","type":"waiting-participant.joined","id":"wait-join-04040404-0404-4404-8404-040404040404-4-1893456000500","payload":{"room":"standup","user_name":"Bo","session_id":"04040404-0404-4404-8404-040404040404","joined_at":1893456000.5,"will_eject_at":null,"owner":false,"permissions":{"hasPresence":true,"canSend":true,"canReceive":{"base":true},"canAdmin":false},"networkQualityState":"unknown"},"event_ts":1893456000.5}"#
        );
        let left = told(
            AT + 2500,
            Fact::WaitingParticipantLeft {
                participant: ParticipantId::from_random([4; 16]),
                duration_ms: 2500,
                joined_at: UnixMillis::new(AT),
                user_id: Some("u-2".to_owned()),
                user_name: "Bo".to_owned(),
                is_owner: false,
                permissions: Permissions::participant(),
            },
        );
        assert!(left.body.contains(r#""type":"waiting-participant.left""#), "{}", left.body);
        assert!(left.body.contains(r#""user_id":"u-2""#), "{}", left.body);
        assert!(left.body.contains(r#""duration":2.5},"event_ts":1893456003}"#), "{}", left.body);
    }

    #[test]
    fn keys_that_look_like_indices_come_first_as_scripts_write_them() {
        let mut permissions = Permissions::participant();
        let by_user_id = ["10", "9", "010", "b", "4294967295"]
            .map(|user| (user.to_owned(), ReceiveGrant::Whole(false)))
            .into();
        permissions.can_receive = CanReceive { by_user_id, ..permissions.can_receive };
        let body = told(AT, joined(permissions, None)).body;
        let wanted =
            r#""byUserId":{"9":false,"10":false,"010":false,"4294967295":false,"b":false}"#;
        assert!(body.contains(wanted), "{body}");
    }

    #[test]
    fn id_of_a_join_says_who() {
        let event = told(AT, joined(Permissions::participant(), None));
        let participant = ParticipantId::from_random([4; 16]);
        assert_eq!(WebhookEvent::joined_participant(&event.id), Some(participant));
        for other in ["ptcp-join", "ptcp-join-ü", "ptcp-left-04040404-0404-4404-8404-040404040404"]
        {
            assert_eq!(WebhookEvent::joined_participant(other), None);
        }
    }
}
