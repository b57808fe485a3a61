//! Protection of what is sent and of the control packets that come back
//! (RFC 3711, RFC 7714), without the transport's library:
//!
//! ```text
//! peer/keying  what DTLS exported ─ KeyingMaterial
//!   ─ Keys::derive     session keys of both directions (srtp/derive)
//!       ─ Sealer         RTP and RTCP to the receiver, in place in its buffer
//!       ─ ControlOpener  RTCP from the receiver, each packet once
//! ```
//!
//! Media that arrive are opened by the library. Primitives are those of
//! aws-lc; here is only what the RFCs put around them. Nothing is allocated
//! for a packet. Master key identifiers and other rates of key derivation than
//! none are absent: DTLS never agrees on them (RFC 5764, 4.1.2).

mod cipher;
mod derive;
mod open;
mod replay;
mod seal;
#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

use cipher::Cipher;
use derive::{Master, Stream};

pub(crate) use open::ControlOpener;
pub(crate) use seal::Sealer;

/// The fixed part of an RTP header (RFC 3550, 5.1).
const MIN_RTP_HEADER_BYTES: usize = 12;
/// What stays in clear of a compound RTCP packet: its first header and sender.
const CONTROL_HEADER_BYTES: usize = 8;
/// The word behind a control packet: whether it is encrypted, and its index.
const CONTROL_INDEX_BYTES: usize = 4;
/// The bit of that word which says that it is encrypted.
const IS_ENCRYPTED: u32 = 1 << 31;
/// RTP counts packets in 48 bits: the sequence number and how often it wrapped.
const RTP_INDEXES: u64 = 1 << 48;
/// Control packets are counted in 31 bits.
const CONTROL_INDEXES: u32 = 1 << 31;

/// How packets of a peer are protected, as DTLS agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// `SRTP_AEAD_AES_128_GCM` (RFC 7714).
    Aes128Gcm,
    /// `SRTP_AEAD_AES_256_GCM` (RFC 7714): what browsers prefer.
    Aes256Gcm,
    /// `SRTP_AES128_CM_HMAC_SHA1_80` (RFC 5764): older peers.
    Aes128CmSha1_80,
}

impl Profile {
    const fn key_bytes(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes128CmSha1_80 => 16,
            Self::Aes256Gcm => 32,
        }
    }

    const fn salt_bytes(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes256Gcm => 12,
            Self::Aes128CmSha1_80 => 14,
        }
    }
}

/// What DTLS exported for SRTP (RFC 5764, 4.2): the client's key, the server's
/// key, the client's salt, the server's salt.
pub(crate) struct KeyingMaterial {
    pub(crate) profile: Profile,
    /// Wiped when dropped.
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// Whether we were the client of the handshake.
    pub(crate) is_client: bool,
}

impl KeyingMaterial {
    /// The master key and salt of one side. `None`: of another length than the
    /// profile's.
    fn master(&self, of_client: bool) -> Option<Master<'_>> {
        let (key_bytes, salt_bytes) = (self.profile.key_bytes(), self.profile.salt_bytes());
        if self.bytes.len() != 2 * (key_bytes + salt_bytes) {
            return None;
        }
        let (keys, salts) = self.bytes.split_at_checked(2 * key_bytes)?;
        let (client_key, server_key) = keys.split_at_checked(key_bytes)?;
        let (client_salt, server_salt) = salts.split_at_checked(salt_bytes)?;
        let (key, salt) =
            if of_client { (client_key, client_salt) } else { (server_key, server_salt) };
        Some(Master { key, salt })
    }
}

impl std::fmt::Debug for KeyingMaterial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyingMaterial({:?})", self.profile)
    }
}

/// What the lean path needs of a peer's keys. After a new handshake there are
/// new ones; neither half may be used beside its successor.
#[derive(Debug)]
pub(crate) struct Keys {
    /// For what we send.
    pub(crate) sealer: Sealer,
    /// For the control packets that we receive.
    pub(crate) opener: ControlOpener,
}

impl Keys {
    /// Derives the session keys (RFC 3711, 4.3; RFC 7714, 11). `None`: the
    /// material has not the length that the profile demands.
    pub(crate) fn derive(material: &KeyingMaterial) -> Option<Self> {
        let ours = material.master(material.is_client)?;
        let theirs = material.master(!material.is_client)?;
        let media = Cipher::new(material.profile, &ours, Stream::Media)?;
        let control = Cipher::new(material.profile, &ours, Stream::Control)?;
        let remote = Cipher::new(material.profile, &theirs, Stream::Control)?;
        Some(Self { sealer: Sealer::new(media, control), opener: ControlOpener::new(remote) })
    }
}

/// Why a packet was not sealed. Nothing of it is left in the buffer then, so
/// that it cannot leave in clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealError {
    /// The caller's mistake: no room for the header it said.
    #[error("the packet is shorter than its header")]
    Short,
    /// No index is left with this key; there must be a new handshake.
    #[error("the key was used for as many packets as it may be")]
    Exhausted,
    /// The primitive refused, which it does only for sizes beyond a datagram's.
    #[error("the packet could not be encrypted")]
    Cipher,
}

/// Whether a datagram whose first byte says RTP or RTCP is RTCP (RFC 5761, 4).
pub(crate) fn is_control(datagram: &[u8]) -> bool {
    datagram.get(1).is_some_and(|kind| (192..=223).contains(kind))
}
