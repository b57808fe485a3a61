//! One participant's transport: the only place that touches [`Rtc`]. The
//! library connects (ICE, DTLS) and receives; what is sent on goes out by the
//! forwarding plane, with the keys and the route that the peer finds out, and
//! what the remote says of it is opened here for that plane.
//!
//! The rule of the library is kept here: after every mutation the instance is
//! drained to its timeout before the next one. Drained together are only
//! keyframe requests ([`Peer::request_keyframe`]), which append to a queue.
//! After them the next is a drain: [`Peer::flush`], or [`Peer::receive`], whose
//! datagram changes nothing that was queued and whose drain puts out both. An
//! offer is accepted only by a drained peer, and itself drained before anything
//! else than such appending.
//!
//! Whatever a remote side manages to break, it breaks its own peer: errors and
//! panics of the library end the peer, never the room.

mod handshake;
mod keying;
mod sending;

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use str0m::change::SdpOffer;
use str0m::config::{CryptoProvider, DtlsCert};
use str0m::crypto::from_feature_flags;
use str0m::format::{CodecSpec, PayloadParams};
use str0m::media::{KeyframeRequestKind, Media, Mid, Pt, Rid, Rids};
use str0m::net::{DatagramRecv, Protocol, Receive, TcpType, Transmit};
use str0m::rtp::{RtpPacket, Ssrc};
use str0m::{Candidate, Event, IceCreds, Input, Output, Reason, Rtc};

use crate::codec;
use crate::config::RoomConfig;
use crate::forward::{Beginning, StreamSetup};
use crate::io::{Received, Transport};
use crate::offer;
use crate::rtcp::{self, Control};
use crate::srtp::{ControlOpener, Keys, Sealer, is_control};
use sending::Sending;

/// Largest RTP payload forwarded. Browsers stay near 1200. Larger ones than this
/// would exceed 1500 bytes with what comes to it: IPv6 and UDP 48, the header with
/// all extensions 32, a repair's number 2, the seal 16.
const MAX_PAYLOAD_BYTES: usize = 1400;
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
    /// Media may be sent from now on, protected by this.
    Connected(Box<Sealer>),
    /// A packet of an encoding of the transceiver arrived.
    Packet(Mid, Option<Rid>, Box<RtpPacket>),
    /// What is sent takes another way from now on.
    Moved(Way),
    /// Somebody with the remote's password says to be at this address.
    Located(SocketAddr),
    /// The peer is over.
    Closed,
}

/// How datagrams get to the remote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) transport: Transport,
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
}

/// A datagram of this peer.
pub(crate) struct PeerTransmit {
    pub(crate) way: Way,
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
    sending: Sending,
    /// Protects what is sent; the forwarding plane has it once connected.
    sealer: Option<Box<Sealer>>,
    /// Opens what the remote says of it.
    opener: Option<ControlOpener>,
    /// Scratch for that.
    opened: Vec<u8>,
    /// The way that the library takes.
    way: Option<Way>,
    /// Whether it may have chosen another.
    is_way_unsure: bool,
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
            .set_crypto_provider(Arc::new(keying::provider()))
            .set_rtp_mode(true)
            .set_ice_lite(true)
            .set_local_ice_credentials(IceCreds { ufrag, pass })
            .set_dtls_cert(config.certificate.0.clone())
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
            sending: Sending::default(),
            sealer: None,
            opener: None,
            opened: Vec::new(),
            way: None,
            is_way_unsure: false,
        }
    }

    /// Answers an offer. The caller drains afterwards, with [`Self::flush`].
    pub(crate) fn accept_offer(&mut self, sdp: &str) -> Result<String, PeerError> {
        let sdp = offer::simplify(sdp);
        let ufrag = self.ufrag();
        self.sending.lend(&mut self.rtc);
        let answer = catch_unwind(AssertUnwindSafe(|| {
            let offer = SdpOffer::from_sdp_string(&sdp)
                .map_err(|error| PeerError::Syntax(error.to_string()))?;
            self.rtc
                .sdp_api()
                .accept_offer(offer)
                .map(|answer| answer.to_sdp_string())
                .map_err(|error| PeerError::Unanswerable(error.to_string()))
        }));
        self.sending.take_back(&mut self.rtc, offer::mids(&sdp));
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

    /// Feeds a datagram and drains.
    pub(crate) fn receive(
        &mut self,
        now: Instant,
        received: Received<'_>,
        sink: &mut impl PeerSink,
    ) {
        let Ok(contents) = DatagramRecv::try_from(received.bytes) else {
            return;
        };
        if self.is_one_place_too_many(&received) {
            return;
        }
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
        if std::mem::take(&mut self.is_way_unsure) && self.is_connected() {
            self.show_way();
            self.drive(Input::Timeout(now), sink);
        }
    }

    /// Has the library send something, to see which way it takes: a message for
    /// applications, of which nobody knows the name, says nothing to anybody.
    fn show_way(&mut self) {
        const NOBODY: u32 = 1;
        let name: &[u8] = b"WAY?";
        self.rtc.direct_api().send_app_specific_feedback(NOBODY.into(), NOBODY.into(), name);
    }

    /// Whether the forwarding plane is to get what this datagram says.
    pub(crate) fn can_open(&self, datagram: &[u8]) -> bool {
        self.opener.is_some() && is_media(datagram) && is_control(datagram)
    }

    /// Opens what the remote says of what it is sent: a compound of control
    /// packets. `None`: it is not authentic, or was said before.
    pub(crate) fn open(&mut self, datagram: &[u8]) -> Option<&[u8]> {
        self.opener.as_mut()?.open(datagram, &mut self.opened)
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

    /// How packets to this transceiver look. `None`: nothing is sent there.
    pub(crate) fn stream_setup(&mut self, mid: Mid, beginning: Beginning) -> Option<StreamSetup> {
        self.sending.set_up(&self.rtc, mid, beginning)
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

    /// Whether the remote will tell of what arrives, so that its bandwidth can
    /// be estimated.
    pub(crate) fn tells_of_arrivals(&self) -> bool {
        self.sending.is_told_of(&self.rtc)
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

    /// The way to the remote, once anything but its checks was answered.
    pub(crate) fn way(&self) -> Option<Way> {
        self.way
    }

    /// Whether media may be sent.
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
        self.take_keys();
        if matches!(outcome, Ok(true)) {
            self.connect(sink);
        } else {
            self.is_closed = true;
            sink.event(PeerEvent::Closed);
        }
    }

    /// Takes the keys, if the handshake has just come to an end.
    fn take_keys(&mut self) {
        if let Some(keys) = keying::take().and_then(|material| Keys::derive(&material)) {
            self.sealer = Some(Box::new(keys.sealer));
            self.opener = Some(keys.opener);
        }
    }

    /// Hands the keys on, once there are also a connection and a way.
    fn connect(&mut self, sink: &mut impl PeerSink) {
        if self.is_connected
            && self.way.is_some()
            && let Some(sealer) = self.sealer.take()
        {
            sink.event(PeerEvent::Connected(sealer));
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
                Ok(Output::Transmit(transmit)) => self.transmit(transmit, sink),
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
    /// claims to be. (Only claims: it may have written another source.) Where
    /// anything else goes is the way that the library has chosen.
    fn transmit(&mut self, transmit: Transmit, sink: &mut impl PeerSink) {
        let is_tcp = transmit.proto == Protocol::Tcp;
        let transport = if is_tcp { Transport::Tcp } else { Transport::Udp };
        let Transmit { source, destination, .. } = transmit;
        let way = Way { transport, source, destination };
        let is_new = self.way != Some(way);
        if is_stun(&transmit.contents) {
            self.is_way_unsure |= is_new;
            if !self.places.contains(&destination) {
                self.places.push(destination);
            }
            // A connection belongs to whom it was opened for, whatever its
            // address; only datagrams are told apart by it.
            if transport == Transport::Udp {
                sink.event(PeerEvent::Located(destination));
            }
        } else if is_new {
            self.way = Some(way);
            sink.event(PeerEvent::Moved(way));
        }
        sink.transmit(PeerTransmit { way, contents: transmit.contents.into() });
    }

    fn handle_event(&mut self, event: Event, sink: &mut impl PeerSink) -> bool {
        match event {
            Event::Connected => self.is_connected = true,
            Event::RtpPacket(packet) => return self.handle_packet(packet, sink),
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

/// Whether these control packets are about what the remote sends, and not only
/// about what it is sent.
pub(crate) fn is_from_sender(compound: &[u8]) -> bool {
    let is_senders =
        |control| matches!(control, Control::SenderReport(..) | Control::Goodbye { .. });
    rtcp::read(compound).any(is_senders)
}

/// RFC 7983, 7.
fn is_stun(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| *first < 4)
}

fn is_media(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| (128..192).contains(first))
}
