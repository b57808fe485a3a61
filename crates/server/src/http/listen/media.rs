//! Connections that carry media: taken here because they share the port with
//! HTTP, served by the media node.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

/// What a media connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaProtocol {
    /// STUN, DTLS and SRTP, each packet behind its length (RFC 6544).
    IceTcp,
    /// TURN (RFC 8656).
    Turn,
}

/// The bytes of a connection, whether TLS is around them or not.
pub trait MediaIo: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> MediaIo for T {}

/// A connection from its first byte on.
pub struct MediaConnection {
    /// What it speaks.
    pub protocol: MediaProtocol,
    /// Its bytes.
    pub io: Box<dyn MediaIo>,
    /// The client's address.
    pub peer: SocketAddr,
    /// The address the client reached.
    pub local: SocketAddr,
}

/// Serves media connections; each future is one, from its beginning to its end.
pub type MediaDoor =
    Arc<dyn Fn(MediaConnection) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;
