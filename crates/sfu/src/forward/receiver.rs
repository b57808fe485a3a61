//! Somebody who is sent media: what waits to be sent to them, and all that
//! belongs to their transport. What is forwarded in a turn is noted here and
//! written at its end, packet after packet, while they are in the cache.

use std::time::{Duration, Instant};

use parlor_model::id::ParticipantId;

use super::Sink;
use super::batch::Batch;
use super::command::{Bandwidth, Event, Opening, Place, StreamSetup};
use super::history::Entry;
use super::report::Clock;
use super::stream::{Lying, Stream};
use super::table::{Index, Table};
use super::track::Track;
use crate::estimate::Estimator;
use crate::estimate::feedback::{self, Arrival};
use crate::io::Route;
use crate::publication::Passing;
use crate::rtcp::{self, Block, Control};
use crate::srtp::{SealError, Sealer};

/// The part by which an estimate must change to be told. Less tells the room
/// more often of what it does nothing about.
const NEWS: f64 = 0.03;
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
    /// The next transport-wide number.
    number: u16,
    estimator: Estimator,
    round_trip: Option<Duration>,
    /// The bandwidth that was told last.
    told: Option<Bandwidth>,
    /// Which streams are to be reported on with the next flush.
    reports: Reports,
}

/// What waits to be sent, by what leaves first. Bounded by what arrives within
/// a turn and what one message may ask for.
#[derive(Debug, Default)]
struct Queue {
    sounds: Vec<Waiting>,
    repairs: Vec<Waiting>,
    pictures: Vec<Waiting>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    slot: usize,
    entry: Entry,
    is_repair: bool,
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
            number: 0,
            estimator: Estimator::new(),
            round_trip: None,
            told: None,
            reports: Reports::None,
        }
    }

    /// Adds a stream, or changes how its packets look.
    pub(super) fn set_up(&mut self, slot: usize, setup: StreamSetup) {
        if self.streams.len() <= slot {
            self.streams.resize_with(slot + 1, || None);
        }
        match &mut self.streams[slot] {
            Some(stream) => stream.set_up(setup),
            place => *place = Some(Stream::new(setup)),
        }
    }

    pub(super) fn stream_mut(&mut self, slot: usize) -> Option<&mut Stream> {
        self.streams.get_mut(slot)?.as_mut()
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
        now: Instant,
        slot: usize,
        (passing, lying): (&Passing, Lying),
        events: &mut impl Extend<Event>,
    ) -> Option<u8> {
        let stream = self.streams.get_mut(slot)?.as_mut()?;
        let forwarded = stream.forward(now, passing, lying);
        if passing.is_video
            && let Some(current) = stream.take_current()
        {
            let place = Place { receiver: self.id, slot };
            events.extend([Event::Current(place, current)]);
        }
        if let Some(entry) = forwarded.entry {
            let waiting = Waiting { slot, entry, is_repair: false };
            if passing.is_video {
                self.queue.pictures.push(waiting);
            } else {
                self.queue.sounds.push(waiting);
            }
        }
        if forwarded.is_first {
            // The sooner a receiver knows, the sooner sound and picture match.
            self.reports = Reports::All;
        }
        forwarded.awaits
    }

    /// Whether anything is to be put out.
    pub(super) fn has_work(&self) -> bool {
        !self.queue.is_empty() || self.reports != Reports::None
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
            events.extend(self.take_bandwidth(now, false));
        }
    }

    /// This much would be sent if all of it passed.
    pub(super) fn need(&mut self, now: Instant, bits_per_second: f64) -> Option<Event> {
        let is_trial = self.estimator.update(now, bits_per_second);
        self.take_bandwidth(now, is_trial)
    }

    /// The bandwidth, if it is news.
    fn take_bandwidth(&mut self, now: Instant, is_trial: bool) -> Option<Event> {
        if !self.is_told_of() {
            return None;
        }
        let bandwidth = Bandwidth { is_trial, ..Bandwidth::of(now, &mut self.estimator) };
        if !is_trial && self.told.is_some_and(|told| is_about(&told, &bandwidth)) {
            return None;
        }
        self.told = Some(bandwidth);
        Some(Event::Bandwidth(self.id, bandwidth))
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
                self.queue.repairs.push(Waiting { slot, entry, is_repair: true });
            }
        }
    }

    /// Writes, seals and puts out everything that waits.
    pub(super) fn flush(
        &mut self,
        (now, clock): (Instant, &Clock),
        tracks: &Table<impl Ord, Track>,
        (batch, sink): (&mut Batch, &mut impl Sink),
    ) -> Result<(), SealError> {
        let mut queue = std::mem::take(&mut self.queue);
        let sent = queue.drain().try_for_each(|it| self.put_out(now, &it, tracks, (batch, sink)));
        self.queue = queue;
        let reported = sent.and_then(|()| self.report((now, clock), (batch, sink)));
        batch.finish(&self.route, sink);
        reported
    }

    fn put_out(
        &mut self,
        now: Instant,
        waiting: &Waiting,
        tracks: &Table<impl Ord, Track>,
        (batch, sink): (&mut Batch, &mut impl Sink),
    ) -> Result<(), SealError> {
        let Waiting { slot, entry, is_repair } = waiting;
        let Some(stream) = self.streams.get_mut(*slot).and_then(Option::as_mut) else {
            return Ok(());
        };
        let track = stream.track.and_then(|track| tracks.get(track));
        let Some(stored) = track.and_then(|it| it.stored(entry.encoding, entry.position)) else {
            return Ok(());
        };
        let number = stream.setup.extensions.number.map(|_| self.number);
        let (out, start) = batch.begin();
        let written = if *is_repair {
            stream.write_repair((entry, stored), number, out)
        } else {
            stream.write(now, (entry, stored), number, out)
        };
        let Some(written) = written else {
            batch.abandon();
            return Ok(());
        };
        let sealed =
            self.sealer.seal_rtp(out, start, written.header_bytes, written.ssrc, written.index);
        if sealed.is_err() {
            batch.abandon();
            return sealed;
        }
        let bytes = batch.end(&self.route, sink);
        match number {
            Some(number) => {
                self.number = number.wrapping_add(1);
                self.estimator.handle_sent(now, number, bytes);
            }
            None => self.estimator.handle_audio(now, bytes),
        }
        Ok(())
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

impl Queue {
    fn is_empty(&self) -> bool {
        self.sounds.is_empty() && self.repairs.is_empty() && self.pictures.is_empty()
    }

    fn drain(&mut self) -> impl Iterator<Item = Waiting> {
        let Self { sounds, repairs, pictures } = self;
        sounds.drain(..).chain(repairs.drain(..)).chain(pictures.drain(..))
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
