//! What leaves for a receiver at a flush: written, sealed and put out packet
//! after packet, while they are in the cache.

use std::time::{Duration, Instant};

use super::{Receiver, Reports};
use crate::forward::Sink;
use crate::forward::batch::Batch;
use crate::forward::command::{Event, Place};
use crate::forward::queue::Waiting;
use crate::forward::report::Clock;
use crate::forward::stream::{Stream, Written};
use crate::forward::table::Table;
use crate::forward::track::Track;
use crate::pace::MOST_WAIT;
use crate::srtp::SealError;

/// How often somebody is looked at, at most, while something waits for its time.
/// Shorter spreads packets more evenly; each look costs a system call. Probes
/// last for milliseconds, and are to be even.
const PACE_EVERY: Duration = Duration::from_millis(5);
const PROBE_EVERY: Duration = Duration::from_millis(2);
/// The size that a message of several reports does not exceed by much.
const REPORT_BYTES: usize = 1000;

impl Receiver {
    /// Until when something waits for its time, or for what a probe lacks.
    pub(in crate::forward) fn held_until(&self, now: Instant) -> Option<Instant> {
        self.held_until.filter(|until| *until > now)
    }

    /// Writes, seals and puts out what waits, as far as it is its time.
    pub(in crate::forward) fn flush(
        &mut self,
        (now, clock): (Instant, &Clock),
        tracks: &Table<impl Ord, Track>,
        (batch, sink, events): (&mut Batch, &mut impl Sink, &mut impl Extend<Event>),
    ) -> Result<(), SealError> {
        self.give_up_overdue(now, events);
        self.begin_probe(now);
        let sent = self.put_out_queue(now, tracks, (batch, sink));
        self.hold(now);
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
        if self.held_until(now).is_some() {
            return Ok(());
        }
        while self.queue.has_paced() && self.pacer.allowance(now) > 0 {
            if let Some(waiting) = self.queue.pop_paced() {
                self.put_out(now, &waiting, tracks, (batch, sink))?;
            }
        }
        while self.pacer.padding(now) > 0 && self.is_measured() {
            if !self.put_out_padding(now, tracks, (batch, sink))? {
                break;
            }
        }
        Ok(())
    }

    /// Until when what is left waits. Who waits already goes on to.
    fn hold(&mut self, now: Instant) {
        if self.held_until(now).is_some() {
            return;
        }
        let pause = match (self.pacer.is_probing(), self.queue.has_paced()) {
            (true, _) => Some(PROBE_EVERY),
            (false, true) => Some(PACE_EVERY),
            (false, false) => None,
        };
        self.held_until = pause.map(|pause| self.pacer.deadline(now).max(now + pause));
    }

    /// Whether the probe that is being sent is of any use; ends it otherwise.
    fn is_measured(&mut self) -> bool {
        let is_measured = self.estimator.is_probing();
        if !is_measured {
            self.pacer.end_probe();
        }
        is_measured
    }

    pub(super) fn begin_probe(&mut self, now: Instant) {
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
    pub(super) fn padding_slot(&self) -> Option<usize> {
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
