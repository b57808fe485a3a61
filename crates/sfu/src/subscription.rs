//! What one receiver gets of one track: the gate, the translation into the
//! receiver's own numbers, and the rewriting that hides all changes from it.

use std::time::{Duration, Instant};

use str0m::format::CodecSpec;
use str0m::media::{Mid, Pt};
use str0m::rtp::{RtpWrite, SeqNo, Ssrc};

use crate::peer::Peer;
use crate::publication::Passing;
use crate::rewrite::Rewriter;

/// How long a picture is held back for a keyframe. Longer risks a black tile
/// when a keyframe is not recognised (encrypted payloads); shorter shows
/// receivers what they cannot decode.
const GATE_TIMEOUT: Duration = Duration::from_secs(3);

/// The sending half of a slot.
#[derive(Debug)]
pub(crate) struct Subscription {
    rewriter: Rewriter,
    gate: Gate,
    epoch: Option<u32>,
    stream: Option<Ssrc>,
    format: Option<(CodecSpec, Option<Pt>)>,
}

/// Whether video passes: never before a keyframe.
#[derive(Clone, Copy, Debug)]
enum Gate {
    Open,
    /// Since the first packet that was held back, if any was.
    AwaitingKeyframe(Option<Instant>),
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forwarded {
    /// Written: the peer must be flushed.
    Written,
    /// Held back until a keyframe comes, which somebody should ask for.
    AwaitsKeyframe,
    /// Not for this receiver.
    Skipped,
}

impl Subscription {
    pub(crate) fn new(rewriter: Rewriter) -> Self {
        Self {
            rewriter,
            gate: Gate::AwaitingKeyframe(None),
            epoch: None,
            stream: None,
            format: None,
        }
    }

    /// Another track, or the same after a change: begins with a keyframe.
    pub(crate) fn restart(&mut self) {
        self.rewriter.break_off();
        self.gate = Gate::AwaitingKeyframe(None);
    }

    /// The connection was negotiated again: streams and payload types may differ.
    pub(crate) fn forget_negotiation(&mut self) {
        self.stream = None;
        self.format = None;
    }

    /// Writes the packet to the receiver's transceiver, if it may pass.
    pub(crate) fn forward(
        &mut self,
        now: Instant,
        passing: &Passing,
        mid: Mid,
        peer: &mut Peer,
    ) -> Forwarded {
        if !peer.is_connected() {
            self.restart();
            return Forwarded::Skipped;
        }
        if self.epoch != Some(passing.epoch) {
            self.epoch = Some(passing.epoch);
            self.restart();
        }
        if passing.is_video && !self.open_gate(now, passing.is_keyframe) {
            return Forwarded::AwaitsKeyframe;
        }
        let Some(payload_type) = self.payload_type(passing.spec, mid, peer) else {
            return Forwarded::Skipped;
        };
        let Some(stream) = self.stream.or_else(|| peer.stream_of(mid)) else {
            return Forwarded::Skipped;
        };
        self.stream = Some(stream);
        let Some(write) = self.rewrite(now, passing, payload_type) else {
            return Forwarded::Skipped;
        };
        peer.write(stream, write);
        Forwarded::Written
    }

    fn open_gate(&mut self, now: Instant, is_keyframe: bool) -> bool {
        let Gate::AwaitingKeyframe(since) = self.gate else {
            return true;
        };
        let since = since.unwrap_or(now);
        let is_open = is_keyframe || now.duration_since(since) >= GATE_TIMEOUT;
        self.gate = if is_open { Gate::Open } else { Gate::AwaitingKeyframe(Some(since)) };
        is_open
    }

    fn payload_type(&mut self, spec: CodecSpec, mid: Mid, peer: &Peer) -> Option<Pt> {
        if let Some((known, payload_type)) = self.format
            && known == spec
        {
            return payload_type;
        }
        let payload_type = peer.payload_type(mid, spec);
        if payload_type.is_none() {
            tracing::debug!(%mid, codec = ?spec.codec, "receiver lacks the sender's codec");
        }
        self.format = Some((spec, payload_type));
        payload_type
    }

    fn rewrite(&mut self, now: Instant, passing: &Passing, payload_type: Pt) -> Option<RtpWrite> {
        let rewritten = self.rewriter.rewrite(now, &passing.original)?;
        let write = RtpWrite::new(
            payload_type,
            SeqNo::from(rewritten.sequence),
            rewritten.timestamp,
            passing.captured_at,
            passing.packet.payload.clone(),
        )
        .marker(passing.packet.header.marker)
        .nackable(passing.is_video)
        .ext_vals(passing.extensions.clone());
        Some(match rewritten.vp8_patch {
            Some(patch) => write.vp8_patch(patch),
            None => write,
        })
    }
}
