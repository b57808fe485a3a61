//! Control packets in clear (RFC 3550, 6; RFC 4585; RFC 5104): what a receiver
//! says about what it was sent, and what we say about what we send.
//!
//! Reading allocates nothing and trusts nothing: a packet whose frame is whole
//! but whose content is not is [`Control::Other`], and what is behind it is
//! read all the same; a broken frame ends the compound. Packets of reduced size
//! (RFC 5506) are taken, so a compound need not begin with a report.

mod lists;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
pub(crate) mod write;

pub(crate) use lists::{Block, Blocks, KeyframeRequests, Lost, Sources};

const VERSION: u8 = 2;
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;
const TRANSPORT_FEEDBACK: u8 = 205;
const PAYLOAD_FEEDBACK: u8 = 206;

/// Formats of feedback about a transport.
const NACK: u8 = 1;
const TRANSPORT_WIDE: u8 = 15;
/// Formats of feedback about a payload.
const PICTURE_LOSS: u8 = 1;
const FULL_INTRA: u8 = 4;
const APPLICATION: u8 = 15;
const REMB: [u8; 4] = *b"REMB";

/// One packet of a compound.
#[derive(Debug, Clone)]
#[cfg_attr(
    not(any(test, fuzzing)),
    expect(dead_code, reason = "what is read of a packet is whole, whoever needs it")
)]
pub(crate) enum Control<'a> {
    /// A sender tells the time, and what it received.
    SenderReport(SenderReport, Blocks<'a>),
    /// A receiver tells what it received.
    ReceiverReport { ssrc: u32, blocks: Blocks<'a> },
    /// These packets of `media` did not arrive.
    Nack { sender: u32, media: u32, lost: Lost<'a> },
    /// The picture of `media` is broken.
    Pli { sender: u32, media: u32 },
    /// A keyframe is wanted of each of these.
    Fir { sender: u32, requests: KeyframeRequests<'a> },
    /// The receiver's own estimate of what may be sent together.
    Remb { sender: u32, bits_per_second: u64, sources: Sources<'a> },
    /// Which packets arrived, and when: the whole packet with its header, for
    /// `estimate::feedback`.
    TransportFeedback(&'a [u8]),
    /// These sources are no more.
    Goodbye { sources: Sources<'a> },
    /// Of this type, and nothing that matters here, or not understood.
    Other(u8),
}

/// What a sender says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SenderReport {
    pub(crate) ssrc: u32,
    /// Now, in seconds since 1900 with 32 bits of fraction.
    pub(crate) ntp: u64,
    /// The same moment on the clock of the stream's timestamps.
    pub(crate) rtp: u32,
    /// Packets sent since the stream began, modulo 2³².
    pub(crate) packets: u32,
    /// Bytes of payload in these, modulo 2³².
    pub(crate) octets: u32,
}

/// Reads a compound packet, decrypted.
pub(crate) fn read(compound: &[u8]) -> Packets<'_> {
    Packets(compound)
}

/// The packets of a compound, in their order.
#[derive(Debug, Clone)]
pub(crate) struct Packets<'a>(&'a [u8]);

impl<'a> Iterator for Packets<'a> {
    type Item = Control<'a>;

    fn next(&mut self) -> Option<Control<'a>> {
        let frame = Frame::split(&mut self.0);
        if frame.is_none() {
            self.0 = &[];
        }
        let frame = frame?;
        Some(frame.read().unwrap_or(Control::Other(frame.kind)))
    }
}

/// A packet whose length is believable.
struct Frame<'a> {
    /// A number of blocks, or a format.
    count: u8,
    kind: u8,
    /// With its header and padding.
    whole: &'a [u8],
    body: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Takes the first packet off. `None`: there is none.
    fn split(compound: &mut &'a [u8]) -> Option<Self> {
        let (header, _) = compound.split_first_chunk::<4>()?;
        let [first, kind, length @ ..] = *header;
        let length = (usize::from(u16::from_be_bytes(length)) + 1) * 4;
        let (whole, behind) = compound.split_at_checked(length)?;
        let mut body = whole.get(4..)?;
        if first >> 6 != VERSION {
            return None;
        }
        let is_padded = first & 0x20 != 0;
        if is_padded {
            let padding = usize::from(*body.last()?);
            body = body.get(..body.len().checked_sub(padding)?)?;
        }
        *compound = behind;
        Some(Self { count: first & 0x1f, kind, whole, body })
    }

    /// `None`: it lacks what its kind must have.
    fn read(&self) -> Option<Control<'a>> {
        match self.kind {
            SENDER_REPORT => {
                let (head, body) = self.body.split_first_chunk::<24>()?;
                let word = |at| word(head, at);
                let report = SenderReport {
                    ssrc: word(0)?,
                    ntp: u64::from(word(4)?) << 32 | u64::from(word(8)?),
                    rtp: word(12)?,
                    packets: word(16)?,
                    octets: word(20)?,
                };
                Some(Control::SenderReport(report, Blocks::new(body, self.count)?))
            }
            RECEIVER_REPORT => {
                let (ssrc, body) = self.body.split_first_chunk()?;
                let blocks = Blocks::new(body, self.count)?;
                Some(Control::ReceiverReport { ssrc: u32::from_be_bytes(*ssrc), blocks })
            }
            GOODBYE => Some(Control::Goodbye { sources: Sources::new(self.body, self.count)? }),
            TRANSPORT_FEEDBACK | PAYLOAD_FEEDBACK => self.read_feedback(),
            _ => None,
        }
    }

    fn read_feedback(&self) -> Option<Control<'a>> {
        let (sender, media) = (word(self.body, 0)?, word(self.body, 4)?);
        let detail = self.body.get(8..)?;
        match (self.kind, self.count) {
            (TRANSPORT_FEEDBACK, NACK) => {
                Some(Control::Nack { sender, media, lost: Lost::new(detail) })
            }
            (TRANSPORT_FEEDBACK, TRANSPORT_WIDE) => Some(Control::TransportFeedback(self.whole)),
            (PAYLOAD_FEEDBACK, PICTURE_LOSS) => Some(Control::Pli { sender, media }),
            (PAYLOAD_FEEDBACK, FULL_INTRA) => {
                Some(Control::Fir { sender, requests: KeyframeRequests::new(detail) })
            }
            (PAYLOAD_FEEDBACK, APPLICATION) => read_remb(sender, detail),
            _ => None,
        }
    }
}

/// draft-alvestrand-rmcat-remb-03, 2.2: six bits of exponent, 18 of mantissa.
fn read_remb(sender: u32, detail: &[u8]) -> Option<Control<'_>> {
    let detail = detail.strip_prefix(&REMB)?;
    let (head, sources) = detail.split_first_chunk::<4>()?;
    let [count, high, middle, low] = *head;
    let mantissa = u32::from_be_bytes([0, high & 3, middle, low]);
    let exponent = u32::from(high >> 2);
    // Whoever writes more than fits means: all there is.
    let fits = u64::from(mantissa) <= u64::MAX >> exponent;
    let bits_per_second = if fits { u64::from(mantissa) << exponent } else { u64::MAX };
    Some(Control::Remb { sender, bits_per_second, sources: Sources::new(sources, count)? })
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let (word, _) = bytes.get(at..)?.split_first_chunk()?;
    Some(u32::from_be_bytes(*word))
}
