//! Transport-wide feedback: which of the packets sent arrived, and when
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1).

/// RTCP's type of feedback about a transport, and the format of this one.
const TRANSPORT_FEEDBACK: u8 = 205;
const TRANSPORT_WIDE: u8 = 15;
/// Packets a datagram may tell of. More than are kept would be for nothing.
const MAX_PACKETS: usize = 2000;

/// What became of a packet: its number, and at which moment of the receiver's
/// clock it arrived, in microseconds; `None`: not yet.
pub(crate) type Arrival = (u16, Option<i64>);

/// Reads all such messages of a compound RTCP packet. Whatever else there is,
/// or is broken, is passed over.
pub(crate) fn read(mut compound: &[u8], arrivals: &mut Vec<Arrival>) {
    while let Some((header, _)) = compound.split_first_chunk::<4>()
        && arrivals.len() < MAX_PACKETS
    {
        let length = (usize::from(u16::from_be_bytes([header[2], header[3]])) + 1) * 4;
        let Some((message, rest)) = compound.split_at_checked(length) else {
            return;
        };
        let is_ours = header[0] & 0x1f == TRANSPORT_WIDE && header[1] == TRANSPORT_FEEDBACK;
        if is_ours && read_message(&message[4..], arrivals).is_none() {
            tracing::debug!("transport feedback is cut off");
        }
        compound = rest;
    }
}

/// `None`: it is cut off. What was read until there counts.
fn read_message(message: &[u8], arrivals: &mut Vec<Arrival>) -> Option<()> {
    // Two sources, which say nothing about a transport.
    let (_sources, message) = message.split_at_checked(8)?;
    let (head, mut rest) = message.split_first_chunk::<8>()?;
    let first = u16::from_be_bytes([head[0], head[1]]);
    let count = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let count = count.min(MAX_PACKETS.saturating_sub(arrivals.len()));
    // 24 bits, signed, in units of 64 ms.
    let reference = i64::from(i32::from_be_bytes([head[4], head[5], head[6], 0]) >> 8);
    let mut symbols = Vec::with_capacity(count);
    while symbols.len() < count {
        let (chunk, behind) = rest.split_first_chunk::<2>()?;
        read_chunk(u16::from_be_bytes(*chunk), count, &mut symbols);
        rest = behind;
    }
    let mut at = reference * 64_000;
    for (index, symbol) in (0..).zip(symbols) {
        let number = first.wrapping_add(index);
        let quarter_millis = match symbol {
            1 => {
                let (delta, behind) = rest.split_first()?;
                rest = behind;
                i64::from(*delta)
            }
            2 => {
                let (delta, behind) = rest.split_first_chunk::<2>()?;
                rest = behind;
                i64::from(i16::from_be_bytes(*delta))
            }
            _ => {
                arrivals.push((number, None));
                continue;
            }
        };
        at += quarter_millis * 250;
        arrivals.push((number, Some(at)));
    }
    Some(())
}

/// A run of one symbol, or a vector of 14 small or 7 large ones.
fn read_chunk(chunk: u16, count: usize, symbols: &mut Vec<u8>) {
    let symbol = |shift: u16, mask: u16| ((chunk >> shift) & mask) as u8;
    if chunk & 0x8000 == 0 {
        let length = usize::from(chunk & 0x1fff).min(count - symbols.len());
        let filled = symbols.len() + length.max(1);
        symbols.resize(filled, symbol(13, 3));
    } else if chunk & 0x4000 == 0 {
        symbols.extend((0..14).rev().map(|shift| symbol(shift, 1)));
    } else {
        symbols.extend((0..7).rev().map(|place| symbol(place * 2, 3)));
    }
    symbols.truncate(count);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compound(count: u16, chunks: &[u16], deltas: &[u8]) -> Vec<u8> {
        let mut body = vec![0; 8];
        body.extend([0xff, 0xfe]);
        body.extend(count.to_be_bytes());
        body.extend([0, 0, 2, 7]);
        body.extend(chunks.iter().flat_map(|chunk| chunk.to_be_bytes()));
        body.extend(deltas);
        body.resize(body.len().next_multiple_of(4), 0);
        let words = u16::try_from(body.len() / 4).unwrap();
        let mut message = vec![0x80 | TRANSPORT_WIDE, TRANSPORT_FEEDBACK];
        message.extend(words.to_be_bytes());
        message.extend(body);
        message
    }

    fn read_all(bytes: &[u8]) -> Vec<Arrival> {
        let mut arrivals = Vec::new();
        read(bytes, &mut arrivals);
        arrivals
    }

    #[test]
    fn runs_and_vectors_tell_what_arrived_and_when() {
        // A run of two small ones, then a vector: lost, large, small.
        let bytes = compound(5, &[0x2002, 0xc000 | 2 << 10 | 1 << 8], &[4, 8, 0xff, 0xfc, 4]);
        let expected = [
            (0xfffe, Some(129_000)),
            (0xffff, Some(131_000)),
            (0, None),
            (1, Some(130_000)),
            (2, Some(131_000)),
        ];
        assert_eq!(read_all(&bytes), expected);
        let bytes = compound(14, &[0x8000 | 0b10_0000_0000_0001], &[4, 4]);
        let arrived = read_all(&bytes).iter().filter(|(_, at)| at.is_some()).count();
        assert_eq!((read_all(&bytes).len(), arrived), (14, 2));
    }

    #[test]
    fn messages_before_and_behind_are_passed_over() {
        let mut bytes = vec![0x80, 201, 0, 1, 0, 0, 0, 1];
        bytes.extend(compound(1, &[0x2001], &[4]));
        bytes.extend([0x80, 206, 0, 0]);
        assert_eq!(read_all(&bytes).len(), 1);
    }

    #[test]
    fn what_is_cut_off_or_lies_is_read_as_far_as_it_goes() {
        let whole = compound(5, &[0x2002, 0xc000 | 2 << 10 | 1 << 8], &[4, 8, 0xff, 0xfc, 4]);
        for length in 0..whole.len() {
            assert!(read_all(&whole[..length]).is_empty());
        }
        assert!(read_all(&compound(u16::MAX, &[0x0000; 3], &[])).is_empty());
        let many = compound(u16::MAX, &[0x1fff; 9], &[]);
        assert_eq!(read_all(&many).len(), MAX_PACKETS);
        assert_eq!(read_all(&many.repeat(9)).len(), MAX_PACKETS);
        // One byte of padding passes for a second one.
        assert_eq!(read_all(&compound(3, &[0x2003], &[4])).len(), 2);
    }
}
