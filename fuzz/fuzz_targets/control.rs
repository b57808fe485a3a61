//! What a receiver may write as RTCP once it is decrypted, and what anybody
//! may send in its place before.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    parlor_sfu::fuzzing::read_control(data);
    parlor_sfu::fuzzing::open_control(data);
});
