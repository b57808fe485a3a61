//! The library's own estimator, pacer and probes, between two real peers of it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::bwe::{Bitrate, BweKind};
use str0m::crypto::from_feature_flags;
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{DatagramRecv, Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc};

use super::scene::{Media, Sender};

/// Where streams begin, so that they do not wrap.
const FIRST: u64 = 1000;

struct End {
    rtc: Rtc,
    address: SocketAddr,
    deadline: Instant,
    is_connected: bool,
    out: Vec<Vec<u8>>,
    received: Vec<(Mid, u64, usize)>,
    estimate: Option<f64>,
}

impl End {
    fn new(rtc: Rtc, port: u16, now: Instant) -> Self {
        let address = SocketAddr::from(([10, 0, 0, 1], port));
        let mut end = Self {
            rtc,
            address,
            deadline: now,
            is_connected: false,
            out: Vec::new(),
            received: Vec::new(),
            estimate: None,
        };
        end.rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        end
    }

    fn pass(&mut self, now: Instant) {
        while self.deadline <= now {
            self.rtc.handle_input(Input::Timeout(now)).unwrap();
            let before = self.deadline;
            self.drain();
            if self.deadline == before {
                break;
            }
        }
    }

    fn receive(&mut self, now: Instant, source: SocketAddr, bytes: &[u8]) {
        let receive = Receive {
            proto: Protocol::Udp,
            source,
            destination: self.address,
            contents: DatagramRecv::try_from(bytes).unwrap(),
        };
        self.rtc.handle_input(Input::Receive(now, receive)).unwrap();
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => {
                    self.deadline = at;
                    return;
                }
                Output::Transmit(transmit) => self.out.push(transmit.contents.to_vec()),
                Output::Event(event) => self.handle(event),
            }
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "a test that looks at four of many events")]
    fn handle(&mut self, event: Event) {
        match event {
            Event::Connected => self.is_connected = true,
            Event::EgressBitrateEstimate(BweKind::Twcc { estimate, .. }) => {
                self.estimate = Some(estimate.as_f64());
            }
            Event::RtpPacket(packet) => {
                let ssrc = packet.header.ssrc;
                let mut api = self.rtc.direct_api();
                if let Some(stream) = api.stream_rx(&ssrc) {
                    let mid = stream.mid();
                    self.received.push((mid, *packet.seq_no, packet.payload.len()));
                }
            }
            _ => {}
        }
    }
}

/// Two peers, of which one sends.
pub(super) struct Theirs {
    start: Instant,
    sender: End,
    receiver: End,
    video: (Mid, Pt),
    audio: (Mid, Pt),
    wanted: f64,
    latency: f64,
    back: Vec<(f64, Vec<u8>)>,
    /// Sequence numbers on the way are not ours once padding has taken some.
    sequences: BTreeMap<u64, u64>,
    last: u64,
}

impl Theirs {
    pub(super) fn new(start_rate: f64, latency: f64) -> Self {
        let start = crate::test_start();
        let build = || {
            Rtc::builder().set_crypto_provider(Arc::new(from_feature_flags())).set_rtp_mode(true)
        };
        let rate = Bitrate::bps(start_rate as u64);
        let mut sender = End::new(build().enable_bwe(Some(rate)).build(start), 1, start);
        let mut receiver = End::new(build().build(start), 2, start);
        let mut change = sender.rtc.sdp_api();
        let video = change.add_media(MediaKind::Video, Direction::SendOnly, None, None, None);
        let audio = change.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        let (offer, pending) = change.apply().unwrap();
        let answer = receiver.rtc.sdp_api().accept_offer(offer).unwrap();
        sender.rtc.sdp_api().accept_answer(pending, answer).unwrap();
        let pt = |rtc: &Rtc, mid| rtc.media(mid).unwrap().remote_pts()[0];
        let (video, audio) = ((video, pt(&sender.rtc, video)), (audio, pt(&sender.rtc, audio)));
        let mut now = start;
        while !(sender.is_connected && receiver.is_connected) {
            now += Duration::from_millis(5);
            sender.pass(now);
            receiver.pass(now);
            for bytes in std::mem::take(&mut sender.out) {
                receiver.receive(now, sender.address, &bytes);
            }
            for bytes in std::mem::take(&mut receiver.out) {
                sender.receive(now, receiver.address, &bytes);
            }
            assert!(now - start < Duration::from_secs(10), "no connection");
        }
        Self {
            start: now,
            sender,
            receiver,
            video,
            audio,
            wanted: 0.0,
            latency,
            back: Vec::new(),
            sequences: BTreeMap::new(),
            last: FIRST,
        }
    }

    fn at(&self, seconds: f64) -> Instant {
        self.start + Duration::from_secs_f64(seconds)
    }
}

impl Sender for Theirs {
    type Packet = Vec<u8>;

    fn offer(&mut self, now: f64, media: Media) {
        let at = self.at(now);
        let (mid, pt) = if media.is_video { self.video } else { self.audio };
        let sequence = FIRST + media.sequence;
        if media.is_video {
            self.last = sequence;
            self.sequences.insert(sequence, media.sequence);
        }
        let time = (now * if media.is_video { 90_000.0 } else { 48_000.0 }) as u32;
        let write = RtpWrite::new(pt, sequence.into(), time, at, vec![7; media.bytes]);
        let mut api = self.sender.rtc.direct_api();
        let stream = api.stream_tx_by_mid(mid, None).unwrap();
        stream.write_rtp(write.nackable(media.is_video));
        self.sender.rtc.handle_input(Input::Timeout(at)).unwrap();
        self.sender.drain();
    }

    fn send(&mut self, now: f64, wanted: f64) -> Vec<(usize, Vec<u8>)> {
        let at = self.at(now);
        if (self.wanted - wanted).abs() > 1.0 {
            self.wanted = wanted;
            self.sender.rtc.bwe().set_bitrate(Bitrate::ZERO, Bitrate::bps(wanted as u64));
        }
        let due = self.back.iter().take_while(|it| it.0 <= now).count();
        for (_, bytes) in self.back.drain(..due).collect::<Vec<_>>() {
            self.sender.receive(at, self.receiver.address, &bytes);
        }
        self.sender.pass(at);
        self.receiver.pass(at);
        let back = std::mem::take(&mut self.receiver.out);
        self.back.extend(back.into_iter().map(|bytes| (now + self.latency, bytes)));
        let out = std::mem::take(&mut self.sender.out);
        out.into_iter().map(|bytes| (bytes.len(), bytes)).collect()
    }

    fn arrive(&mut self, at: f64, packet: Vec<u8>) -> Vec<Media> {
        let at = self.at(at);
        self.receiver.pass(at);
        self.receiver.receive(at, self.sender.address, &packet);
        let received = std::mem::take(&mut self.receiver.received);
        let video = self.video.0;
        let of_video = received.into_iter().filter(|(mid, ..)| *mid == video);
        of_video
            .filter_map(|(_, sequence, bytes)| {
                let sequence = *self.sequences.get(&sequence)?;
                Some(Media { is_video: true, sequence, bytes, made_at: 0.0 })
            })
            .collect()
    }

    fn estimate(&self) -> f64 {
        self.sender.estimate.unwrap_or(800_000.0)
    }
}
