//! What a connection turns out to carry, by its first bytes: TLS, HTTP, or
//! media from clients whose networks let no UDP through.
//!
//! TLS begins with a handshake record, HTTP with a letter. TURN begins with a
//! STUN message (RFC 8489: a small first byte, the magic cookie behind four),
//! ICE-TCP with the length of one (RFC 4571), which moves the cookie by two.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

/// So many bytes tell all kinds apart.
const ENOUGH: usize = 10;
const STUN_COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
const TLS_HANDSHAKE: u8 = 0x16;
/// First bytes above this are no STUN, nor the length of a short packet.
const MAX_STUN_BYTE: u8 = 0x03;

/// What a connection carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    Tls,
    /// Or anything else: HTTP's own parser says what is wrong with it.
    Http,
    Turn,
    IceTcp,
}

impl Opening {
    /// Judges the first bytes. `None`: more are needed.
    fn of(bytes: &[u8]) -> Option<Self> {
        match *bytes.first()? {
            TLS_HANDSHAKE => return Some(Self::Tls),
            first if first > MAX_STUN_BYTE => return Some(Self::Http),
            _ => {}
        }
        if bytes.get(4..8)? == STUN_COOKIE {
            return Some(Self::Turn);
        }
        let is_framed = bytes.get(6..ENOUGH)? == STUN_COOKIE;
        Some(if is_framed { Self::IceTcp } else { Self::Http })
    }

    /// Reads until it is known; the stream that is returned has these bytes
    /// still. `None`: the client closed before, having said nothing.
    pub(super) async fn read<S: AsyncRead + Unpin>(
        mut stream: S,
    ) -> io::Result<Option<(Self, Replay<S>)>> {
        let mut bytes = [0; ENOUGH];
        let mut filled = 0;
        loop {
            let read = stream.read(&mut bytes[filled..]).await?;
            filled += read;
            let opening = Self::of(&bytes[..filled]).or((read == 0).then_some(Self::Http));
            match opening {
                _ if filled == 0 => return Ok(None),
                Some(opening) => return Ok(Some((opening, Replay::new(stream, bytes, filled)))),
                None => {}
            }
        }
    }
}

/// A stream of which some bytes were read already.
pub(super) struct Replay<S> {
    stream: S,
    bytes: [u8; ENOUGH],
    given: usize,
    filled: usize,
}

impl<S> Replay<S> {
    fn new(stream: S, bytes: [u8; ENOUGH], filled: usize) -> Self {
        Self { stream, bytes, given: 0, filled }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Replay<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.given == self.filled {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let until = self.filled.min(self.given + buf.remaining());
        buf.put_slice(&self.bytes[self.given..until]);
        self.given = until;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Replay<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
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

#[cfg(test)]
mod tests {
    use super::*;

    const TURN: [u8; 10] = [0, 3, 0, 8, 0x21, 0x12, 0xA4, 0x42, 1, 2];
    const ICE_TCP: [u8; 10] = [0, 80, 0, 1, 0, 60, 0x21, 0x12, 0xA4, 0x42];

    #[test]
    fn first_bytes_tell_kinds_apart() {
        assert_eq!(Opening::of(&[0x16, 3, 1]), Some(Opening::Tls));
        assert_eq!(Opening::of(b"G"), Some(Opening::Http));
        assert_eq!(Opening::of(&TURN[..8]), Some(Opening::Turn));
        assert_eq!(Opening::of(&ICE_TCP), Some(Opening::IceTcp));
        assert_eq!(Opening::of(&[0; 10]), Some(Opening::Http));
        for undecided in [&[][..], &TURN[..7], &ICE_TCP[..9]] {
            assert_eq!(Opening::of(undecided), None, "{undecided:?}");
        }
    }

    #[tokio::test]
    async fn nothing_that_was_read_is_lost() {
        for (sent, kind) in [
            (&ICE_TCP[..], Opening::IceTcp),
            (b"GET / HTTP/1.1\r\n\r\n", Opening::Http),
            (&[0, 1, 2], Opening::Http),
        ] {
            let (opening, mut stream) = Opening::read(sent).await.unwrap().unwrap();
            assert_eq!(opening, kind);
            let mut read = Vec::new();
            stream.read_to_end(&mut read).await.unwrap();
            assert_eq!(read, sent);
        }
        assert!(Opening::read(&b""[..]).await.unwrap().is_none());
    }
}
