//! Who may enter, as whom, and for how long.

use super::{ABSENT, FALSE, TRUE, getter, properties};
use crate::property::effective::Effective;
use crate::property::kind::{Field, Kind, Shape};
use crate::property::spec::Applies::{Admission, Call, MeetingStart};
use crate::property::spec::{DefaultValue, PropertySpec};

const SECONDS: Kind = Kind::Integer { min: 1, max: i32::MAX as i64 };

const MEDIA: &[&str] =
    &["video", "audio", "screenVideo", "screenAudio", "customVideo", "customAudio"];

const BY_TRACK_NAME: Kind = Kind::MapOf(&Kind::Flag);

/// What may be received from one sender.
const RECEIVE: Kind = Kind::FlagOrObject(&Shape::closed(&[
    Field::new("video", Kind::Flag),
    Field::new("audio", Kind::Flag),
    Field::new("screenVideo", Kind::Flag),
    Field::new("screenAudio", Kind::Flag),
    Field::new("customVideo", BY_TRACK_NAME),
    Field::new("customAudio", BY_TRACK_NAME),
]));

const PERMISSIONS: Kind = Kind::Object(&Shape::closed(&[
    Field::new("hasPresence", Kind::Flag),
    Field::new("canSend", Kind::FlagOrSomeOf(MEDIA)),
    Field::new(
        "canReceive",
        Kind::Object(&Shape::closed(&[
            Field::new("base", RECEIVE),
            Field::new("byUserId", Kind::MapOf(&RECEIVE)),
            Field::new("byParticipantId", Kind::MapOf(&RECEIVE)),
        ])),
    ),
    Field::new("canAdmin", Kind::FlagOrSomeOf(&["participants", "streaming", "transcription"])),
]));

properties! {
    /// Entry is refused before this time (unix seconds).
    plain nbf = PropertySpec::new(Kind::Time).room(ABSENT).token(ABSENT, "nbf").acts(Admission);

    /// Entry is refused from this time on (unix seconds). A room then counts
    /// as deleted. By itself it removes nobody who is inside.
    plain exp =
        PropertySpec::new(Kind::FutureTime).room(ABSENT).token(ABSENT, "exp").acts(Admission);

    /// Most participants present in the room at once. The operator's limit
    /// may allow more than 200.
    limit max_participants =
        PropertySpec::new(Kind::Participants).room(DefaultValue::Integer(200)).acts(Admission);

    /// Everybody is removed when the room's `exp` passes, as it was when they
    /// joined. A token with an eject of its own is exempt.
    plain eject_at_room_exp = PropertySpec::new(Kind::Flag).room(FALSE).acts(Call);

    /// The holder is removed when the token's `exp` passes.
    plain eject_at_token_exp = PropertySpec::new(Kind::Flag).token(FALSE, "ejt").acts(Call);

    /// A participant is removed this many seconds after joining.
    plain eject_after_elapsed =
        PropertySpec::new(SECONDS).room(ABSENT).token(ABSENT, "eje").acts(Call);

    /// The only room the token opens. Absent: every room of the domain.
    text room_name = PropertySpec::new(Kind::TEXT).token(ABSENT, "r").acts(Admission);

    /// The holder is a meeting owner, who may do everything.
    flag is_owner = PropertySpec::new(Kind::Flag).token(FALSE, "o").acts(Admission);

    /// The display name. The holder cannot choose another at the door.
    text user_name = PropertySpec::new(Kind::TEXT).token(ABSENT, "u").acts(Admission);

    /// The application's own id of the holder.
    text user_id = PropertySpec::new(Kind::Text { max_chars: Some(36) })
        .token(ABSENT, "ud")
        .acts(Admission);

    /// A new stay with a `user_id` ends an older one with the same.
    flag enforce_unique_user_ids =
        PropertySpec::new(Kind::Flag).domain(FALSE).room(FALSE).acts(Admission);

    /// What participants who are not owners may do at first: token over room
    /// over domain, key by key.
    plain permissions = PropertySpec::new(PERMISSIONS)
        .domain(ABSENT)
        .room(ABSENT)
        .token(ABSENT, "p")
        .acts(Admission);

    /// Only meeting owners may send audio and video.
    flag owner_only_broadcast = PropertySpec::new(Kind::Flag).room(FALSE).acts(Admission);

    /// Participants may share their screens. Fixed for each stay at its
    /// beginning; owners may share anyway, unless their own token says no.
    flag enable_screenshare =
        PropertySpec::new(Kind::Flag).room(TRUE).token(TRUE, "ss").acts(MeetingStart);

    /// Who has no token for a private room may knock, and an owner lets them
    /// in.
    flag enable_knocking = PropertySpec::new(Kind::Flag).room(ABSENT).acts(Admission);

    /// The holder must knock although holding a token. Needs the room's
    /// `enable_knocking`.
    flag knocking = PropertySpec::new(Kind::Flag).token(FALSE, "k").acts(Admission);

    /// Participants who are not owners are hidden, and see and receive owners
    /// only. A token's own `permissions.hasPresence` is stronger.
    flag enable_hidden_participants =
        PropertySpec::new(Kind::Flag).room(FALSE).acts(Admission);

    /// The domain the token belongs to.
    plain domain_id = PropertySpec::new(Kind::TEXT).claim_only("d").acts(Admission);

    /// When the token was made (unix seconds).
    plain iat = PropertySpec::new(Kind::Time).claim_only("iat").without_effect(Admission, "for the record: nothing depends on when a token was made");
}
