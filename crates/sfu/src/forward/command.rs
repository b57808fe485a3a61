//! What a room tells a forwarder, and what it is told by it: owned messages,
//! since the forwarder may be on another thread.

use std::sync::Arc;
use std::time::Instant;

use parlor_model::call::SlotTrack;
use parlor_model::id::ParticipantId;
use str0m::format::CodecSpec;
use str0m::media::Mid;

use super::packet::ExtensionIds;
use crate::estimate::Estimator;
use crate::io::Route;
use crate::layers::EncodingSet;
use crate::select::Choice;
use crate::srtp::Sealer;

/// Which slot of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) receiver: ParticipantId,
    /// Index of the slot.
    pub(crate) slot: usize,
}

/// What a forwarder is to do from now on. Whatever is about somebody who is
/// not there is ignored.
pub(crate) enum Command {
    /// Somebody can be sent to.
    Open(Box<Opening>),
    /// They are elsewhere now.
    Route(ParticipantId, Route),
    /// Their transport is gone.
    Close(ParticipantId),
    /// How a slot's packets look; said again after each negotiation.
    Stream(Place, Box<StreamSetup>),
    /// A slot carries this track from now on, beginning with a keyframe.
    Carry(Place, SlotTrack),
    /// A slot carries nothing any more.
    Drop(Place),
    /// How much is meant to be sent of the slot's video; `None`: nothing.
    Aim(Place, Option<Choice>),
    /// How much somebody would be sent if all of it passed, in bits per
    /// second. Answered with [`Event::Bandwidth`] if that is news.
    Need(ParticipantId, f64),
}

impl Command {
    /// Whom it is about.
    pub(crate) fn receiver(&self) -> ParticipantId {
        match self {
            Self::Open(opening) => opening.receiver,
            Self::Route(receiver, _) | Self::Close(receiver) | Self::Need(receiver, _) => *receiver,
            Self::Stream(place, _)
            | Self::Carry(place, _)
            | Self::Drop(place)
            | Self::Aim(place, _) => place.receiver,
        }
    }
}

/// A transport that packets can be sent by.
pub(crate) struct Opening {
    pub(crate) receiver: ParticipantId,
    pub(crate) sealer: Sealer,
    pub(crate) route: Route,
}

/// How the packets of a stream look.
#[derive(Clone, Debug)]
pub(crate) struct StreamSetup {
    pub(crate) mid: Mid,
    pub(crate) ssrc: u32,
    /// The source of repairs; without one there are none.
    pub(crate) repair_ssrc: Option<u32>,
    /// How the node names itself as its source.
    pub(crate) cname: Arc<str>,
    /// What the receiver decodes.
    pub(crate) formats: Arc<[Format]>,
    pub(crate) extensions: ExtensionIds,
    /// Where it begins. Counts once for a stream.
    pub(crate) beginning: Beginning,
}

/// Under which payload types a codec travels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Format {
    pub(crate) spec: CodecSpec,
    pub(crate) payload_type: u8,
    /// That of repairs.
    pub(crate) repair: Option<u8>,
}

/// Where a stream's numbers begin. Sequences below 32,768: a receiver that
/// misses the first packets could otherwise guess the wrong rollover counter
/// (RFC 3711, 3.3.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beginning {
    pub(crate) sequence: u64,
    pub(crate) repair_sequence: u64,
    pub(crate) timestamp: u32,
}

/// What a forwarder tells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// Receivers of this track wait for keyframes of these encodings. Told
    /// again from time to time while they do.
    Awaited(SlotTrack, EncodingSet),
    /// The encoding that a slot is sent now, if any.
    Current(Place, Option<u8>),
    /// Somebody's bandwidth.
    Bandwidth(ParticipantId, Bandwidth),
    /// The decoder behind a slot asks for a keyframe.
    KeyframeWanted(Place),
    /// Nothing can be sent to them any more.
    Failed(ParticipantId),
}

impl Event {
    /// Which receiver it is about; `None`: a track.
    pub(crate) fn receiver(&self) -> Option<ParticipantId> {
        match self {
            Self::Awaited(..) => None,
            Self::Current(place, _) | Self::KeyframeWanted(place) => Some(place.receiver),
            Self::Bandwidth(receiver, _) | Self::Failed(receiver) => Some(*receiver),
        }
    }
}

/// What is known of somebody's bandwidth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Bandwidth {
    /// How much passes; `None`: they do not say.
    pub(crate) bits_per_second: Option<f64>,
    /// What of it goes to sound, in bits per second.
    pub(crate) audio: f64,
    /// Whether it ever jammed: until then nothing is known of a limit.
    pub(crate) is_limited: bool,
    /// Whether it rose at once, because a probe has shown that more passes, or to
    /// try that.
    pub(crate) is_leap: bool,
}

impl Bandwidth {
    /// What is assumed of those who tell of what arrives, before they do.
    pub(crate) fn assumed(now: Instant) -> Self {
        Self::of(now, &mut Estimator::new())
    }

    /// What an estimator knows.
    pub(super) fn of(now: Instant, estimator: &mut Estimator) -> Self {
        Self {
            bits_per_second: estimator.bits_per_second(),
            audio: estimator.audio_bits_per_second(now),
            is_limited: estimator.is_limited(),
            is_leap: false,
        }
    }
}
