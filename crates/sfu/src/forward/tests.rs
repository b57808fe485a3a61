//! The forwarder from outside: commands and packets in, sealed packets out.

use std::collections::BTreeSet;
use std::sync::Arc;

use parlor_model::call::TrackSource;
use proptest::prelude::*;
use str0m::format::{Codec, CodecConfig, CodecSpec};
use str0m::media::Mid;
use zeroize::Zeroizing;

use super::*;
use crate::codec::VideoPayload;
use crate::io::Route;
use crate::layers::EncodingSet;
use crate::rewrite::{Original, Picture};
use crate::rtcp::{self, Control, sample};
use crate::select::{Candidate, Choice};
use crate::srtp::{ControlOpener, KeyingMaterial, Keys, Profile};

const CAMERA: TrackSource = TrackSource::CamVideo;
const TAG_BYTES: usize = 16;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn person(number: u8) -> ParticipantId {
    ParticipantId::from_random([number; 16])
}

pub(crate) fn track(sender: u8) -> SlotTrack {
    SlotTrack { participant: person(sender), source: CAMERA }
}

pub(crate) fn place(receiver: u8, slot: usize) -> Place {
    Place { receiver: person(receiver), slot }
}

pub(crate) fn keys(is_client: bool) -> Keys {
    let bytes = Zeroizing::new((0..56).collect());
    Keys::derive(&KeyingMaterial { profile: Profile::Aes128Gcm, bytes, is_client }).unwrap()
}

fn spec(codec: Codec) -> CodecSpec {
    let mut config = CodecConfig::empty();
    crate::codec::enable(&mut config);
    let params = config.params().iter();
    params.map(str0m::format::PayloadParams::spec).find(|spec| spec.codec == codec).unwrap()
}

/// The source of a slot's packets, and that of its repairs.
fn ssrcs(receiver: u8, slot: usize) -> (u32, u32) {
    let ssrc = u32::from(receiver) << 8 | u32::try_from(slot).unwrap() << 1;
    (ssrc, ssrc | 1)
}

pub(crate) fn setup(receiver: u8, slot: usize) -> StreamSetup {
    let (ssrc, repair) = ssrcs(receiver, slot);
    let format = |codec, payload_type, repair| Format { spec: spec(codec), payload_type, repair };
    StreamSetup {
        mid: Mid::from("m"),
        ssrc,
        repair_ssrc: Some(repair),
        cname: Arc::from("node"),
        formats: Arc::from([format(Codec::Opus, 111, None), format(Codec::Vp8, 96, Some(97))]),
        extensions: ExtensionIds { mid: Some(4), ..ExtensionIds::default() },
        beginning: Beginning { sequence: 100, repair_sequence: 7000, timestamp: 5 },
    }
}

/// A packet of a camera in one size; every one is a keyframe's.
pub(crate) fn picture(now: Instant, sequence: u64) -> Passing {
    let video = VideoPayload { is_keyframe: true, is_start: true, ..VideoPayload::default() };
    let candidate = Candidate {
        live: EncodingSet::of(&[0]),
        has_keyframes: true,
        video,
        ..Candidate::default()
    };
    let original = Original {
        source: 1,
        sequence,
        timestamp: 90 * sequence as u32,
        clock_rate: 90_000,
        captured_at: None,
        picture: Picture::default(),
    };
    Passing {
        original,
        spec: spec(Codec::Vp8),
        is_video: true,
        candidate,
        epoch: 1,
        captured_at: now,
        is_marked: false,
        carried: Carried::default(),
        payload: Arc::from(vec![sequence as u8; 1000]),
    }
}

fn sound(now: Instant, sequence: u64) -> Passing {
    let picture = picture(now, sequence);
    let candidate = Candidate::default();
    Passing { spec: spec(Codec::Opus), is_video: false, candidate, ..picture }
}

/// A packet that was put out, as far as it is in clear.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    to: ParticipantId,
    payload_type: u8,
    sequence: u16,
    ssrc: u32,
    bytes: usize,
}

#[derive(Default)]
struct Wire {
    runs: usize,
    packets: Vec<Seen>,
    control: Vec<Vec<u8>>,
}

impl Sink for Wire {
    fn run(&mut self, to: &Route, packets: &[u8], size: usize) {
        self.runs += 1;
        for packet in packets.chunks(size) {
            if crate::srtp::is_control(packet) {
                self.control.push(packet.to_vec());
                continue;
            }
            let word = |at: usize| u32::from_be_bytes(packet[at..at + 4].try_into().unwrap());
            self.packets.push(Seen {
                to: to.participant,
                payload_type: packet[1] & 0x7f,
                sequence: word(0) as u16,
                ssrc: word(8),
                bytes: packet.len(),
            });
        }
    }
}

/// A forwarder with these receivers, of whom each has two slots.
fn forwarder(now: Instant, receivers: &[u8]) -> Forwarder {
    // Nobody is in a hurry when a call begins.
    let now = now.checked_sub(ms(100)).unwrap();
    let mut forwarder = Forwarder::new(now, UnixMillis::new(1_800_000_000_000));
    for receiver in receivers {
        open(&mut forwarder, now, *receiver);
    }
    forwarder
}

fn open(forwarder: &mut Forwarder, now: Instant, receiver: u8) {
    let route = Route { participant: person(receiver), ..test_route() };
    let sealer = keys(false).sealer;
    let opening = Opening { receiver: person(receiver), sealer, route };
    forwarder.command(now, Command::Open(Box::new(opening)));
    for slot in 0..2 {
        let setup = Box::new(setup(receiver, slot));
        forwarder.command(now, Command::Stream(place(receiver, slot), setup));
    }
}

fn flush(forwarder: &mut Forwarder, now: Instant) -> Wire {
    let mut wire = Wire::default();
    forwarder.flush(now, &mut wire);
    wire
}

fn events(forwarder: &mut Forwarder) -> Vec<Event> {
    std::iter::from_fn(|| forwarder.poll_event()).collect()
}

/// What a receiver reads of the control packets it got.
fn read(opener: &mut ControlOpener, wire: &Wire) -> Vec<u32> {
    let mut reported = Vec::new();
    for packet in &wire.control {
        let mut scratch = Vec::new();
        let compound = opener.open(packet, &mut scratch).unwrap();
        reported.extend(rtcp::read(compound).filter_map(|control| match control {
            Control::SenderReport(report, _) => Some(report.ssrc),
            _ => None,
        }));
    }
    reported
}

#[test]
fn it_may_move_between_threads() {
    fn is_send<T: Send>() {}
    is_send::<Forwarder>();
    is_send::<Command>();
    is_send::<Event>();
    is_send::<Passing>();
}

#[test]
fn each_receiver_gets_its_own_numbers_in_one_run() {
    let now = crate::test_start();
    let mut forwarder = forwarder(now, &[1, 2]);
    for receiver in [1, 2] {
        forwarder.command(now, Command::Carry(place(receiver, 0), track(9)));
    }
    for sequence in 5000..5003 {
        forwarder.forward(now, &track(9), &picture(now, sequence));
    }
    assert_eq!(forwarder.deadline(now), Some(now));
    let wire = flush(&mut forwarder, now);
    assert_eq!(wire.runs, 2);
    let expected = [1, 2].into_iter().flat_map(|receiver| {
        (100..103).map(move |sequence| Seen {
            to: person(receiver),
            payload_type: 96,
            sequence,
            ssrc: ssrcs(receiver, 0).0,
            bytes: 12 + 8 + 1000 + TAG_BYTES,
        })
    });
    assert_eq!(wire.packets, expected.collect::<Vec<_>>());
    assert!(flush(&mut forwarder, now).packets.is_empty());
}

#[test]
fn what_is_missed_is_sent_again_as_a_repair() {
    let now = crate::test_start();
    let mut forwarder = forwarder(now, &[1]);
    forwarder.command(now, Command::Carry(place(1, 1), track(9)));
    for sequence in 0..20 {
        forwarder.forward(now, &track(9), &picture(now, sequence));
    }
    flush(&mut forwarder, now);
    let (ssrc, repair) = ssrcs(1, 1);
    let mut nack = Vec::new();
    sample::nack(&mut nack, 1, ssrc, &[101, 103, 500]);
    // A repetition within a round trip is no new wish.
    for at in [now, now + ms(5)] {
        forwarder.control(at, person(1), &nack);
    }
    let wire = flush(&mut forwarder, now);
    let repairs: Vec<_> =
        wire.packets.iter().map(|it| (it.ssrc, it.payload_type, it.sequence, it.bytes)).collect();
    let bytes = 12 + 8 + 2 + 1000 + TAG_BYTES;
    assert_eq!(repairs, [(repair, 97, 7000, bytes), (repair, 97, 7001, bytes)]);
    // Another track has other packets under those numbers, which never were.
    forwarder.command(now, Command::Carry(place(1, 1), track(8)));
    forwarder.control(now + ms(200), person(1), &nack);
    assert!(flush(&mut forwarder, now).packets.is_empty());
}

#[test]
fn the_transceiver_is_named_until_the_receiver_knows_the_stream() {
    let now = crate::test_start();
    let mut forwarder = forwarder(now, &[1]);
    forwarder.command(now, Command::Carry(place(1, 0), track(9)));
    let size = |forwarder: &mut Forwarder, sequence| {
        forwarder.forward(now, &track(9), &picture(now, sequence));
        flush(forwarder, now).packets[0].bytes - 1000 - TAG_BYTES
    };
    assert_eq!(size(&mut forwarder, 1), 20);
    let block = rtcp::Block {
        ssrc: ssrcs(1, 0).0,
        fraction_lost: 0,
        cumulative_lost: 0,
        highest: 100,
        jitter: 0,
        last_sr: 0,
        delay_since_sr: 0,
    };
    let mut report = Vec::new();
    sample::receiver_report(&mut report, 1, &[block]);
    forwarder.control(now, person(1), &report);
    assert_eq!(size(&mut forwarder, 2), 12);
}

#[test]
fn the_room_is_told_of_keyframes_that_are_wanted_and_awaited() {
    let now = crate::test_start();
    let mut forwarder = forwarder(now, &[1]);
    forwarder.command(now, Command::Carry(place(1, 0), track(9)));
    let passing = picture(now, 1);
    let candidate = Candidate { video: VideoPayload::default(), ..passing.candidate };
    let delta = |sequence| Passing { candidate, ..picture(now, sequence) };
    let awaited = Event::Awaited(track(9), EncodingSet::of(&[0]));
    for (millis, told) in [(0, true), (50, false), (100, true)] {
        forwarder.forward(now + ms(millis), &track(9), &delta(millis));
        flush(&mut forwarder, now + ms(millis));
        assert_eq!(events(&mut forwarder).contains(&awaited), told, "{millis}");
    }
    forwarder.forward(now + ms(110), &track(9), &picture(now, 110));
    flush(&mut forwarder, now + ms(110));
    assert_eq!(events(&mut forwarder), [Event::Current(place(1, 0), Some(0))]);
    let mut pli = Vec::new();
    sample::pli(&mut pli, 1, ssrcs(1, 0).0);
    forwarder.control(now, person(1), &pli);
    assert_eq!(events(&mut forwarder), [Event::KeyframeWanted(place(1, 0))]);
    forwarder.command(now, Command::Aim(place(1, 0), None));
    assert_eq!(events(&mut forwarder), [Event::Current(place(1, 0), None)]);
}

#[test]
fn streams_that_send_are_reported_on_at_once_and_then_by_their_kind() {
    let now = crate::test_start();
    let mut forwarder = forwarder(now, &[1]);
    let voice = SlotTrack { source: TrackSource::CamAudio, ..track(9) };
    forwarder.command(now, Command::Carry(place(1, 0), voice.clone()));
    forwarder.command(now, Command::Carry(place(1, 1), track(9)));
    let mut opener = keys(true).opener;
    let (sound_ssrc, picture_ssrc) = (ssrcs(1, 0).0, ssrcs(1, 1).0);
    let mut reported = Vec::new();
    for step in 0..1000_u64 {
        let at = now + ms(10 * step);
        forwarder.forward(at, &voice, &sound(at, step));
        forwarder.forward(at, &track(9), &picture(at, step));
        let wire = flush(&mut forwarder, at);
        reported.extend(read(&mut opener, &wire));
        if step == 0 {
            assert_eq!(reported, [sound_ssrc, picture_ssrc]);
        }
    }
    let count = |ssrc| reported.iter().filter(|it| **it == ssrc).count();
    assert!((10..=12).contains(&count(picture_ssrc)), "{}", count(picture_ssrc));
    assert!((2..=4).contains(&count(sound_ssrc)), "{}", count(sound_ssrc));
    // When all is silent, nothing wakes anybody.
    let mut at = now + ms(10_000);
    while let Some(deadline) = forwarder.deadline(at) {
        at = deadline.max(at);
        flush(&mut forwarder, at);
        assert!(at < now + ms(30_000), "still awake");
    }
}

#[test]
fn floods_of_wishes_are_one_wish_and_a_bounded_look() {
    let now = crate::test_start();
    let mut forwarder = forwarder(now, &[1]);
    forwarder.command(now, Command::Carry(place(1, 0), track(9)));
    for sequence in 0..200 {
        forwarder.forward(now, &track(9), &picture(now, sequence));
    }
    flush(&mut forwarder, now);
    events(&mut forwarder);
    let (mut pli, mut nack) = (Vec::new(), Vec::new());
    sample::pli(&mut pli, 1, ssrcs(1, 0).0);
    for _ in 0..500 {
        forwarder.control(now, person(1), &pli);
    }
    assert_eq!(events(&mut forwarder), [Event::KeyframeWanted(place(1, 0))]);
    // Those that are there stand behind a thousand that never were.
    let missed: Vec<u16> = (10_000..11_000).chain(100..110).collect();
    missed.chunks(250).for_each(|missed| sample::nack(&mut nack, 1, ssrcs(1, 0).0, missed));
    forwarder.control(now, person(1), &nack);
    assert!(flush(&mut forwarder, now).packets.is_empty());
}

#[test]
fn pictures_wait_for_their_time_and_sound_does_not() {
    let now = crate::test_start();
    let mut forwarder = forwarder(now, &[1]);
    let numbers = ExtensionIds { number: Some(3), ..ExtensionIds::default() };
    let setup = StreamSetup { extensions: numbers, ..setup(1, 1) };
    forwarder.command(now, Command::Stream(place(1, 1), Box::new(setup)));
    let voice = SlotTrack { source: TrackSource::CamAudio, ..track(9) };
    forwarder.command(now, Command::Carry(place(1, 0), voice.clone()));
    forwarder.command(now, Command::Carry(place(1, 1), track(9)));
    for sequence in 0..50 {
        forwarder.forward(now, &track(9), &picture(now, sequence));
    }
    let mut at = now;
    let mut sent = flush(&mut forwarder, at).packets.len();
    assert!((1..=12).contains(&sent), "{sent}");
    let mut sounds = 0;
    while let Some(deadline) = forwarder.deadline(at).filter(|_| sent < 50) {
        at = deadline.max(at + ms(1));
        assert!(at < now + ms(600), "{sent} pictures");
        sounds += 1;
        if sounds % 10 == 0 {
            forwarder.forward(at, &voice, &sound(at, sounds));
            assert_eq!(forwarder.deadline(at), Some(at));
        }
        let packets = flush(&mut forwarder, at).packets;
        let is_sound = |packet: &&Seen| packet.ssrc == ssrcs(1, 0).0;
        let heard = packets.iter().filter(is_sound).count();
        assert_eq!(heard, usize::from(sounds % 10 == 0));
        sent += packets.len() - heard;
    }
    // At two and a half times what is assumed at first, with the sound beside.
    let took = at.duration_since(now);
    assert!(took > ms(150), "{took:?}");
}

#[test]
fn pictures_that_are_too_old_are_given_up_for_a_keyframe() {
    let now = crate::test_start();
    let mut forwarder = forwarder(now, &[1]);
    let numbers = ExtensionIds { number: Some(3), ..ExtensionIds::default() };
    let setup = StreamSetup { extensions: numbers, ..setup(1, 1) };
    forwarder.command(now, Command::Stream(place(1, 1), Box::new(setup)));
    forwarder.command(now, Command::Carry(place(1, 1), track(9)));
    for sequence in 0..100 {
        forwarder.forward(now, &track(9), &picture(now, sequence));
    }
    flush(&mut forwarder, now);
    events(&mut forwarder);
    assert!(flush(&mut forwarder, now + ms(700)).packets.is_empty());
    assert_eq!(events(&mut forwarder), [Event::Current(place(1, 1), None)]);
    forwarder.forward(now + ms(701), &track(9), &picture(now, 101));
    assert_eq!(flush(&mut forwarder, now + ms(701)).packets.len(), 1);
}

#[test]
fn what_waits_of_a_track_is_not_looked_for_in_the_next_one() {
    let now = crate::test_start();
    let mut forwarder = forwarder(now, &[1]);
    forwarder.command(now, Command::Carry(place(1, 0), track(9)));
    forwarder.forward(now, &track(9), &picture(now, 1));
    forwarder.command(now, Command::Carry(place(1, 0), track(8)));
    forwarder.forward(now, &track(8), &picture(now, 50));
    let wire = flush(&mut forwarder, now);
    assert_eq!(wire.packets.len(), 1, "{:?}", wire.packets);
}

#[test]
fn nothing_is_left_of_who_is_gone() {
    let now = crate::test_start();
    let mut forwarder = forwarder(now, &[1, 2]);
    for receiver in [1, 2] {
        forwarder.command(now, Command::Carry(place(receiver, 0), track(9)));
    }
    forwarder.forward(now, &track(9), &picture(now, 1));
    forwarder.command(now, Command::Close(person(1)));
    open(&mut forwarder, now, 3);
    forwarder.forward(now, &track(9), &picture(now, 2));
    let wire = flush(&mut forwarder, now);
    assert!(wire.packets.iter().all(|packet| packet.to == person(2)));
    forwarder.command(now, Command::Drop(place(2, 0)));
    assert!(forwarder.tracks.find(&track(9)).is_none());
}

#[derive(Clone, Debug)]
enum Step {
    Packet { sender: u8, back: u64, is_keyframe: bool },
    Carry { receiver: u8, slot: usize, sender: u8 },
    Drop { receiver: u8, slot: usize },
    Aim { receiver: u8, slot: usize, is_shown: bool },
    SetUp { receiver: u8, slot: usize },
    Nack { receiver: u8, slot: usize, lost: u16 },
    Reopen { receiver: u8 },
    Flush,
}

fn step() -> impl Strategy<Value = Step> {
    let at = || (1_u8..3, 0_usize..2);
    prop_oneof![
        8 => (8_u8..10, 0_u64..4, any::<bool>())
            .prop_map(|(sender, back, is_keyframe)| Step::Packet { sender, back, is_keyframe }),
        2 => (at(), 8_u8..10)
            .prop_map(|((receiver, slot), sender)| Step::Carry { receiver, slot, sender }),
        1 => at().prop_map(|(receiver, slot)| Step::Drop { receiver, slot }),
        1 => (at(), any::<bool>())
            .prop_map(|((receiver, slot), is_shown)| Step::Aim { receiver, slot, is_shown }),
        1 => at().prop_map(|(receiver, slot)| Step::SetUp { receiver, slot }),
        2 => (at(), 90_u16..200)
            .prop_map(|((receiver, slot), lost)| Step::Nack { receiver, slot, lost }),
        1 => (1_u8..3).prop_map(|receiver| Step::Reopen { receiver }),
        3 => Just(Step::Flush),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Two packets under one number and key would give both away.
    #[test]
    fn no_number_is_used_twice(steps in prop::collection::vec(step(), 1..200)) {
        let mut now = crate::test_start();
        let mut forwarder = forwarder(now, &[1, 2]);
        let (mut next, mut passed) = (100_u64, BTreeSet::new());
        let mut used: BTreeSet<(ParticipantId, u32, u16)> = BTreeSet::new();
        for step in steps {
            now += ms(3);
            next += 1;
            match step {
                Step::Packet { sender, back, is_keyframe } => {
                    let sequence = next.saturating_sub(back * back);
                    // The library has seen to it that none comes twice.
                    if passed.insert((sender, sequence)) {
                        let mut passing = picture(now, sequence);
                        passing.candidate.video.is_keyframe = is_keyframe;
                        passing.original.source = u32::from(sender);
                        forwarder.forward(now, &track(sender), &passing);
                    }
                }
                Step::Carry { receiver, slot, sender } => {
                    forwarder.command(now, Command::Carry(place(receiver, slot), track(sender)));
                }
                Step::Drop { receiver, slot } => {
                    forwarder.command(now, Command::Drop(place(receiver, slot)));
                }
                Step::Aim { receiver, slot, is_shown } => {
                    let target = is_shown.then_some(Choice::ALL);
                    forwarder.command(now, Command::Aim(place(receiver, slot), target));
                }
                Step::SetUp { receiver, slot } => {
                    let setup = Box::new(setup(receiver, slot));
                    forwarder.command(now, Command::Stream(place(receiver, slot), setup));
                }
                Step::Nack { receiver, slot, lost } => {
                    let mut nack = Vec::new();
                    sample::nack(&mut nack, 1, ssrcs(receiver, slot).0, &[lost, lost + 1]);
                    forwarder.control(now, person(receiver), &nack);
                }
                Step::Reopen { receiver } => {
                    // With new keys.
                    used.retain(|(to, ..)| *to != person(receiver));
                    open(&mut forwarder, now, receiver);
                }
                Step::Flush => {
                    for seen in flush(&mut forwarder, now).packets {
                        let number = (seen.to, seen.ssrc, seen.sequence);
                        prop_assert!(used.insert(number), "{seen:?}");
                    }
                }
            }
        }
    }
}
