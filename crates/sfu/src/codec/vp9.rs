//! VP9's RTP payload descriptor (RFC 9628, 4.2).

/// What of it concerns forwarding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Vp9Descriptor {
    /// Whether the frame is predicted from an earlier picture (P).
    pub(crate) is_predicted: bool,
    /// Whether the frame of this spatial layer begins here (B).
    pub(crate) is_beginning: bool,
    /// Whether it ends here (E).
    pub(crate) is_end: bool,
    /// The temporal layer (TID).
    pub(crate) temporal: u8,
    /// Whether higher temporal layers may be joined here (U).
    pub(crate) is_switching_point: bool,
    /// The spatial layer (SID).
    pub(crate) spatial: u8,
    /// How many spatial layers there are, if the scalability structure is here.
    pub(crate) spatial_layers: Option<u8>,
}

const PICTURE_ID: u8 = 0x80;
const PREDICTED: u8 = 0x40;
const LAYERS: u8 = 0x20;
const FLEXIBLE: u8 = 0x10;
const BEGINNING: u8 = 0x08;
const END: u8 = 0x04;
const STRUCTURE: u8 = 0x02;

impl Vp9Descriptor {
    /// Reads it. `None`: it is cut off.
    pub(crate) fn parse(payload: &[u8]) -> Option<Self> {
        let (first, mut rest) = payload.split_first()?;
        let mut descriptor = Self {
            is_predicted: first & PREDICTED != 0,
            is_beginning: first & BEGINNING != 0,
            is_end: first & END != 0,
            ..Self::default()
        };
        if first & PICTURE_ID != 0 {
            let bytes = if rest.first()? & 0x80 != 0 { 2 } else { 1 };
            rest = rest.get(bytes..)?;
        }
        if first & LAYERS != 0 {
            let layer = *rest.first()?;
            descriptor.temporal = layer >> 5;
            descriptor.is_switching_point = layer & 0x10 != 0;
            descriptor.spatial = (layer >> 1) & 0x07;
            // Without flexible mode, the index of the lowest layer follows.
            rest = rest.get(if first & FLEXIBLE == 0 { 2 } else { 1 }..)?;
        }
        if first & FLEXIBLE != 0 && first & PREDICTED != 0 {
            rest = rest.get(reference_bytes(rest)?..)?;
        }
        if first & STRUCTURE != 0 {
            descriptor.spatial_layers = Some((rest.first()? >> 5) + 1);
        }
        Some(descriptor)
    }
}

/// How long the list of references is: at most three, each of which says
/// whether another follows.
fn reference_bytes(references: &[u8]) -> Option<usize> {
    let last = references.iter().take(3).position(|reference| reference & 1 == 0);
    last.map(|index| index + 1).or((references.len() >= 3).then_some(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_optional_part_is_passed_over() {
        let beginning = Vp9Descriptor { is_beginning: true, ..Vp9Descriptor::default() };
        let predicted = Vp9Descriptor { is_predicted: true, ..beginning };
        let layers = |temporal, spatial, descriptor| Vp9Descriptor {
            temporal,
            spatial,
            is_switching_point: true,
            ..descriptor
        };
        let cases: [(&[u8], Vp9Descriptor); 6] = [
            (&[0x08], beginning),
            (&[0x88, 0x81, 0x02], beginning),
            (&[0xa8, 0x05, 0x54, 9], layers(2, 2, beginning)),
            (&[0xf8, 0x81, 0x02, 0x32, 0x03, 0x02], layers(1, 1, predicted)),
            (
                &[0xaa, 0x05, 0x10, 9, 0x58],
                Vp9Descriptor { spatial_layers: Some(3), ..layers(0, 0, beginning) },
            ),
            (
                &[0xfa, 0x05, 0x10, 0x03, 0x03, 0x03, 0x38],
                Vp9Descriptor { spatial_layers: Some(2), ..layers(0, 0, predicted) },
            ),
        ];
        for (payload, expected) in cases {
            assert_eq!(Vp9Descriptor::parse(payload), Some(expected), "{payload:x?}");
        }
    }

    #[test]
    fn a_descriptor_that_is_cut_off_is_none() {
        let whole = [0xfa, 0x85, 0x01, 0x10, 0x03, 0x03, 0x03, 0x38];
        assert!(Vp9Descriptor::parse(&whole).is_some());
        for length in 0..whole.len() {
            assert_eq!(Vp9Descriptor::parse(&whole[..length]), None, "{length} bytes");
        }
    }
}
