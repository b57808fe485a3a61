//! Codecs: which are spoken, which are the same, where a keyframe begins.

use str0m::format::{Codec, CodecConfig, CodecSpec};
use str0m::rtp::Vp8Descriptor;

use crate::rewrite::Picture;

/// H.264 profiles offered: constrained baseline and baseline, level 3.1.
const H264_PROFILES: [u32; 2] = [0x42_e0_1f, 0x42_00_1f];
/// The part of a profile-level-id that says the profile; the last byte is the
/// level, which may differ between sender and receiver.
const H264_PROFILE_MASK: u32 = 0xff_ff_00;

/// Enables what a room forwards, most wanted first. Every browser decodes VP8
/// and H.264 baseline (RFC 7742), so that everybody can see everybody.
pub(crate) fn enable(codecs: &mut CodecConfig) {
    codecs.enable_opus(true, false);
    codecs.enable_vp8(true);
    for (index, profile) in (0u8..).zip(H264_PROFILES) {
        // Payload types are only preferences: an offer's own numbers win.
        let payload_type = 102 + index * 2;
        codecs.add_h264(payload_type.into(), Some((payload_type + 1).into()), true, profile);
    }
    codecs.enable_vp9(true);
}

/// Whether a decoder of one takes what an encoder of the other makes.
pub(crate) fn is_same(a: CodecSpec, b: CodecSpec) -> bool {
    if a.codec != b.codec || a.clock_rate != b.clock_rate {
        return false;
    }
    match a.codec {
        Codec::H264 => {
            a.format.packetization_mode == b.format.packetization_mode
                && h264_profile(a) == h264_profile(b)
        }
        Codec::Vp9 => a.format.profile_id.unwrap_or(0) == b.format.profile_id.unwrap_or(0),
        // One stream format each; their parameters are only wishes.
        _ => true,
    }
}

fn h264_profile(spec: CodecSpec) -> Option<u32> {
    spec.format.profile_level_id.map(|profile| profile & H264_PROFILE_MASK)
}

/// What the room reads of a video payload: no more than its first bytes, so
/// that payloads encrypted by the clients pass as well.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct VideoPayload {
    /// Whether a keyframe begins here.
    pub(crate) is_keyframe: bool,
    /// How VP8 numbers the picture; empty for other codecs.
    pub(crate) picture: Picture,
}

impl VideoPayload {
    /// Reads a payload of this codec.
    pub(crate) fn parse(codec: Codec, payload: &[u8]) -> Self {
        match codec {
            Codec::Vp8 => Vp8Descriptor::parse(payload).map_or_else(
                |_error| Self::default(),
                |vp8| Self {
                    is_keyframe: vp8.starts_keyframe(payload),
                    picture: Picture::read(vp8),
                },
            ),
            Codec::H264 => Self::opaque(starts_h264_keyframe(payload)),
            Codec::Vp9 => Self::opaque(starts_vp9_keyframe(payload)),
            _ => Self::default(),
        }
    }

    fn opaque(is_keyframe: bool) -> Self {
        Self { is_keyframe, picture: Picture::default() }
    }
}

/// RFC 6184: an IDR slice or the parameter sets before it, alone (5.4),
/// aggregated (STAP-A, 24) or as the first fragment (FU-A, 28).
fn starts_h264_keyframe(payload: &[u8]) -> bool {
    const IDR: u8 = 5;
    const SPS: u8 = 7;
    let is_key = |unit: u8| matches!(unit & 0x1f, IDR | SPS);
    let Some(first) = payload.first() else {
        return false;
    };
    match first & 0x1f {
        24 => payload.get(3).is_some_and(|unit| is_key(*unit)),
        28 => payload.get(1).is_some_and(|unit| unit & 0x80 != 0 && is_key(*unit)),
        _ => is_key(*first),
    }
}

/// RFC 9628: the beginning of a frame (B) that is not predicted from another
/// (P clear). With layers, only the lowest spatial one begins a picture.
fn starts_vp9_keyframe(payload: &[u8]) -> bool {
    const PICTURE_ID: u8 = 0x80;
    const PREDICTED: u8 = 0x40;
    const LAYERS: u8 = 0x20;
    const BEGINNING: u8 = 0x08;
    let Some(first) = payload.first() else {
        return false;
    };
    if first & PREDICTED != 0 || first & BEGINNING == 0 {
        return false;
    }
    if first & LAYERS == 0 {
        return true;
    }
    let picture_id_bytes = match payload.get(1) {
        _ if first & PICTURE_ID == 0 => 0,
        Some(byte) if byte & 0x80 != 0 => 2,
        _ => 1,
    };
    let spatial_layer = payload.get(1 + picture_id_bytes).map(|layer| (layer >> 1) & 0x07);
    spatial_layer == Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyframes_are_found_by_their_first_bytes() {
        let cases: [(Codec, &[u8], bool); 12] = [
            (Codec::Vp8, &[0x10, 0x00], true),
            (Codec::Vp8, &[0x10, 0x01], false),
            (Codec::Vp8, &[0x00, 0x00], false),
            (Codec::H264, &[0x65], true),
            (Codec::H264, &[0x67], true),
            (Codec::H264, &[0x61], false),
            (Codec::H264, &[0x78, 0, 9, 0x67], true),
            (Codec::H264, &[0x7c, 0x85], true),
            (Codec::H264, &[0x7c, 0x05], false),
            (Codec::Vp9, &[0x88, 0x05], true),
            (Codec::Vp9, &[0xc8, 0x05], false),
            (Codec::Vp9, &[0xa8, 0x05, 0x02], false),
        ];
        for (codec, payload, expected) in cases {
            let parsed = VideoPayload::parse(codec, payload);
            assert_eq!(parsed.is_keyframe, expected, "{codec:?} {payload:x?}");
        }
    }

    #[test]
    fn truncated_payloads_are_no_keyframes() {
        for codec in [Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Opus] {
            assert!(!VideoPayload::parse(codec, &[]).is_keyframe);
        }
        assert!(!VideoPayload::parse(Codec::Vp8, &[0x90]).is_keyframe);
        assert!(!VideoPayload::parse(Codec::Vp9, &[0xa8]).is_keyframe);
        assert!(!VideoPayload::parse(Codec::H264, &[0x78]).is_keyframe);
    }
}
