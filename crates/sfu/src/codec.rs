//! Codecs: which are spoken, which are the same, what is read of their packets.

mod payload;
mod vp9;

use str0m::format::{Codec, CodecConfig, CodecSpec};

pub(crate) use payload::VideoPayload;

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
    codecs.enable_av1(true);
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
