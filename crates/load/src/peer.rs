//! One connection: a socket, str0m on it, what is sent and what is counted.
//!
//! As everywhere, str0m is drained to its timeout after each input.

mod incoming;
mod outgoing;
mod stamp;
mod wire;

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid};
use str0m::net::{DatagramRecv, Protocol, Receive};
use str0m::rtp::RtpPacket;
use str0m::{Candidate, Event, Input, Output, Rtc};

use crate::histogram::Histogram;
use crate::link::Network;
use incoming::Incoming;
use outgoing::Track;
pub use wire::read_plainly;
pub(crate) use wire::{Buffers, Wire};

pub use incoming::Counts;
pub use outgoing::TrackPlan;
pub use stamp::Stamp;

/// What an offer has to receive with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    /// Transceivers for sound.
    pub audio: usize,
    /// For pictures.
    pub video: usize,
}

/// An offer, with what the server must know beside it.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The description.
    pub sdp: String,
    /// The transceivers that send, in the order of the plans.
    pub sends: Vec<Mid>,
    /// Those that receive.
    pub slots: Vec<Mid>,
}

/// What all peers of a thread count together.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// From writing a packet in this process to its arrival in this process.
    pub delays: Histogram,
    /// How late frames were written.
    pub late: Histogram,
}

/// One connection.
pub struct Peer {
    rtc: Rtc,
    wire: Wire,
    stamp: Stamp,
    deadline: Instant,
    pending: Option<SdpPendingOffer>,
    tracks: Vec<Track>,
    slots: Vec<(Mid, MediaKind)>,
    incoming: Incoming,
    is_connected: bool,
    is_sending: bool,
    sends_all_sizes: bool,
}

impl Peer {
    /// A connection at a free port of this address.
    ///
    /// # Errors
    ///
    /// When no socket can be had.
    pub fn bind(ip: IpAddr, network: Option<(Network, u64)>, stamp: Stamp) -> anyhow::Result<Self> {
        let now = Instant::now();
        let wire = Wire::bind(ip, network).context("a participant needs a socket")?;
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(now);
        if let Ok(candidate) = Candidate::host(wire.address(), "udp") {
            rtc.add_local_candidate(candidate);
        }
        Ok(Self {
            rtc,
            wire,
            stamp,
            deadline: now,
            pending: None,
            tracks: Vec::new(),
            slots: Vec::new(),
            incoming: Incoming::default(),
            is_connected: false,
            is_sending: true,
            sends_all_sizes: false,
        })
    }

    /// Offers tracks and as many slots in all; `None` when nothing is new or an
    /// offer is under way.
    pub fn offer(&mut self, now: Instant, plans: &[TrackPlan], slots: Slots) -> Option<Offer> {
        if self.pending.is_some() {
            return None;
        }
        let mut api = self.rtc.sdp_api();
        for plan in plans {
            let simulcast = Track::simulcast(plan);
            let mid = api.add_media(plan.kind(), Direction::SendOnly, None, None, simulcast);
            self.tracks.push(Track::new(mid, plan, now));
        }
        for (kind, wanted) in [(MediaKind::Audio, slots.audio), (MediaKind::Video, slots.video)] {
            let present = self.slots.iter().filter(|(_, of)| *of == kind).count();
            for _ in present..wanted {
                let mid = api.add_media(kind, Direction::RecvOnly, None, None, None);
                self.slots.push((mid, kind));
            }
        }
        let (offer, pending) = api.apply()?;
        self.pending = Some(pending);
        Some(Offer {
            sdp: offer.to_sdp_string(),
            sends: self.tracks.iter().map(|track| track.mid).collect(),
            slots: self.slots.iter().map(|(mid, _)| *mid).collect(),
        })
    }

    /// Takes the answer.
    ///
    /// # Errors
    ///
    /// When it is none, or not one to the offer.
    pub fn take_answer(&mut self, sdp: &str) -> anyhow::Result<()> {
        let pending = self.pending.take().context("nothing was offered")?;
        let sdp = self.reachable(sdp);
        let answer = SdpAnswer::from_sdp_string(&sdp).context("the answer cannot be parsed")?;
        self.rtc.sdp_api().accept_answer(pending, answer).context("the answer does not fit")?;
        Ok(())
    }

    /// Answers a server that offers.
    ///
    /// # Errors
    ///
    /// When the offer cannot be answered.
    pub fn answer(&mut self, sdp: &str) -> anyhow::Result<String> {
        let sdp = self.reachable(sdp);
        let offer = SdpOffer::from_sdp_string(&sdp).context("the offer cannot be parsed")?;
        let answer = self.rtc.sdp_api().accept_offer(offer).context("the offer does not fit")?;
        Ok(answer.to_sdp_string())
    }

    /// Adds a way to the server. What cannot be reached from this socket is left out.
    pub fn add_candidate(&mut self, text: &str) {
        let candidate = Candidate::from_sdp_string(text).ok();
        if let Some(candidate) = candidate.filter(|it| it.addr().ip() == self.wire.address().ip()) {
            self.rtc.add_remote_candidate(candidate);
        }
    }

    /// The server wants just these sizes of the cameras.
    pub fn want_only(&mut self, now: Instant, rids: &[String]) {
        if self.sends_all_sizes {
            return;
        }
        self.tracks.iter_mut().for_each(|track| track.want_only(now, rids));
    }

    /// See [`crate::scenario::Scenario::sends_all_sizes`].
    pub fn send_all_sizes(&mut self) {
        self.sends_all_sizes = true;
    }

    /// See [`crate::scenario::Scenario::ramp_secs`].
    pub fn speed_up(&mut self, now: Instant, takes: Duration) {
        self.tracks.iter_mut().for_each(|track| track.speed_up(now, takes));
    }

    /// Whether media can flow.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.is_connected
    }

    /// When the first packet came.
    #[must_use]
    pub fn first_packet_at(&self) -> Option<Instant> {
        self.incoming.first_at
    }

    /// How long ago anything came.
    #[must_use]
    pub fn silence(&self, now: Instant) -> Option<Duration> {
        self.incoming.silence(now)
    }

    /// What came since the mark.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts { connected: u64::from(self.is_connected), ..self.incoming.counts() }
    }

    /// Counts from here on.
    pub fn mark(&mut self) {
        self.incoming.mark();
    }

    pub(crate) fn wire_mut(&mut self) -> &mut Wire {
        &mut self.wire
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.wire.address()
    }

    /// When there is something to do.
    pub(crate) fn due(&self) -> Instant {
        let frames = self.tracks.iter().filter(|_| self.is_connected).filter_map(Track::due);
        frames.chain(self.wire.due()).fold(self.deadline, Instant::min)
    }

    /// Reads what came, until there is no more.
    pub(crate) fn read(&mut self, buffers: &mut Buffers, tally: &mut Tally) {
        loop {
            let received = self.wire.receive(buffers);
            let now = Instant::now();
            if received == 0 {
                break;
            }
            for index in 0..received {
                let (source, datagrams) = buffers.datagrams(index);
                for bytes in datagrams {
                    if self.wire.holds_up(now, source, bytes) {
                        continue;
                    }
                    self.take(now, source, bytes, tally);
                }
            }
        }
    }

    /// Does what is due.
    pub(crate) fn turn(&mut self, now: Instant, tally: &mut Tally) {
        while let Some((source, bytes)) = self.wire.arrived(now) {
            self.take(now, source, &bytes, tally);
        }
        if self.is_connected && self.is_sending {
            for track in &mut self.tracks {
                track.write(now, &mut self.rtc, self.stamp, &mut tally.late);
            }
        }
        self.drive(now, Input::Timeout(now), tally);
    }

    fn take(&mut self, now: Instant, source: SocketAddr, bytes: &[u8], tally: &mut Tally) {
        let Ok(contents) = DatagramRecv::try_from(bytes) else {
            return;
        };
        let destination = self.wire.address();
        let receive = Receive { proto: Protocol::Udp, source, destination, contents };
        self.drive(now, Input::Receive(now, receive), tally);
    }

    fn drive(&mut self, now: Instant, input: Input<'_>, tally: &mut Tally) {
        if self.rtc.handle_input(input).is_err() {
            self.is_sending = false;
            return;
        }
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(deadline)) => {
                    self.deadline = deadline;
                    return;
                }
                Ok(Output::Transmit(transmit)) => {
                    self.wire.send(now, transmit.destination, &transmit.contents);
                }
                Ok(Output::Event(event)) => self.handle_event(now, event, tally),
                Err(_error) => {
                    self.is_sending = false;
                    // A connection that is over is looked at again now and then.
                    self.deadline = now + Duration::from_secs(1);
                    return;
                }
            }
        }
    }

    fn handle_event(&mut self, now: Instant, event: Event, tally: &mut Tally) {
        match event {
            Event::Connected => {
                self.is_connected = true;
                self.tracks.iter_mut().for_each(|track| track.resume(now));
            }
            Event::RtpPacket(packet) => self.take_packet(now, &packet, tally),
            Event::KeyframeRequest(request) => {
                let asked = self.tracks.iter_mut().filter(|track| track.mid == request.mid);
                asked.for_each(|track| track.want_keyframe(request.rid));
            }
            // The rest are statistics and features that are not switched on.
            _ => {}
        }
    }

    fn take_packet(&mut self, now: Instant, packet: &RtpPacket, tally: &mut Tally) {
        let ssrc = packet.header.ssrc;
        // Header and tag: what was on the wire beside the payload.
        let bytes = packet.payload.len() + 36;
        let is_first = self.incoming.take(now, *ssrc, *packet.seq_no, bytes);
        if let Some(age) = self.stamp.age(now, &packet.payload) {
            tally.delays.note(age);
        }
        // As a browser does whose decoder has nothing to begin with. Put out by
        // the drain that this packet came from.
        let is_video = packet.payload.len() > 200;
        if is_first
            && is_video
            && let Some(stream) = self.rtc.direct_api().stream_rx(&ssrc)
        {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
    }

    /// A description without the candidates that this socket cannot reach: a
    /// server on the machine itself may offer loopback and another address.
    fn reachable(&self, sdp: &str) -> String {
        let own = self.wire.address().ip();
        let is_reachable = |line: &&str| {
            let Some(candidate) = line.strip_prefix("a=candidate:") else {
                return true;
            };
            let mut fields = candidate.split(' ').skip(2);
            let is_udp = fields.next().is_some_and(|it| it.eq_ignore_ascii_case("udp"));
            let address: Option<IpAddr> = fields.nth(1).and_then(|it| it.parse().ok());
            is_udp && address == Some(own)
        };
        sdp.lines().filter(is_reachable).flat_map(|line| [line, "\r\n"]).collect()
    }
}
