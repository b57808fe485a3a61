//! The pace of one connection: which of its three deadlines runs. hyper's own
//! header timer also runs while a connection idles, so that it cannot express
//! "10 s for a head, but 75 s between requests"; this can.
//!
//! The stream tells when bytes move, the service when a request begins and
//! ends, and [`Overdue`] resolves when the deadline passes.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep_until};

use super::ListenLimits;

/// Waiting for the next request.
const IDLE: u8 = 0;
/// Some bytes of a request head have come.
const HEAD: u8 = 1;
/// A request is being answered.
const EXCHANGE: u8 = 2;

/// Stage and deadline of a connection. Everything runs on the connection's own
/// task; the atomics only satisfy `Send`.
#[derive(Debug)]
pub(super) struct Pace {
    limits: ListenLimits,
    started: Instant,
    stage: AtomicU8,
    /// Milliseconds after `started`.
    deadline: AtomicU64,
}

impl Pace {
    /// A connection that has just been accepted: its first head is due.
    pub(super) fn new(limits: ListenLimits) -> Self {
        let pace = Self {
            limits,
            started: Instant::now(),
            stage: AtomicU8::new(IDLE),
            deadline: AtomicU64::new(0),
        };
        pace.enter(HEAD, limits.head);
        pace
    }

    /// The head is complete.
    pub(super) fn request_began(&self) {
        self.enter(EXCHANGE, self.limits.exchange);
    }

    /// The answer is known; writing it counts as progress.
    pub(super) fn request_ended(&self) {
        self.enter(IDLE, self.limits.idle);
    }

    fn bytes_came(&self) {
        if self.stage.load(Ordering::Relaxed) == IDLE {
            self.enter(HEAD, self.limits.head);
        }
    }

    fn bytes_went(&self) {
        match self.stage.load(Ordering::Relaxed) {
            EXCHANGE => self.enter(EXCHANGE, self.limits.exchange),
            IDLE => self.enter(IDLE, self.limits.idle),
            _ => {}
        }
    }

    fn enter(&self, stage: u8, limit: Duration) {
        let deadline = self.started.elapsed().saturating_add(limit).as_millis();
        self.stage.store(stage, Ordering::Relaxed);
        self.deadline.store(u64::try_from(deadline).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// When the connection is overdue as things stand.
    pub(super) fn deadline(&self) -> Instant {
        self.started + Duration::from_millis(self.deadline.load(Ordering::Relaxed))
    }
}

/// A socket that tells its [`Pace`] when bytes move, and holds the connection's
/// place among all.
pub(super) struct PacedStream<S> {
    stream: S,
    pace: Arc<Pace>,
    _place: OwnedSemaphorePermit,
}

impl<S> PacedStream<S> {
    pub(super) fn new(stream: S, pace: Arc<Pace>, place: OwnedSemaphorePermit) -> Self {
        Self { stream, pace, _place: place }
    }

    fn wrote(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(written, Poll::Ready(Ok(bytes)) if bytes > 0) {
            self.pace.bytes_went();
        }
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PacedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.pace.bytes_came();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PacedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.wrote(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Resolves when the deadline of a pace has passed. Polled after the
/// connection whenever their task wakes, so that it sees deadlines that moved
/// closer; those that moved away are noticed when the timer fires.
pub(super) struct Overdue {
    pace: Arc<Pace>,
    timer: Pin<Box<Sleep>>,
}

impl Overdue {
    pub(super) fn new(pace: Arc<Pace>) -> Self {
        let timer = Box::pin(sleep_until(pace.deadline()));
        Self { pace, timer }
    }
}

impl Future for Overdue {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.pace.deadline() < self.timer.deadline() {
            let deadline = self.pace.deadline();
            self.timer.as_mut().reset(deadline);
        }
        loop {
            ready!(self.timer.as_mut().poll(cx));
            let deadline = self.pace.deadline();
            if deadline <= self.timer.deadline() {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(deadline);
        }
    }
}
