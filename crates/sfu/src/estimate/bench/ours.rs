//! The estimator, the pacer and the probes of the room.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::super::Estimator;
use super::super::feedback::Arrival;
use super::scene::{Media, Sender};
use crate::pace::{MOST_WAIT, Pacer};

/// What str0m's datagrams have around a payload: header, extensions and tag.
const HEADER_BYTES: usize = 40;
/// A turn of the shell, and how often the receiver tells what arrived.
const TURN: f64 = 0.002;
const FEEDBACK_EACH: f64 = 0.05;
const UPDATE_EACH: f64 = 0.5;
/// Repairs, as a part of what is sent besides.
const MOST_REPAIRS: f64 = 0.66;
/// Older ones are of no use to a call.
const REPAIRED_FOR: f64 = 0.6;

pub(super) struct Ours {
    start: Instant,
    estimator: Estimator,
    pacer: Pacer,
    number: u16,
    audio: Vec<Media>,
    repairs: VecDeque<Media>,
    video: VecDeque<Media>,
    latency: f64,
    untold: Vec<(u16, i64)>,
    told_until: u16,
    feedback_at: f64,
    back: VecDeque<(f64, Vec<Arrival>)>,
    sent: Vec<Option<Media>>,
    turn_at: f64,
    update_at: f64,
    is_restarted: bool,
    repaired: f64,
    shown: f64,
    pub(super) padding: usize,
}

/// A packet on the way: its number, and what is in it unless it is padding.
pub(super) struct Packet {
    number: Option<u16>,
    media: Option<Media>,
}

impl Ours {
    pub(super) fn new(latency: f64) -> Self {
        let mut estimator = Estimator::new();
        estimator.allow_probes(true);
        Self {
            start: crate::test_start(),
            estimator,
            pacer: Pacer::new(),
            number: 0,
            audio: Vec::new(),
            repairs: VecDeque::new(),
            video: VecDeque::new(),
            latency,
            untold: Vec::new(),
            told_until: 0,
            feedback_at: 0.0,
            back: VecDeque::new(),
            sent: vec![None; 65_536],
            turn_at: 0.0,
            update_at: 0.0,
            is_restarted: false,
            repaired: 0.0,
            shown: 0.0,
            padding: 0,
        }
    }

    /// The receiver's feedback, as it would be written and read.
    fn tell(&mut self, now: f64) {
        if now < self.feedback_at || self.untold.is_empty() {
            return;
        }
        self.feedback_at = now + FEEDBACK_EACH;
        let mut arrivals = Vec::new();
        for (number, at_us) in std::mem::take(&mut self.untold) {
            while self.told_until != number {
                arrivals.push((self.told_until, None));
                self.told_until = self.told_until.wrapping_add(1);
            }
            arrivals.push((number, Some(at_us / 250 * 250)));
            self.told_until = number.wrapping_add(1);
        }
        self.back.push_back((now + self.latency, arrivals));
    }

    fn hear(&mut self, now: f64, at: Instant) {
        while let Some((_, arrivals)) = self.back.pop_front_if(|it| it.0 <= now) {
            for (number, arrived) in &arrivals {
                let media = self.sent[usize::from(*number)].take();
                let is_young = |media: &Media| now - media.made_at < REPAIRED_FOR;
                self.repairs.extend(media.filter(|it| arrived.is_none() && is_young(it)));
            }
            self.estimator.handle_feedback(at, &arrivals);
            self.pacer.set_rate(at, self.estimator.pace(at).unwrap_or(f64::INFINITY));
        }
    }

    fn put(&mut self, at: Instant, bytes: usize, media: Option<Media>) -> (usize, Packet) {
        let bytes = bytes + HEADER_BYTES;
        self.pacer.spend(at, bytes);
        let number = self.number;
        self.estimator.handle_sent(at, number, bytes);
        self.sent[usize::from(number)] = media;
        self.number = number.wrapping_add(1);
        (bytes, Packet { number: Some(number), media })
    }
}

impl Sender for Ours {
    type Packet = Packet;

    fn offer(&mut self, _now: f64, media: Media) {
        if media.is_video {
            self.video.push_back(media);
        } else {
            self.audio.push(media);
        }
    }

    fn send(&mut self, now: f64, wanted: f64) -> Vec<(usize, Self::Packet)> {
        let at = self.start + Duration::from_secs_f64(now);
        self.tell(now);
        self.hear(now, at);
        if now >= self.update_at {
            self.update_at = now + UPDATE_EACH;
            self.estimator.update(at, wanted);
        }
        let mut out = Vec::new();
        for media in std::mem::take(&mut self.audio) {
            let bytes = media.bytes + HEADER_BYTES;
            self.estimator.handle_audio(at, bytes);
            self.pacer.spend(at, bytes);
            out.push((bytes, Packet { number: None, media: Some(media) }));
        }
        if now < self.turn_at {
            return out;
        }
        self.turn_at = now + TURN;
        if let Some(probe) = self.estimator.next_probe(at) {
            self.pacer.begin_probe(at, probe);
        }
        let is_old = |it: &Media| now - it.made_at > MOST_WAIT.as_secs_f64();
        if self.video.front().is_some_and(is_old) {
            // The stream begins again with a keyframe.
            self.video.clear();
            self.is_restarted = true;
        }
        while self.repairs.pop_front_if(|it| is_old(it)).is_some() {}
        while self.pacer.allowance(at) > 0 {
            let may_repair = self.repaired < self.shown * MOST_REPAIRS;
            let repair = if may_repair { self.repairs.pop_front() } else { None };
            self.repaired += repair.map_or(0.0, |media| media.bytes as f64);
            let Some(media) = repair.or_else(|| self.video.pop_front()) else {
                break;
            };
            self.shown += if repair.is_none() { media.bytes as f64 } else { 0.0 };
            out.push(self.put(at, media.bytes, Some(media)));
        }
        // About a second counts.
        self.repaired *= 0.998;
        self.shown *= 0.998;
        while self.pacer.padding(at) > 0 {
            let bytes = self.pacer.padding_packet().min(1100);
            self.padding += bytes;
            out.push(self.put(at, bytes, None));
        }
        out
    }

    fn arrive(&mut self, at: f64, packet: Self::Packet) -> Vec<Media> {
        if let Some(number) = packet.number {
            self.untold.push((number, (at * 1e6) as i64));
        }
        packet.media.into_iter().collect()
    }

    fn take_restart(&mut self) -> bool {
        std::mem::take(&mut self.is_restarted)
    }

    fn estimate(&self) -> f64 {
        self.estimator.bits_per_second().unwrap_or(f64::INFINITY)
    }
}
