//! Cutting a stream into packets, and putting packets into one. Two forms: a
//! length before each packet (RFC 4571, for ICE-TCP), and the messages of TURN,
//! which say their length themselves (RFC 8656, section 12.5).

/// Longest packet taken. WebRTC stays below 1500; TURN adds a few bytes.
const MAX_PACKET_BYTES: usize = 2048;

/// How a stream is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// A length of two bytes before each packet.
    Length,
    /// STUN messages and ChannelData, padded to multiples of four.
    Turn,
}

/// Not in this form, or too long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadFrame;

/// Collects bytes and gives out packets. Never holds more than one incomplete
/// packet beside what was pushed last.
#[derive(Debug)]
pub(crate) struct Deframer {
    framing: Framing,
    buffer: Vec<u8>,
    start: usize,
}

impl Deframer {
    pub(crate) fn new(framing: Framing) -> Self {
        Self { framing, buffer: Vec::new(), start: 0 }
    }

    /// Takes what was read.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole packet. After an error there is no way on.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, BadFrame> {
        let rest = &self.buffer[self.start..];
        let Some(cut) = self.framing.cut(rest)? else {
            return Ok(None);
        };
        if rest.len() < cut.total {
            return Ok(None);
        }
        let begin = self.start;
        self.start += cut.total;
        Ok(Some(&self.buffer[begin + cut.head..begin + cut.head + cut.packet]))
    }
}

/// Where a packet lies: behind `head` bytes, and `total` with them and padding.
struct Cut {
    head: usize,
    packet: usize,
    total: usize,
}

impl Framing {
    fn cut(self, bytes: &[u8]) -> Result<Option<Cut>, BadFrame> {
        let cut = match self {
            Self::Length => bytes.first_chunk().map(|length| {
                let packet = usize::from(u16::from_be_bytes(*length));
                Cut { head: 2, packet, total: 2 + packet }
            }),
            Self::Turn => match bytes.first_chunk::<4>() {
                None => None,
                Some([first, _, high, low]) => {
                    let length = usize::from(u16::from_be_bytes([*high, *low]));
                    // The first two bits (RFC 8656, section 12.4).
                    let packet = match first >> 6 {
                        0 => 20 + length,
                        1 => 4 + length,
                        _ => return Err(BadFrame),
                    };
                    Some(Cut { head: 0, packet, total: packet.next_multiple_of(4) })
                }
            },
        };
        match cut {
            Some(cut) if cut.packet > MAX_PACKET_BYTES => Err(BadFrame),
            cut => Ok(cut),
        }
    }
}

/// Appends a packet with its length before it. What is longer than a length can
/// say is left out.
pub(crate) fn with_length(packet: &[u8], out: &mut Vec<u8>) {
    if let Ok(length) = u16::try_from(packet.len()) {
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(packet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_come_out_however_the_stream_is_cut() {
        let mut stream = Vec::new();
        let packets = [&b"one"[..], b"", &[7; 1500]];
        packets.iter().for_each(|packet| with_length(packet, &mut stream));
        for size in [1, 2, 3, 700, stream.len()] {
            let mut deframer = Deframer::new(Framing::Length);
            let mut found = Vec::new();
            for piece in stream.chunks(size) {
                deframer.push(piece);
                while let Some(packet) = deframer.next().unwrap() {
                    found.push(packet.to_vec());
                }
            }
            assert_eq!(found, packets, "in pieces of {size}");
        }
    }

    #[test]
    fn an_endless_packet_is_refused_by_its_length() {
        let mut deframer = Deframer::new(Framing::Length);
        deframer.push(&[0xff, 0xff]);
        assert_eq!(deframer.next(), Err(BadFrame));
    }
}
