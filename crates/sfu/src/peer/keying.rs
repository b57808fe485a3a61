//! The keys of a peer's media, as its DTLS handshake exported them.
//!
//! The library keeps them for itself, so its cryptography is wrapped: the
//! instance that exports keying material leaves a copy with the thread, and
//! whoever drove the peer [takes](take) it right after. A peer is driven by one
//! thread from beginning to end of a mutation, and by one mutation at a time.

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::fmt;
use std::time::Instant;

use dimpl::Dtls;
use str0m::config::CryptoProvider;
use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, ProtocolVersion,
    SrtpProfile,
};
use str0m::crypto::{CryptoError, from_feature_flags};
use zeroize::Zeroizing;

use super::handshake;
use crate::srtp::{KeyingMaterial, Profile};

thread_local! {
    static EXPORTED: Cell<Option<KeyingMaterial>> = const { Cell::new(None) };
}

/// The library's cryptography, with that copy.
pub(super) fn provider() -> CryptoProvider {
    CryptoProvider { dtls_provider: &Watched, ..from_feature_flags() }
}

/// What the instance that was just driven on this thread exported: once for
/// each handshake. To be called after every drive of a peer, also of one that
/// failed, so that nothing is left for the next.
pub(super) fn take() -> Option<KeyingMaterial> {
    EXPORTED.take()
}

#[derive(Debug)]
struct Watched;

impl DtlsProvider for Watched {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        dtls_version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        Ok(Box::new(WatchedInstance(handshake::begin(cert, now, dtls_version, mtu)?)))
    }

    fn is_test(&self) -> bool {
        from_feature_flags().dtls_provider.is_test()
    }
}

struct WatchedInstance(Dtls);

impl fmt::Debug for WatchedInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WatchedInstance")
    }
}

/// Leaves a copy with the thread.
fn keep(bytes: &[u8], profile: SrtpProfile, is_client: bool) {
    let profile = match profile {
        SrtpProfile::AES128_CM_SHA1_80 => Profile::Aes128CmSha1_80,
        SrtpProfile::AEAD_AES_128_GCM => Profile::Aes128Gcm,
        SrtpProfile::AEAD_AES_256_GCM => Profile::Aes256Gcm,
        // The enum is open. A profile that is not ours is one that the
        // library does not know either: it offers only these.
        _ => return,
    };
    let bytes = Zeroizing::new(bytes.to_vec());
    EXPORTED.set(Some(KeyingMaterial { profile, bytes, is_client }));
}

impl DtlsInstance for WatchedInstance {
    fn set_active(&mut self, active: bool) {
        self.0.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.0.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        // What it put out may borrow from it.
        let is_client = self.0.is_active();
        let output = self.0.poll_output(buf);
        if let DtlsOutput::KeyingMaterial(material, profile) = &output {
            keep(material, *profile, is_client);
        }
        output
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.0.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.0.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.0.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.0.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.0.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.0.close()
    }
}
