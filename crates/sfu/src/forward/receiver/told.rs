//! What a receiver says of what it is sent: what arrived, what it misses, what
//! it wants anew. And what follows for how much is sent.

use std::time::Instant;

use super::Receiver;
use crate::estimate::feedback::{self, Arrival};
use crate::forward::command::{Bandwidth, Event, Place};
use crate::forward::history::Entry;
use crate::forward::queue::Waiting;
use crate::forward::report::Clock;
use crate::forward::stream::Stream;
use crate::forward::table::Table;
use crate::forward::track::Track;
use crate::rtcp::{self, Block, Control};

/// The part by which an estimate must change to be told. Less tells the room
/// more often of what it does nothing about.
const NEWS: f64 = 0.03;
/// How many missing packets of one message are looked for: as many as a browser
/// names. More is work that a receiver can make.
const MOST_MISSED: usize = 1000;
/// By how much an estimate rises when a probe found that more passes, and never
/// by itself between two messages.
const LEAP: f64 = 1.1;

impl Receiver {
    /// Takes what the receiver says in a compound RTCP packet that was opened.
    pub(in crate::forward) fn take_control(
        &mut self,
        (now, clock): (Instant, &Clock),
        compound: &[u8],
        tracks: &Table<impl Ord, Track>,
        (arrivals, events): (&mut Vec<Arrival>, &mut impl Extend<Event>),
    ) {
        arrivals.clear();
        let mut missed = MOST_MISSED;
        for control in rtcp::read(compound) {
            match control {
                Control::SenderReport(_, blocks) | Control::ReceiverReport { blocks, .. } => {
                    self.take_blocks((now, clock), blocks);
                }
                Control::Nack { media, lost, .. } => {
                    missed -= self.repair(now, media, lost.take(missed), tracks);
                }
                Control::Pli { media, .. } => events.extend(self.keyframe_wanted(now, media)),
                Control::Fir { requests, .. } => {
                    let wanted = requests.filter_map(|(ssrc, _)| self.keyframe_wanted(now, ssrc));
                    events.extend(wanted);
                }
                Control::TransportFeedback(message) => feedback::read(message, arrivals),
                Control::Remb { .. } | Control::Goodbye { .. } | Control::Other(_) => {}
            }
        }
        if !arrivals.is_empty() {
            self.estimator.handle_feedback(now, arrivals);
            self.set_pace(now);
            events.extend(self.take_bandwidth(now, false));
        }
    }

    /// This much would be sent if all of it passed.
    pub(in crate::forward) fn need(&mut self, now: Instant, bits_per_second: f64) -> Option<Event> {
        self.estimator.allow_probes(self.padding_slot().is_some());
        let is_trial = self.estimator.update(now, bits_per_second);
        self.set_pace(now);
        self.begin_probe(now);
        self.take_bandwidth(now, is_trial)
    }

    /// The bandwidth, if it is news.
    fn take_bandwidth(&mut self, now: Instant, is_trial: bool) -> Option<Event> {
        if !self.is_told_of() {
            return None;
        }
        let mut bandwidth = Bandwidth::of(now, &mut self.estimator);
        let told = self.told.unwrap_or_default();
        let rose = bandwidth.bits_per_second.zip(told.bits_per_second);
        bandwidth.is_leap = is_trial || rose.is_some_and(|(now, told)| now > LEAP * told);
        if !bandwidth.is_leap && self.told.is_some_and(|told| is_about(&told, &bandwidth)) {
            return None;
        }
        self.told = Some(bandwidth);
        Some(Event::Bandwidth(self.id, bandwidth))
    }

    pub(super) fn set_pace(&mut self, now: Instant) {
        let pace = if self.is_told_of() { self.estimator.pace(now) } else { None };
        self.pacer.set_rate(now, pace.unwrap_or(f64::INFINITY));
    }

    /// Whether packets have numbers that the receiver tells of.
    fn is_told_of(&self) -> bool {
        self.streams.iter().flatten().any(|stream| stream.setup.extensions.number.is_some())
    }

    fn take_blocks(
        &mut self,
        (now, clock): (Instant, &Clock),
        blocks: impl Iterator<Item = Block>,
    ) {
        let mut worst = None;
        for block in blocks {
            let round_trip = clock.round_trip(now, block.last_sr, block.delay_since_sr);
            self.round_trip = round_trip.or(self.round_trip);
            for stream in self.streams.iter_mut().flatten() {
                if stream.note_reported(block.ssrc) && stream.is_video() {
                    worst = worst.max(Some(block.fraction_lost));
                }
            }
        }
        if let Some(worst) = worst {
            self.estimator.handle_report(now, worst, self.round_trip);
        }
    }

    fn keyframe_wanted(&mut self, now: Instant, ssrc: u32) -> Option<Event> {
        let slot = self.slot_of(ssrc)?;
        let is_news = self.stream_mut(slot)?.note_keyframe_wanted(now);
        is_news.then_some(Event::KeyframeWanted(Place { receiver: self.id, slot }))
    }

    fn slot_of(&self, ssrc: u32) -> Option<usize> {
        let is_meant =
            |stream: &Option<Stream>| stream.as_ref().is_some_and(|it| it.setup.ssrc == ssrc);
        self.streams.iter().position(is_meant)
    }

    /// Queues what is missed again; how many packets were looked for.
    fn repair(
        &mut self,
        now: Instant,
        ssrc: u32,
        lost: impl Iterator<Item = u16>,
        tracks: &Table<impl Ord, Track>,
    ) -> usize {
        let Some(slot) = self.slot_of(ssrc) else {
            return 0;
        };
        let Some(stream) = self.streams[slot].as_mut() else {
            return 0;
        };
        let Some(track) = stream.track.and_then(|track| tracks.get(track)) else {
            return 0;
        };
        let mut looked_for = 0;
        let bytes_of = |it: &Entry| Some(track.stored(it.encoding, it.position)?.payload.len());
        for sequence in lost {
            looked_for += 1;
            if let Some(entry) = stream.repair(now, sequence, self.round_trip, bytes_of) {
                let waiting = Waiting { slot, entry, is_repair: true, since: now };
                self.queue.push(waiting, stream.is_video());
            }
        }
        looked_for
    }
}

/// Whether nobody would act otherwise on one than on the other.
fn is_about(told: &Bandwidth, now: &Bandwidth) -> bool {
    let is_near = |told: f64, now: f64, of: f64| (told - now).abs() <= NEWS * of;
    let is_about = match (told.bits_per_second, now.bits_per_second) {
        (Some(a), Some(b)) => is_near(a, b, a) && is_near(told.audio, now.audio, a),
        (told, now) => told == now,
    };
    is_about && told.is_limited == now.is_limited
}
