//! Opening control packets, each once.

use super::cipher::{Cipher, Counter, Gcm, PacketId};
use super::replay::Replay;
use super::seal::control_clear;
use super::{CONTROL_HEADER_BYTES, CONTROL_INDEX_BYTES, IS_ENCRYPTED, is_control};

/// Most senders told apart in a key's life. A browser has one or two for each
/// track and encoding, and only the owner of the keys can add any; packets of
/// further ones are passed over. Each costs 48 bytes.
const MAX_SENDERS: usize = 256;

/// Opens what one remote sends as RTCP.
pub(crate) struct ControlOpener {
    cipher: Cipher,
    senders: Vec<(u32, Replay)>,
}

impl ControlOpener {
    pub(super) const fn new(cipher: Cipher) -> Self {
        Self { cipher, senders: Vec::new() }
    }

    /// Opens a datagram into `scratch`, whose content is replaced, and gives
    /// the compound RTCP packet. `None`: it is none, is not authentic, was
    /// seen before or is too late to know, or is not encrypted (which nobody
    /// does who speaks DTLS-SRTP: RFC 5764, 4.1.2).
    pub(crate) fn open<'a>(
        &mut self,
        datagram: &[u8],
        scratch: &'a mut Vec<u8>,
    ) -> Option<&'a [u8]> {
        let sealed = Sealed::split(&self.cipher, datagram)?;
        let known = self.senders.iter().position(|(ssrc, _)| *ssrc == sealed.id.ssrc);
        let is_new = match known {
            Some(place) => self.senders[place].1.is_new(sealed.index),
            None => self.senders.len() < MAX_SENDERS,
        };
        if !is_new {
            return None;
        }
        sealed.open(&self.cipher, scratch)?;
        match known {
            Some(place) => self.senders[place].1.insert(sealed.index),
            None => self.senders.push((sealed.id.ssrc, Replay::new(sealed.index))),
        }
        Some(scratch)
    }
}

/// The parts of an encrypted control packet.
struct Sealed<'a> {
    header: [u8; CONTROL_HEADER_BYTES],
    /// Behind the header: with the tag, where the cipher wants it there.
    body: &'a [u8],
    word: [u8; CONTROL_INDEX_BYTES],
    id: PacketId,
    index: u32,
    /// All that is authenticated, and its tag, where they lie apart.
    authenticated: &'a [u8],
    tag: &'a [u8],
}

impl<'a> Sealed<'a> {
    fn split(cipher: &Cipher, datagram: &'a [u8]) -> Option<Self> {
        if !is_control(datagram) {
            return None;
        }
        // RFC 7714, 9: the index is behind the tag; RFC 3711, 3.4: before it.
        let (authenticated, tag) = match cipher {
            Cipher::Gcm(_) => (datagram, &[][..]),
            Cipher::Counter(_) => {
                datagram.split_at_checked(datagram.len().checked_sub(Counter::TAG_BYTES)?)?
            }
        };
        let (packet, word) = authenticated.split_last_chunk::<CONTROL_INDEX_BYTES>()?;
        let (header, body) = packet.split_first_chunk::<CONTROL_HEADER_BYTES>()?;
        if matches!(cipher, Cipher::Gcm(_)) && body.len() < Gcm::TAG_BYTES {
            return None;
        }
        let index = u32::from_be_bytes(*word);
        if index & IS_ENCRYPTED == 0 {
            return None;
        }
        let index = index & !IS_ENCRYPTED;
        let [_, _, _, _, ssrc @ ..] = *header;
        let id = PacketId { ssrc: u32::from_be_bytes(ssrc), index: index.into() };
        Some(Self { header: *header, body, word: *word, id, index, authenticated, tag })
    }

    /// Checks and decrypts. `None`: it is not authentic.
    fn open(&self, cipher: &Cipher, scratch: &mut Vec<u8>) -> Option<()> {
        scratch.clear();
        if let Cipher::Counter(counter) = cipher
            && !counter.is_authentic(self.authenticated, self.tag)
        {
            return None;
        }
        scratch.extend_from_slice(&self.header);
        scratch.extend_from_slice(self.body);
        let body = scratch.get_mut(CONTROL_HEADER_BYTES..)?;
        match cipher {
            Cipher::Gcm(gcm) => {
                gcm.open(self.id, &control_clear(self.header, self.word), body)?;
                scratch.truncate(scratch.len() - Gcm::TAG_BYTES);
            }
            Cipher::Counter(counter) => counter.apply(self.id, body).ok()?,
        }
        Some(())
    }
}

impl std::fmt::Debug for ControlOpener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ControlOpener")
    }
}
