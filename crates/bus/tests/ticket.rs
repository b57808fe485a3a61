//! Sealed tickets: only what the key sealed, unchanged and in time, opens.

use parlor_bus::{MAX_SEALED_TICKET_BYTES, TicketError, TicketKey};
use parlor_model::call_log::LogPass;
use parlor_model::id::{OrgId, ParticipantId, RoomId};
use parlor_model::permission::Permissions;
use parlor_model::ticket::{EjectLimits, Ticket, TicketAccess};
use parlor_model::time::UnixMillis;

const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);

fn key() -> TicketKey {
    TicketKey::from_bytes([7; 32])
}

fn ticket() -> Ticket {
    Ticket {
        org: OrgId::from_random([1; 16]),
        room: RoomId::from_random([2; 16]),
        room_name: "standup".to_owned(),
        participant: ParticipantId::from_random([3; 16]),
        expires_at: NOW.plus_seconds(60),
        user_id: Some("u-1".to_owned()),
        user_name: "Ana ✨".to_owned(),
        is_owner: true,
        permissions: Permissions::owner(),
        is_audience: false,
        eject: EjectLimits { at: None, after_seconds: Some(600) },
        max_participants: 200,
        org_places: None,
        is_unique_user: false,
        access: TicketAccess::Full,
        is_check: false,
    }
}

#[test]
fn sealed_ticket_opens_unchanged() {
    assert_eq!(key().open(&key().seal(&ticket()), NOW), Ok(ticket()));
}

#[test]
fn sealed_ticket_is_safe_in_a_url() {
    let sealed = key().seal(&ticket());
    assert!(sealed.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)));
}

#[test]
fn every_changed_character_is_noticed() {
    let sealed = key().seal(&ticket());
    for at in 0..sealed.len() {
        let mut bytes = sealed.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        let outcome = key().open(&changed, NOW);
        assert!(
            matches!(outcome, Err(TicketError::BadSignature | TicketError::Malformed)),
            "byte {at} was changed, yet: {outcome:?}"
        );
    }
}

#[test]
fn truncated_ticket_opens_nothing() {
    let sealed = key().seal(&ticket());
    for length in 0..sealed.len() {
        assert!(key().open(&sealed[..length], NOW).is_err(), "cut to {length}");
    }
}

#[test]
fn ticket_of_another_key_has_a_bad_signature() {
    let sealed = TicketKey::from_bytes([8; 32]).seal(&ticket());
    assert_eq!(key().open(&sealed, NOW), Err(TicketError::BadSignature));
}

#[test]
fn ticket_is_good_up_to_its_last_millisecond() {
    let sealed = key().seal(&ticket());
    let last = ticket().expires_at;
    assert_eq!(key().open(&sealed, last), Ok(ticket()));
    assert_eq!(key().open(&sealed, last.plus_millis(1)), Err(TicketError::Expired));
}

#[test]
fn over_long_ticket_is_malformed() {
    let mut big = ticket();
    big.user_name = "x".repeat(MAX_SEALED_TICKET_BYTES);
    let sealed = key().seal(&big);
    assert_eq!(key().open(&sealed, NOW), Err(TicketError::Malformed));
}

#[test]
fn garbage_is_malformed() {
    for garbage in ["", ".", "..", "a.b.c", "no dot", "ä.ö", "\0", "{}.{}"] {
        assert!(key().open(garbage, NOW).is_err(), "{garbage:?}");
    }
}

#[test]
fn key_prints_without_its_secret() {
    assert_eq!(format!("{:?}", key()), "TicketKey(…)");
}

#[test]
fn a_log_pass_opens_in_time_and_is_no_ticket() {
    let pass = LogPass {
        org: OrgId::from_random([1; 16]),
        room: RoomId::from_random([2; 16]),
        participant: ParticipantId::from_random([3; 16]),
        expires_at: NOW.plus_seconds(60),
    };
    let sealed = key().seal_log_pass(&pass);
    assert_eq!(key().open_log_pass(&sealed, NOW), Ok(pass));
    let too_late = key().open_log_pass(&sealed, NOW.plus_seconds(61));
    assert_eq!(too_late, Err(TicketError::Expired));
    assert_eq!(key().open(&sealed, NOW), Err(TicketError::BadSignature));
    let ticket = key().seal(&ticket());
    assert_eq!(key().open_log_pass(&ticket, NOW), Err(TicketError::BadSignature));
}
