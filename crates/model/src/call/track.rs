//! What names a track, and where it is carried.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::MAX_TRACK_TAG_BYTES;
use crate::id::ParticipantId;

const CUSTOM_AUDIO: &str = "custom-audio:";
const CUSTOM_VIDEO: &str = "custom-video:";

/// A track by its purpose. Together with the participant it names a track.
/// Wire: a string; those of an application's tracks end with their tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(type = "\"cam-audio\" | \"cam-video\" | \"screen-audio\" | \"screen-video\" | \
               `custom-audio:${string}` | `custom-video:${string}`")
)]
pub enum TrackSource {
    /// The microphone.
    CamAudio,
    /// The camera.
    CamVideo,
    /// The sound of a shared screen.
    ScreenAudio,
    /// The picture of a shared screen.
    ScreenVideo,
    /// Sound that an application brings.
    CustomAudio(TrackTag),
    /// A picture that an application brings.
    CustomVideo(TrackTag),
}

impl TrackSource {
    /// The tracks that everybody may have without naming them.
    pub const NAMED: [Self; 4] =
        [Self::CamAudio, Self::CamVideo, Self::ScreenAudio, Self::ScreenVideo];

    /// Whether the track is video.
    #[must_use]
    pub fn is_video(self) -> bool {
        matches!(self, Self::CamVideo | Self::ScreenVideo | Self::CustomVideo(_))
    }

    /// Whether an application brings the track.
    #[must_use]
    pub fn is_custom(self) -> bool {
        self.tag().is_some()
    }

    /// The name of a custom track.
    #[must_use]
    pub fn tag(self) -> Option<TrackTag> {
        match self {
            Self::CustomAudio(tag) | Self::CustomVideo(tag) => Some(tag),
            Self::CamAudio | Self::CamVideo | Self::ScreenAudio | Self::ScreenVideo => None,
        }
    }
}

impl fmt::Display for TrackSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CamAudio => f.write_str("cam-audio"),
            Self::CamVideo => f.write_str("cam-video"),
            Self::ScreenAudio => f.write_str("screen-audio"),
            Self::ScreenVideo => f.write_str("screen-video"),
            Self::CustomAudio(tag) => write!(f, "{CUSTOM_AUDIO}{tag}"),
            Self::CustomVideo(tag) => write!(f, "{CUSTOM_VIDEO}{tag}"),
        }
    }
}

impl FromStr for TrackSource {
    type Err = BadTrackTag;

    fn from_str(text: &str) -> Result<Self, BadTrackTag> {
        Ok(match text {
            "cam-audio" => Self::CamAudio,
            "cam-video" => Self::CamVideo,
            "screen-audio" => Self::ScreenAudio,
            "screen-video" => Self::ScreenVideo,
            _ => {
                if let Some(tag) = text.strip_prefix(CUSTOM_AUDIO) {
                    Self::CustomAudio(tag.parse()?)
                } else if let Some(tag) = text.strip_prefix(CUSTOM_VIDEO) {
                    Self::CustomVideo(tag.parse()?)
                } else {
                    return Err(BadTrackTag);
                }
            }
        })
    }
}

impl Serialize for TrackSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TrackSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = TrackSource;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a track")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<TrackSource, E> {
                text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_str(Visitor)
    }
}

/// The name of a custom track: 1 to [`MAX_TRACK_TAG_BYTES`] bytes without
/// control characters. It lies in place, so that sources stay `Copy`: every
/// packet of a track looks its source up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackTag {
    /// Filled up with zero bytes, which no tag has: the order is that of text.
    bytes: [u8; MAX_TRACK_TAG_BYTES],
}

impl TrackTag {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let used = self.bytes.iter().take_while(|byte| **byte != 0).count();
        // Tags are made of text only; the fallback is never taken.
        std::str::from_utf8(&self.bytes[..used]).unwrap_or_default()
    }
}

impl FromStr for TrackTag {
    type Err = BadTrackTag;

    fn from_str(text: &str) -> Result<Self, BadTrackTag> {
        if text.is_empty() || text.len() > MAX_TRACK_TAG_BYTES || text.contains(char::is_control) {
            return Err(BadTrackTag);
        }
        let mut bytes = [0; MAX_TRACK_TAG_BYTES];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self { bytes })
    }
}

impl fmt::Display for TrackTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for TrackTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

/// No name of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadTrackTag;

impl fmt::Display for BadTrackTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a tag has 1 to {MAX_TRACK_TAG_BYTES} bytes and no control characters")
    }
}

impl std::error::Error for BadTrackTag {}

/// Whether somebody sends a track, and why not. Wire: a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum TrackState {
    /// The sender sends.
    Sending,
    /// Switched off by the sender.
    Off,
    /// The sender's device is missing, in use or not permitted.
    Blocked,
    /// The sender's `can_send` permission does not cover it.
    NotPermitted,
    /// Switched off by an administrator, until the sender says otherwise.
    OffByRemote,
}

/// A transceiver of the client's offer that sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SendTransceiver {
    /// Its `a=mid`.
    pub mid: String,
    /// What it carries.
    pub source: TrackSource,
}

/// What a slot carries from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SlotAssignment {
    /// The slot: `a=mid` of a receive-only transceiver.
    pub mid: String,
    /// Whose track it carries; `None`: nobody's, the slot is free.
    pub track: Option<SlotTrack>,
}

/// A sender's track in a slot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SlotTrack {
    /// The sender.
    pub participant: ParticipantId,
    /// Which of the sender's tracks.
    pub source: TrackSource,
}
#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn sources_are_strings_also_as_keys() {
        let tag: TrackTag = "whiteboard ☃".parse().unwrap();
        for (source, text) in [
            (TrackSource::CamAudio, "cam-audio"),
            (TrackSource::ScreenVideo, "screen-video"),
            (TrackSource::CustomVideo(tag), "custom-video:whiteboard ☃"),
            (TrackSource::CustomAudio(tag), "custom-audio:whiteboard ☃"),
        ] {
            let map = BTreeMap::from([(source, source)]);
            let json = serde_json::json!({ text: text });
            assert_eq!(serde_json::to_value(&map).unwrap(), json);
            let back: BTreeMap<TrackSource, TrackSource> = serde_json::from_value(json).unwrap();
            assert_eq!(back, map);
            assert_eq!(source.tag().is_some(), source.is_custom());
        }
        assert_eq!(tag.as_str(), "whiteboard ☃");
    }

    #[test]
    fn only_short_printable_tags_are_tags() {
        let longest = "t".repeat(MAX_TRACK_TAG_BYTES);
        assert_eq!(longest.parse::<TrackTag>().unwrap().as_str(), longest);
        for bad in ["", "a\0b", "line\nbreak", &"t".repeat(MAX_TRACK_TAG_BYTES + 1)] {
            assert_eq!(bad.parse::<TrackTag>(), Err(BadTrackTag), "{bad:?}");
            assert!(
                serde_json::from_value::<TrackSource>(format!("custom-audio:{bad}").into())
                    .is_err()
            );
        }
        assert!(serde_json::from_str::<TrackSource>(r#""cam""#).is_err());
        assert!("a".parse::<TrackTag>().unwrap() < "aa".parse::<TrackTag>().unwrap());
    }
}
