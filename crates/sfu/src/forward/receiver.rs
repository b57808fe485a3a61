//! Somebody who is sent media: what waits to be sent to them, and all that
//! belongs to their transport. What is forwarded in a turn is noted here and
//! written at its end, packet after packet, while they are in the cache.

use std::time::{Duration, Instant};

use parlor_model::id::ParticipantId;

use super::Sink;
use super::batch::Batch;
use super::command::{Bandwidth, Event, Opening, Place, StreamSetup};
use super::history::Entry;
use super::queue::{Queue, Waiting};
use super::report::Clock;
use super::stream::{Stream, Written};
use super::table::{Index, Table};
use super::track::{Arrived, Track};
use crate::estimate::Estimator;
use crate::estimate::feedback::{self, Arrival};
use crate::io::Route;
use crate::pace::{MOST_WAIT, Pacer};
use crate::rtcp::{self, Block, Control};
use crate::srtp::{SealError, Sealer};

/// The part by which an estimate must change to be told. Less tells the room
/// more often of what it does nothing about.
const NEWS: f64 = 0.03;
/// By how much an estimate rises when a probe found that more passes, and never
/// by itself between two messages.
const LEAP: f64 = 1.1;
/// How often somebody is looked at, at most, while something waits for its time.
/// Shorter spreads packets more evenly; each look costs a system call. Probes
/// last for milliseconds, and are to be even.
const PACE_EVERY: Duration = Duration::from_millis(5);
const PROBE_EVERY: Duration = Duration::from_millis(2);
/// The size that a message of several reports does not exceed by much.
const REPORT_BYTES: usize = 1000;

/// One receiver.
pub(super) struct Receiver {
    pub(super) id: ParticipantId,
    sealer: Sealer,
    pub(super) route: Route,
    /// By slot.
    streams: Vec<Option<Stream>>,
    queue: Queue,
    /// Whether they wait in the list of those to be flushed.
    pub(super) is_dirty: bool,
    /// Whether they wait in the list of those whose packets wait for their time.
    pub(super) is_held: bool,
    /// The next transport-wide number.
    number: u16,
    estimator: Estimator,
    pacer: Pacer,
    round_trip: Option<Duration>,
    /// The bandwidth that was told last.
    told: Option<Bandwidth>,
    /// Which streams are to be reported on with the next flush.
    reports: Reports,
}

/// Which streams to report on: those with news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reports {
    #[default]
    None,
    /// Of video.
    Pictures,
    All,
}

impl Receiver {
    pub(super) fn new(opening: Opening) -> Self {
        let Opening { receiver, sealer, route } = opening;
        Self {
            id: receiver,
            sealer,
            route,
            streams: Vec::new(),
            queue: Queue::default(),
            is_dirty: false,
            is_held: false,
            number: 0,
            estimator: Estimator::new(),
            pacer: Pacer::new(),
            round_trip: None,
            told: None,
            reports: Reports::None,
        }
    }

    /// Adds a stream, or changes how its packets look.
    pub(super) fn set_up(&mut self, now: Instant, slot: usize, setup: StreamSetup) {
        if self.streams.len() <= slot {
            self.streams.resize_with(slot + 1, || None);
        }
        match &mut self.streams[slot] {
            Some(stream) => stream.set_up(setup),
            place => *place = Some(Stream::new(setup)),
        }
        self.set_pace(now);
    }

    pub(super) fn stream_mut(&mut self, slot: usize) -> Option<&mut Stream> {
        self.streams.get_mut(slot)?.as_mut()
    }

    /// A slot carries another track, or none. What still waits there is of the
    /// one before, and forgotten: its payloads would be looked for in the new
    /// one's. Returns the encoding that is sent now, if that is news.
    pub(super) fn carry(&mut self, slot: usize, track: Option<Index>) -> Option<Option<u8>> {
        self.queue.forget(slot);
        let stream = self.stream_mut(slot)?;
        stream.carry(track);
        stream.take_current()
    }

    /// The tracks that are carried, by slot.
    pub(super) fn carried(&self) -> impl Iterator<Item = (usize, Index)> {
        let streams = self.streams.iter().enumerate();
        streams.filter_map(|(slot, stream)| Some((slot, stream.as_ref()?.track?)))
    }

    /// Decides on a packet for a slot, and queues it. Returns the encoding
    /// whose keyframe is awaited.
    pub(super) fn forward(
        &mut self,
        slot: usize,
        Arrived { at, passing, lying }: &Arrived,
        events: &mut impl Extend<Event>,
    ) -> Option<u8> {
        let stream = self.streams.get_mut(slot)?.as_mut()?;
        let forwarded = stream.forward(*at, passing, *lying);
        if passing.is_video
            && let Some(current) = stream.take_current()
        {
            let place = Place { receiver: self.id, slot };
            events.extend([Event::Current(place, current)]);
        }
        if let Some(entry) = forwarded.entry {
            let waiting = Waiting { slot, entry, is_repair: false, since: *at };
            self.queue.push(waiting, passing.is_video);
        }
        if forwarded.is_first {
            // The sooner a receiver knows, the sooner sound and picture match.
            self.reports = Reports::All;
        }
        forwarded.awaits
    }

    /// Whether anything is to be put out.
    pub(super) fn has_work(&self) -> bool {
        !self.queue.is_empty() || self.reports != Reports::None || self.pacer.is_probing()
    }

    /// Reports on these streams, if there is news, with the next flush.
    pub(super) fn ask_for_reports(&mut self, reports: Reports) -> bool {
        let is_meant = |stream: &Stream| {
            stream.account.has_news() && (reports == Reports::All || stream.is_video())
        };
        if self.streams.iter().flatten().any(is_meant) {
            self.reports = self.reports.max(reports);
        }
        self.reports != Reports::None
    }

    /// Takes what the receiver says in a compound RTCP packet that was opened.
    pub(super) fn take_control(
        &mut self,
        (now, clock): (Instant, &Clock),
        compound: &[u8],
        tracks: &Table<impl Ord, Track>,
        (arrivals, events): (&mut Vec<Arrival>, &mut impl Extend<Event>),
    ) {
        arrivals.clear();
        for control in rtcp::read(compound) {
            match control {
                Control::SenderReport(_, blocks) | Control::ReceiverReport { blocks, .. } => {
                    self.take_blocks((now, clock), blocks);
                }
                Control::Nack { media, lost, .. } => self.repair(now, media, lost, tracks),
                Control::Pli { media, .. } => events.extend(self.keyframe_wanted(media)),
                Control::Fir { requests, .. } => {
                    events.extend(requests.filter_map(|(ssrc, _)| self.keyframe_wanted(ssrc)));
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
    pub(super) fn need(&mut self, now: Instant, bits_per_second: f64) -> Option<Event> {
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

    fn set_pace(&mut self, now: Instant) {
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

    fn keyframe_wanted(&self, ssrc: u32) -> Option<Event> {
        let slot = self.slot_of(ssrc)?;
        Some(Event::KeyframeWanted(Place { receiver: self.id, slot }))
    }

    fn slot_of(&self, ssrc: u32) -> Option<usize> {
        let is_meant =
            |stream: &Option<Stream>| stream.as_ref().is_some_and(|it| it.setup.ssrc == ssrc);
        self.streams.iter().position(is_meant)
    }

    fn repair(
        &mut self,
        now: Instant,
        ssrc: u32,
        lost: impl Iterator<Item = u16>,
        tracks: &Table<impl Ord, Track>,
    ) {
        let Some(slot) = self.slot_of(ssrc) else {
            return;
        };
        let Some(stream) = self.streams[slot].as_mut() else {
            return;
        };
        let Some(track) = stream.track.and_then(|track| tracks.get(track)) else {
            return;
        };
        let bytes_of = |it: &Entry| Some(track.stored(it.encoding, it.position)?.payload.len());
        for sequence in lost {
            if let Some(entry) = stream.repair(now, sequence, self.round_trip, bytes_of) {
                let waiting = Waiting { slot, entry, is_repair: true, since: now };
                self.queue.push(waiting, stream.is_video());
            }
        }
    }

    /// Until when something waits for its time, or for what a probe lacks.
    pub(super) fn held_until(&self, now: Instant) -> Option<Instant> {
        let pause = match (self.pacer.is_probing(), self.queue.has_paced()) {
            (true, _) => PROBE_EVERY,
            (false, true) => PACE_EVERY,
            (false, false) => return None,
        };
        Some(self.pacer.deadline(now).max(now + pause))
    }

    /// Writes, seals and puts out what waits, as far as it is its time.
    pub(super) fn flush(
        &mut self,
        (now, clock): (Instant, &Clock),
        tracks: &Table<impl Ord, Track>,
        (batch, sink, events): (&mut Batch, &mut impl Sink, &mut impl Extend<Event>),
    ) -> Result<(), SealError> {
        self.give_up_overdue(now, events);
        self.begin_probe(now);
        let sent = self.put_out_queue(now, tracks, (batch, sink));
        let reported = sent.and_then(|()| self.report((now, clock), (batch, sink)));
        batch.finish(&self.route, sink);
        reported
    }

    /// A video whose packets are too old is not sent late, but begun again.
    fn give_up_overdue(&mut self, now: Instant, events: &mut impl Extend<Event>) {
        while let Some(slot) = self.queue.overdue(now, MOST_WAIT) {
            self.queue.forget(slot);
            let Some(stream) = self.stream_mut(slot) else {
                continue;
            };
            stream.begin_again();
            let current = stream.take_current();
            let place = Place { receiver: self.id, slot };
            events.extend(current.map(|current| Event::Current(place, current)));
        }
    }

    fn put_out_queue(
        &mut self,
        now: Instant,
        tracks: &Table<impl Ord, Track>,
        (batch, sink): (&mut Batch, &mut impl Sink),
    ) -> Result<(), SealError> {
        while let Some(waiting) = self.queue.pop_unpaced() {
            self.put_out(now, &waiting, tracks, (batch, sink))?;
        }
        while self.queue.has_paced() && self.pacer.allowance(now) > 0 {
            if let Some(waiting) = self.queue.pop_paced() {
                self.put_out(now, &waiting, tracks, (batch, sink))?;
            }
        }
        while self.pacer.padding(now) > 0 {
            if !self.put_out_padding(now, tracks, (batch, sink))? {
                break;
            }
        }
        Ok(())
    }

    fn begin_probe(&mut self, now: Instant) {
        if let Some(probe) = self.estimator.next_probe(now) {
            self.pacer.begin_probe(now, probe);
        }
    }

    /// Fills a probe: with something that was just sent, as a repair, which
    /// receivers take for one that came twice; where nothing was sent of late,
    /// with nothing. `false`: no stream can carry it.
    fn put_out_padding(
        &mut self,
        now: Instant,
        tracks: &Table<impl Ord, Track>,
        (batch, sink): (&mut Batch, &mut impl Sink),
    ) -> Result<bool, SealError> {
        let Some(slot) = self.padding_slot() else {
            return Ok(false);
        };
        let latest = self.streams.get(slot).and_then(|it| it.as_ref()?.latest());
        if let Some(entry) = latest {
            let again = Waiting { slot, entry, is_repair: true, since: now };
            if self.put_out(now, &again, tracks, (&mut *batch, &mut *sink))? {
                return Ok(true);
            }
        }
        let write =
            |stream: &mut Stream, number, out: &mut Vec<u8>| stream.write_padding(number, out);
        self.put_out_one(now, slot, write, (batch, sink))
    }

    /// The slot whose repairs carry padding: of a video, best of one that is
    /// being sent.
    fn padding_slot(&self) -> Option<usize> {
        let fit = |slot: &usize| {
            let stream = self.streams.get(*slot).and_then(Option::as_ref);
            stream.is_some_and(Stream::can_pad)
        };
        let is_sent = |slot: &usize| {
            let stream = self.streams.get(*slot).and_then(Option::as_ref);
            stream.is_some_and(|it| it.track.is_some() && it.latest().is_some())
        };
        let fit = (0..self.streams.len()).filter(fit);
        fit.clone().find(is_sent).or_else(|| fit.clone().next())
    }

    /// Writes, seals and puts out a packet. `false`: it is not there any more.
    fn put_out(
        &mut self,
        now: Instant,
        waiting: &Waiting,
        tracks: &Table<impl Ord, Track>,
        (batch, sink): (&mut Batch, &mut impl Sink),
    ) -> Result<bool, SealError> {
        let Waiting { slot, entry, is_repair, .. } = waiting;
        let track = self.streams.get(*slot).and_then(|it| tracks.get(it.as_ref()?.track?));
        let Some(stored) = track.and_then(|it| it.stored(entry.encoding, entry.position)) else {
            return Ok(false);
        };
        let write = |stream: &mut Stream, number, out: &mut Vec<u8>| {
            if *is_repair {
                stream.write_repair((entry, stored), number, out)
            } else {
                stream.write(now, (entry, stored), number, out)
            }
        };
        self.put_out_one(now, *slot, write, (batch, sink))
    }

    /// Has a stream write a packet, seals it and puts it out. `false`: it wrote
    /// none.
    fn put_out_one(
        &mut self,
        now: Instant,
        slot: usize,
        write: impl FnOnce(&mut Stream, Option<u16>, &mut Vec<u8>) -> Option<Written>,
        (batch, sink): (&mut Batch, &mut impl Sink),
    ) -> Result<bool, SealError> {
        let Some(stream) = self.streams.get_mut(slot).and_then(Option::as_mut) else {
            return Ok(false);
        };
        let number = stream.setup.extensions.number.map(|_| self.number);
        let (out, start) = batch.begin();
        let Some(written) = write(stream, number, out) else {
            batch.abandon();
            return Ok(false);
        };
        let sealed =
            self.sealer.seal_rtp(out, start, written.header_bytes, written.ssrc, written.index);
        if let Err(error) = sealed {
            batch.abandon();
            return Err(error);
        }
        let bytes = batch.end(&self.route, sink);
        // Only packets with numbers are part of a probe.
        if number.is_some() || !self.pacer.is_probing() {
            self.pacer.spend(now, bytes);
        }
        match number {
            Some(number) => {
                self.number = number.wrapping_add(1);
                self.estimator.handle_sent(now, number, bytes);
            }
            None => self.estimator.handle_audio(now, bytes),
        }
        Ok(true)
    }

    fn report(
        &mut self,
        (now, clock): (Instant, &Clock),
        (batch, sink): (&mut Batch, &mut impl Sink),
    ) -> Result<(), SealError> {
        let reports = std::mem::take(&mut self.reports);
        let is_meant = |stream: &&mut Stream| {
            let is_kind = reports == Reports::All || stream.is_video();
            reports != Reports::None && is_kind && stream.account.has_news()
        };
        let mut meant = self.streams.iter_mut().flatten().filter(is_meant).peekable();
        while meant.peek().is_some() {
            let (out, start) = batch.begin();
            while out.len() - start < REPORT_BYTES
                && let Some(stream) = meant.next()
            {
                stream.write_report(now, clock, out);
            }
            if let Err(error) = self.sealer.seal_rtcp(out, start) {
                batch.abandon();
                return Err(error);
            }
            batch.end(&self.route, sink);
        }
        Ok(())
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
