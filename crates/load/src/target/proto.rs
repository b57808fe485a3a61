//! As much of the Protocol Buffers encoding as LiveKit's signalling takes:
//! numbers and texts in fields, messages in messages.

/// A message being written.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn text(self, field: u8, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    pub(super) fn message(self, field: u8, message: &Self) -> Self {
        self.bytes(field, &message.0)
    }

    pub(super) fn number(mut self, field: u8, number: u64) -> Self {
        self.varint(u64::from(field) << 3);
        self.varint(number);
        self
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    fn bytes(mut self, field: u8, bytes: &[u8]) -> Self {
        self.varint(u64::from(field) << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }
}

/// The first field of this number that holds bytes.
pub(super) fn field(message: &[u8], wanted: u64) -> Option<&[u8]> {
    let mut rest = message;
    while !rest.is_empty() {
        let key = varint(&mut rest)?;
        match key & 7 {
            0 => drop(varint(&mut rest)?),
            1 => rest = rest.get(8..)?,
            5 => rest = rest.get(4..)?,
            2 => {
                let length = usize::try_from(varint(&mut rest)?).ok()?;
                let (bytes, after) = rest.split_at_checked(length)?;
                if key >> 3 == wanted {
                    return Some(bytes);
                }
                rest = after;
            }
            _ => return None,
        }
    }
    None
}

/// The same as text; empty if there is none.
pub(super) fn text(message: &[u8], wanted: u64) -> String {
    String::from_utf8_lossy(field(message, wanted).unwrap_or_default()).into_owned()
}

/// The same as a number; 0, as in a message that leaves it out.
pub(super) fn number(message: &[u8], wanted: u64) -> u64 {
    let mut rest = message;
    while let Some(key) = varint(&mut rest) {
        let skipped = match key & 7 {
            0 => match varint(&mut rest) {
                Some(number) if key >> 3 == wanted => return number,
                other => other.map(|_| 0),
            },
            1 => Some(8),
            5 => Some(4),
            2 => varint(&mut rest),
            _ => None,
        };
        let skipped = skipped.and_then(|bytes| usize::try_from(bytes).ok());
        let Some(after) = skipped.and_then(|bytes| rest.get(bytes..)) else {
            break;
        };
        rest = after;
    }
    0
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let inner = Writer::default().text(1, "offer").text(2, &"v".repeat(300)).number(3, 1);
        let bytes = Writer::default().number(14, 70_000).message(3, &inner).finish();
        let inner = field(&bytes, 3).unwrap();
        assert_eq!(text(inner, 1), "offer");
        assert_eq!(text(inner, 2).len(), 300);
        assert_eq!((number(inner, 3), number(inner, 9)), (1, 0));
        assert_eq!(number(&bytes, 14), 70_000);
        assert_eq!(field(&bytes, 4), None);
        assert_eq!(field(&bytes[..20], 3), None);
    }
}
