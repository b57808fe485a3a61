//! A look at the transport feedback that the library decrypts.
//!
//! With its own estimator switched off the library reads that feedback and
//! shows nobody what it says; with it switched on, each packet sent costs half
//! as much again and more with many streams, because its pacer lets one go at a
//! time. So the ciphers that it decrypts with are wrapped: what they decrypt is
//! handed on unchanged, and messages of transport feedback are also put aside,
//! for the peer that is being fed a datagram on this thread.

use std::cell::RefCell;

use str0m::crypto::{
    AeadAes128GcmCipher, AeadAes256GcmCipher, CryptoError, CryptoProvider, SrtpProvider,
    SupportedAeadAes128Gcm, SupportedAeadAes256Gcm, SupportedAes128CmSha1_80, from_feature_flags,
};

use crate::estimate::feedback;

/// What authenticates an encrypted RTCP packet: its header and its index.
const RTCP_AUTHENTICATED_BYTES: usize = 12;
const RTCP_HEADER_BYTES: usize = 8;
/// No datagram is larger.
const MAX_BYTES: usize = 2048;

thread_local! {
    static SEEN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The library's cryptography, with that look. Peers that agree on the older
/// ciphers without authenticated encryption are not looked at: nothing is
/// known of their bandwidth.
pub(super) fn provider() -> CryptoProvider {
    CryptoProvider { srtp_provider: &Tapped, ..super::keying::provider() }
}

/// Forgets what was seen.
pub(super) fn clear() {
    SEEN.with_borrow_mut(Vec::clear);
}

/// Reads what was seen since, as a compound RTCP packet.
pub(super) fn read(arrivals: &mut Vec<feedback::Arrival>) {
    SEEN.with_borrow(|seen| feedback::read(seen, arrivals));
}

fn look(authenticated: &[&[u8]], decrypted: &[u8]) {
    let Some(first) = authenticated.first() else {
        return;
    };
    if first.len() != RTCP_AUTHENTICATED_BYTES
        || !feedback::is_in(first)
        || decrypted.len() > MAX_BYTES
    {
        return;
    }
    SEEN.with_borrow_mut(|seen| {
        seen.clear();
        seen.extend_from_slice(&first[..RTCP_HEADER_BYTES]);
        seen.extend_from_slice(decrypted);
    });
}

#[derive(Debug)]
struct Tapped;

impl SrtpProvider for Tapped {
    fn aes_128_cm_sha1_80(&self) -> &'static dyn SupportedAes128CmSha1_80 {
        from_feature_flags().srtp_provider.aes_128_cm_sha1_80()
    }

    fn aead_aes_128_gcm(&self) -> &'static dyn SupportedAeadAes128Gcm {
        &Tapped
    }

    fn aead_aes_256_gcm(&self) -> &'static dyn SupportedAeadAes256Gcm {
        &Tapped
    }

    fn srtp_aes_128_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        from_feature_flags().srtp_provider.srtp_aes_128_ecb_round(key, input, output);
    }

    fn srtp_aes_256_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        from_feature_flags().srtp_provider.srtp_aes_256_ecb_round(key, input, output);
    }
}

impl SupportedAeadAes128Gcm for Tapped {
    fn create_cipher(&self, key: [u8; 16], encrypt: bool) -> Box<dyn AeadAes128GcmCipher> {
        let inner = from_feature_flags().srtp_provider.aead_aes_128_gcm();
        let cipher = inner.create_cipher(key, encrypt);
        if encrypt { cipher } else { Box::new(TappedCipher(cipher)) }
    }
}

impl SupportedAeadAes256Gcm for Tapped {
    fn create_cipher(&self, key: [u8; 32], encrypt: bool) -> Box<dyn AeadAes256GcmCipher> {
        let inner = from_feature_flags().srtp_provider.aead_aes_256_gcm();
        let cipher = inner.create_cipher(key, encrypt);
        if encrypt { cipher } else { Box::new(TappedCipher(cipher)) }
    }
}

#[derive(Debug)]
struct TappedCipher<C: ?Sized>(Box<C>);

impl AeadAes128GcmCipher for TappedCipher<dyn AeadAes128GcmCipher> {
    fn encrypt(
        &mut self,
        iv: &[u8; 12],
        aad: &[u8],
        input: &[u8],
        output: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.0.encrypt(iv, aad, input, output)
    }

    fn decrypt(
        &mut self,
        iv: &[u8; 12],
        aads: &[&[u8]],
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CryptoError> {
        let length = self.0.decrypt(iv, aads, input, output)?;
        look(aads, output.get(..length).unwrap_or_default());
        Ok(length)
    }
}

impl AeadAes256GcmCipher for TappedCipher<dyn AeadAes256GcmCipher> {
    fn encrypt(
        &mut self,
        iv: &[u8; 12],
        aad: &[u8],
        input: &[u8],
        output: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.0.encrypt(iv, aad, input, output)
    }

    fn decrypt(
        &mut self,
        iv: &[u8; 12],
        aads: &[&[u8]],
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CryptoError> {
        let length = self.0.decrypt(iv, aads, input, output)?;
        look(aads, output.get(..length).unwrap_or_default());
        Ok(length)
    }
}
