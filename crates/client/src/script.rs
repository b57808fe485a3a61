//! Scripted media: packets that look to a room like those of a camera or a
//! microphone. Video packets also say which frame they are and how many belong
//! to it, so that a receiver can tell what it missed.

use std::time::{Duration, Instant};

use parlor_model::call::TrackSource;
use str0m::rtp::ExtensionValues;

/// Room for the VP8 descriptor, the frame header and our own mark.
const VIDEO_MARK_BYTES: usize = 14;
/// The temporal layer of each frame in turn, with three: each layer depends on
/// those below it alone.
const TEMPORAL_PATTERN: [u8; 4] = [0, 2, 1, 2];

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

    /// The same camera in three sizes, of about 0.15, 0.5 and 1.3 Mbit/s with
    /// three temporal layers each.
    #[must_use]
    pub fn simulcast_camera() -> Self {
        let encoding = |rid, size, video| EncodingScript {
            rid,
            video: VideoScript { size, temporal_layers: 3, ..video },
        };
        let small = VideoScript {
            payload_bytes: 600,
            frame_packets: [1; 5],
            keyframe_packets: 2,
            ..VideoScript::default()
        };
        let medium = VideoScript {
            payload_bytes: 1050,
            frame_packets: [2; 5],
            keyframe_packets: 5,
            ..VideoScript::default()
        };
        let script = Script::Simulcast(vec![
            encoding("q", 0, small),
            encoding("h", 1, medium),
            encoding("f", 2, VideoScript::default()),
        ]);
        Self { source: TrackSource::CamVideo, script, is_on: true }
    }

    /// A picture too small for more than the smallest of three sizes, such as a
    /// canvas: about 13 kbit/s, and nothing of the others.
    #[must_use]
    pub fn small_simulcast_camera() -> Self {
        let mut camera = Self::simulcast_camera();
        if let Script::Simulcast(encodings) = &mut camera.script {
            for (size, encoding) in encodings.iter_mut().enumerate() {
                encoding.video.payload_bytes = 55;
                encoding.video.frames_per_second = if size == 0 { 30 } else { 0 };
            }
        }
        camera
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

    /// As clients send it that encrypt from end to end: all behind the payload
    /// descriptor is noise to the room.
    pub fn encrypt(&mut self) {
        match &mut self.script {
            Script::Video(video) => video.is_encrypted = true,
            Script::Simulcast(encodings) => {
                encodings.iter_mut().for_each(|encoding| encoding.video.is_encrypted = true);
            }
            Script::Audio(_) => {}
        }
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
    /// The same in several sizes, smallest first.
    Simulcast(Vec<EncodingScript>),
    /// An Opus packet every 20 ms.
    Audio(AudioScript),
}

/// One of several sizes.
#[derive(Clone, Copy, Debug)]
pub struct EncodingScript {
    /// Its name.
    pub rid: &'static str,
    /// What is sent.
    pub video: VideoScript,
}

/// Bursts like those of a camera: 4 or 5 packets a frame, more for a keyframe.
#[derive(Clone, Copy, Debug)]
pub struct VideoScript {
    /// How many frames each second; 0: it is offered and never sent, as browsers
    /// do with the larger sizes of a picture that is small.
    pub frames_per_second: u32,
    /// RTP payload of a packet in bytes.
    pub payload_bytes: usize,
    /// How many packets the frames have, in turn.
    pub frame_packets: [u8; 5],
    /// How many packets a keyframe has.
    pub keyframe_packets: u8,
    /// Which size it says to be.
    pub size: u8,
    /// 1, or 3.
    pub temporal_layers: u8,
    /// Whether all behind the payload descriptor is noise to the room, as when
    /// clients encrypt from end to end.
    pub is_encrypted: bool,
}

impl Default for VideoScript {
    fn default() -> Self {
        Self {
            frames_per_second: 30,
            payload_bytes: 1160,
            // What a 720p camera makes on average.
            frame_packets: [4, 4, 5, 4, 5],
            keyframe_packets: 12,
            size: 0,
            temporal_layers: 1,
            is_encrypted: false,
        }
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
    script: StreamScript,
    started_at: Instant,
    due: Instant,
    frame: u32,
    /// Frames of the lowest temporal layer.
    lowest_index: u8,
    /// Where in the pattern of temporal layers the next frame is.
    step: u32,
    is_keyframe_due: bool,
}

/// What one stream sends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StreamScript {
    Video(VideoScript),
    Audio(AudioScript),
}

impl Script {
    /// The streams that it takes, each with its name if there are several.
    pub(crate) fn streams(&self) -> Vec<(Option<&'static str>, StreamScript)> {
        match self {
            Self::Video(video) => vec![(None, StreamScript::Video(*video))],
            Self::Audio(audio) => vec![(None, StreamScript::Audio(*audio))],
            Self::Simulcast(encodings) => encodings
                .iter()
                .map(|encoding| (Some(encoding.rid), StreamScript::Video(encoding.video)))
                .collect(),
        }
    }
}

impl Player {
    pub(crate) fn new(script: StreamScript, now: Instant) -> Self {
        Self {
            script,
            started_at: now,
            due: now,
            frame: 0,
            lowest_index: 0,
            step: 0,
            is_keyframe_due: true,
        }
    }

    /// Whether nothing is ever sent of it.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self.script, StreamScript::Video(VideoScript { frames_per_second: 0, .. }))
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
        if let StreamScript::Audio(AudioScript { level, .. }) = &mut self.script {
            *level = new;
        }
    }

    /// The packets of the next frame, if it is due.
    pub(crate) fn play(&mut self, now: Instant) -> Vec<Piece> {
        if now < self.due {
            return Vec::new();
        }
        let pieces = match self.script {
            StreamScript::Video(video) => self.video_frame(video),
            StreamScript::Audio(audio) => vec![self.audio_frame(audio)],
        };
        self.frame = self.frame.wrapping_add(1);
        self.step = self.step.wrapping_add(1);
        self.is_keyframe_due = false;
        self.due += self.interval();
        pieces
    }

    fn interval(&self) -> Duration {
        match &self.script {
            StreamScript::Video(video) => Duration::from_secs(1) / video.frames_per_second.max(1),
            StreamScript::Audio(_) => Duration::from_millis(20),
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

    fn video_frame(&mut self, video: VideoScript) -> Vec<Piece> {
        let packets = if self.is_keyframe_due {
            self.step = 0;
            video.keyframe_packets.max(1)
        } else {
            video.frame_packets[self.frame as usize % video.frame_packets.len()].max(1)
        };
        let temporal = self.temporal_layer(video);
        if temporal & 0xc0 == 0 {
            self.lowest_index = self.lowest_index.wrapping_add(1);
        }
        let piece = |index| Piece {
            payload: self.video_payload(video, temporal, index, packets),
            timestamp: self.timestamp(90_000),
            is_marked: index + 1 == packets,
            extensions: ExtensionValues::default(),
        };
        (0..packets).map(piece).collect()
    }

    /// The layer of the next frame as the descriptor says it: TID and, where a
    /// frame depends on the lowest layer alone, Y.
    fn temporal_layer(&self, video: VideoScript) -> u8 {
        if video.temporal_layers < 3 {
            return 0x20;
        }
        let step = self.step as usize % TEMPORAL_PATTERN.len();
        let depends_on_lowest_alone = if step < 3 { 0x20 } else { 0 };
        TEMPORAL_PATTERN[step] << 6 | depends_on_lowest_alone
    }

    /// RFC 7741: descriptor with a 15-bit picture id, layer index and layer,
    /// then, in the first packet, the frame header whose low bit is clear in
    /// keyframes.
    fn video_payload(&self, video: VideoScript, temporal: u8, index: u8, packets: u8) -> Vec<u8> {
        let [_, _, high, low] = self.frame.to_be_bytes();
        let start = if index == 0 { 0x10 } else { 0x00 };
        let mut payload = Vec::with_capacity(video.payload_bytes.max(VIDEO_MARK_BYTES));
        payload.extend([0x80 | start, 0xe0, 0x80 | high, low, self.lowest_index, temporal]);
        let header = u8::from(!self.is_keyframe_due);
        // What clients encrypt the room sees as noise: the low bit is set in
        // keyframes as well. Theirs is the next bit.
        payload.push(if video.is_encrypted { header << 1 | 0x81 } else { header });
        payload.extend(self.frame.to_be_bytes());
        payload.extend([index, packets, video.size]);
        payload.resize(video.payload_bytes.max(VIDEO_MARK_BYTES), 0xaa);
        payload
    }
}

/// What a video packet of a script says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VideoMark {
    pub(crate) picture_id: u16,
    pub(crate) temporal: u8,
    pub(crate) is_keyframe: bool,
    pub(crate) index: u8,
    pub(crate) packets: u8,
    pub(crate) size: u8,
}

impl VideoMark {
    /// Reads it back. `None`: not one of ours.
    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        let [_, 0xe0, high, low, _, layer, header, _, _, _, _, index, packets, size, ..] = *payload
        else {
            return None;
        };
        let is_encrypted = header & 0x80 != 0;
        let header = if is_encrypted { header >> 1 } else { header };
        Some(Self {
            picture_id: u16::from_be_bytes([high & 0x7f, low]),
            temporal: layer >> 6,
            is_keyframe: header & 1 == 0,
            index,
            packets,
            size,
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
        let mut player = Player::new(StreamScript::Video(VideoScript::default()), start);
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
