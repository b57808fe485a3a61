//! The control packets that a sender of media writes. Each is appended; those
//! written one after the other are a compound.

use super::{SENDER_REPORT, SOURCE_DESCRIPTION, SenderReport, VERSION};

/// The item of a description that names the sender for good (RFC 3550, 6.5.1).
const CNAME: u8 = 1;

/// A sender report without blocks: what arrives is reported by who opens it.
pub(crate) fn sender_report(out: &mut Vec<u8>, report: &SenderReport) {
    header(out, 0, SENDER_REPORT, 6);
    out.extend_from_slice(&report.ssrc.to_be_bytes());
    out.extend_from_slice(&report.ntp.to_be_bytes());
    out.extend_from_slice(&report.rtp.to_be_bytes());
    out.extend_from_slice(&report.packets.to_be_bytes());
    out.extend_from_slice(&report.octets.to_be_bytes());
}

/// The description that a compound with a report must have (RFC 3550, 6.1):
/// the same `cname` says which streams belong together, for lip sync. Of a
/// longer one than 255 bytes the front is taken.
pub(crate) fn source_description(out: &mut Vec<u8>, ssrc: u32, cname: &str) {
    let length = u8::try_from(cname.len()).unwrap_or(u8::MAX);
    let name = cname.as_bytes().get(..usize::from(length)).unwrap_or_default();
    // The source, the item with its two bytes, and one to four zeros behind.
    let words = (2 + name.len()) / 4 + 2;
    let end = out.len() + 4 + words * 4;
    header(out, 1, SOURCE_DESCRIPTION, words);
    out.extend_from_slice(&ssrc.to_be_bytes());
    out.extend_from_slice(&[CNAME, length]);
    out.extend_from_slice(name);
    out.resize(end, 0);
}

/// The first word of a packet with this many behind it.
pub(super) fn header(out: &mut Vec<u8>, count: u8, kind: u8, words: usize) {
    let [.., high, low] = words.to_be_bytes();
    out.extend_from_slice(&[VERSION << 6 | count, kind, high, low]);
}
