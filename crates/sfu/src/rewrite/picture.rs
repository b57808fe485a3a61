//! VP8's numbering of pictures (RFC 7741, 4.2).

/// Bits of the descriptor's first byte, and of its extension.
const EXTENDED: u8 = 0x80;
const HAS_ID: u8 = 0x80;
const HAS_LAYER: u8 = 0x40;
/// The bit of an id that says that it is a long one.
const IS_LONG: u8 = 0x80;
/// Highest picture id with 15 bits, and with 7.
const LONG_MASK: u16 = 0x7fff;
const SHORT_MASK: u16 = 0x7f;

/// The numbers, as a packet carries them; nothing for other codecs. Read once a
/// packet, however many receive it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Picture {
    pub(super) numbers: PictureNumbers,
    is_long: bool,
}

/// Which picture it is, and the index of the lowest temporal layer's picture
/// that it depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PictureNumbers {
    pub(super) id: Option<u16>,
    pub(super) layer: Option<u8>,
}

/// Where they are in a payload.
#[derive(Clone, Copy, Debug, Default)]
struct Places {
    id: Option<usize>,
    is_long: bool,
    layer: Option<usize>,
}

impl Picture {
    /// Reads the numbers of a VP8 payload; none if it is cut off.
    pub(crate) fn read(payload: &[u8]) -> Self {
        let Some(places) = Places::find(payload) else {
            return Self::default();
        };
        let id = places.id.map(|at| {
            let high = u16::from(payload[at] & !IS_LONG);
            if places.is_long { high << 8 | u16::from(payload[at + 1]) } else { high }
        });
        let layer = places.layer.map(|at| payload[at]);
        Self { numbers: PictureNumbers { id, layer }, is_long: places.is_long }
    }

    /// The numbers with this added; they wrap.
    pub(super) fn shifted(&self, id: u16, layer: u8) -> PictureNumbers {
        let mask = if self.is_long { LONG_MASK } else { SHORT_MASK };
        PictureNumbers {
            id: self.numbers.id.map(|it| it.wrapping_add(id) & mask),
            layer: self.numbers.layer.map(|it| it.wrapping_add(layer)),
        }
    }
}

impl PictureNumbers {
    /// Writes them into the payload that they were read from, or a copy of it.
    pub(crate) fn apply(&self, payload: &mut [u8]) {
        let Some(places) = Places::find(payload) else {
            return;
        };
        if let (Some(at), Some(id)) = (places.id, self.id) {
            let [high, low] = id.to_be_bytes();
            if places.is_long {
                payload[at] = high | IS_LONG;
                payload[at + 1] = low;
            } else {
                payload[at] = low;
            }
        }
        if let (Some(at), Some(layer)) = (places.layer, self.layer) {
            payload[at] = layer;
        }
    }
}

impl Places {
    /// `None`: the descriptor is cut off.
    fn find(payload: &[u8]) -> Option<Self> {
        let mut places = Self::default();
        if payload.first()? & EXTENDED == 0 {
            return Some(places);
        }
        let extension = payload.get(1)?;
        let mut at = 2;
        if extension & HAS_ID != 0 {
            places.id = Some(at);
            places.is_long = payload.get(at)? & IS_LONG != 0;
            at += if places.is_long { 2 } else { 1 };
        }
        if extension & HAS_LAYER != 0 {
            places.layer = Some(at);
            at += 1;
        }
        payload.get(at - 1)?;
        Some(places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_written_in_place() {
        let long = [0x90, 0xe0, 0x92, 0x34, 0x56, 0x20, 7];
        let short = [0x90, 0xc0, 0x12, 0x56, 7];
        let only_layer = [0x90, 0x40, 0x56, 7];
        for (payload, id, layer, expected) in [
            (&long[..], Some(0x1234), Some(0x56), &[0x90, 0xe0, 0x92, 0x35, 0x57, 0x20, 7][..]),
            (&short, Some(0x12), Some(0x56), &[0x90, 0xc0, 0x13, 0x57, 7]),
            (&only_layer, None, Some(0x56), &[0x90, 0x40, 0x57, 7]),
            (&[0x10, 7], None, None, &[0x10, 7]),
            (&[0x90, 0, 7], None, None, &[0x90, 0, 7]),
        ] {
            let picture = Picture::read(payload);
            assert_eq!(picture.numbers, PictureNumbers { id, layer });
            let mut copy = payload.to_vec();
            picture.shifted(1, 1).apply(&mut copy);
            assert_eq!(copy, expected);
        }
    }

    #[test]
    fn numbers_wrap_in_their_own_width() {
        let short = Picture::read(&[0x90, 0x80, 0x7f]);
        assert_eq!(short.shifted(1, 0).id, Some(0));
        let long = Picture::read(&[0x90, 0x80, 0xff, 0xff]);
        assert_eq!(long.shifted(1, 0).id, Some(0));
    }

    #[test]
    fn what_is_cut_off_has_none_and_stays_as_it_is() {
        let whole = [0x90, 0xe0, 0x92, 0x34, 0x56];
        for length in 0..whole.len() {
            let mut cut = whole[..length].to_vec();
            assert_eq!(Picture::read(&cut).numbers, PictureNumbers::default());
            PictureNumbers { id: Some(1), layer: Some(1) }.apply(&mut cut);
            assert_eq!(cut, whole[..length]);
        }
    }
}
