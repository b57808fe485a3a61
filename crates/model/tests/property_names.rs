//! The table against the list of properties of the public API.

use parlor_model::property::{self, Access, Scope};

/// Properties that requests may set.
const WRITABLE: [(Scope, &[&str]); 3] = [
    (
        Scope::Room,
        &[
            "auto_transcription_settings",
            "dialout_config",
            "disable_rtmp_geo_fallback",
            "eject_after_elapsed",
            "eject_at_room_exp",
            "enable_adaptive_simulcast",
            "enable_advanced_chat",
            "enable_breakout_rooms",
            "enable_chat",
            "enable_cpu_warning_notifications",
            "enable_dialout",
            "enable_emoji_reactions",
            "enable_hand_raising",
            "enable_hidden_participants",
            "enable_knocking",
            "enable_live_captions_ui",
            "enable_mesh_sfu",
            "enable_multiparty_adaptive_simulcast",
            "enable_network_ui",
            "enable_noise_cancellation_ui",
            "enable_people_ui",
            "enable_pip_ui",
            "enable_prejoin_ui",
            "enable_raw_tracks_transcoded_audio",
            "enable_recording",
            "enable_screenshare",
            "enable_shared_chat_history",
            "enable_terse_logging",
            "enable_transcription_storage",
            "enable_video_processing_ui",
            "enforce_unique_user_ids",
            "exp",
            "experimental_optimize_large_calls",
            "geo",
            "lang",
            "max_participants",
            "meeting_join_hook",
            "nbf",
            "owner_only_broadcast",
            "permissions",
            "recordings_bucket",
            "recordings_template",
            "rtmp_geo",
            "sfu_switchover",
            "sip",
            "start_audio_off",
            "start_video_off",
            "streaming_endpoints",
            "transcription_bucket",
            "transcription_template",
        ],
    ),
    (
        Scope::Domain,
        &[
            "batch_processor_bucket",
            "disable_rtmp_geo_fallback",
            "enable_adaptive_simulcast",
            "enable_advanced_chat",
            "enable_breakout_rooms",
            "enable_cpu_warning_notifications",
            "enable_emoji_reactions",
            "enable_hand_raising",
            "enable_live_captions_ui",
            "enable_mesh_sfu",
            "enable_multiparty_adaptive_simulcast",
            "enable_network_ui",
            "enable_noise_cancellation_ui",
            "enable_opus_fec",
            "enable_people_ui",
            "enable_pip_ui",
            "enable_prejoin_ui",
            "enable_raw_tracks_transcoded_audio",
            "enable_terse_logging",
            "enable_transcription_storage",
            "enable_video_processing_ui",
            "enforce_unique_user_ids",
            "geo",
            "hide_daily_branding",
            "lang",
            "meeting_join_hook",
            "permissions",
            "pin_dialin",
            "pinless_dialin",
            "recordings_bucket",
            "recordings_template",
            "redirect_on_meeting_exit",
            "rtmp_geo",
            "sfu_switchover",
            "transcription_bucket",
            "transcription_template",
        ],
    ),
    (
        Scope::Token,
        &[
            "auto_start_transcription",
            "close_tab_on_exit",
            "eject_after_elapsed",
            "eject_at_token_exp",
            "enable_live_captions_ui",
            "enable_prejoin_ui",
            "enable_recording",
            "enable_recording_ui",
            "enable_screenshare",
            "enable_terse_logging",
            "exp",
            "intercom_join_alert",
            "is_owner",
            "knocking",
            "lang",
            "meeting_join_hook",
            "nbf",
            "permissions",
            "redirect_on_meeting_exit",
            "room_name",
            "start_audio_off",
            "start_cloud_recording",
            "start_cloud_recording_opts",
            "start_video_off",
            "user_id",
            "user_name",
        ],
    ),
];

/// Properties that requests may not set, and keys that are dropped.
const OTHERS: [(Scope, Access, &[&str]); 4] = [
    (Scope::Room, Access::ReadOnly, &["sip_uri"]),
    (
        Scope::Room,
        Access::Ignored,
        &[
            "audio_only",
            "autojoin",
            "dialin",
            "enable_dialin",
            "enable_new_call_ui",
            "enable_transcription",
            "signaling_impl",
        ],
    ),
    (
        Scope::Domain,
        Access::ReadOnly,
        &[
            "attach_callobject_to_window",
            "callstats",
            "disable_rate_limiting",
            "enable_daily_logger",
            "hipaa",
            "intercom_auto_record",
            "intercom_manual_record",
            "max_api_keys",
            "max_api_rooms",
            "max_live_streams",
            "max_streaming_instances_per_room",
            "max_webhook_count",
            "sfu_impl",
            "signaling_impl",
            "switchover_impl",
            "webhook_meeting_end",
        ],
    ),
    (Scope::Token, Access::ClaimOnly, &["domain_id", "iat"]),
];

/// Claims of a token, where they are not the property's own name.
const CLAIMS: &[(&str, &str)] = &[
    ("room_name", "r"),
    ("eject_at_token_exp", "ejt"),
    ("eject_after_elapsed", "eje"),
    ("is_owner", "o"),
    ("user_name", "u"),
    ("user_id", "ud"),
    ("enable_screenshare", "ss"),
    ("start_video_off", "vo"),
    ("start_audio_off", "ao"),
    ("enable_recording", "er"),
    ("enable_recording_ui", "erui"),
    ("knocking", "k"),
    ("start_cloud_recording", "sr"),
    ("start_cloud_recording_opts", "sro"),
    ("auto_start_transcription", "ast"),
    ("close_tab_on_exit", "ctoe"),
    ("redirect_on_meeting_exit", "rome"),
    ("lang", "uil"),
    ("permissions", "p"),
    ("intercom_join_alert", "ij"),
    ("meeting_join_hook", "mjh"),
    ("domain_id", "d"),
];

fn names(scope: Scope, access: Access) -> Vec<&'static str> {
    let has_access = |spec: &&property::PropertySpec| {
        spec.place(scope).is_some_and(|place| place.access == access)
    };
    let mut names: Vec<_> =
        property::specs(scope).filter(has_access).map(|spec| spec.name).collect();
    names.sort_unstable();
    names
}

fn sorted(names: &[&'static str]) -> Vec<&'static str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}

#[test]
fn table_has_every_property_of_the_public_api_and_no_other() {
    for (scope, expected) in WRITABLE {
        assert_eq!(names(scope, Access::Write), sorted(expected), "{scope:?}");
    }
    for (scope, access, expected) in OTHERS {
        assert_eq!(names(scope, access), sorted(expected), "{scope:?} {access:?}");
    }
}

#[test]
fn claims_have_the_published_names() {
    for spec in property::specs(Scope::Token) {
        let published = CLAIMS.iter().find(|(name, _)| *name == spec.name);
        let expected = published.map_or(spec.name, |(_, claim)| claim);
        assert_eq!(spec.claim(), Some(expected), "{}", spec.name);
    }
}
