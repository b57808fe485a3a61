//! Handshakes that share one configuration. The library makes one for each, and
//! each proves its cryptography with test vectors, key agreements and signatures:
//! good once in the life of a process, and for each peer more than half of what
//! a join costs.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use dimpl::{Config, Dtls, DtlsCertificate};
use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, ProtocolVersion,
};
use str0m::crypto::{CryptoError, from_feature_flags};

/// The library's DTLS, prepared once.
#[derive(Debug)]
pub(super) struct Prepared;

impl DtlsProvider for Prepared {
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
        let config = config(mtu)?;
        let certificate = DtlsCertificate {
            certificate: cert.certificate.clone(),
            private_key: cert.private_key.clone(),
        };
        let dtls = match dtls_version {
            DtlsVersion::Dtls12 => Dtls::new_12(config, certificate, now),
            DtlsVersion::Dtls13 => Dtls::new_13(config, certificate, now),
            DtlsVersion::Auto => Dtls::new_auto(config, certificate, now),
            version => return Err(CryptoError::Other(format!("{version} is not known"))),
        };
        Ok(Box::new(Instance(dtls)))
    }
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

struct Instance(Dtls);

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Instance")
    }
}

impl DtlsInstance for Instance {
    fn set_active(&mut self, active: bool) {
        self.0.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.0.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        self.0.poll_output(buf)
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
