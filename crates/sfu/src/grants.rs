//! What permissions say of a single track.

use parlor_model::call::TrackSource;
use parlor_model::permission::{MediaKind, ReceiveGrant};
use serde_json::Value;

/// The permission a track falls under.
pub(crate) fn kind_of(source: TrackSource) -> MediaKind {
    match source {
        TrackSource::CamAudio => MediaKind::Audio,
        TrackSource::CamVideo => MediaKind::Video,
        TrackSource::ScreenAudio => MediaKind::ScreenAudio,
        TrackSource::ScreenVideo => MediaKind::ScreenVideo,
        TrackSource::CustomAudio(_) => MediaKind::CustomAudio,
        TrackSource::CustomVideo(_) => MediaKind::CustomVideo,
    }
}

/// The name of a track's kind within a receive grant.
fn key_of(source: TrackSource) -> &'static str {
    match source {
        TrackSource::CamAudio => "audio",
        TrackSource::CamVideo => "video",
        TrackSource::ScreenAudio => "screenAudio",
        TrackSource::ScreenVideo => "screenVideo",
        TrackSource::CustomAudio(_) => "customAudio",
        TrackSource::CustomVideo(_) => "customVideo",
    }
}

/// Whether the grant of a kind covers this track of the kind. That of a custom
/// kind may name tracks; `*` stands for those it does not name.
fn covers(grant: &Value, source: TrackSource) -> bool {
    match (grant, source.tag()) {
        (Value::Object(by_name), Some(tag)) => {
            let named = by_name.get(tag.as_str()).or_else(|| by_name.get("*"));
            named.and_then(Value::as_bool).unwrap_or(true)
        }
        _ => grant.as_bool().unwrap_or(true),
    }
}

/// Whether a grant covers this track.
pub(crate) fn is_granted(grant: &ReceiveGrant, source: TrackSource) -> bool {
    match grant {
        ReceiveGrant::Whole(all) => *all,
        ReceiveGrant::ByKind(kinds) => {
            kinds.get(key_of(source)).is_none_or(|grant| covers(grant, source))
        }
    }
}
