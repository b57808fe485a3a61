//! Scripted media: packets that look to a room like those of a camera or a
//! microphone. Video packets also say which frame they are and how many belong
//! to it, so that a receiver can tell what it missed.

use std::time::{Duration, Instant};

use parlor_model::call::TrackSource;
use str0m::rtp::ExtensionValues;

/// Room for the VP8 descriptor, the frame header and our own mark.
const VIDEO_MARK_BYTES: usize = 13;

/// A track and what is sent on it.
#[derive(Clone, Debug)]
pub struct TrackScript {
    /// Which track.
    pub source: TrackSource,
    /// What is sent.
    pub script: Script,
    /// Whether it is on from the beginning.
    pub is_on: bool,
}

impl TrackScript {
    /// A camera of about 1.3 Mbit/s, on from the beginning.
    #[must_use]
    pub fn camera() -> Self {
        let script = Script::Video(VideoScript::default());
        Self { source: TrackSource::CamVideo, script, is_on: true }
    }

    /// A microphone with somebody speaking, on from the beginning.
    #[must_use]
    pub fn microphone() -> Self {
        let script = Script::Audio(AudioScript::default());
        Self { source: TrackSource::CamAudio, script, is_on: true }
    }

    /// A shared screen, on from the beginning.
    #[must_use]
    pub fn screen() -> Self {
        let script = Script::Video(VideoScript { frames_per_second: 5, ..VideoScript::default() });
        Self { source: TrackSource::ScreenVideo, script, is_on: true }
    }

    /// The same, but off until it is published.
    #[must_use]
    pub fn off(self) -> Self {
        Self { is_on: false, ..self }
    }
}

/// What is sent.
#[derive(Clone, Debug)]
pub enum Script {
    /// VP8 frames in bursts of packets.
    Video(VideoScript),
    /// An Opus packet every 20 ms.
    Audio(AudioScript),
}

/// Bursts like those of a camera: 4 or 5 packets a frame, more for a keyframe.
#[derive(Clone, Copy, Debug)]
pub struct VideoScript {
    /// How many frames each second.
    pub frames_per_second: u32,
    /// RTP payload of a packet in bytes.
    pub payload_bytes: usize,
    /// How many packets a keyframe has.
    pub keyframe_packets: u8,
}

impl Default for VideoScript {
    fn default() -> Self {
        Self { frames_per_second: 30, payload_bytes: 1160, keyframe_packets: 12 }
    }
}

/// Speech, or silence.
#[derive(Clone, Copy, Debug)]
pub struct AudioScript {
    /// Level in -dBov: 0 is loudest, -127 silence.
    pub level: i8,
    /// RTP payload of a packet in bytes.
    pub payload_bytes: usize,
}

impl Default for AudioScript {
    fn default() -> Self {
        Self { level: -30, payload_bytes: 80 }
    }
}

/// One packet of a script.
pub(crate) struct Piece {
    pub(crate) payload: Vec<u8>,
    pub(crate) timestamp: u32,
    pub(crate) is_marked: bool,
    pub(crate) extensions: ExtensionValues,
}

/// A script being played.
#[derive(Debug)]
pub(crate) struct Player {
    script: Script,
    started_at: Instant,
    due: Instant,
    frame: u32,
    is_keyframe_due: bool,
}

impl Player {
    pub(crate) fn new(script: Script, now: Instant) -> Self {
        Self { script, started_at: now, due: now, frame: 0, is_keyframe_due: true }
    }

    /// When the next frame is due.
    pub(crate) fn due(&self) -> Instant {
        self.due
    }

    /// Goes on after a pause: with a keyframe, and without making up for it.
    pub(crate) fn resume(&mut self, now: Instant) {
        self.due = now;
        self.is_keyframe_due = true;
    }

    /// The next frame is a keyframe.
    pub(crate) fn want_keyframe(&mut self) {
        self.is_keyframe_due = true;
    }

    /// Changes how loud somebody speaks; nothing for video.
    pub(crate) fn set_level(&mut self, new: i8) {
        if let Script::Audio(AudioScript { level, .. }) = &mut self.script {
            *level = new;
        }
    }

    /// The packets of the next frame, if it is due.
    pub(crate) fn play(&mut self, now: Instant) -> Vec<Piece> {
        if now < self.due {
            return Vec::new();
        }
        let pieces = match &self.script {
            Script::Video(video) => self.video_frame(*video),
            Script::Audio(audio) => vec![self.audio_frame(*audio)],
        };
        self.frame = self.frame.wrapping_add(1);
        self.is_keyframe_due = false;
        self.due += self.interval();
        pieces
    }

    fn interval(&self) -> Duration {
        match &self.script {
            Script::Video(video) => Duration::from_secs(1) / video.frames_per_second,
            Script::Audio(_) => Duration::from_millis(20),
        }
    }

    /// Ticks since the beginning; wraps as RTP's clock does.
    fn timestamp(&self, clock_rate: u32) -> u32 {
        let elapsed = self.due.duration_since(self.started_at).as_micros();
        let ticks = elapsed * u128::from(clock_rate) / 1_000_000;
        (ticks & u128::from(u32::MAX)) as u32
    }

    fn audio_frame(&self, audio: AudioScript) -> Piece {
        Piece {
            payload: vec![0x78; audio.payload_bytes],
            timestamp: self.timestamp(48_000),
            is_marked: false,
            extensions: ExtensionValues {
                audio_level: Some(audio.level),
                voice_activity: Some(audio.level > -50),
                ..ExtensionValues::default()
            },
        }
    }

    fn video_frame(&self, video: VideoScript) -> Vec<Piece> {
        // Five frames of 4, 4, 5, 4, 5 packets average what a camera makes.
        let packets = match self.frame % 5 {
            _ if self.is_keyframe_due => video.keyframe_packets.max(1),
            2 | 4 => 5,
            _ => 4,
        };
        let piece = |index| Piece {
            payload: self.video_payload(video, index, packets),
            timestamp: self.timestamp(90_000),
            is_marked: index + 1 == packets,
            extensions: ExtensionValues::default(),
        };
        (0..packets).map(piece).collect()
    }

    /// RFC 7741: descriptor with a 15-bit picture id, layer index and layer,
    /// then, in the first packet, the frame header whose low bit is clear in
    /// keyframes.
    fn video_payload(&self, video: VideoScript, index: u8, packets: u8) -> Vec<u8> {
        let [_, _, high, low] = self.frame.to_be_bytes();
        let start = if index == 0 { 0x10 } else { 0x00 };
        let mut payload = Vec::with_capacity(video.payload_bytes.max(VIDEO_MARK_BYTES));
        payload.extend([0x80 | start, 0xe0, 0x80 | high, low, low, 0x20]);
        payload.push(u8::from(!self.is_keyframe_due));
        payload.extend(self.frame.to_be_bytes());
        payload.extend([index, packets]);
        payload.resize(video.payload_bytes.max(VIDEO_MARK_BYTES), 0xaa);
        payload
    }
}

/// What a video packet of a script says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VideoMark {
    pub(crate) picture_id: u16,
    pub(crate) is_keyframe: bool,
    pub(crate) frame: u32,
    pub(crate) index: u8,
    pub(crate) packets: u8,
}

impl VideoMark {
    /// Reads it back. `None`: not one of ours.
    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        let [_, 0xe0, high, low, _, _, header, a, b, c, d, index, packets, ..] = *payload else {
            return None;
        };
        Some(Self {
            picture_id: u16::from_be_bytes([high & 0x7f, low]),
            is_keyframe: header & 1 == 0,
            frame: u32::from_be_bytes([a, b, c, d]),
            index,
            packets,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test begins at any moment")]
    fn a_camera_sends_thirty_frames_a_second_and_marks_their_ends() {
        let start = Instant::now();
        let mut player = Player::new(Script::Video(VideoScript::default()), start);
        let mut pieces = Vec::new();
        while player.due() < start + Duration::from_secs(1) {
            pieces.extend(player.play(player.due()));
        }
        let frames = pieces.iter().filter(|piece| piece.is_marked).count();
        // A thirtieth of a second is not a whole number of nanoseconds.
        assert!((30..=31).contains(&frames), "{frames}");
        let first = VideoMark::read(&pieces[0].payload).unwrap();
        assert!(first.is_keyframe && first.index == 0 && first.packets == 12);
        assert!(!VideoMark::read(&pieces[12].payload).unwrap().is_keyframe);
    }
}
