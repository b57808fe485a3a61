//! TLS around everything on the port: certificate and key from PEM files, read
//! anew when they change, without a restart and without cutting connections.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{Accept, TlsAcceptor};
use tokio_util::sync::CancellationToken;

/// How often the files are looked at. Sooner than anybody waits for a renewed
/// certificate, which is made weeks before the old one ends.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Where certificate and key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, then those between it and its authority; PEM.
    pub cert: PathBuf,
    /// Its private key; PEM, not encrypted.
    pub key: PathBuf,
}

/// Why there is no TLS.
#[derive(Debug, Error)]
pub enum TlsError {
    /// No PEM, or not the right one.
    #[error("{} cannot be read as PEM; it should hold {what}", .path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        what: &'static str,
        /// What was wrong.
        #[source]
        source: pem::Error,
    },
    /// Key and certificate do not go together, or are of a kind without use.
    #[error("the key in {} does not fit the certificate in {}", .files.key.display(), .files.cert.display())]
    Mismatch {
        /// The files.
        files: TlsFiles,
        /// What was wrong.
        #[source]
        source: rustls::Error,
    },
    /// The protocol cannot be set up.
    #[error("TLS cannot be set up")]
    Setup(#[from] rustls::Error),
}

/// A server's certificate, and the handshakes with it. Clones share it.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    current: Arc<Current>,
    files: TlsFiles,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// When they cannot be read or do not go together.
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let stamp = files.stamp();
        let current = Arc::new(Current(RwLock::new(Loaded { stamp, key: files.load()? })));
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Current>::clone(&current));
        // RFC 7443 names TURN; clients that ask for nothing get either.
        config.alpn_protocols = vec![b"http/1.1".to_vec(), b"stun.turn".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), current, files })
    }

    /// Reads the files again if they have changed: `true` if they had. Running
    /// connections go on.
    ///
    /// # Errors
    /// As [`Tls::load`]; the certificate stays what it was.
    pub fn reload_if_changed(&self) -> Result<bool, TlsError> {
        let stamp = self.files.stamp();
        if self.current.0.read().unwrap_or_else(PoisonError::into_inner).stamp == stamp {
            return Ok(false);
        }
        let key = self.files.load();
        let mut loaded = self.current.0.write().unwrap_or_else(PoisonError::into_inner);
        // Broken files are complained about once, not at every look.
        loaded.stamp = stamp;
        loaded.key = key?;
        Ok(true)
    }

    /// Follows the files until `shutdown`.
    pub async fn follow(self, shutdown: CancellationToken) {
        let follow = async {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                self.refresh().await;
            }
        };
        shutdown.run_until_cancelled(follow).await;
    }

    /// Looks at the files now, and logs what came of it. On a thread that may
    /// wait: the files may be on a disk that does not answer.
    pub async fn refresh(&self) {
        let tls = self.clone();
        let looking = tokio::task::spawn_blocking(move || tls.reload_if_changed());
        match looking.await {
            Ok(Ok(true)) => tracing::info!("the certificate was read anew"),
            Ok(Ok(false)) => {}
            Err(error) => tracing::error!(%error, "the certificate could not be looked at"),
            Ok(Err(error)) => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, "the new certificate is not used; the old one stays");
            }
        }
    }

    pub(super) fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> Accept<S> {
        self.acceptor.accept(stream)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

/// When the files were changed last; `None` for one that cannot be looked at.
type Stamp = [Option<SystemTime>; 2];

impl TlsFiles {
    fn stamp(&self) -> Stamp {
        let changed = |path: &Path| -> io::Result<SystemTime> { path.metadata()?.modified() };
        [changed(&self.cert).ok(), changed(&self.key).ok()]
    }

    fn load(&self) -> Result<Arc<CertifiedKey>, TlsError> {
        let pem = |path: &Path, what, source| TlsError::Pem { path: path.to_owned(), what, source };
        let chain = CertificateDer::pem_file_iter(&self.cert)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .and_then(
                |chain| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) },
            )
            .map_err(|source| pem(&self.cert, "the certificate chain", source))?;
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|source| pem(&self.key, "a private key", source))?;
        CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
            .map(Arc::new)
            .map_err(|source| TlsError::Mismatch { files: self.clone(), source })
    }
}

/// The certificate in use.
#[derive(Debug)]
struct Current(RwLock<Loaded>);

#[derive(Debug)]
struct Loaded {
    stamp: Stamp,
    key: Arc<CertifiedKey>,
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let loaded = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&loaded.key))
    }
}
