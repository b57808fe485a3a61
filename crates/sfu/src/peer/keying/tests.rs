//! Two instances of the library shake hands in simulated time. Then what we
//! seal with the keys of one is opened by the other, and the other way round.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use str0m::crypto::dtls::KeyingMaterial as Exported;
use str0m::format::Codec;
use str0m::media::MediaKind;
use str0m::net::{Protocol, Receive};
use str0m::rtp::SeqNo;
use str0m::{Candidate, Event, Input, Output, Rtc};

use super::*;
use crate::rtcp::{self, Control, SenderReport};
use crate::srtp::{Keys, is_control};

const OURS: u32 = 0x1234_5678;
const REPAIRS: u32 = 0x1234_5679;
const START_SEQUENCE: u64 = 65_530;

/// As if this profile had been agreed on: the library always prefers the same.
#[derive(Debug, Clone, Copy)]
struct Agreed(SrtpProfile);

impl DtlsProvider for Agreed {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        Watched.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        dtls_version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        Ok(Box::new(AgreedInstance(Watched.new_dtls(cert, now, dtls_version, mtu)?, self.0)))
    }
}

#[derive(Debug)]
struct AgreedInstance(Box<dyn DtlsInstance>, SrtpProfile);

impl DtlsInstance for AgreedInstance {
    fn set_active(&mut self, active: bool) {
        self.0.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.0.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        let is_client = self.0.is_active();
        match self.0.poll_output(buf) {
            DtlsOutput::KeyingMaterial(material, _) => {
                let bytes = &material[..self.1.keying_material_len()];
                keep(bytes, self.1, is_client);
                DtlsOutput::KeyingMaterial(Exported::new(bytes), self.1)
            }
            other => other,
        }
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.0.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.0.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.0.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.0.protocol_version()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.0.close()
    }
}

struct End {
    rtc: Rtc,
    address: SocketAddr,
    deadline: Instant,
    material: Vec<KeyingMaterial>,
    /// Extended sequence numbers and payloads of what arrived.
    packets: Vec<(SeqNo, Vec<u8>)>,
    out: VecDeque<Vec<u8>>,
}

impl End {
    fn new(provider: CryptoProvider, host: u8, now: Instant) -> Self {
        let builder = Rtc::builder().set_crypto_provider(Arc::new(provider)).set_rtp_mode(true);
        let mut rtc = builder.build(now);
        let address = ([10, 0, 0, host], 1000).into();
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let (material, packets, out) = (Vec::new(), Vec::new(), VecDeque::new());
        Self { rtc, address, deadline: now, material, packets, out }
    }

    fn introduce(&mut self, other: &mut Self, is_client: bool) {
        self.rtc.add_remote_candidate(Candidate::host(other.address, "udp").unwrap());
        let theirs = other.rtc.direct_api();
        let (fingerprint, credentials) =
            (theirs.local_dtls_fingerprint().clone(), theirs.local_ice_credentials());
        let mut ours = self.rtc.direct_api();
        ours.set_remote_fingerprint(fingerprint);
        ours.set_remote_ice_credentials(credentials);
        ours.set_ice_controlling(is_client);
        ours.start_dtls(is_client).unwrap();
    }

    fn drive(&mut self, input: Input<'_>) {
        self.rtc.handle_input(input).unwrap();
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(deadline) => break self.deadline = deadline,
                Output::Transmit(transmit) => self.out.push_back(transmit.contents.to_vec()),
                Output::Event(Event::RtpPacket(packet)) => {
                    self.packets.push((packet.seq_no, packet.payload.to_vec()));
                }
                Output::Event(_) => {}
            }
        }
        self.material.extend(take());
    }

    fn receive(&mut self, now: Instant, source: SocketAddr, bytes: &[u8]) {
        let contents = bytes.try_into().unwrap();
        let (proto, destination) = (Protocol::Udp, self.address);
        self.drive(Input::Receive(now, Receive { proto, source, destination, contents }));
    }
}

/// A connected pair: ours, which sends nothing by the library, and the other.
struct Pair {
    now: Instant,
    ours: End,
    other: End,
    /// RTCP of the other, as it was on the way.
    control: Vec<Vec<u8>>,
}

impl Pair {
    fn connect(provider: &CryptoProvider, is_client: bool) -> Self {
        let now = crate::test_start();
        let mut ours = End::new(provider.clone(), 1, now);
        let mut other = End::new(provider.clone(), 2, now);
        ours.introduce(&mut other, is_client);
        other.introduce(&mut ours, !is_client);
        let mut pair = Self { now, ours, other, control: Vec::new() };
        let end = now + Duration::from_secs(5);
        while !(pair.ours.rtc.is_connected() && pair.other.rtc.is_connected()) {
            assert!(pair.now < end, "it takes too long");
            pair.step(end);
        }
        pair
    }

    fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.now < end {
            self.step(end);
        }
    }

    /// Delivers what is on the way, or lets time pass.
    fn step(&mut self, end: Instant) {
        if let Some(bytes) = self.ours.out.pop_front() {
            self.other.receive(self.now, self.ours.address, &bytes);
        } else if let Some(bytes) = self.other.out.pop_front() {
            if bytes[0] >> 6 == 2 && is_control(&bytes) {
                self.control.push(bytes.clone());
            }
            self.ours.receive(self.now, self.other.address, &bytes);
        } else {
            self.now = self.ours.deadline.min(self.other.deadline).clamp(self.now, end);
            self.ours.drive(Input::Timeout(self.now));
            self.other.drive(Input::Timeout(self.now));
        }
    }
}

fn keys(end: &mut End) -> Keys {
    assert_eq!(end.material.len(), 1, "one handshake exports once");
    Keys::derive(&end.material.remove(0)).unwrap()
}

/// Sends twenty packets of video but the fifth, over a wrap of the sequence
/// number, and a report; reads what the other says to that.
fn talk(provider: &CryptoProvider, is_client: bool) {
    let mut pair = Pair::connect(provider, is_client);
    let mut keys = keys(&mut pair.ours);
    let mut api = pair.other.rtc.direct_api();
    let mid = "v".into();
    api.declare_media(mid, MediaKind::Video);
    api.expect_stream_rx(OURS.into(), Some(REPAIRS.into()), mid, None);
    let params = pair.other.rtc.codec_config().params();
    let vp8 = params.iter().find(|params| params.spec().codec == Codec::Vp8).unwrap().pt();
    let mut out = Vec::new();
    for step in (0..20_u16).filter(|step| *step != 5) {
        let index = START_SEQUENCE + u64::from(step);
        out.clear();
        out.extend([0x80, *vp8]);
        out.extend((index as u16).to_be_bytes());
        out.extend((u32::from(step) * 3000).to_be_bytes());
        out.extend(OURS.to_be_bytes());
        out.resize(12 + 1000 + usize::from(step), step as u8);
        keys.sealer.seal_rtp(&mut out, 0, 12, OURS, index).unwrap();
        pair.other.receive(pair.now, pair.ours.address, &out);
        pair.run(Duration::from_millis(5));
    }
    let received: Vec<_> = pair.other.packets.iter().map(|(number, _)| **number).collect();
    let expected = (0..20).filter(|step| *step != 5).map(|step| START_SEQUENCE + step);
    assert_eq!(received, expected.collect::<Vec<_>>());
    assert!(pair.other.packets.iter().all(|(_, payload)| payload.len() >= 1000));

    out.clear();
    let report =
        SenderReport { ssrc: OURS, ntp: 0xeeee_1111_2222_0000, rtp: 9, packets: 19, octets: 9 };
    rtcp::write::sender_report(&mut out, &report);
    rtcp::write::source_description(&mut out, OURS, "parlor");
    keys.sealer.seal_rtcp(&mut out, 0).unwrap();
    pair.other.receive(pair.now, pair.ours.address, &out);
    pair.run(Duration::from_secs(4));

    let (mut scratch, mut lost, mut heard) = (Vec::new(), Vec::new(), Vec::new());
    for datagram in &pair.control {
        let compound = keys.opener.open(datagram, &mut scratch).unwrap();
        for control in rtcp::read(compound) {
            match control {
                Control::Nack { media: OURS, lost: numbers, .. } => lost.extend(numbers),
                Control::ReceiverReport { blocks, .. } => {
                    heard.extend(blocks.filter(|block| block.ssrc == OURS));
                }
                _ => {}
            }
        }
        assert!(keys.opener.open(datagram, &mut scratch).is_none(), "each is opened once");
    }
    assert!(lost.contains(&65_535) && lost.iter().all(|number| *number == 65_535), "{lost:?}");
    let last = heard.last().unwrap();
    assert_eq!(last.highest, (START_SEQUENCE + 19) as u32);
    assert_eq!((last.cumulative_lost, last.last_sr), (1, 0x1111_2222));
}

#[test]
fn the_library_opens_what_is_sealed_with_its_keys() {
    for is_client in [false, true] {
        talk(&provider(), is_client);
    }
}

#[test]
fn so_it_is_with_each_profile() {
    static PROFILES: [Agreed; 3] = [
        Agreed(SrtpProfile::AES128_CM_SHA1_80),
        Agreed(SrtpProfile::AEAD_AES_128_GCM),
        Agreed(SrtpProfile::AEAD_AES_256_GCM),
    ];
    for agreed in &PROFILES {
        talk(&CryptoProvider { dtls_provider: agreed, ..from_feature_flags() }, false);
    }
}

#[test]
fn both_ends_export_the_same_and_each_says_who_it_is() {
    let mut pair = Pair::connect(&provider(), false);
    let (ours, other) = (pair.ours.material.remove(0), pair.other.material.remove(0));
    assert_eq!((ours.profile, other.profile), (Profile::Aes256Gcm, Profile::Aes256Gcm));
    assert_eq!(ours.bytes, other.bytes);
    assert_eq!((ours.is_client, other.is_client), (false, true));
    assert!(take().is_none(), "it was taken");
}
