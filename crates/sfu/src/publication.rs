//! A track that a participant sends.

use std::sync::Arc;
use std::time::Instant;

use parlor_model::call::TrackState;
use parlor_model::id::ParticipantId;
use str0m::format::CodecSpec;
use str0m::media::{Mid, Pt, Rid};
use str0m::rtp::{ExtensionValues, RtpPacket};

use crate::capture::CaptureClock;
use crate::codec::VideoPayload;
use crate::forward::Carried;
use crate::layers::{EncodingSet, Encodings};
use crate::layers_wanted::LayersWanted;
use crate::rewrite::Original;
use crate::select::{Candidate, Choice};

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
    /// Whether others speak, so that it is not sent on.
    is_drowned: bool,
    /// Who receives it.
    pub(crate) subscribers: Vec<Subscriber>,
    /// What it is made of; video only.
    pub(crate) encodings: Encodings,
    /// What of it the sender was asked for; video only.
    pub(crate) layers_wanted: LayersWanted,
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
#[derive(Clone, Debug)]
pub(crate) struct Passing {
    pub(crate) original: Original,
    pub(crate) spec: CodecSpec,
    pub(crate) is_video: bool,
    pub(crate) candidate: Candidate,
    pub(crate) epoch: u32,
    /// When it was captured, on the node's clock.
    pub(crate) captured_at: Instant,
    /// The marker bit: a picture ends, or speech begins.
    pub(crate) is_marked: bool,
    /// What of the sender's header extensions concerns the receivers.
    pub(crate) carried: Carried,
    /// Shared by all who keep it; empty for padding.
    pub(crate) payload: Arc<[u8]>,
}

impl Publication {
    /// A track that nobody has sent yet.
    pub(crate) fn new(state: TrackState) -> Self {
        Self {
            state,
            was_sent: false,
            mid: None,
            epoch: 0,
            is_drowned: false,
            subscribers: Vec::new(),
            encodings: Encodings::default(),
            layers_wanted: LayersWanted::default(),
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
        self.forget_keyframes();
    }

    /// It is as if it never had been sent: nobody keeps a slot for it.
    pub(crate) fn withdraw(&mut self) {
        self.switch_off();
        self.was_sent = false;
        self.subscribers.clear();
    }

    /// What arrives on another transceiver, or another connection, is told
    /// anew; `rids` names its encodings.
    pub(crate) fn set_mid(&mut self, mid: Option<Mid>, rids: &[Rid]) {
        self.mid = mid;
        self.format = None;
        self.encodings.declare(rids);
        self.layers_wanted.forget();
    }

    /// Somebody needs a keyframe of this encoding.
    pub(crate) fn want_keyframe(&mut self, encoding: u8) {
        if let Some(encoding) = self.encodings.get_mut(encoding) {
            encoding.keyframes.want();
        }
    }

    /// The same for several.
    pub(crate) fn want_keyframes(&mut self, encodings: EncodingSet) {
        for (index, encoding) in (0..).zip(self.encodings.iter_mut()) {
            if encodings.contains(index) {
                encoding.keyframes.want();
            }
        }
    }

    /// Nobody waits for keyframes any more.
    pub(crate) fn forget_keyframes(&mut self) {
        for encoding in self.encodings.iter_mut() {
            encoding.keyframes.forget();
        }
    }

    /// The encoding that serves a receiver who is meant to get `target`, of
    /// those that arrive; before any does, the one that will.
    pub(crate) fn encoding_for(&self, target: Choice) -> u8 {
        if !self.encodings.is_simulcast() {
            return 0;
        }
        let largest = self.encodings.sizes() - 1;
        self.encodings.live().best(target.size).unwrap_or_else(|| target.size.min(largest))
    }

    /// When the next keyframe is to be asked for; in the past means at once.
    pub(crate) fn keyframe_deadline(&self, now: Instant) -> Option<Instant> {
        self.encodings.iter().filter_map(|encoding| encoding.keyframes.deadline(now)).min()
    }

    /// Whether it is left out for now, because others speak.
    pub(crate) fn drown(&mut self, is_drowned: bool) {
        if std::mem::replace(&mut self.is_drowned, is_drowned) && !is_drowned {
            self.epoch = self.epoch.wrapping_add(1);
        }
    }

    /// Whether its packets may pass.
    pub(crate) fn is_sending(&self) -> bool {
        self.state == TrackState::Sending
    }

    /// Prepares a packet of one of its encodings. `codec` looks up payload types
    /// that were not seen before; `None`: one that was never agreed on.
    pub(crate) fn pass(
        &mut self,
        now: Instant,
        (rid, packet): (Option<Rid>, Box<RtpPacket>),
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
        let candidate = if is_video {
            self.candidate(now, rid, VideoPayload::parse(spec.codec, &packet.payload), &packet)?
        } else {
            Candidate::default()
        };
        let clock_rate = spec.clock_rate.get();
        let report = packet.last_sender_info.as_ref();
        let captured_at = clock.captured_at(now, packet.header.timestamp, clock_rate, report);
        Some(Passing {
            original: Original {
                source: *packet.header.ssrc,
                sequence: *packet.seq_no,
                timestamp: packet.header.timestamp,
                clock_rate,
                captured_at: report.map(|_| captured_at),
                picture: candidate.video.picture,
            },
            spec,
            is_video,
            candidate,
            epoch: self.epoch,
            captured_at,
            is_marked: packet.header.marker,
            carried: carried(&packet.header.ext_vals),
            payload: packet.payload,
        })
    }

    /// Notes a packet of an encoding. `None`: it belongs to none.
    fn candidate(
        &mut self,
        now: Instant,
        rid: Option<Rid>,
        video: VideoPayload,
        packet: &RtpPacket,
    ) -> Option<Candidate> {
        let encoding = self.encodings.index_of(rid)?;
        if !packet.payload.is_empty() {
            let ends_frame = packet.header.marker;
            self.encodings.note(now, encoding, packet.payload.len(), ends_frame);
        }
        if video.is_keyframe {
            self.encodings.note_keyframe(encoding);
        }
        self.encodings.note_layers(video.temporal, video.spatial_layers);
        Some(Candidate {
            encoding,
            live: self.encodings.live(),
            is_simulcast: self.encodings.is_simulcast(),
            has_keyframes: self.encodings.has_keyframes(),
            video,
        })
    }
}

/// What of the sender's header extensions concerns the receivers. The rest
/// belongs to one transport: mid, transport sequence, send time.
fn carried(values: &ExtensionValues) -> Carried {
    const VOICE: u8 = 0x80;
    // In -dBov, from 0 to 127.
    let level = values.audio_level.map(|level| level.unsigned_abs() & !VOICE);
    let voice = if values.voice_activity == Some(true) { VOICE } else { 0 };
    Carried {
        audio_level: level.map(|level| voice | level),
        orientation: values.video_orientation.map(|it| it as u8),
    }
}
