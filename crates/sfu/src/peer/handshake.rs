//! Handshakes that share one configuration. The library makes one for each, and
//! each proves its cryptography with test vectors, key agreements and signatures:
//! good once in the life of a process, and for each peer more than half of what
//! a join costs.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use dimpl::{Config, Dtls, DtlsCertificate};
use str0m::crypto::CryptoError;
use str0m::crypto::dtls::{DtlsCert, DtlsVersion};

/// Begins a handshake, in packets of at most `mtu` bytes.
///
/// # Errors
/// When the cryptography does not prove good, or the version is not known.
pub(super) fn begin(
    cert: &DtlsCert,
    now: Instant,
    version: DtlsVersion,
    mtu: Option<usize>,
) -> Result<Dtls, CryptoError> {
    let config = config(mtu)?;
    let certificate = DtlsCertificate {
        certificate: cert.certificate.clone(),
        private_key: cert.private_key.clone(),
    };
    Ok(match version {
        DtlsVersion::Dtls12 => Dtls::new_12(config, certificate, now),
        DtlsVersion::Dtls13 => Dtls::new_13(config, certificate, now),
        DtlsVersion::Auto => Dtls::new_auto(config, certificate, now),
        version => return Err(CryptoError::Other(format!("{version} is not known"))),
    })
}

/// The configuration of all handshakes with this size of packets.
fn config(mtu: Option<usize>) -> Result<Arc<Config>, CryptoError> {
    static SHARED: OnceLock<(Option<usize>, Arc<Config>)> = OnceLock::new();
    if let Some((_, config)) = SHARED.get().filter(|(known, _)| *known == mtu) {
        return Ok(Arc::clone(config));
    }
    // ICE has shown that the remote is where it says to be, so the handshake
    // needs no cookie for that.
    let mut builder = Config::builder().use_server_cookie(false);
    if let Some(mtu) = mtu {
        builder = builder.mtu(mtu);
    }
    let config = builder.build().map_err(|error| CryptoError::Other(error.to_string()))?;
    let config = Arc::new(config);
    // Another thread may have been faster; either serves.
    SHARED.set((mtu, Arc::clone(&config))).ok();
    Ok(config)
}
