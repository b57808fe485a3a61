//! What a participant sends of one track: one stream, or one for each size.

use std::time::Instant;

use parlor_model::call::TrackSource;
use str0m::Rtc;
use str0m::media::{Mid, Pt, Rid, Simulcast, SimulcastLayer};
use str0m::rtp::{RtpWrite, SeqNo, Ssrc};

use crate::script::{Player, TrackScript};

/// What somebody can send, and whether they do.
pub(crate) struct Sender {
    pub(crate) source: TrackSource,
    pub(crate) is_on: bool,
    pub(crate) mid: Option<Mid>,
    streams: Vec<Stream>,
}

/// One stream of a track.
struct Stream {
    name: Option<&'static str>,
    player: Player,
    /// Whether the room wants it.
    is_wanted: bool,
    keyframe_requests: u64,
    ssrc: Option<Ssrc>,
    sequence: u64,
}

impl Sender {
    pub(crate) fn new(track: &TrackScript, now: Instant) -> Self {
        let streams = track.script.streams().into_iter().map(|(name, script)| Stream {
            name,
            player: Player::new(script, now),
            is_wanted: true,
            keyframe_requests: 0,
            ssrc: None,
            sequence: 1000,
        });
        Self { source: track.source, is_on: track.is_on, mid: None, streams: streams.collect() }
    }

    /// What the offer says of its streams.
    pub(crate) fn simulcast(&self) -> Option<Simulcast> {
        let names: Vec<_> = self.streams.iter().filter_map(|stream| stream.name).collect();
        if names.is_empty() {
            return None;
        }
        let mut simulcast = Simulcast::new();
        for name in names {
            simulcast.add_send_layer(SimulcastLayer::new(name));
        }
        Some(simulcast)
    }

    /// Goes on with a keyframe.
    pub(crate) fn resume(&mut self, now: Instant) {
        self.streams.iter_mut().for_each(|stream| stream.player.resume(now));
    }

    /// Changes how loud somebody speaks; nothing for video.
    pub(crate) fn set_level(&mut self, level: i8) {
        self.streams.iter_mut().for_each(|stream| stream.player.set_level(level));
    }

    /// The room asks for a keyframe of a stream.
    pub(crate) fn want_keyframe(&mut self, rid: Option<Rid>) {
        for stream in self.streams.iter_mut().filter(|stream| stream.rid() == rid) {
            stream.keyframe_requests += 1;
            stream.player.want_keyframe();
        }
    }

    /// How many keyframes were asked for of each stream.
    pub(crate) fn keyframe_requests(&self) -> Vec<u64> {
        self.streams.iter().map(|stream| stream.keyframe_requests).collect()
    }

    /// The room wants just these streams.
    pub(crate) fn want_only(&mut self, now: Instant, names: &[String]) {
        for stream in &mut self.streams {
            let Some(own) = stream.name else { continue };
            let is_wanted = names.iter().any(|name| name == own);
            if is_wanted && !stream.is_wanted {
                stream.player.resume(now);
            }
            stream.is_wanted = is_wanted;
        }
    }

    /// The names of the streams that are sent.
    pub(crate) fn active(&self) -> Vec<&'static str> {
        let active = self.streams.iter().filter(|stream| self.is_on && stream.is_active());
        active.filter_map(|stream| stream.name).collect()
    }

    /// When the next frame is due.
    pub(crate) fn due(&self) -> Option<Instant> {
        let active = self.streams.iter().filter(|stream| self.is_on && stream.is_active());
        active.map(|stream| stream.player.due()).min()
    }

    /// Writes all frames that are due.
    pub(crate) fn write(&mut self, now: Instant, rtc: &mut Rtc) {
        let Some(mid) = self.mid.filter(|_| self.is_on) else {
            return;
        };
        let is_video = self.source.is_video();
        for stream in self.streams.iter_mut().filter(|stream| stream.is_active()) {
            while stream.player.due() <= now {
                stream.write_frame(now, rtc, mid, is_video);
            }
        }
    }
}

impl Stream {
    /// Whether something is sent of it.
    fn is_active(&self) -> bool {
        self.is_wanted && !self.player.is_silent()
    }

    fn rid(&self) -> Option<Rid> {
        self.name.map(Rid::from)
    }

    fn write_frame(&mut self, now: Instant, rtc: &mut Rtc, mid: Mid, is_video: bool) {
        let pieces = self.player.play(now);
        let Some((ssrc, payload_type)) = self.destination(rtc, mid) else {
            return;
        };
        let mut api = rtc.direct_api();
        let Some(stream) = api.stream_tx(&ssrc) else {
            return;
        };
        for piece in pieces {
            let sequence = SeqNo::from(self.sequence);
            let packet = RtpWrite::new(payload_type, sequence, piece.timestamp, now, piece.payload)
                .marker(piece.is_marked)
                .nackable(is_video)
                .ext_vals(piece.extensions);
            stream.write_rtp(packet);
            self.sequence += 1;
        }
    }

    /// Stream and payload type; `None` before the answer.
    fn destination(&mut self, rtc: &mut Rtc, mid: Mid) -> Option<(Ssrc, Pt)> {
        let payload_type = *rtc.media(mid)?.remote_pts().first()?;
        if self.ssrc.is_none() {
            let rid = self.rid();
            self.ssrc = rtc.direct_api().stream_tx_by_mid(mid, rid).map(|stream| stream.ssrc());
        }
        Some((self.ssrc?, payload_type))
    }
}
