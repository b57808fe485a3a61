//! The primitives with a session's key: AES in Galois/Counter mode (RFC 7714),
//! or in counter mode with HMAC-SHA1 (RFC 3711, 4.1.1 and 4.2.1).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, Tag, UnboundKey};
use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::{constant_time, hmac};

use super::derive::{Master, Session, Stream};
use super::{Profile, SealError};

/// One direction's protection of RTP, or of RTCP.
pub(super) enum Cipher {
    Gcm(Gcm),
    // Larger by far, and rare.
    Counter(Box<Counter>),
}

impl Cipher {
    /// `None`: the master key is of another length than the profile's.
    pub(super) fn new(profile: Profile, master: &Master<'_>, stream: Stream) -> Option<Self> {
        Self::with(profile, &master.session(profile, stream)?)
    }

    pub(super) fn with(profile: Profile, session: &Session) -> Option<Self> {
        Some(match profile {
            Profile::Aes128Gcm | Profile::Aes256Gcm => Self::Gcm(Gcm::new(session)?),
            Profile::Aes128CmSha1_80 => Self::Counter(Box::new(Counter::new(session)?)),
        })
    }
}

pub(super) struct Gcm {
    key: LessSafeKey,
    salt: u128,
}

impl Gcm {
    /// What sealing adds.
    pub(super) const TAG_BYTES: usize = 16;

    fn new(session: &Session) -> Option<Self> {
        let algorithm = if session.key().len() == 32 { &AES_256_GCM } else { &AES_128_GCM };
        let key = UnboundKey::new(algorithm, session.key()).ok()?;
        Some(Self { key: LessSafeKey::new(key), salt: session.salt })
    }

    /// Encrypts in place; the tag is over what stays in clear, too.
    #[inline]
    pub(super) fn seal(
        &self,
        packet: PacketId,
        clear: &[u8],
        payload: &mut [u8],
    ) -> Result<Tag, SealError> {
        self.key
            .seal_in_place_separate_tag(self.nonce(packet), Aad::from(clear), payload)
            .map_err(|_| SealError::Cipher)
    }

    /// Decrypts what ends with its tag, in place. `None`: it is not authentic.
    pub(super) fn open(&self, packet: PacketId, clear: &[u8], sealed: &mut [u8]) -> Option<()> {
        self.key.open_in_place(self.nonce(packet), Aad::from(clear), sealed).ok().map(|_| ())
    }

    fn nonce(&self, packet: PacketId) -> Nonce {
        let [_, _, _, _, nonce @ ..] = packet.salted(self.salt).to_be_bytes();
        Nonce::assume_unique_for_key(nonce)
    }
}

pub(super) struct Counter {
    key: EncryptingKey,
    authentication: hmac::Key,
    salt: u128,
}

impl Counter {
    /// What sealing adds: the front of an HMAC-SHA1.
    pub(super) const TAG_BYTES: usize = 10;

    pub(super) fn new(session: &Session) -> Option<Self> {
        let key = UnboundCipherKey::new(&AES_128, session.key()).and_then(EncryptingKey::ctr);
        let algorithm = hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY;
        let authentication = hmac::Key::new(algorithm, session.authentication.as_slice());
        Some(Self { key: key.ok()?, authentication, salt: session.salt })
    }

    /// Encrypts or decrypts in place, which is the same.
    pub(super) fn apply(&self, packet: PacketId, payload: &mut [u8]) -> Result<(), SealError> {
        // The last 16 bits count the blocks of the packet.
        let counter = (packet.salted(self.salt) << 16).to_be_bytes();
        let context = EncryptionContext::Iv128(counter.into());
        self.key.less_safe_encrypt(payload, context).map_err(|_| SealError::Cipher)?;
        Ok(())
    }

    /// The tag over a packet and what is thought behind it.
    pub(super) fn tag(&self, packet: &[u8], behind: &[u8]) -> [u8; Self::TAG_BYTES] {
        let mut context = hmac::Context::with_key(&self.authentication);
        context.update(packet);
        context.update(behind);
        let mut tag = [0; Self::TAG_BYTES];
        // An HMAC-SHA1 has twenty bytes.
        tag.iter_mut().zip(context.sign().as_ref()).for_each(|(to, from)| *to = *from);
        tag
    }

    /// Whether a packet's tag is right, in a time that tells nothing.
    pub(super) fn is_authentic(&self, packet: &[u8], tag: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.tag(packet, &[]), tag).is_ok()
    }
}

/// Which packet of a key: never the same twice for what is sealed.
#[derive(Clone, Copy)]
pub(super) struct PacketId {
    pub(super) ssrc: u32,
    /// 48 bits of RTP, 31 of RTCP.
    pub(super) index: u64,
}

impl PacketId {
    /// What makes the counter of a packet differ from all others of its key
    /// (RFC 3711, 4.1.1, without the factor of 2¹⁶; RFC 7714, 8.1 and 9.1).
    #[inline]
    const fn salted(self, salt: u128) -> u128 {
        salt ^ ((self.ssrc as u128) << 48) ^ self.index as u128
    }
}
