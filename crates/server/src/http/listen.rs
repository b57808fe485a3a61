//! From a listening socket to requests: accepts connections, bounds their
//! number and pace, and hands each request to the application.
//!
//! ```text
//! accept ─ permit ─ PacedStream ─ hyper (HTTP/1) ─ App
//!                      │   Pace: head 10 s, exchange, idle 75 s
//! ```
//! Every connection is a task of one tracker. Shutdown stops accepting, lets
//! running requests finish, and after a grace time cuts what is left.

mod pace;

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
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use crate::http::edge::App;
use pace::{Overdue, Pace, PacedStream};

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

/// Pause after a failed accept, so that running out of file descriptors does
/// not become a busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The address of the other end, as the application finds it in a request's
/// extensions.
#[derive(Clone, Copy, Debug)]
pub struct PeerAddr(pub SocketAddr);

/// Serves `app` on `listener` until `shutdown` is cancelled; returns when every
/// connection has ended. Call sockets are ended by whoever owns them (the media
/// node), or cut after the grace time.
pub(crate) async fn serve(listener: TcpListener, app: App, shutdown: CancellationToken) {
    let limits = app.listen_limits();
    let connections = TaskTracker::new();
    let cut = CancellationToken::new();
    let places = Arc::new(Semaphore::new(limits.connections));
    let context = Connections { limits, shutdown: shutdown.clone(), cut: cut.clone() };
    loop {
        let accepted = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Ok((stream, peer, place)) => {
                connections.spawn(context.clone().drive(stream, peer, place, app.clone()));
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
    shutdown: CancellationToken,
    cut: CancellationToken,
}

impl Connections {
    /// Serves one connection to its end. The place goes with the stream, so
    /// that an upgraded connection keeps it.
    async fn drive(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        place: OwnedSemaphorePermit,
        app: App,
    ) {
        let pace = Arc::new(Pace::new(self.limits));
        let io = TokioIo::new(PacedStream::new(stream, Arc::clone(&pace), place));
        let service = service_fn(|request| answer(app.clone(), Arc::clone(&pace), peer, request));
        let connection = http1::Builder::new()
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
