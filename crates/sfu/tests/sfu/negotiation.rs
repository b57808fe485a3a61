//! Offers as a real browser makes them. The text was recorded from Chromium
//! 156: four transceivers that send (audio, video, video, audio), then a slot
//! of each kind.

use parlor_model::call::TrackSource::{CamAudio, CamVideo, ScreenAudio, ScreenVideo};
use parlor_model::call::{ClientMessage, SendTransceiver, ServerMessage};
use parlor_testkit::{Sim, Who, nothing};

use crate::ms;

fn chromium_offer() -> String {
    include_str!("chromium_offer.sdp").replace('\n', "\r\n")
}

fn make_offer(sim: &mut Sim, who: Who, sdp: String) {
    let sources = [CamAudio, CamVideo, ScreenVideo, ScreenAudio];
    let sends = (0..).zip(sources).map(|(mid, source): (u8, _)| {
        let mid = mid.to_string();
        SendTransceiver { mid, source }
    });
    let sends = sends.collect();
    let slots = vec!["4".into(), "5".into()];
    sim.forge(who, ClientMessage::Offer { sdp, sends, slots });
}

fn answer_to(sdp: String) -> String {
    let mut sim = Sim::seeded(131);
    let ana = sim.join("ana", nothing());
    sim.run(ms(7));
    make_offer(&mut sim, ana, sdp);
    sim.run(ms(100));
    let mut answers = sim.client(ana).messages().filter_map(|message| match message {
        ServerMessage::Answer { sdp } => Some(sdp.clone()),
        _ => None,
    });
    answers.next().expect("the offer is answered")
}

/// The media sections of a description.
fn sections(sdp: &str) -> Vec<&str> {
    sdp.split("\r\nm=").skip(1).collect()
}

#[test]
fn a_browsers_offer_is_answered_as_a_lite_agent_with_our_address() {
    let answer = answer_to(chromium_offer());
    assert!(answer.contains("a=ice-lite"), "{answer}");
    assert!(answer.contains("10.0.0.1 10000 typ host"), "{answer}");
    assert!(answer.contains("a=group:BUNDLE 0 1 2 3 4 5"), "{answer}");
}

#[test]
fn every_transceiver_is_accepted_in_its_direction() {
    let answer = answer_to(chromium_offer());
    let sections = sections(&answer);
    assert_eq!(sections.len(), 6);
    for section in &sections[..4] {
        assert!(section.contains("a=recvonly"), "{section}");
    }
    for section in &sections[4..] {
        assert!(section.contains("a=sendonly") && section.contains("a=ssrc:"), "{section}");
    }
    assert!(sections.iter().all(|section| !section.starts_with("audio 0")));
}

#[test]
fn vp8_comes_first_with_repair_and_feedback_and_opus_alone() {
    let answer = answer_to(chromium_offer());
    let sections = sections(&answer);
    assert!(sections[0].starts_with("audio 9 UDP/TLS/RTP/SAVPF 111\r\n"), "{}", sections[0]);
    assert!(sections[1].starts_with("video 9 UDP/TLS/RTP/SAVPF 96 97 "), "{}", sections[1]);
    for line in ["a=rtcp-fb:96 transport-cc", "a=rtcp-fb:96 nack", "a=rtcp-fb:96 nack pli"] {
        assert!(sections[1].contains(line), "{line} in {}", sections[1]);
    }
    assert!(sections[1].contains("transport-wide-cc"), "{}", sections[1]);
    assert!(sections[0].contains("ssrc-audio-level"), "{}", sections[0]);
    let av1 = sections[1].find("AV1/90000");
    assert!(av1 > sections[1].find("VP8/90000"), "{answer}");
}

#[test]
fn nobody_is_asked_how_sound_arrives() {
    let answer = answer_to(chromium_offer());
    for section in &sections(&answer)[4..] {
        let is_asked = section.contains("transport-wide-cc");
        assert_eq!(is_asked, section.starts_with("video"), "{section}");
    }
}

#[test]
fn simulcast_is_taken_as_offered() {
    let line = "a=mid:1\r\na=rid:f send\r\na=rid:h send\r\na=rid:q send\r\na=simulcast:send f;h;q";
    let answer = answer_to(chromium_offer().replace("a=mid:1", line));
    let camera = sections(&answer)[1];
    assert!(camera.contains("a=simulcast:recv f;h;q"), "{camera}");
    for rid in ["f", "h", "q"] {
        assert!(camera.contains(&format!("a=rid:{rid} recv")), "{camera}");
    }
    for extension in ["sdes:rtp-stream-id", "sdes:repaired-rtp-stream-id"] {
        assert!(camera.contains(extension), "{camera}");
    }
}

#[test]
fn the_same_connection_keeps_its_peer_and_a_new_one_replaces_it() {
    let mut sim = Sim::seeded(132);
    let ana = sim.join("ana", nothing());
    sim.run(ms(100));
    let password = |sim: &Sim| {
        let answers = sim.client(ana).messages().filter_map(|message| match message {
            ServerMessage::Answer { sdp } => Some(sdp),
            _ => None,
        });
        let lines = answers.last().unwrap().lines();
        lines.map(str::to_owned).find(|line| line.starts_with("a=ice-pwd")).unwrap()
    };
    make_offer(&mut sim, ana, chromium_offer());
    sim.run(ms(100));
    let first = password(&sim);
    make_offer(&mut sim, ana, chromium_offer());
    sim.run(ms(100));
    assert_eq!(password(&sim), first);
    let fresh = chromium_offer().replace("o=- 8", "o=- 7");
    make_offer(&mut sim, ana, fresh);
    sim.run(ms(100));
    assert_ne!(password(&sim), first);
    assert_eq!(sim.demux().len(), 1);
}
