//! Machines that have no certificates of authorities, as small container images
//! have none: whatever needs no TLS works there all the same.

use rustls::{ClientConfig, RootCertStore};

/// TLS that believes nobody. A client that has it still speaks plain http.
pub(crate) fn none() -> ClientConfig {
    ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth()
}
