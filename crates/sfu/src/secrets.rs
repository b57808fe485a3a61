//! What nobody may guess: resume secrets, meeting ids, ICE credentials. Drawn
//! from a stream cipher keyed with the seed the shell gave, so that the room
//! itself stays deterministic.

use std::fmt::Write;

use parlor_model::id::MeetingId;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::forward::Beginning;

/// A seeded source of unpredictable values.
#[derive(Debug)]
pub(crate) struct Secrets(ChaCha20Rng);

impl Secrets {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self(ChaCha20Rng::from_seed(seed))
    }

    pub(crate) fn meeting_id(&mut self) -> MeetingId {
        MeetingId::from_random(self.bytes())
    }

    /// 128 bits as hexadecimal.
    pub(crate) fn resume_secret(&mut self) -> String {
        hex(&self.bytes::<16>())
    }

    /// Username fragment and password. RFC 8445 asks for 24 and 128 bits; the
    /// fragment has more, because it is also how datagrams find their room.
    pub(crate) fn ice_credentials(&mut self, prefix: &str) -> (String, String) {
        (format!("{prefix}{}", hex(&self.bytes::<8>())), hex(&self.bytes::<16>()))
    }

    /// Where the numbers of a stream begin.
    pub(crate) fn beginning(&mut self) -> Beginning {
        Beginning {
            sequence: u64::from(self.0.next_u32() >> 17),
            repair_sequence: u64::from(self.0.next_u32() >> 17),
            timestamp: self.0.next_u32(),
        }
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}

/// Whether two secrets are equal, in a time that does not depend on where they
/// differ.
pub(crate) fn is_same_secret(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |diff, (a, b)| diff | (a ^ b)) == 0
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
