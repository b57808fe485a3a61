//! What the room reads of a video payload: no more than the RTP payload
//! descriptor and the byte after it, so that payloads encrypted by the clients
//! pass as well.

use str0m::format::Codec;
use str0m::rtp::Vp8Descriptor;

use super::vp9::Vp9Descriptor;
use crate::rewrite::Picture;

/// Where a packet stands in its stream. For a codec without layers, or a
/// payload that cannot be read, all is in the lowest layer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct VideoPayload {
    /// Whether a keyframe begins here.
    pub(crate) is_keyframe: bool,
    /// Whether a frame begins here.
    pub(crate) is_start: bool,
    /// Whether the frame of a spatial layer ends here.
    pub(crate) is_end: bool,
    /// The temporal layer.
    pub(crate) temporal: u8,
    /// Whether a decoder that did not get this temporal layer may from here on.
    pub(crate) is_temporal_entry: bool,
    /// The spatial layer within this one stream.
    pub(crate) spatial: u8,
    /// The same as for the temporal layer.
    pub(crate) is_spatial_entry: bool,
    /// How many spatial layers the stream has, where it says so.
    pub(crate) spatial_layers: Option<u8>,
    /// How VP8 numbers the picture; empty for other codecs.
    pub(crate) picture: Picture,
}

impl VideoPayload {
    /// Reads a payload of this codec.
    pub(crate) fn parse(codec: Codec, payload: &[u8]) -> Self {
        match codec {
            Codec::Vp8 => vp8(payload),
            Codec::H264 => opaque(starts_h264_keyframe(payload)),
            Codec::Vp9 => Vp9Descriptor::parse(payload).map_or_else(Self::default, vp9),
            Codec::Av1 => opaque(starts_av1_sequence(payload)),
            _ => Self::default(),
        }
    }
}

fn opaque(is_keyframe: bool) -> VideoPayload {
    VideoPayload { is_keyframe, is_start: is_keyframe, ..VideoPayload::default() }
}

fn vp8(payload: &[u8]) -> VideoPayload {
    let Ok(descriptor) = Vp8Descriptor::parse(payload) else {
        return VideoPayload::default();
    };
    let (temporal, is_sync) = vp8_temporal(payload);
    let is_start = payload[0] & 0x17 == 0x10;
    let is_keyframe = descriptor.starts_keyframe(payload);
    VideoPayload {
        is_keyframe,
        is_start,
        temporal,
        is_temporal_entry: is_start && (is_keyframe || is_sync),
        picture: Picture::read(payload),
        ..VideoPayload::default()
    }
}

/// RFC 7741, 4.2: the layer (T) and whether it depends on the lowest alone (Y).
/// The descriptor was found to be whole before.
fn vp8_temporal(payload: &[u8]) -> (u8, bool) {
    const EXTENDED: u8 = 0x80;
    const PICTURE_ID: u8 = 0x80;
    const LOWEST_INDEX: u8 = 0x40;
    const LAYER: u8 = 0x20;
    let [first, extension, rest @ ..] = payload else {
        return (0, false);
    };
    if first & EXTENDED == 0 || extension & LAYER == 0 {
        return (0, false);
    }
    let picture_id_bytes = match rest.first() {
        _ if extension & PICTURE_ID == 0 => 0,
        Some(byte) if byte & 0x80 != 0 => 2,
        _ => 1,
    };
    let index_bytes = usize::from(extension & LOWEST_INDEX != 0);
    let layer = rest.get(picture_id_bytes + index_bytes).copied().unwrap_or(0);
    (layer >> 6, layer & 0x20 != 0)
}

fn vp9(vp9: Vp9Descriptor) -> VideoPayload {
    // With layers, only the lowest spatial one begins a picture.
    let begins_picture = vp9.is_beginning && vp9.spatial == 0;
    let is_keyframe = begins_picture && !vp9.is_predicted;
    VideoPayload {
        is_keyframe,
        is_start: begins_picture,
        is_end: vp9.is_end,
        temporal: vp9.temporal,
        is_temporal_entry: begins_picture && (vp9.is_switching_point || is_keyframe),
        spatial: vp9.spatial,
        is_spatial_entry: vp9.is_beginning && !vp9.is_predicted,
        spatial_layers: vp9.spatial_layers,
        picture: Picture::default(),
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

/// The bit of AV1's aggregation header that says that a coded video sequence
/// begins with this packet (RTP payload format for AV1, 4.4).
fn starts_av1_sequence(payload: &[u8]) -> bool {
    const NEW_SEQUENCE: u8 = 0x08;
    payload.first().is_some_and(|header| header & NEW_SEQUENCE != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyframes_are_found_by_their_first_bytes() {
        let cases: [(Codec, &[u8], bool); 14] = [
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
            (Codec::Av1, &[0x18, 0x0a], true),
            (Codec::Av1, &[0x10, 0x32], false),
        ];
        for (codec, payload, expected) in cases {
            let parsed = VideoPayload::parse(codec, payload);
            assert_eq!(parsed.is_keyframe, expected, "{codec:?} {payload:x?}");
        }
    }

    #[test]
    fn truncated_payloads_are_no_keyframes() {
        for codec in [Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1, Codec::Opus] {
            assert!(!VideoPayload::parse(codec, &[]).is_keyframe);
        }
        assert!(!VideoPayload::parse(Codec::Vp8, &[0x90]).is_keyframe);
        assert!(!VideoPayload::parse(Codec::Vp9, &[0xa8]).is_keyframe);
        assert!(!VideoPayload::parse(Codec::H264, &[0x78]).is_keyframe);
    }

    #[test]
    fn temporal_layers_of_vp8_are_read_wherever_they_stand() {
        // Picture id with 15, with 7 bits, without; with and without an index.
        let cases: [(&[u8], u8, bool); 5] = [
            (&[0x90, 0xe0, 0x81, 0x02, 7, 0x80, 0x01], 2, false),
            (&[0x90, 0xe0, 0x01, 7, 0x60, 0x01], 1, true),
            (&[0x90, 0x60, 7, 0x40, 0x01], 1, false),
            (&[0x90, 0x20, 0xa0, 0x01], 2, true),
            (&[0x10, 0x01], 0, false),
        ];
        for (payload, temporal, is_entry) in cases {
            let parsed = VideoPayload::parse(Codec::Vp8, payload);
            let read = (parsed.temporal, parsed.is_temporal_entry);
            assert_eq!(read, (temporal, is_entry), "{payload:x?}");
        }
    }

    #[test]
    fn what_follows_the_descriptor_may_be_encrypted() {
        for noise in 0..=u8::MAX {
            let parsed = VideoPayload::parse(Codec::Vp8, &[0x90, 0xe0, 0x81, 0x02, 7, 0x80, noise]);
            assert_eq!((parsed.temporal, parsed.is_start), (2, true));
        }
    }
}
