//! What one receiver gets in one slot: the choice of packets, and the
//! receiver's own numbers for them, which hide all changes of what the slot
//! carries.

use std::time::{Duration, Instant};

use str0m::format::CodecSpec;

use super::command::{Format, StreamSetup};
use super::history::{Entry, History};
use super::packet::{Carried, ExtensionValues, HAS_PADDING, Head};
use super::repair::Repairs;
use super::report::{Account, Clock};
use super::store::Stored;
use super::table::Index;
use crate::codec;
use crate::publication::Passing;
use crate::rewrite::{Rewriter, Rewritten};
use crate::select::{Choice, Selector, Verdict};

/// A wish for a keyframe is passed on so often at most; the room asks the sender
/// less often still. Without it one message names hundreds.
const KEYFRAME_PAUSE: Duration = Duration::from_millis(10);

/// One outgoing stream.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) setup: StreamSetup,
    /// The track it carries.
    pub(super) track: Option<Index>,
    selector: Selector,
    rewriter: Rewriter,
    /// The sender's count of beginnings when a packet came last.
    epoch: Option<u32>,
    /// The codec that came last, and the index of its format, if the receiver
    /// has it.
    format: Option<(CodecSpec, Option<u8>)>,
    history: History,
    repairs: Repairs,
    /// Extended sequence number of the next repair.
    next_repair: u64,
    pub(super) account: Account,
    /// Whether the receiver has told that it knows whose the stream is, and
    /// that of the repairs: then packets need not say it any more.
    is_bound: bool,
    are_repairs_bound: bool,
    /// The encoding that was told last.
    told: Option<u8>,
    keyframe_wanted_at: Option<Instant>,
}

/// Where a payload lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lying {
    pub(super) position: super::store::Position,
    /// How many there are with it.
    pub(super) among: usize,
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Forwarded {
    /// It is to be sent like this.
    pub(super) entry: Option<Entry>,
    /// The receiver waits for a keyframe of this encoding.
    pub(super) awaits: Option<u8>,
    /// Nothing was sent on the stream before.
    pub(super) is_first: bool,
}

/// A packet that was written but for its protection (RFC 3711).
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    pub(super) header_bytes: usize,
    pub(super) ssrc: u32,
    /// The number that its keystream depends on.
    pub(super) index: u64,
}

impl Stream {
    pub(super) fn new(setup: StreamSetup) -> Self {
        let beginning = setup.beginning;
        Self {
            setup,
            track: None,
            selector: Selector::new(),
            rewriter: Rewriter::new(beginning.sequence, beginning.timestamp),
            epoch: None,
            format: None,
            history: History::default(),
            repairs: Repairs::default(),
            next_repair: beginning.repair_sequence,
            account: Account::default(),
            is_bound: false,
            are_repairs_bound: false,
            told: None,
            keyframe_wanted_at: None,
        }
    }

    /// The connection was negotiated again. The stream goes on.
    pub(super) fn set_up(&mut self, setup: StreamSetup) {
        if self.setup.formats != setup.formats {
            self.format = None;
            // Its entries name formats that are no more.
            self.history.clear();
        }
        self.setup = setup;
    }

    /// Carries another track, or none: begins with a keyframe.
    pub(super) fn carry(&mut self, track: Option<Index>) {
        self.track = track;
        self.begin_again();
    }

    /// What was queued is not sent: begins with a keyframe.
    pub(super) fn begin_again(&mut self) {
        self.history.clear();
        self.restart();
    }

    /// What was sent last, if it can be sent again.
    pub(super) fn latest(&self) -> Option<Entry> {
        self.history.latest()
    }

    /// Goes on with a keyframe, as if nothing had been left out.
    pub(super) fn restart(&mut self) {
        self.rewriter.break_off();
        self.selector.restart();
    }

    /// What is meant to be sent from now on; `None`: nothing.
    pub(super) fn aim(&mut self, target: Option<Choice>) {
        if target.is_none() {
            self.rewriter.break_off();
        }
        self.selector.aim(target);
    }

    /// The encoding that is sent now, if that is news.
    pub(super) fn take_current(&mut self) -> Option<Option<u8>> {
        let current = self.selector.current();
        (std::mem::replace(&mut self.told, current) != current).then_some(current)
    }

    /// Decides on a packet of the track.
    pub(super) fn forward(&mut self, now: Instant, passing: &Passing, lying: Lying) -> Forwarded {
        if self.epoch != Some(passing.epoch) {
            self.epoch = Some(passing.epoch);
            self.restart();
        }
        if !passing.is_video {
            return self.send(now, passing, lying, false);
        }
        let verdict = self.selector.judge(now, &passing.candidate);
        let awaits = self.selector.awaited(&passing.candidate);
        let forwarded = match verdict {
            Verdict::Pass { ends_picture } => self.send(now, passing, lying, ends_picture),
            Verdict::LeaveOut => {
                self.rewriter.leave_out(&passing.original);
                Forwarded::default()
            }
            Verdict::Ignore => self.send_late(passing, lying).unwrap_or_default(),
        };
        Forwarded { awaits, ..forwarded }
    }

    fn send(
        &mut self,
        now: Instant,
        passing: &Passing,
        lying: Lying,
        ends_picture: bool,
    ) -> Forwarded {
        if passing.payload.is_empty() {
            self.rewriter.leave_out(&passing.original);
            return Forwarded::default();
        }
        let Some(format) = self.format_of(passing.spec) else {
            return Forwarded::default();
        };
        let Some(rewritten) = self.rewriter.rewrite(now, &passing.original) else {
            return Forwarded::default();
        };
        let clock_rate = passing.original.clock_rate;
        let is_first =
            self.account.note_moment(rewritten.timestamp, passing.captured_at, clock_rate);
        let entry = self.note(passing, lying, rewritten, format, ends_picture);
        Forwarded { entry: Some(entry), awaits: None, is_first }
    }

    /// A packet of the source before, which has its place in the stream.
    fn send_late(&mut self, passing: &Passing, lying: Lying) -> Option<Forwarded> {
        let rewritten = self.rewriter.rewrite_late(&passing.original)?;
        let format = self.format_of(passing.spec)?;
        let entry = self.note(passing, lying, rewritten, format, false);
        Some(Forwarded { entry: Some(entry), ..Forwarded::default() })
    }

    fn note(
        &mut self,
        passing: &Passing,
        lying: Lying,
        rewritten: Rewritten,
        format: u8,
        ends_picture: bool,
    ) -> Entry {
        let entry = Entry {
            sequence: rewritten.sequence,
            timestamp: rewritten.timestamp,
            position: lying.position,
            encoding: passing.candidate.encoding,
            format,
            is_marked: passing.is_marked || ends_picture,
            numbers: rewritten.numbers,
        };
        if self.can_repair(format) {
            self.history.note(entry, lying.among);
        }
        entry
    }

    /// Index of the format in which this codec travels. `None`: the receiver
    /// cannot decode it.
    fn format_of(&mut self, spec: CodecSpec) -> Option<u8> {
        if let Some((known, format)) = self.format
            && known == spec
        {
            return format;
        }
        let mut formats = self.setup.formats.iter();
        let format = formats.position(|format| codec::is_same(format.spec, spec));
        if format.is_none() {
            tracing::debug!(mid = %self.setup.mid, codec = ?spec.codec, "receiver lacks the sender's codec");
        }
        let format = format.and_then(|format| u8::try_from(format).ok());
        self.format = Some((spec, format));
        format
    }

    fn can_repair(&self, format: u8) -> bool {
        self.setup.repair_ssrc.is_some()
            && self.format_at(format).is_some_and(|it| it.repair.is_some())
    }

    fn format_at(&self, format: u8) -> Option<&Format> {
        self.setup.formats.get(usize::from(format))
    }

    /// The receiver asks for a keyframe. `false`: it did just now.
    pub(super) fn note_keyframe_wanted(&mut self, now: Instant) -> bool {
        let is_soon = |at: Instant| now.saturating_duration_since(at) < KEYFRAME_PAUSE;
        let is_news = !self.keyframe_wanted_at.is_some_and(is_soon);
        if is_news {
            self.keyframe_wanted_at = Some(now);
        }
        is_news
    }

    /// The packet to send again because the receiver misses it; `None`: it is
    /// not there any more, or was sent often or lately enough.
    pub(super) fn repair(
        &mut self,
        now: Instant,
        sequence: u16,
        round_trip: Option<Duration>,
        bytes_of: impl FnOnce(&Entry) -> Option<usize>,
    ) -> Option<Entry> {
        let entry = self.history.find(sequence)?;
        let bytes = bytes_of(&entry)?;
        self.repairs.grant(now, entry.sequence, bytes, round_trip).then_some(entry)
    }

    /// Whether packets without content can be sent beside its own, and are told
    /// of: only videos have repairs.
    pub(super) fn can_pad(&self) -> bool {
        self.setup.extensions.number.is_some()
            && self.setup.repair_ssrc.is_some()
            && self.repair_type().is_some()
    }

    /// The payload type of repairs of what was sent last, or of any.
    fn repair_type(&self) -> Option<u8> {
        let last = self.history.latest().and_then(|it| self.format_at(it.format)?.repair);
        last.or_else(|| self.setup.formats.iter().find_map(|format| format.repair))
    }

    /// Whether pictures were carried last.
    pub(super) fn is_video(&self) -> bool {
        self.format.is_some_and(|(spec, _)| spec.codec.is_video())
    }

    /// Appends a report on the stream.
    pub(super) fn write_report(&mut self, now: Instant, clock: &Clock, out: &mut Vec<u8>) {
        let name = (self.setup.ssrc, &*self.setup.cname);
        self.account.write(now, clock, name, out);
    }

    /// The receiver has reported on this source. `true`: it is that of the
    /// packets.
    pub(super) fn note_reported(&mut self, ssrc: u32) -> bool {
        let is_ours = ssrc == self.setup.ssrc;
        self.is_bound |= is_ours;
        self.are_repairs_bound |= Some(ssrc) == self.setup.repair_ssrc;
        is_ours
    }

    /// Writes a packet, all but its protection. `None`: it cannot be any more.
    pub(super) fn write(
        &mut self,
        now: Instant,
        (entry, stored): (&Entry, &Stored),
        number: Option<u16>,
        out: &mut Vec<u8>,
    ) -> Option<Written> {
        let payload_type = self.format_at(entry.format)?.payload_type;
        let ssrc = self.setup.ssrc;
        let head = Head {
            payload_type,
            is_marked: entry.is_marked,
            sequence: entry.sequence as u16,
            timestamp: entry.timestamp,
            ssrc,
        };
        let mid = (!self.is_bound).then_some(self.setup.mid);
        let values = ExtensionValues { number, mid, carried: stored.carried };
        let header_bytes = head.write(out, &self.setup.extensions, &values);
        write_payload(out, entry, stored);
        self.account.note_sent(stored.payload.len());
        self.repairs.note_sent(now, stored.payload.len());
        Some(Written { header_bytes, ssrc, index: entry.sequence })
    }

    /// Writes a packet again, as a repair (RFC 4588, 4).
    pub(super) fn write_repair(
        &mut self,
        (entry, stored): (&Entry, &Stored),
        number: Option<u16>,
        out: &mut Vec<u8>,
    ) -> Option<Written> {
        let payload_type = self.format_at(entry.format)?.repair?;
        let ssrc = self.setup.repair_ssrc?;
        let index = self.next_repair;
        self.next_repair += 1;
        let head = Head {
            payload_type,
            is_marked: entry.is_marked,
            sequence: index as u16,
            timestamp: entry.timestamp,
            ssrc,
        };
        let mid = (!self.are_repairs_bound).then_some(self.setup.mid);
        let values = ExtensionValues { number, mid, carried: stored.carried };
        let header_bytes = head.write(out, &self.setup.extensions, &values);
        out.extend_from_slice(&(entry.sequence as u16).to_be_bytes());
        write_payload(out, entry, stored);
        Some(Written { header_bytes, ssrc, index })
    }

    /// Writes a packet of nothing but padding (RFC 3550, 5.1) among the repairs:
    /// what measures the way when there is nothing else to send.
    pub(super) fn write_padding(
        &mut self,
        number: Option<u16>,
        out: &mut Vec<u8>,
    ) -> Option<Written> {
        let payload_type = self.repair_type()?;
        let ssrc = self.setup.repair_ssrc?;
        let index = self.next_repair;
        self.next_repair += 1;
        let timestamp =
            self.history.latest().map_or(self.setup.beginning.timestamp, |it| it.timestamp);
        let sequence = index as u16;
        let head = Head { payload_type, is_marked: false, sequence, timestamp, ssrc };
        let mid = (!self.are_repairs_bound).then_some(self.setup.mid);
        let values = ExtensionValues { number, mid, carried: Carried::default() };
        let start = out.len();
        let header_bytes = head.write(out, &self.setup.extensions, &values);
        out[start] |= HAS_PADDING;
        out.resize(out.len() + usize::from(PADDING_BYTES) - 1, 0);
        out.push(PADDING_BYTES);
        Some(Written { header_bytes, ssrc, index })
    }
}

/// How much padding a packet has that has nothing else: near the most that the
/// byte which counts it can say.
const PADDING_BYTES: u8 = 240;

fn write_payload(out: &mut Vec<u8>, entry: &Entry, stored: &Stored) {
    let start = out.len();
    out.extend_from_slice(&stored.payload);
    if let Some(numbers) = entry.numbers {
        numbers.apply(&mut out[start..]);
    }
}
