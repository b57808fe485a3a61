//! TLS on the port: https inside, plain http refused, certificates that change.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parlor_server::{Doors, Tls, TlsError, TlsFiles};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::support::TestServer;

/// How long what should come at once may take.
const PATIENCE: Duration = Duration::from_secs(20);

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/tls").join(name)
}

/// Copies of a certificate and its key, which may be changed.
fn install(folder: &Path, name: &str) -> TlsFiles {
    let files = TlsFiles { cert: folder.join("cert.pem"), key: folder.join("key.pem") };
    std::fs::copy(sample(&format!("{name}-certificate.pem")), &files.cert).unwrap();
    std::fs::copy(sample(&format!("{name}-key.pem")), &files.key).unwrap();
    files
}

struct SecureServer {
    _server: TestServer,
    tls: Tls,
    files: TlsFiles,
    folder: tempfile::TempDir,
    address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl SecureServer {
    async fn start() -> Self {
        Self::with_head_time(Duration::from_secs(10)).await
    }

    /// One that waits so long for the head of a request.
    async fn with_head_time(head: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = install(folder.path(), "first");
        let tls = Tls::load(files.clone()).unwrap();
        let server = TestServer::with(|settings| settings.limits.listen.head = head).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let doors = Doors { tls: Some(tls.clone()), media: None };
        let mut tasks = JoinSet::new();
        let app = server.app.clone();
        tasks.spawn(parlor_server::serve(listener, app, doors, CancellationToken::new()));
        Self { _server: server, tls, files, folder, address, _tasks: tasks }
    }

    /// A connection of somebody who trusts this certificate only.
    async fn connect(&self, trusted: &str) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        let file = sample(&format!("{trusted}-certificate.pem"));
        roots.add(CertificateDer::from_pem_file(file).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> String {
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    // A server need not say goodbye in TLS.
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().ok();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn https_is_served_and_plain_http_is_told_so() {
    let server = SecureServer::start().await;
    let answer = ask(server.connect("first").await.unwrap()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let plain = TcpStream::connect(server.address).await.unwrap();
    let answer = ask(plain).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("https"), "{answer}");
}

#[tokio::test]
async fn certificates_are_read_anew_when_they_change() {
    let server = SecureServer::start().await;
    let early = server.connect("first").await.unwrap();
    assert!(!server.tls.reload_if_changed().unwrap());
    install(server.folder.path(), "second");
    assert!(server.tls.reload_if_changed().unwrap());
    assert!(server.connect("first").await.is_err());
    let answer = ask(server.connect("second").await.unwrap()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    // Who was connected before still is.
    let answer = ask(early).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn certificates_that_cannot_be_used_change_nothing() {
    let server = SecureServer::start().await;
    std::fs::copy(sample("second-certificate.pem"), &server.files.cert).unwrap();
    let mismatch = server.tls.reload_if_changed();
    assert!(matches!(mismatch, Err(TlsError::Mismatch { .. })), "{mismatch:?}");
    // Said once, not at every look.
    assert!(!server.tls.reload_if_changed().unwrap());
    std::fs::write(&server.files.key, "no key").unwrap();
    let unreadable = server.tls.reload_if_changed();
    assert!(matches!(unreadable, Err(TlsError::Pem { .. })), "{unreadable:?}");
    let answer = ask(server.connect("first").await.unwrap()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn whoever_says_nothing_in_a_handshake_is_cut_off() {
    let server = SecureServer::with_head_time(Duration::from_millis(300)).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    silent.write_all(&[0x16, 3, 1]).await.unwrap();
    let ended = timeout(PATIENCE, silent.read(&mut [0; 16])).await;
    assert!(matches!(ended, Ok(Ok(0) | Err(_))), "{ended:?}");
}
