//! What a peer sends: packets that look to any server like those of a camera or
//! a microphone, each with the time at which it was written.

use std::time::{Duration, Instant};

use str0m::Rtc;
use str0m::media::{MediaKind, Mid, Pt, Rid, Simulcast, SimulcastLayer};
use str0m::rtp::{ExtensionValues, RtpWrite, SeqNo, Ssrc};

use super::stamp::Stamp;
use crate::histogram::Histogram;
use crate::scenario::Camera;

/// RTP payload that makes packets of 1,200 bytes: 12 bytes of header, 8 of
/// extensions, 16 of authentication tag.
const PAYLOAD_BYTES: usize = 1164;
/// Packets of the frames of a 720p camera, in turn.
const FRAME_PACKETS: [usize; 5] = [4, 4, 5, 4, 5];
/// Their mean.
const PACKETS_PER_FRAME: f64 = 4.4;
/// Frames a second of a camera, and of those that will send more at first.
const FRAMES_PER_SECOND: f64 = 30.0;
/// How much larger a keyframe is.
const KEYFRAME_FACTOR: usize = 3;
const AUDIO_FRAME: Duration = Duration::from_millis(20);
const AUDIO_BYTES: usize = 80;
/// Level of speech in -dBov.
const AUDIO_LEVEL: i8 = -30;
/// More frames than this are not made up for after a pause of the process.
const MOST_LATE: Duration = Duration::from_millis(250);

/// What one track sends.
#[derive(Clone, Debug)]
pub enum TrackPlan {
    /// An Opus packet every 20 ms.
    Microphone,
    /// VP8 frames.
    Camera(Camera),
}

impl TrackPlan {
    pub(super) fn kind(&self) -> MediaKind {
        match self {
            Self::Microphone => MediaKind::Audio,
            Self::Camera(_) => MediaKind::Video,
        }
    }
}

/// A track being sent.
pub(super) struct Track {
    pub(super) mid: Mid,
    streams: Vec<Stream>,
}

struct Stream {
    rid: Option<String>,
    frames: Frames,
    is_wanted: bool,
    is_keyframe_due: bool,
    ssrc: Option<Ssrc>,
    sequence: u64,
    frame: u32,
    begins: Instant,
    due: Instant,
}

/// The packets of one stream.
#[derive(Clone, Copy)]
enum Frames {
    Audio,
    /// The bursts of the table, at the rate that makes so many packets.
    Bursts {
        per_second: f64,
        ramp: Option<Ramp>,
    },
    /// Frames of always the same size.
    Even {
        packets: usize,
        payload_bytes: usize,
    },
}

/// From one frame rate to another, by the same factor each second.
#[derive(Clone, Copy)]
struct Ramp {
    begins: Instant,
    takes: Duration,
}

impl Track {
    pub(super) fn new(mid: Mid, plan: &TrackPlan, now: Instant) -> Self {
        let stream = |rid, frames| Stream {
            rid,
            frames,
            is_wanted: true,
            is_keyframe_due: true,
            ssrc: None,
            sequence: 1000,
            frame: 0,
            begins: now,
            due: now,
        };
        let streams = match plan {
            TrackPlan::Microphone => vec![stream(None, Frames::Audio)],
            TrackPlan::Camera(Camera::Packets { packets_per_second }) => {
                let per_second = f64::from(*packets_per_second) / PACKETS_PER_FRAME;
                vec![stream(None, Frames::Bursts { per_second, ramp: None })]
            }
            TrackPlan::Camera(Camera::Encodings { encodings }) => encodings
                .iter()
                .map(|encoding| stream(Some(encoding.rid.clone()), Frames::of_rate(encoding.kbits)))
                .collect(),
        };
        Self { mid, streams }
    }

    /// What an offer says of the sizes.
    pub(super) fn simulcast(plan: &TrackPlan) -> Option<Simulcast> {
        let TrackPlan::Camera(Camera::Encodings { encodings }) = plan else {
            return None;
        };
        let mut simulcast = Simulcast::new();
        for encoding in encodings {
            simulcast.add_send_layer(SimulcastLayer::new(&encoding.rid));
        }
        Some(simulcast)
    }

    /// Begins anew, with a keyframe and without making up for the time before.
    pub(super) fn resume(&mut self, now: Instant) {
        self.streams.iter_mut().for_each(|stream| stream.resume(now));
    }

    /// Goes from few frames to all within this time.
    pub(super) fn speed_up(&mut self, now: Instant, takes: Duration) {
        for stream in &mut self.streams {
            if let Frames::Bursts { ramp, .. } = &mut stream.frames {
                *ramp = Some(Ramp { begins: now, takes });
            }
        }
    }

    /// Somebody asks for a keyframe.
    pub(super) fn want_keyframe(&mut self, rid: Option<Rid>) {
        for stream in &mut self.streams {
            if rid.is_none() || stream.rid.as_deref().map(Rid::from) == rid {
                stream.is_keyframe_due = true;
            }
        }
    }

    /// The server wants just these sizes.
    pub(super) fn want_only(&mut self, now: Instant, rids: &[String]) {
        for stream in &mut self.streams {
            let Some(own) = &stream.rid else { continue };
            let is_wanted = rids.contains(own);
            if is_wanted && !stream.is_wanted {
                stream.resume(now);
            }
            stream.is_wanted = is_wanted;
        }
    }

    /// When the next frame is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.streams.iter().filter(|stream| stream.is_wanted).map(|stream| stream.due).min()
    }

    /// Writes all frames that are due; counts how late they are.
    pub(super) fn write(
        &mut self,
        now: Instant,
        rtc: &mut Rtc,
        stamp: Stamp,
        late: &mut Histogram,
    ) {
        for stream in self.streams.iter_mut().filter(|stream| stream.is_wanted) {
            if now.saturating_duration_since(stream.due) > MOST_LATE {
                late.note(now - stream.due);
                stream.due = now;
            }
            while stream.due <= now {
                late.note(now - stream.due);
                stream.write_frame(now, rtc, self.mid, stamp);
                stream.due += stream.frames.pause(now);
                stream.frame = stream.frame.wrapping_add(1);
                stream.is_keyframe_due = false;
            }
        }
    }
}

impl Frames {
    /// 30 frames a second in packets of at most the usual size.
    fn of_rate(kbits: u32) -> Self {
        let frame_bytes = kbits as usize * 1000 / 8 / 30;
        let packets = frame_bytes.div_ceil(PAYLOAD_BYTES).max(1);
        Self::Even { packets, payload_bytes: frame_bytes / packets }
    }

    /// Until the next frame.
    fn pause(self, now: Instant) -> Duration {
        match self {
            Self::Audio => AUDIO_FRAME,
            Self::Even { .. } => Duration::from_secs_f64(1.0 / FRAMES_PER_SECOND),
            Self::Bursts { per_second, ramp } => {
                let first = FRAMES_PER_SECOND.min(per_second);
                let done = ramp.map_or(0.0, |ramp| ramp.done(now));
                Duration::from_secs_f64(1.0 / (first * (per_second / first).powf(done)))
            }
        }
    }

    fn packets(self, frame: u32, is_keyframe: bool) -> usize {
        let usual = match self {
            Self::Audio => return 1,
            Self::Bursts { .. } => FRAME_PACKETS[frame as usize % FRAME_PACKETS.len()],
            Self::Even { packets, .. } => packets,
        };
        if is_keyframe { usual * KEYFRAME_FACTOR } else { usual }
    }

    fn payload_bytes(self) -> usize {
        match self {
            Self::Audio => AUDIO_BYTES,
            Self::Bursts { .. } => PAYLOAD_BYTES,
            Self::Even { payload_bytes, .. } => payload_bytes,
        }
    }

    fn clock_rate(self) -> u128 {
        if matches!(self, Self::Audio) { 48_000 } else { 90_000 }
    }
}

impl Ramp {
    fn done(self, now: Instant) -> f64 {
        let elapsed = now.saturating_duration_since(self.begins).as_secs_f64();
        if self.takes.is_zero() { 1.0 } else { (elapsed / self.takes.as_secs_f64()).min(1.0) }
    }
}

impl Stream {
    fn resume(&mut self, now: Instant) {
        self.due = now;
        self.is_keyframe_due = true;
    }

    fn write_frame(&mut self, now: Instant, rtc: &mut Rtc, mid: Mid, stamp: Stamp) {
        let Some((ssrc, payload_type)) = self.destination(rtc, mid) else {
            return;
        };
        let is_audio = matches!(self.frames, Frames::Audio);
        let packets = self.frames.packets(self.frame, self.is_keyframe_due);
        let ticks = self.due.duration_since(self.begins).as_micros() * self.frames.clock_rate();
        let timestamp = ((ticks / 1_000_000) & u128::from(u32::MAX)) as u32;
        let mut api = rtc.direct_api();
        let Some(stream) = api.stream_tx(&ssrc) else {
            return;
        };
        for index in 0..packets {
            let mut payload =
                if is_audio { vec![0x78; AUDIO_BYTES] } else { self.vp8_payload(index) };
            stamp.write(&mut payload);
            let sequence = SeqNo::from(self.sequence);
            let mut extensions = ExtensionValues::default();
            if is_audio {
                extensions.audio_level = Some(AUDIO_LEVEL);
                extensions.voice_activity = Some(true);
            }
            let packet = RtpWrite::new(payload_type, sequence, timestamp, now, payload)
                .marker(!is_audio && index + 1 == packets)
                .nackable(!is_audio)
                .ext_vals(extensions);
            stream.write_rtp(packet);
            self.sequence += 1;
        }
    }

    /// RFC 7741: a descriptor with a 15-bit picture id, then, in the first
    /// packet, the frame's head (RFC 6386 9.1), which in a keyframe has a start
    /// code and a size.
    fn vp8_payload(&self, index: usize) -> Vec<u8> {
        let [_, _, high, low] = self.frame.to_be_bytes();
        let start = if index == 0 { 0x10 } else { 0x00 };
        let mut payload = Vec::with_capacity(self.frames.payload_bytes());
        payload.extend([0x80 | start, 0xe0, 0x80 | high, low, low, 0x20]);
        if index == 0 && self.is_keyframe_due {
            payload.extend([0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02]);
        } else {
            payload.extend([0x11, 0x02, 0x00]);
        }
        payload.resize(self.frames.payload_bytes(), 0xaa);
        payload
    }

    /// Stream and payload type; `None` before the answer.
    fn destination(&mut self, rtc: &mut Rtc, mid: Mid) -> Option<(Ssrc, Pt)> {
        let payload_type = *rtc.media(mid)?.remote_pts().first()?;
        if self.ssrc.is_none() {
            let rid = self.rid.as_deref().map(Rid::from);
            self.ssrc = rtc.direct_api().stream_tx_by_mid(mid, rid).map(|stream| stream.ssrc());
        }
        Some((self.ssrc?, payload_type))
    }
}
