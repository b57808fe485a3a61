//! One participant's transport: the only place that touches [`Rtc`].
//!
//! The rule of the library is kept here: after every mutation the instance is
//! drained to its timeout before the next one. Drained together, which is
//! cheaper by a third, are only mutations that append to a stream's queue:
//! any number of [`Peer::write`] and [`Peer::request_keyframe`]. After them the
//! next is a drain: [`Peer::flush`], or [`Peer::receive`], whose datagram
//! changes nothing that was queued and whose drain puts out both. An offer is
//! accepted only by a drained peer, and itself drained before anything else
//! than such appending.
//!
//! Whatever a remote side manages to break, it breaks its own peer: errors and
//! panics of the library end the peer, never the room.

mod handshake;
mod keying;
mod tap;

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::change::SdpOffer;
use str0m::config::{CryptoProvider, DtlsCert};
use str0m::crypto::from_feature_flags;
use str0m::format::{CodecSpec, PayloadParams};
use str0m::media::{KeyframeRequestKind, Media, Mid, Pt, Rid, Rids};
use str0m::net::{DatagramRecv, Protocol, Receive, TcpType, Transmit};
use str0m::rtp::{RtpPacket, RtpWrite, Ssrc};
use str0m::{Candidate, Event, IceCreds, Input, Output, Reason, Rtc};

use crate::codec;
use crate::config::RoomConfig;
use crate::estimate::Estimator;
use crate::estimate::feedback::{self, Arrival};
use crate::io::{Received, Transport};
use crate::offer;

/// Sent video packets kept for retransmission, per stream. More repairs longer
/// round trips; each costs the memory of a header (payloads are shared).
const VIDEO_HISTORY: usize = 512;
/// How long a packet can be asked for again.
const HISTORY_LASTS: Duration = Duration::from_secs(3);
/// The part of what is sent that may be repairs. More keeps a picture moving on
/// ways that lose a third; each is sent where there may be too little room.
const MOST_REPAIRS: f32 = 0.4;
/// As many of audio.
const AUDIO_HISTORY: usize = 64;
/// Largest RTP payload forwarded. Browsers stay near 1200; larger ones would
/// not fit the library's packet buffer once headers are added.
const MAX_PAYLOAD_BYTES: usize = 1450;
/// Most source identifiers one participant may use in a peer's life. Browsers
/// use one or two per track.
const MAX_SOURCES: usize = 256;
/// Most addresses from which one participant may prove itself between two
/// restarts of ICE: each stays in the library for as long. A browser uses one
/// for each network it has; more survives more changes behind a translator.
const MAX_PLACES: usize = 32;

/// A DTLS identity: a key pair and its self-signed certificate.
#[derive(Clone)]
pub struct Certificate(DtlsCert);

impl Certificate {
    /// Makes a new one. Called by the shell, because it draws randomness.
    ///
    /// # Panics
    ///
    /// Never with the cryptography this crate is built with, which can
    /// generate certificates.
    #[must_use]
    pub fn generate() -> Self {
        let provider: CryptoProvider = from_feature_flags();
        let certificate = provider.dtls_provider.generate_certificate();
        Self(certificate.expect("the aws-lc-rs provider generates certificates"))
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Certificate")
    }
}

/// What was wrong with an offer, or that the peer is beyond repair.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PeerError {
    /// The text is no session description.
    #[error("the offer cannot be parsed: {0}")]
    Syntax(String),
    /// It is one, but not one that can be answered.
    #[error("the offer cannot be answered: {0}")]
    Unanswerable(String),
    /// Something the library did not foresee.
    #[error("the offer broke the connection")]
    Broken,
}

/// What a peer reports while it is drained.
pub(crate) enum PeerEvent {
    /// Media may be written from now on.
    Connected,
    /// A packet of an encoding of the transceiver arrived.
    Packet(Mid, Option<Rid>, Box<RtpPacket>),
    /// The receiver behind this transceiver asks for a keyframe.
    KeyframeWanted(Mid),
    /// Somebody with the remote's password says to be at this address.
    Located(SocketAddr),
    /// The peer is over.
    Closed,
}

/// A datagram of this peer.
pub(crate) struct PeerTransmit {
    pub(crate) transport: Transport,
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
    pub(crate) contents: Vec<u8>,
}

/// Where a peer puts what comes out of it.
pub(crate) trait PeerSink {
    /// A datagram to send.
    fn transmit(&mut self, transmit: PeerTransmit);
    /// Something to react to once the peer is drained.
    fn event(&mut self, event: PeerEvent);
}

/// One str0m instance and what we know of it.
pub(crate) struct Peer {
    rtc: Rtc,
    /// `o=` session id of the remote: one per `RTCPeerConnection`.
    session: String,
    deadline: Instant,
    is_patient: bool,
    is_connected: bool,
    is_closed: bool,
    sources: Vec<(Ssrc, Mid, Option<Rid>)>,
    /// Where the remote said to be, with its password, since ICE began.
    places: Vec<SocketAddr>,
    estimator: Estimator,
    /// The header extension with the numbers that feedback is about.
    numbers: Option<u8>,
    /// Scratch for reading feedback.
    arrivals: Vec<Arrival>,
}

impl Peer {
    /// A peer that waits for its first offer.
    pub(crate) fn new(
        config: &RoomConfig,
        credentials: (String, String),
        session: String,
        now: Instant,
    ) -> Self {
        let (ufrag, pass) = credentials;
        let mut builder = Rtc::builder()
            .set_crypto_provider(Arc::new(tap::provider()))
            .set_rtp_mode(true)
            .set_ice_lite(true)
            .set_local_ice_credentials(IceCreds { ufrag, pass })
            .set_dtls_cert(config.certificate.0.clone())
            .set_send_buffer_video(VIDEO_HISTORY)
            .set_send_buffer_audio(AUDIO_HISTORY)
            .clear_codecs();
        codec::enable(builder.codec_config());
        let mut rtc = builder.build(now);
        for address in &config.candidates {
            // An address that makes no candidate (unspecified, port 0) is the
            // shell's mistake; the others still serve.
            if let Ok(candidate) = Candidate::host(*address, "udp") {
                rtc.add_local_candidate(candidate);
            }
        }
        for address in &config.tcp_candidates {
            let passive = Candidate::builder().tcp().host(*address).tcptype(TcpType::Passive);
            if let Ok(candidate) = passive.build() {
                rtc.add_local_candidate(candidate);
            }
        }
        Self {
            rtc,
            session,
            deadline: now,
            is_patient: false,
            is_connected: false,
            is_closed: false,
            sources: Vec::new(),
            places: Vec::new(),
            estimator: Estimator::new(),
            numbers: None,
            arrivals: Vec::new(),
        }
    }

    /// Answers an offer. The caller drains afterwards, with [`Self::flush`].
    pub(crate) fn accept_offer(&mut self, sdp: &str) -> Result<String, PeerError> {
        let sdp = offer::simplify(sdp);
        self.numbers = offer::transport_numbers(&sdp);
        let ufrag = self.ufrag();
        let answer = catch_unwind(AssertUnwindSafe(|| {
            let offer = SdpOffer::from_sdp_string(&sdp)
                .map_err(|error| PeerError::Syntax(error.to_string()))?;
            self.rtc
                .sdp_api()
                .accept_offer(offer)
                .map(|answer| answer.to_sdp_string())
                .map_err(|error| PeerError::Unanswerable(error.to_string()))
        }));
        // Which stream belongs to which transceiver may have changed.
        self.sources.clear();
        if answer.is_ok() && self.ufrag() != ufrag {
            self.places.clear();
        }
        answer.unwrap_or_else(|_panic| {
            self.is_closed = true;
            Err(PeerError::Broken)
        })
    }

    /// Feeds a datagram and drains. `true`: it told something of the bandwidth.
    pub(crate) fn receive(
        &mut self,
        now: Instant,
        received: Received<'_>,
        sink: &mut impl PeerSink,
    ) -> bool {
        let Ok(contents) = DatagramRecv::try_from(received.bytes) else {
            return false;
        };
        if self.is_one_place_too_many(&received) {
            return false;
        }
        tap::clear();
        let receive = Receive {
            proto: match received.transport {
                Transport::Udp => Protocol::Udp,
                Transport::Tcp => Protocol::Tcp,
            },
            source: received.source,
            destination: received.destination,
            contents,
        };
        self.drive(Input::Receive(now, receive), sink);
        self.take_feedback(now)
    }

    fn take_feedback(&mut self, now: Instant) -> bool {
        self.arrivals.clear();
        tap::read(&mut self.arrivals);
        if self.arrivals.is_empty() {
            return false;
        }
        self.estimator.handle_feedback(now, &self.arrivals);
        true
    }

    /// What is known of the bandwidth to the remote. `None`: it never tells.
    pub(crate) fn estimator(&mut self) -> Option<&mut Estimator> {
        self.numbers.is_some().then_some(&mut self.estimator)
    }

    /// Whether this is STUN from a new place, and there were enough of them.
    fn is_one_place_too_many(&self, received: &Received<'_>) -> bool {
        is_stun(received.bytes)
            && self.places.len() >= MAX_PLACES
            && !self.places.contains(&received.source)
    }

    /// Brings the peer to `now` and drains: puts out what was written.
    pub(crate) fn flush(&mut self, now: Instant, sink: &mut impl PeerSink) {
        self.drive(Input::Timeout(now), sink);
    }

    /// Queues a packet on a stream of [`Self::stream_of`]; [`Self::flush`] puts
    /// it out.
    pub(crate) fn write(&mut self, stream: Ssrc, packet: RtpWrite) {
        if let Some(stream) = self.rtc.direct_api().stream_tx(&stream) {
            stream.write_rtp(packet);
        }
    }

    /// Asks the sender of an encoding for a keyframe; [`Self::flush`] puts it
    /// out. `false` if nothing was received of it yet.
    pub(crate) fn request_keyframe(&mut self, mid: Mid, rid: Option<Rid>) -> bool {
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_rx_by_mid(mid, rid) else {
            return false;
        };
        stream.request_keyframe(KeyframeRequestKind::Pli);
        true
    }

    /// The stream that sends on a transceiver, ready to be written to.
    pub(crate) fn stream_of(&mut self, mid: Mid) -> Option<Ssrc> {
        let is_video = self.is_video(mid)?;
        let mut api = self.rtc.direct_api();
        let stream = api.stream_tx_by_mid(mid, None)?;
        if is_video {
            stream.set_rtx_cache(VIDEO_HISTORY, HISTORY_LASTS, Some(MOST_REPAIRS));
        }
        Some(stream.ssrc())
    }

    /// Whether the transceiver exists and carries video. `None`: no such.
    pub(crate) fn is_video(&self, mid: Mid) -> Option<bool> {
        self.rtc.media(mid).map(|media| media.kind().is_video())
    }

    /// The encodings that the remote says to send on a transceiver; none
    /// without simulcast.
    pub(crate) fn encodings(&self, mid: Mid) -> Vec<Rid> {
        match self.rtc.media(mid).map(Media::rids_rx) {
            Some(Rids::Specific(rids)) => rids.clone(),
            Some(Rids::Any | Rids::None) | None => Vec::new(),
        }
    }

    /// The payload type with which a codec travels to this peer. `None`: the
    /// peer cannot decode it.
    pub(crate) fn payload_type(&self, mid: Mid, spec: CodecSpec) -> Option<Pt> {
        let accepted = self.rtc.media(mid)?.remote_pts();
        self.rtc
            .codec_config()
            .params()
            .iter()
            .find(|params| accepted.contains(&params.pt()) && codec::is_same(params.spec(), spec))
            .map(PayloadParams::pt)
    }

    /// What a payload type of this peer means.
    pub(crate) fn codec(&self, payload_type: Pt) -> Option<CodecSpec> {
        self.rtc
            .codec_config()
            .params()
            .iter()
            .find(|params| params.pt() == payload_type)
            .map(PayloadParams::spec)
    }

    /// Our own username fragment: changes when the remote restarts ICE.
    pub(crate) fn ufrag(&mut self) -> String {
        self.rtc.direct_api().local_ice_credentials().ufrag
    }

    /// The remote's `o=` session id.
    pub(crate) fn session(&self) -> &str {
        &self.session
    }

    /// Whether media may be written.
    pub(crate) fn is_connected(&self) -> bool {
        self.is_connected && !self.is_closed
    }

    /// When [`Self::flush`] is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        (!self.is_closed).then_some(self.deadline)
    }

    /// Whether that flush may as well be somewhat later: reports, looks at who
    /// is silent.
    pub(crate) fn is_patient(&self) -> bool {
        self.is_patient
    }

    /// One mutation and the drain after it.
    fn drive(&mut self, input: Input<'_>, sink: &mut impl PeerSink) {
        if self.is_closed {
            return;
        }
        let now = match &input {
            Input::Timeout(now) | Input::Receive(now, _) => *now,
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            self.rtc.handle_input(input).is_ok() && self.drain(now, sink)
        }));
        // The library seals what is sent; nobody else has use for the keys.
        drop(keying::take());
        if !matches!(outcome, Ok(true)) {
            self.is_closed = true;
            sink.event(PeerEvent::Closed);
        }
    }

    /// Polls until the next timeout. `false`: the peer is over.
    fn drain(&mut self, now: Instant, sink: &mut impl PeerSink) -> bool {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(deadline)) => {
                    self.deadline = deadline;
                    self.is_patient = deadline > now && is_patient(self.rtc.last_timeout_reason());
                    return self.rtc.is_alive();
                }
                Ok(Output::Transmit(transmit)) => self.transmit(now, transmit, sink),
                Ok(Output::Event(event)) => {
                    if !self.handle_event(event, sink) {
                        return false;
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "peer failed");
                    return false;
                }
            }
        }
    }

    /// Hands on a datagram. A STUN message of ours is always the answer to a
    /// request whose password was right, so it also says where the remote
    /// claims to be. (Only claims: it may have written another source.)
    fn transmit(&mut self, now: Instant, transmit: Transmit, sink: &mut impl PeerSink) {
        if let Some(extension) = self.numbers
            && let Some(number) = feedback::number_of(&transmit.contents, extension)
        {
            self.estimator.handle_sent(now, number, transmit.contents.len());
        }
        let is_tcp = transmit.proto == Protocol::Tcp;
        let transport = if is_tcp { Transport::Tcp } else { Transport::Udp };
        if is_stun(&transmit.contents) {
            if !self.places.contains(&transmit.destination) {
                self.places.push(transmit.destination);
            }
            // A connection belongs to whom it was opened for, whatever its
            // address; only datagrams are told apart by it.
            if transport == Transport::Udp {
                sink.event(PeerEvent::Located(transmit.destination));
            }
        }
        sink.transmit(PeerTransmit {
            transport,
            source: transmit.source,
            destination: transmit.destination,
            contents: transmit.contents.into(),
        });
    }

    fn handle_event(&mut self, event: Event, sink: &mut impl PeerSink) -> bool {
        match event {
            Event::Connected => {
                self.is_connected = true;
                sink.event(PeerEvent::Connected);
            }
            Event::RtpPacket(packet) => return self.handle_packet(packet, sink),
            Event::KeyframeRequest(request) => sink.event(PeerEvent::KeyframeWanted(request.mid)),
            Event::Closed => return false,
            // Media come and go by offers, which the room reads itself; the
            // rest are statistics and features that are not switched on. The
            // enum is open, so a wildcard is the only way.
            _ => {}
        }
        true
    }

    fn handle_packet(&mut self, packet: RtpPacket, sink: &mut impl PeerSink) -> bool {
        if packet.payload.len() > MAX_PAYLOAD_BYTES {
            return true;
        }
        let ssrc = packet.header.ssrc;
        let known = self.sources.iter().find(|(known, ..)| *known == ssrc);
        let (mid, rid) = if let Some((_, mid, rid)) = known {
            (*mid, *rid)
        } else {
            if self.sources.len() == MAX_SOURCES {
                return false;
            }
            let mut api = self.rtc.direct_api();
            let Some((mid, rid)) = api.stream_rx(&ssrc).map(|stream| (stream.mid(), stream.rid()))
            else {
                return true;
            };
            self.sources.push((ssrc, mid, rid));
            (mid, rid)
        };
        sink.event(PeerEvent::Packet(mid, rid, Box::new(packet)));
        true
    }
}

/// Whether what the library waits for may as well happen somewhat later.
fn is_patient(reason: Reason) -> bool {
    matches!(reason, Reason::Ice | Reason::Feedback | Reason::PauseCheck | Reason::Sctp)
}

fn is_stun(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| *first < 4)
}
