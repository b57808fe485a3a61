//! What receivers write, for tests.

use super::write::header;
use super::{Block, NACK, PAYLOAD_FEEDBACK, PICTURE_LOSS, RECEIVER_REPORT, TRANSPORT_FEEDBACK};

fn words(out: &mut Vec<u8>, words: &[u32]) {
    out.extend(words.iter().flat_map(|word| word.to_be_bytes()));
}

/// A receiver report; at most 31 blocks.
pub(crate) fn receiver_report(out: &mut Vec<u8>, ssrc: u32, blocks: &[Block]) {
    header(out, u8::try_from(blocks.len()).unwrap(), RECEIVER_REPORT, 1 + blocks.len() * 6);
    words(out, &[ssrc]);
    for block in blocks {
        let lost = u32::from(block.fraction_lost) << 24
            | u32::from_be_bytes(block.cumulative_lost.to_be_bytes()) & 0x00ff_ffff;
        let (last_sr, delay) = (block.last_sr, block.delay_since_sr);
        words(out, &[block.ssrc, lost, block.highest, block.jitter, last_sr, delay]);
    }
}

/// A NACK for numbers in ascending order.
pub(crate) fn nack(out: &mut Vec<u8>, sender: u32, media: u32, lost: &[u16]) {
    let mut items: Vec<(u16, u16)> = Vec::new();
    for number in lost {
        let last = items.last_mut();
        match last.map(|item| (number.wrapping_sub(item.0), item)) {
            Some((behind @ 1..=16, item)) => item.1 |= 1 << (behind - 1),
            _ => items.push((*number, 0)),
        }
    }
    header(out, NACK, TRANSPORT_FEEDBACK, 2 + items.len());
    words(out, &[sender, media]);
    for (number, behind) in items {
        words(out, &[u32::from(number) << 16 | u32::from(behind)]);
    }
}

/// A picture loss indication.
pub(crate) fn pli(out: &mut Vec<u8>, sender: u32, media: u32) {
    header(out, PICTURE_LOSS, PAYLOAD_FEEDBACK, 2);
    words(out, &[sender, media]);
}
