//! A track that a participant sends.

use std::time::Instant;

use parlor_model::call::TrackState;
use parlor_model::id::ParticipantId;
use str0m::format::CodecSpec;
use str0m::media::{Mid, Pt};
use str0m::rtp::{ExtensionValues, RtpPacket};

use crate::capture::CaptureClock;
use crate::codec::VideoPayload;
use crate::keyframe::KeyframeRequests;
use crate::rewrite::Original;

/// A track of one participant, by source.
#[derive(Debug)]
pub(crate) struct Publication {
    /// What the sender says of it.
    pub(crate) state: TrackState,
    /// Whether it was ever sent: only then do others keep a slot for it.
    pub(crate) was_sent: bool,
    /// The transceiver it arrives on.
    pub(crate) mid: Option<Mid>,
    /// Counts up when packets were withheld from everybody.
    pub(crate) epoch: u32,
    /// Who receives it.
    pub(crate) subscribers: Vec<Subscriber>,
    /// Video only.
    pub(crate) keyframes: KeyframeRequests,
    format: Option<(Pt, CodecSpec)>,
}

/// A receiver of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subscriber {
    pub(crate) participant: ParticipantId,
    /// Index of the receiver's slot.
    pub(crate) slot: usize,
}

/// A packet on its way to every subscriber: read once, written often.
pub(crate) struct Passing {
    pub(crate) packet: Box<RtpPacket>,
    pub(crate) original: Original,
    pub(crate) spec: CodecSpec,
    pub(crate) is_video: bool,
    pub(crate) is_keyframe: bool,
    pub(crate) epoch: u32,
    /// When it was captured, on the node's clock.
    pub(crate) captured_at: Instant,
    pub(crate) extensions: ExtensionValues,
}

impl Publication {
    /// A track that nobody has sent yet.
    pub(crate) fn new(state: TrackState) -> Self {
        Self {
            state,
            was_sent: false,
            mid: None,
            epoch: 0,
            subscribers: Vec::new(),
            keyframes: KeyframeRequests::default(),
            format: None,
        }
    }

    /// Takes the sender's word for it. `true`: something changed.
    pub(crate) fn set_state(&mut self, state: TrackState) -> bool {
        if self.state == state {
            return false;
        }
        self.state = state;
        if state == TrackState::Sending {
            self.was_sent = true;
            self.epoch = self.epoch.wrapping_add(1);
        }
        true
    }

    /// It is not sent any more, whatever the sender says.
    pub(crate) fn switch_off(&mut self) {
        self.set_state(TrackState::Off);
        self.keyframes.forget();
    }

    /// It is as if it never had been sent: nobody keeps a slot for it.
    pub(crate) fn withdraw(&mut self) {
        self.switch_off();
        self.was_sent = false;
        self.subscribers.clear();
    }

    /// What arrives on another transceiver, or another connection, is told anew.
    pub(crate) fn set_mid(&mut self, mid: Option<Mid>) {
        self.mid = mid;
        self.format = None;
    }

    /// Whether its packets may pass.
    pub(crate) fn is_sending(&self) -> bool {
        self.state == TrackState::Sending
    }

    /// Prepares a packet. `codec` looks up payload types that were not seen
    /// before; `None`: one that was never agreed on.
    pub(crate) fn pass(
        &mut self,
        now: Instant,
        packet: Box<RtpPacket>,
        clock: &mut CaptureClock,
        codec: impl FnOnce(Pt) -> Option<CodecSpec>,
    ) -> Option<Passing> {
        let payload_type = packet.header.payload_type;
        let spec = match self.format {
            Some((known, spec)) if known == payload_type => spec,
            _ => codec(payload_type)?,
        };
        self.format = Some((payload_type, spec));
        let is_video = spec.codec.is_video();
        let video = VideoPayload::parse(spec.codec, &packet.payload);
        if video.is_keyframe {
            self.keyframes.handle_arrival(now);
        }
        let clock_rate = spec.clock_rate.get();
        let report = packet.last_sender_info.as_ref();
        let captured_at = clock.captured_at(now, packet.header.timestamp, clock_rate, report);
        Some(Passing {
            original: Original {
                source: *packet.header.ssrc,
                sequence: *packet.seq_no,
                timestamp: packet.header.timestamp,
                clock_rate,
                picture: video.picture,
            },
            spec,
            is_video,
            is_keyframe: video.is_keyframe,
            epoch: self.epoch,
            captured_at,
            extensions: forwarded_extensions(&packet.header.ext_vals),
            packet,
        })
    }
}

/// What of the sender's header extensions concerns the receivers. The rest
/// belongs to one transport: mid, transport sequence, send time.
fn forwarded_extensions(values: &ExtensionValues) -> ExtensionValues {
    ExtensionValues {
        audio_level: values.audio_level,
        voice_activity: values.voice_activity,
        video_orientation: values.video_orientation,
        ..ExtensionValues::default()
    }
}
