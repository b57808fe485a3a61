//! Hooks, and what only a domain's answer shows.

use super::{ABSENT, FALSE, TRUE, getter, properties};
use crate::property::effective::Effective;
use crate::property::kind::Kind;
use crate::property::spec::Applies::{Call, Recording, Server};
use crate::property::spec::{DefaultValue, PropertySpec, Scope};

const COUNT: Kind = Kind::Integer { min: 0, max: i32::MAX as i64 };

const INTERCOM: &str = "belongs to a chat integration that this server does not have";
const HOSTED: &str = "a switch of the hosted service's own operation";
const NO_ENGINE: &str = "no recording or streaming engine in this release";
const NO_PRIVACY_MODE: &str =
    "a mode that the hosted service switches on for a domain: always off here";
const ALWAYS_ON: &str = "always on: `enable_terse_logging` makes clients write less";
const FIXED: &str = "fixed: there is one implementation";

properties! {
    /// An address that is posted to whenever somebody joins, once, with the body
    /// of a `participant.joined` event and without a signature. Webhooks replace
    /// it.
    text meeting_join_hook = PropertySpec::new(Kind::Text { max_chars: Some(255) })
        .domain(ABSENT)
        .room(ABSENT)
        .token(ABSENT, "mjh")
        .acts(Server)
        .private();

    /// Joins are announced to a chat integration.
    flag intercom_join_alert =
        PropertySpec::new(Kind::Flag).token(FALSE, "ij").without_effect(Server, INTERCOM);

    /// Calls from a chat integration are recorded.
    plain intercom_auto_record = PropertySpec::new(Kind::Flag)
        .read_only(Scope::Domain, ABSENT)
        .without_effect(Server, INTERCOM);

    /// Calls from a chat integration may be recorded.
    plain intercom_manual_record = PropertySpec::new(Kind::TEXT)
        .read_only(Scope::Domain, DefaultValue::Text(""))
        .without_effect(Server, INTERCOM);

    /// Names and ids of participants are kept out of reports.
    plain hipaa =
        PropertySpec::new(Kind::Flag).read_only(Scope::Domain, FALSE).without_effect(Server, NO_PRIVACY_MODE);

    /// Which media server carries the calls.
    plain sfu_impl =
        PropertySpec::new(Kind::TEXT).read_only(Scope::Domain, ABSENT).without_effect(Call, FIXED);

    /// How calls move to the media server.
    plain switchover_impl =
        PropertySpec::new(Kind::TEXT).read_only(Scope::Domain, ABSENT).without_effect(Call, FIXED);

    /// An address that was posted to at the end of a meeting. Webhooks replace
    /// it.
    plain webhook_meeting_end = PropertySpec::new(Kind::TEXT)
        .read_only(Scope::Domain, ABSENT)
        .without_effect(Server, "webhooks replace it");

    /// Most live streams at once.
    plain max_live_streams =
        PropertySpec::new(COUNT).read_only(Scope::Domain, ABSENT).without_effect(Recording, NO_ENGINE);

    /// Most recordings and streams of one room at once.
    plain max_streaming_instances_per_room =
        PropertySpec::new(COUNT).read_only(Scope::Domain, ABSENT).without_effect(Recording, NO_ENGINE);

    /// Clients send their log lines to the server.
    plain enable_daily_logger =
        PropertySpec::new(Kind::Flag).read_only(Scope::Domain, TRUE).without_effect(Call, ALWAYS_ON);

    /// Rate limits are off.
    plain disable_rate_limiting =
        PropertySpec::new(Kind::Flag).read_only(Scope::Domain, FALSE).acts(Server);

    /// The page's call object is reachable from its window.
    plain attach_callobject_to_window = PropertySpec::new(Kind::Flag)
        .read_only(Scope::Domain, ABSENT)
        .without_effect(Call, HOSTED);

    /// Most rooms made through the API.
    plain max_api_rooms =
        PropertySpec::new(COUNT).read_only(Scope::Domain, ABSENT).without_effect(Server, HOSTED);

    /// A service of others that watched calls.
    plain callstats = PropertySpec::new(Kind::Any)
        .read_only(Scope::Domain, ABSENT)
        .without_effect(Call, "no data leaves for services of others");

    /// Most webhooks.
    plain max_webhook_count = PropertySpec::new(COUNT)
        .read_only(Scope::Domain, DefaultValue::Integer(10))
        .acts(Server);

    /// Most API keys.
    plain max_api_keys = PropertySpec::new(COUNT)
        .read_only(Scope::Domain, DefaultValue::Integer(2))
        .without_effect(Server, HOSTED);
}
