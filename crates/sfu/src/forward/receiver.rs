//! Somebody who is sent media: what they are to get, and all that belongs to
//! their transport. What they say of it comes in by [`told`]; what waits for them
//! leaves by [`sending`].

mod sending;
mod told;

use std::time::{Duration, Instant};

use parlor_model::id::ParticipantId;

use super::command::{Bandwidth, Event, Opening, Place, StreamSetup};
use super::queue::{Queue, Waiting};
use super::stream::Stream;
use super::table::Index;
use super::track::Arrived;
use crate::estimate::Estimator;
use crate::io::Route;
use crate::pace::Pacer;
use crate::srtp::Sealer;

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
    /// Whether they wait in the list of those whose packets wait for their time,
    /// and until when.
    pub(super) is_held: bool,
    held_until: Option<Instant>,
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
            held_until: None,
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
}
