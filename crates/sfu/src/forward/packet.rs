//! What an RTP packet looks like on the wire (RFC 3550, 5.1), written for one
//! receiver: its own numbers, and of the header extensions (RFC 8285) those
//! that were agreed on with it.

use str0m::media::Mid;

/// The first two bytes of extensions whose ids and lengths share a byte.
const ONE_BYTE_FORM: [u8; 2] = [0xbe, 0xde];
/// The highest id that this form has room for.
const HIGHEST_ID: u8 = 14;
const VERSION: u8 = 2 << 6;
/// In the first byte: the packet ends with padding, whose last byte counts it.
pub(super) const HAS_PADDING: u8 = 1 << 5;
const HAS_EXTENSIONS: u8 = 1 << 4;
const MARKER: u8 = 1 << 7;

/// The fixed part of a header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) payload_type: u8,
    pub(super) is_marked: bool,
    pub(super) sequence: u16,
    pub(super) timestamp: u32,
    pub(super) ssrc: u32,
}

/// Under which ids a receiver knows the header extensions that are sent. Those
/// that it does not know, or only under ids of the longer form, are left out.
/// The time of sending is never written: receivers with transport-wide numbers
/// have no use for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExtensionIds {
    pub(crate) number: Option<u8>,
    pub(crate) mid: Option<u8>,
    pub(crate) audio_level: Option<u8>,
    pub(crate) orientation: Option<u8>,
}

/// The values of one packet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ExtensionValues {
    /// The transport-wide number, which feedback is about.
    pub(super) number: Option<u16>,
    /// The transceiver, until the receiver knows whose the stream is.
    pub(super) mid: Option<Mid>,
    pub(super) carried: Carried,
}

/// What a sender's header extensions say to its receivers, as on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Carried {
    /// How loud it is, and whether that is a voice (RFC 6464).
    pub(crate) audio_level: Option<u8>,
    /// How the picture is to be turned.
    pub(crate) orientation: Option<u8>,
}

impl Head {
    /// Appends the header; returns its length.
    pub(super) fn write(
        &self,
        out: &mut Vec<u8>,
        ids: &ExtensionIds,
        values: &ExtensionValues,
    ) -> usize {
        let start = out.len();
        let marker = if self.is_marked { MARKER } else { 0 };
        out.extend_from_slice(&[VERSION, marker | self.payload_type]);
        out.extend_from_slice(&self.sequence.to_be_bytes());
        out.extend_from_slice(&self.timestamp.to_be_bytes());
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        if write_extensions(out, ids, values) {
            out[start] |= HAS_EXTENSIONS;
        }
        out.len() - start
    }
}

/// `false`: there was none to write.
fn write_extensions(out: &mut Vec<u8>, ids: &ExtensionIds, values: &ExtensionValues) -> bool {
    let start = out.len();
    out.extend_from_slice(&ONE_BYTE_FORM);
    out.extend_from_slice(&[0, 0]);
    let elements = out.len();
    if let (Some(id), Some(number)) = (ids.number, values.number) {
        write_element(out, id, &number.to_be_bytes());
    }
    if let (Some(id), Some(level)) = (ids.audio_level, values.carried.audio_level) {
        write_element(out, id, &[level]);
    }
    if let (Some(id), Some(orientation)) = (ids.orientation, values.carried.orientation) {
        write_element(out, id, &[orientation]);
    }
    if let (Some(id), Some(mid)) = (ids.mid, values.mid) {
        write_element(out, id, mid.as_bytes());
    }
    if out.len() == elements {
        out.truncate(start);
        return false;
    }
    let words = (out.len() - elements).div_ceil(4);
    out.resize(elements + words * 4, 0);
    // Four short elements are a dozen words at most.
    out[start + 3] = words as u8;
    true
}

/// Appends an element of 1 to 16 bytes.
fn write_element(out: &mut Vec<u8>, id: u8, value: &[u8]) {
    if (1..=HIGHEST_ID).contains(&id) && (1..=16).contains(&value.len()) {
        out.push(id << 4 | (value.len() - 1) as u8);
        out.extend_from_slice(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: Head =
        Head { payload_type: 96, is_marked: true, sequence: 0x102, timestamp: 7, ssrc: 0x0a0b };

    fn ids() -> ExtensionIds {
        ExtensionIds { number: Some(3), mid: Some(4), audio_level: Some(1), orientation: None }
    }

    #[test]
    fn a_header_without_extensions_is_twelve_bytes() {
        let mut out = vec![9];
        let values = ExtensionValues::default();
        assert_eq!(HEAD.write(&mut out, &ids(), &values), 12);
        assert_eq!(out, [9, 0x80, 0xe0, 1, 2, 0, 0, 0, 7, 0, 0, 0x0a, 0x0b]);
    }

    #[test]
    fn extensions_that_were_agreed_on_are_written_and_padded() {
        let mut out = Vec::new();
        let values = ExtensionValues {
            number: Some(0x0506),
            mid: Some(Mid::from("ab")),
            carried: Carried { audio_level: Some(0x85), orientation: Some(1) },
        };
        assert_eq!(HEAD.write(&mut out, &ids(), &values), 24);
        assert_eq!(out[0], 0x90);
        assert_eq!(out[12..], [0xbe, 0xde, 0, 2, 0x31, 5, 6, 0x10, 0x85, 0x41, b'a', b'b']);
    }

    #[test]
    fn ids_of_the_longer_form_are_left_out() {
        let mut out = Vec::new();
        let ids = ExtensionIds { number: Some(15), mid: Some(0), ..ids() };
        let values = ExtensionValues {
            number: Some(1),
            mid: Some(Mid::from("a")),
            carried: Carried::default(),
        };
        assert_eq!(HEAD.write(&mut out, &ids, &values), 12);
        assert_eq!(out[0], 0x80);
    }
}
