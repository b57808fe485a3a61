//! Doors for the fuzz targets into what is otherwise behind decryption. Only
//! there in their build.

mod control;

use std::time::{Duration, Instant};

use str0m::format::Codec;

use crate::codec::VideoPayload;
use crate::estimate::told::Told;
use crate::rewrite::{Original, Picture, Rewriter};

pub use control::{open_control, read_control};

/// Reads a payload as every codec that has a descriptor.
pub fn read_payloads(payload: &[u8]) {
    for codec in [Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1] {
        let _ = VideoPayload::parse(codec, payload);
    }
}

/// Rewrites a stream of packets: 24 bytes each, some of which are left out or
/// come late, from sources that change.
///
/// # Panics
/// When a packet in order gets a number that was given before.
#[expect(clippy::disallowed_methods, reason = "the virtual clock must begin at some moment")]
pub fn rewrite(data: &[u8]) {
    let start = Instant::now();
    let mut rewriter = Rewriter::new(100, 7);
    let mut highest = None;
    for (step, packet) in (0_u32..).zip(data.chunks_exact(24).take(512)) {
        let original = original(packet);
        let now = start + Duration::from_millis(5) * step;
        match packet[0] & 7 {
            0 => rewriter.break_off(),
            1 => rewriter.leave_out(&original),
            2 => drop(rewriter.rewrite_late(&original)),
            _ => {
                let Some(rewritten) = rewriter.rewrite(now, &original) else { continue };
                let is_newer = highest.is_none_or(|highest| rewritten.sequence > highest);
                if is_newer {
                    highest = Some(rewritten.sequence);
                }
            }
        }
    }
}

/// Estimates what passes to a receiver that says what it likes of packets, and
/// paces what is sent to it: eight bytes a step.
///
/// # Panics
/// When the estimate leaves its bounds, or what is remembered grows.
#[expect(clippy::disallowed_methods, reason = "the virtual clock must begin at some moment")]
pub fn estimate(data: &[u8]) {
    let mut told = Told::new(Instant::now());
    for step in data.chunks_exact(8).take(4096) {
        told.step(step);
    }
}

/// Reads transport-wide feedback, and estimates by it.
#[expect(clippy::disallowed_methods, reason = "the virtual clock must begin at some moment")]
pub fn read_feedback(data: &[u8]) {
    let mut told = Told::new(Instant::now());
    told.hear(data);
}

fn original(packet: &[u8]) -> Original {
    let word = |at: usize| {
        u32::from_be_bytes([packet[at], packet[at + 1], packet[at + 2], packet[at + 3]])
    };
    Original {
        source: u32::from(packet[1] & 3),
        // As the library extends them: they begin low and never wrap.
        sequence: u64::from(word(2) & 0x000f_ffff) + 65_536,
        timestamp: word(6),
        clock_rate: if packet[0] & 8 == 0 { 90_000 } else { 48_000 },
        captured_at: None,
        picture: Picture::read(&packet[10..]),
    }
}
