//! What a receiver says of the packets it got: read, and made a bandwidth and a
//! pace of.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match data.split_first() {
        Some((0..128, data)) => parlor_sfu::fuzzing::estimate(data),
        Some((_, data)) => parlor_sfu::fuzzing::read_feedback(data),
        None => {}
    }
});
