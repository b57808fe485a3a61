//! From a listening socket to requests: accepts connections, bounds their
//! number and pace, and hands each request to the application.
//!
//! ```text
//! accept ─ permit ─ opening ─┬─ PacedStream ─ hyper (HTTP/1) ─ App
//!               TLS ─┘       │     Pace: head 10 s, exchange, idle 75 s
//!                            └─ ICE-TCP, TURN ─ the media node
//! ```
//! Every connection is a task of one tracker. Shutdown stops accepting, lets
//! running requests finish, and after a grace time cuts what is left.

mod media;
mod opening;
mod pace;
mod tls;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout_at;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use crate::http::edge::App;
use opening::Opening;
use pace::{Overdue, Pace, PacedStream};

pub use media::{MediaConnection, MediaDoor, MediaIo, MediaProtocol};
pub use tls::{Tls, TlsError, TlsFiles};

/// Bounds of connections. The defaults are the documented limits.
#[derive(Clone, Copy, Debug)]
pub struct ListenLimits {
    /// From the first byte of a request (or the connection's start) to the end
    /// of its headers. Longer tolerates worse lines; shorter frees sockets of
    /// those who dribble on purpose.
    pub head: Duration,
    /// How long a request, or a client that does not read its answer, may make
    /// no progress. The body has its own, shorter limit.
    pub exchange: Duration,
    /// How long a connection may wait for its next request.
    pub idle: Duration,
    /// Most connections at once, call sockets included. Further ones wait in
    /// the kernel's queue. Each costs about 10 KiB of memory.
    pub connections: usize,
    /// How long running requests may take once the server shuts down.
    pub grace: Duration,
}

impl Default for ListenLimits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            exchange: Duration::from_secs(90),
            idle: Duration::from_secs(75),
            connections: 16_384,
            grace: Duration::from_secs(5),
        }
    }
}

/// Most bytes of a request head that are read at all. The documented limit of
/// 32 KiB is checked by the application, which can answer in our envelope; what
/// does not even fit in here gets a bare 431.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// The answer to plain HTTP where there is TLS. No redirect: a key that was sent
/// in the clear should be noticed, not used.
const NOT_HTTPS: &[u8] = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Length: 46\r\n\r\n\
    This port speaks https. Use https:// instead.\n";

/// Pause after a failed accept, so that running out of file descriptors does
/// not become a busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The address of the other end, as the application finds it in a request's
/// extensions.
#[derive(Clone, Copy, Debug)]
pub struct PeerAddr(pub SocketAddr);

/// What else than plain HTTP the port takes.
#[derive(Clone, Default)]
pub struct Doors {
    /// With it, HTTP is taken inside TLS only.
    pub tls: Option<Tls>,
    /// Where media connections go. Without one they are closed.
    pub media: Option<MediaDoor>,
}

/// Serves `app` on `listener` until `shutdown` is cancelled; returns when every
/// connection has ended. Call sockets and media connections are ended by
/// whoever owns them (the media node), or cut after the grace time.
pub(crate) async fn serve(
    listener: TcpListener,
    app: App,
    doors: Doors,
    shutdown: CancellationToken,
) {
    let limits = app.listen_limits();
    let connections = TaskTracker::new();
    let cut = CancellationToken::new();
    let places = Arc::new(Semaphore::new(limits.connections));
    let context = Connections { limits, doors, app, shutdown: shutdown.clone(), cut: cut.clone() };
    loop {
        let accepted = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Ok((stream, peer, place)) => {
                connections.spawn(context.clone().drive(stream, peer, place));
            }
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(limits.grace, connections.wait()).await.is_err() {
        cut.cancel();
        connections.wait().await;
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer, place))
}

/// What all connections share.
#[derive(Clone)]
struct Connections {
    limits: ListenLimits,
    doors: Doors,
    app: App,
    shutdown: CancellationToken,
    cut: CancellationToken,
}

/// A connection that has said what it carries.
struct Begun {
    pace: Arc<Pace>,
    peer: SocketAddr,
    local: SocketAddr,
    place: OwnedSemaphorePermit,
}

impl Connections {
    /// Serves one connection to its end.
    async fn drive(self, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        let Ok(local) = stream.local_addr() else {
            return;
        };
        let pace = Arc::new(Pace::new(self.limits));
        let begun = Begun { pace: Arc::clone(&pace), peer, local, place };
        let shutdown = self.shutdown.clone();
        // Until a request has begun there is nothing to lose.
        let opening = timeout_at(pace.deadline(), Opening::read(stream));
        let Some(Ok(Ok(Some((opening, stream))))) = shutdown.run_until_cancelled(opening).await
        else {
            return;
        };
        let (Opening::Tls, Some(tls)) = (opening, &self.doors.tls) else {
            return self.serve(opening, stream, begun).await;
        };
        let secure = async {
            let stream = tls.accept(stream).await.ok()?;
            Opening::read(stream).await.ok()?
        };
        let secure = timeout_at(pace.deadline(), secure);
        if let Some(Ok(Some((opening, stream)))) = shutdown.run_until_cancelled(secure).await {
            self.serve_secure(opening, stream, begun).await;
        }
    }

    /// What comes without TLS.
    async fn serve<S>(self, opening: Opening, mut stream: S, begun: Begun)
    where
        S: MediaIo + 'static,
    {
        if opening == Opening::Http && self.doors.tls.is_some() {
            // Written to whoever is still there to read it.
            timeout_at(begun.pace.deadline(), stream.write_all(NOT_HTTPS)).await.ok();
            return;
        }
        self.serve_secure(opening, stream, begun).await;
    }

    /// What comes inside TLS, or without where there is none.
    async fn serve_secure<S>(self, opening: Opening, stream: S, begun: Begun)
    where
        S: MediaIo + 'static,
    {
        match opening {
            Opening::Http | Opening::Tls => self.http(stream, begun).await,
            Opening::Turn => self.media(MediaProtocol::Turn, stream, begun).await,
            Opening::IceTcp => self.media(MediaProtocol::IceTcp, stream, begun).await,
        }
    }

    async fn media<S>(self, protocol: MediaProtocol, stream: S, begun: Begun)
    where
        S: MediaIo + 'static,
    {
        let Some(door) = &self.doors.media else {
            return;
        };
        let (peer, local) = (canonical(begun.peer), canonical(begun.local));
        let connection = MediaConnection { protocol, io: Box::new(stream), peer, local };
        let serving = door(connection);
        self.cut.run_until_cancelled(serving).await;
        drop(begun.place);
    }

    /// The place goes with the stream, so that an upgraded connection keeps it.
    async fn http<S>(self, stream: S, begun: Begun)
    where
        S: MediaIo + 'static,
    {
        let Begun { pace, peer, place, .. } = begun;
        let io = TokioIo::new(PacedStream::new(stream, Arc::clone(&pace), place));
        let service =
            service_fn(|request| answer(self.app.clone(), Arc::clone(&pace), peer, request));
        let connection = http1::Builder::new()
            // A client that is gone is noticed when its answer is written: what
            // it began is done whole, and the audit log says what came of it.
            .half_close(true)
            .max_buf_size(MAX_HEAD_BYTES)
            .header_read_timeout(None)
            .serve_connection(io, service)
            .with_upgrades();
        let mut connection = pin!(connection);
        let mut overdue = pin!(Overdue::new(Arc::clone(&pace)));
        // How a connection ended (reset by the peer, not HTTP, …) is the
        // client's affair: nothing here depends on it.
        tokio::select! {
            biased;
            _ended = connection.as_mut() => return,
            () = overdue.as_mut() => return,
            () = self.shutdown.cancelled() => {}
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            biased;
            _ended = connection => {}
            () = overdue => {}
            () = self.cut.cancelled() => {}
        }
    }
}

/// A socket of both protocols shows clients of IPv4 as mapped addresses.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

async fn answer(
    mut app: App,
    pace: Arc<Pace>,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    pace.request_began();
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(PeerAddr(peer));
    let response = app.call(request).await;
    pace.request_ended();
    response
}
