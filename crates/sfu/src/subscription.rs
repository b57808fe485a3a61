//! What one receiver gets of one track: the choice of packets, the translation
//! into the receiver's own numbers, and the rewriting that hides all changes
//! from it.

use std::time::Instant;

use str0m::format::CodecSpec;
use str0m::media::{Mid, Pt};
use str0m::rtp::{RtpWrite, SeqNo, Ssrc};

use crate::peer::Peer;
use crate::publication::Passing;
use crate::rewrite::{Rewriter, Rewritten};
use crate::select::{Choice, Selector, Verdict};

/// The sending half of a slot.
#[derive(Debug)]
pub(crate) struct Subscription {
    rewriter: Rewriter,
    pub(crate) selector: Selector,
    epoch: Option<u32>,
    stream: Option<Ssrc>,
    format: Option<(CodecSpec, Option<Pt>)>,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forwarded {
    /// It was written: the peer must be flushed.
    pub(crate) is_written: bool,
    /// The receiver waits for a keyframe of this encoding, which somebody
    /// should ask for.
    pub(crate) awaits: Option<u8>,
}

impl Subscription {
    pub(crate) fn new(rewriter: Rewriter) -> Self {
        Self { rewriter, selector: Selector::new(), epoch: None, stream: None, format: None }
    }

    /// Another track, or the same after a change: begins with a keyframe.
    pub(crate) fn restart(&mut self) {
        self.rewriter.break_off();
        self.selector.restart();
    }

    /// What is meant to be sent from now on; `None`: nothing. `true`: it is
    /// something else than before.
    pub(crate) fn aim(&mut self, target: Option<Choice>) -> bool {
        if target.is_none() {
            self.rewriter.break_off();
        }
        self.selector.aim(target)
    }

    /// The connection was negotiated again: streams and payload types may differ.
    pub(crate) fn forget_negotiation(&mut self) {
        self.stream = None;
        self.format = None;
    }

    /// Writes the packet to the receiver's transceiver, if it is chosen.
    pub(crate) fn forward(
        &mut self,
        now: Instant,
        passing: &Passing,
        mid: Mid,
        peer: &mut Peer,
    ) -> Forwarded {
        if !peer.is_connected() {
            self.restart();
            return Forwarded::default();
        }
        if self.epoch != Some(passing.epoch) {
            self.epoch = Some(passing.epoch);
            self.restart();
        }
        if !passing.is_video {
            let is_written = self.write(now, passing, (false, mid), peer).is_some();
            return Forwarded { is_written, awaits: None };
        }
        let verdict = self.selector.judge(now, &passing.candidate);
        let awaits = self.selector.awaited(&passing.candidate);
        let is_written = self.carry_out(now, passing, verdict, (mid, peer)).is_some();
        Forwarded { is_written, awaits }
    }

    fn carry_out(
        &mut self,
        now: Instant,
        passing: &Passing,
        verdict: Verdict,
        (mid, peer): (Mid, &mut Peer),
    ) -> Option<()> {
        match verdict {
            Verdict::Pass { ends_picture } => self.write(now, passing, (ends_picture, mid), peer),
            Verdict::LeaveOut => {
                self.rewriter.leave_out(&passing.original);
                None
            }
            Verdict::Ignore => {
                let late = self.rewriter.rewrite_late(&passing.original)?;
                self.send(passing, late, (false, mid), peer)
            }
        }
    }

    fn write(
        &mut self,
        now: Instant,
        passing: &Passing,
        (ends_picture, mid): (bool, Mid),
        peer: &mut Peer,
    ) -> Option<()> {
        if passing.is_padding {
            self.rewriter.leave_out(&passing.original);
            return None;
        }
        self.payload_type(passing.spec, mid, peer)?;
        let rewritten = self.rewriter.rewrite(now, &passing.original)?;
        self.send(passing, rewritten, (ends_picture, mid), peer)
    }

    fn send(
        &mut self,
        passing: &Passing,
        rewritten: Rewritten,
        (ends_picture, mid): (bool, Mid),
        peer: &mut Peer,
    ) -> Option<()> {
        let payload_type = self.payload_type(passing.spec, mid, peer)?;
        let stream = self.stream.or_else(|| peer.stream_of(mid))?;
        self.stream = Some(stream);
        let is_marked = passing.packet.header.marker || ends_picture;
        peer.write(stream, rtp_write(passing, rewritten, payload_type, is_marked));
        Some(())
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
}

fn rtp_write(
    passing: &Passing,
    rewritten: Rewritten,
    payload_type: Pt,
    is_marked: bool,
) -> RtpWrite {
    let write = RtpWrite::new(
        payload_type,
        SeqNo::from(rewritten.sequence),
        rewritten.timestamp,
        passing.captured_at,
        passing.packet.payload.clone(),
    )
    .marker(is_marked)
    .nackable(passing.is_video)
    .ext_vals(passing.extensions.clone());
    match rewritten.vp8_patch {
        Some(patch) => write.vp8_patch(patch),
        None => write,
    }
}
