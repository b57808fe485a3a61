//! Sealing packets in the buffer that they leave from.

use super::cipher::{Cipher, PacketId};
use super::{
    CONTROL_HEADER_BYTES, CONTROL_INDEXES, IS_ENCRYPTED, MIN_RTP_HEADER_BYTES, RTP_INDEXES,
    SealError,
};

/// Protects what is sent to one receiver. Allocates nothing, beside what a
/// buffer without room left takes for itself.
pub(crate) struct Sealer {
    media: Cipher,
    control: Cipher,
    /// The SRTCP index to be used next: one count for all senders, so that no
    /// memory of them is needed, and none ever sees a number twice. (Receivers
    /// keep a window for each sender, and take gaps for loss.)
    pub(super) next_control: u32,
}

impl Sealer {
    pub(super) const fn new(media: Cipher, control: Cipher) -> Self {
        Self { media, control, next_control: 0 }
    }

    /// Seals the RTP packet that begins at `start` of `out` and ends with it:
    /// encrypts what is behind the header (extensions belong to it), and
    /// appends the tag.
    ///
    /// `index` has 48 bits: how often the sequence number wrapped, and that.
    /// It is the caller's duty never to give the same one of an SSRC to two
    /// different packets: whoever has both could read them.
    ///
    /// # Errors
    ///
    /// See [`SealError`]; the packet is gone from `out` then.
    #[inline]
    pub(crate) fn seal_rtp(
        &mut self,
        out: &mut Vec<u8>,
        start: usize,
        header_bytes: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<(), SealError> {
        let sealed = if index < RTP_INDEXES {
            self.append_rtp(out, start, header_bytes, PacketId { ssrc, index })
        } else {
            Err(SealError::Exhausted)
        };
        sealed.inspect_err(|_| out.truncate(start))
    }

    fn append_rtp(
        &self,
        out: &mut Vec<u8>,
        start: usize,
        header_bytes: usize,
        id: PacketId,
    ) -> Result<(), SealError> {
        let packet = out.get_mut(start..).unwrap_or_default();
        let (header, payload) = packet
            .split_at_mut_checked(header_bytes)
            .filter(|_| header_bytes >= MIN_RTP_HEADER_BYTES)
            .ok_or(SealError::Short)?;
        match &self.media {
            Cipher::Gcm(gcm) => {
                let tag = gcm.seal(id, header, payload)?;
                out.extend_from_slice(tag.as_ref());
            }
            Cipher::Counter(counter) => {
                counter.apply(id, payload)?;
                // How often the sequence number wrapped.
                let wraps = u32::try_from(id.index >> 16).map_err(|_| SealError::Exhausted)?;
                let tag = counter.tag(packet, &wraps.to_be_bytes());
                out.extend_from_slice(&tag);
            }
        }
        Ok(())
    }

    /// The same for a compound RTCP packet. Its index is the sealer's own.
    ///
    /// # Errors
    ///
    /// See [`SealError`]; the packet is gone from `out` then.
    pub(crate) fn seal_rtcp(&mut self, out: &mut Vec<u8>, start: usize) -> Result<(), SealError> {
        self.append_control(out, start).inspect_err(|_| out.truncate(start))
    }

    fn append_control(&mut self, out: &mut Vec<u8>, start: usize) -> Result<(), SealError> {
        let packet = out.get_mut(start..).unwrap_or_default();
        let (header, payload) =
            packet.split_first_chunk_mut::<CONTROL_HEADER_BYTES>().ok_or(SealError::Short)?;
        let index = self.next_control;
        if index >= CONTROL_INDEXES {
            return Err(SealError::Exhausted);
        }
        self.next_control += 1;
        let [_, _, _, _, ssrc @ ..] = *header;
        let id = PacketId { ssrc: u32::from_be_bytes(ssrc), index: index.into() };
        let word = (IS_ENCRYPTED | index).to_be_bytes();
        match &self.control {
            Cipher::Gcm(gcm) => {
                let tag = gcm.seal(id, &control_clear(*header, word), payload)?;
                out.extend_from_slice(tag.as_ref());
                out.extend_from_slice(&word);
            }
            Cipher::Counter(counter) => {
                counter.apply(id, payload)?;
                let tag = counter.tag(packet, &word);
                out.extend_from_slice(&word);
                out.extend_from_slice(&tag);
            }
        }
        Ok(())
    }
}

/// What GCM authenticates of a control packet beside what it encrypts
/// (RFC 7714, 9.2).
pub(super) fn control_clear(header: [u8; 8], word: [u8; 4]) -> [u8; 12] {
    let mut clear = [0; 12];
    let (front, back) = clear.split_at_mut(CONTROL_HEADER_BYTES);
    front.copy_from_slice(&header);
    back.copy_from_slice(&word);
    clear
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}
