//! What is read and rewritten of media packets once they are decrypted: payload
//! descriptors, and the numbers of a forwarded stream.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    parlor_sfu::fuzzing::read_payloads(data);
    parlor_sfu::fuzzing::rewrite(data);
});
