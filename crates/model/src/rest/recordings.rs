//! `/recordings`.

use serde::{Deserialize, Serialize};

use crate::error::ApiError;

/// Longest that a link to a recording is good, in seconds.
pub const MAX_LINK_SECONDS: u32 = 12 * 60 * 60;

/// How long it is when nobody says, in seconds.
pub const DEFAULT_LINK_SECONDS: u32 = 60 * 60;

/// A recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"id": "0b5a6b1c-2f3d-4b4e-9c5f-7a8b9c0d1e2f", "room_name": "standup", "start_ts": 1_935_656_430, "status": "finished", "max_participants": 3, "duration": 600, "share_token": "", "s3key": "acme/standup/1935656430000", "mtgSessionId": "0b5a6b1c-2f3d-4b4e-9c5f-7a8b9c0d1e2f", "type": "cloud"})))]
pub struct Recording {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub id: String,
    /// The room's name.
    #[cfg_attr(feature = "openapi", schema(example = "standup"))]
    pub room_name: String,
    /// When it began, unix seconds.
    pub start_ts: i64,
    /// `in-progress`, `finished` or `canceled`.
    #[cfg_attr(feature = "openapi", schema(example = "finished"))]
    pub status: String,
    /// Most people who were there at once.
    pub max_participants: u32,
    /// Seconds; absent while in progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<i64>,
    /// Deprecated.
    pub share_token: String,
    /// Where it is stored.
    pub s3key: String,
    /// The meeting that was recorded.
    #[serde(rename = "mtgSessionId")]
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub mtg_session_id: String,
    /// `cloud`, `cloud-audio-only` or `raw-tracks`.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(example = "cloud"))]
    pub kind: String,
    /// The tracks of a recording of raw tracks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracks: Option<Vec<RecordedTrack>>,
}

/// A track of a recording of raw tracks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordedTrack {
    /// Bytes.
    pub size: u64,
    /// `audio` or `video`.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(example = "audio"))]
    pub kind: String,
    /// Where it is stored.
    pub s3key: String,
    /// The same; clients read either spelling.
    #[serde(rename = "s3Key")]
    pub s3_key: String,
}

/// Answer of `DELETE /recordings/:id`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"deleted": true, "id": "0b5a6b1c-2f3d-4b4e-9c5f-7a8b9c0d1e2f"})))]
pub struct DeletedRecording {
    /// Always `true`.
    pub deleted: bool,
    /// The id that was asked for.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub id: String,
}

/// Answer of `GET /recordings/:id/access-link`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"download_link": "https://meet.example.org/files/abc", "expires": 1_935_660_030})))]
pub struct RecordingLink {
    /// Where it can be fetched.
    #[cfg_attr(
        feature = "openapi",
        schema(format = "uri", example = "https://meet.example.org/_parlor/files/abc")
    )]
    pub download_link: String,
    /// Until when, unix seconds.
    pub expires: i64,
}

/// Reads `valid_for_secs` of a query.
///
/// # Errors
///
/// When it is not an integer of at least 1. Above the maximum it is clamped.
pub fn parse_link_seconds(text: Option<&str>) -> Result<u32, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(DEFAULT_LINK_SECONDS);
    };
    let is_number = text.bytes().all(|digit| digit.is_ascii_digit());
    let is_zero = text.bytes().all(|digit| digit == b'0');
    if !is_number || is_zero {
        let expected = format!("an integer from 1 to {MAX_LINK_SECONDS}");
        return Err(ApiError::wrong_value("valid_for_secs", &text.into(), &expected));
    }
    Ok(text.parse().unwrap_or(MAX_LINK_SECONDS).min(MAX_LINK_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_good_for_an_hour_and_at_most_for_twelve() {
        assert_eq!(parse_link_seconds(None), Ok(3600));
        assert_eq!(parse_link_seconds(Some("")), Ok(3600));
        assert_eq!(parse_link_seconds(Some("60")), Ok(60));
        assert_eq!(parse_link_seconds(Some("99999999999999")), Ok(43_200));
        for bad in ["0", "-1", "1.5", "x", "+5"] {
            assert!(parse_link_seconds(Some(bad)).is_err(), "{bad}");
        }
    }
}
