//! What happens on a way, and what came of it: a source that offers layers, a
//! sender that is to be judged, and what arrived when.

use std::collections::VecDeque;

use super::way::{Conditions, Cross, Way};

/// How finely time passes, in seconds.
const STEP: f64 = 0.0005;
/// The sound that goes beside the pictures: a packet every 20 ms.
pub(super) const AUDIO_BYTES: usize = 120;
const AUDIO_EACH: f64 = 0.02;
const AUDIO: f64 = AUDIO_BYTES as f64 * 8.0 / AUDIO_EACH;
const FRAMES_PER_SECOND: f64 = 30.0;
const PACKET_BYTES: usize = 1100;
/// The part of an estimate that is used, and how long there must be room for
/// more: as in the room.
const USED: f64 = 0.9;
const HELD: f64 = 1.0;
const SPARE: f64 = 1.1;

/// A packet of the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Media {
    pub(super) is_video: bool,
    /// Over all packets of its kind.
    pub(super) sequence: u64,
    pub(super) bytes: usize,
    pub(super) made_at: f64,
}

/// Who sends and estimates.
pub(super) trait Sender {
    type Packet;
    /// The source has this to send.
    fn offer(&mut self, now: f64, media: Media);
    /// What goes on the way now, and how large it is there.
    fn send(&mut self, now: f64, wanted: f64) -> Vec<(usize, Self::Packet)>;
    /// Something arrived at the other end: the media in it, also such as was
    /// repaired by it.
    fn arrive(&mut self, at: f64, packet: Self::Packet) -> Vec<Media>;
    fn estimate(&self) -> f64;
    /// Whether what waited was given up, and a keyframe is needed.
    fn take_restart(&mut self) -> bool {
        false
    }
}

/// What happens.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) name: &'static str,
    pub(super) seconds: f64,
    /// From when on the way is how.
    pub(super) ways: Vec<(f64, Conditions)>,
    pub(super) cross: Vec<(f64, Option<Cross>)>,
    /// What may be sent of the pictures, in bits per second.
    pub(super) ladder: Vec<f64>,
    /// How much larger all frames of a moment are when the level changed: one of
    /// the cameras sends a keyframe.
    pub(super) keyframe: f64,
    /// What is judged: from when to when.
    pub(super) judged: (f64, f64),
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    /// Pictures that arrived, in bits per second, over what was judged.
    pub(super) delivered: f64,
    /// From the source to the other end, beyond the latency; in seconds.
    pub(super) delay_mean: f64,
    pub(super) delay_95: f64,
    /// The part of the pictures that never arrived.
    pub(super) lost: f64,
    /// After how many seconds 90 % of the best step that fits arrived.
    pub(super) reached: Option<f64>,
    /// How often the step changed.
    pub(super) changes: usize,
    /// Each second: the estimate, what arrived, how long the queue was.
    pub(super) trace: Vec<(f64, f64, f64)>,
}

/// Runs a scene to its end.
pub(super) fn play<S: Sender>(scene: &Scene, sender: S, seed: u64) -> Outcome {
    let outcomes = play_together(scene, vec![(0.0, sender)], seed);
    outcomes.into_iter().next().unwrap_or_default()
}

/// The same with several senders on one way, each from some moment on.
pub(super) fn play_together<S: Sender>(
    scene: &Scene,
    senders: Vec<(f64, S)>,
    seed: u64,
) -> Vec<Outcome> {
    let mut run = Run::new(scene, senders, seed);
    let steps = (scene.seconds / STEP) as u64;
    for step in 1..=steps {
        run.step(step as f64 * STEP);
    }
    let latency = run.way.conditions.latency;
    run.flows.into_iter().map(|flow| flow.outcome(latency)).collect()
}

struct Run<'a, S: Sender> {
    way: Way<(usize, S::Packet)>,
    ways: VecDeque<(f64, Conditions)>,
    cross: VecDeque<(f64, Option<Cross>)>,
    flows: Vec<Flow<'a, S>>,
}

/// One sender, its source, and what arrived of it.
struct Flow<'a, S> {
    scene: &'a Scene,
    sender: S,
    begins_at: f64,
    level: usize,
    /// Since when a higher level fits.
    fits_since: Option<f64>,
    is_key: bool,
    frame_at: f64,
    audio_at: f64,
    audio_count: u64,
    frames: u64,
    /// When each picture packet was made, and when it arrived.
    packets: Vec<(f64, usize, Option<f64>)>,
    changes: usize,
    trace: Vec<(f64, f64, f64)>,
    trace_at: f64,
    arrived_bits: f64,
}

impl<'a, S: Sender> Run<'a, S> {
    fn new(scene: &'a Scene, senders: Vec<(f64, S)>, seed: u64) -> Self {
        let ways: VecDeque<_> = scene.ways.iter().copied().collect();
        let first = ways.front().map_or(Conditions::of(1e9), |it| it.1);
        let flows = (0..).zip(senders).map(|(index, (begins_at, sender))| Flow {
            scene,
            sender,
            begins_at,
            level: 0,
            fits_since: None,
            is_key: true,
            frame_at: begins_at + 0.1 + f64::from(index) * 0.013,
            audio_at: begins_at,
            audio_count: 0,
            frames: seed % 100,
            packets: Vec::new(),
            changes: 0,
            trace: Vec::new(),
            trace_at: 1.0,
            arrived_bits: 0.0,
        });
        Self {
            way: Way::new(first, seed),
            ways,
            cross: scene.cross.iter().copied().collect(),
            flows: flows.collect(),
        }
    }

    fn step(&mut self, now: f64) {
        while let Some((_, conditions)) = self.ways.pop_front_if(|it| it.0 <= now) {
            self.way.conditions = conditions;
        }
        while let Some((_, cross)) = self.cross.pop_front_if(|it| it.0 <= now) {
            self.way.cross = cross;
        }
        for arrived in self.way.advance(now) {
            let (flow, packet) = arrived.what;
            self.flows[flow].arrive(arrived.at, packet);
        }
        for (index, flow) in self.flows.iter_mut().enumerate() {
            if now < flow.begins_at {
                continue;
            }
            for (bytes, packet) in flow.send(now) {
                self.way.send(bytes, (index, packet));
            }
            flow.note_second(now, self.way.waiting());
        }
    }
}

impl<S: Sender> Flow<'_, S> {
    fn arrive(&mut self, at: f64, packet: S::Packet) {
        for media in self.sender.arrive(at, packet) {
            self.note_arrival(at, media);
        }
    }

    fn send(&mut self, now: f64) -> Vec<(usize, S::Packet)> {
        self.choose(now, self.sender.estimate());
        self.make(now);
        let top = self.scene.ladder.last().copied().unwrap_or(0.0);
        let wanted = SPARE * (top + AUDIO) / USED;
        let out = self.sender.send(now, wanted);
        self.is_key |= self.sender.take_restart();
        out
    }

    fn note_second(&mut self, now: f64, waiting: f64) {
        if now >= self.trace_at {
            self.trace.push((self.sender.estimate(), self.arrived_bits, waiting));
            self.arrived_bits = 0.0;
            self.trace_at = now + 1.0;
        }
    }

    fn note_arrival(&mut self, at: f64, media: Media) {
        if let Some(packet) = self.packets.get_mut(media.sequence as usize)
            && media.is_video
            && packet.2.is_none()
        {
            packet.2 = Some(at);
            self.arrived_bits += packet.1 as f64 * 8.0;
        }
    }

    /// Which step of the ladder is sent: less at once, more a step at a time.
    fn choose(&mut self, now: f64, estimate: f64) {
        let budget = USED * estimate - AUDIO;
        let ladder = &self.scene.ladder;
        let fitting = ladder.iter().rposition(|rate| *rate <= budget).unwrap_or(0);
        if fitting < self.level {
            self.level = fitting;
            self.change();
        }
        if fitting <= self.level {
            self.fits_since = None;
        } else if now - *self.fits_since.get_or_insert(now) >= HELD {
            self.level = fitting;
            self.fits_since = None;
            self.change();
        }
    }

    fn change(&mut self) {
        self.is_key = true;
        self.changes += 1;
    }

    fn make(&mut self, now: f64) {
        if now >= self.audio_at {
            self.audio_at += AUDIO_EACH;
            let sequence = self.audio_count;
            self.audio_count += 1;
            self.sender
                .offer(now, Media { is_video: false, sequence, bytes: AUDIO_BYTES, made_at: now });
        }
        if now < self.frame_at {
            return;
        }
        self.frame_at += 1.0 / FRAMES_PER_SECOND;
        self.frames += 1;
        let rate = self.scene.ladder[self.level];
        // 0.8 to 1.2 of the mean, in an order of its own.
        let shape = 0.8 + 0.4 * ((self.frames * 7919) % 101) as f64 / 100.0;
        let key = if std::mem::take(&mut self.is_key) { self.scene.keyframe } else { 1.0 };
        let mut left = (rate / FRAMES_PER_SECOND / 8.0 * shape * key) as usize;
        while left > 0 {
            let bytes = left.min(PACKET_BYTES);
            left -= bytes;
            let sequence = self.packets.len() as u64;
            self.packets.push((now, bytes, None));
            self.sender.offer(now, Media { is_video: true, sequence, bytes, made_at: now });
        }
    }

    fn outcome(self, latency: f64) -> Outcome {
        let (from, to) = self.scene.judged;
        let judged: Vec<_> =
            self.packets.iter().filter(|it| (from..to - 1.0).contains(&it.0)).collect();
        let mut delays: Vec<f64> =
            judged.iter().filter_map(|it| Some(it.2? - it.0 - latency)).collect();
        delays.sort_by(f64::total_cmp);
        let lost = 1.0 - delays.len() as f64 / judged.len().max(1) as f64;
        let bits: f64 = self
            .packets
            .iter()
            .filter(|it| it.2.is_some_and(|at| (from..to).contains(&at)))
            .map(|it| it.1 as f64 * 8.0)
            .sum();
        Outcome {
            delivered: bits / (to - from),
            delay_mean: delays.iter().sum::<f64>() / delays.len().max(1) as f64,
            delay_95: delays.get(delays.len() * 95 / 100).copied().unwrap_or(f64::INFINITY),
            lost,
            reached: self.reached(),
            changes: self.changes,
            trace: self.trace,
        }
    }

    /// When 90 % of the best step arrived over a second, after the judging began.
    fn reached(&self) -> Option<f64> {
        let (from, to) = self.scene.judged;
        let limit = self.scene.ways.iter().rfind(|it| it.0 <= from)?.1.bits_per_second;
        let best = self.scene.ladder.iter().rfind(|rate| **rate + AUDIO <= USED * limit)?;
        let mut bins = vec![0.0; (self.scene.seconds * 10.0) as usize + 10];
        for packet in &self.packets {
            if let Some(bin) = packet.2.and_then(|at| bins.get_mut((at * 10.0) as usize)) {
                *bin += packet.1 as f64 * 8.0;
            }
        }
        let first = (from * 10.0) as usize;
        let last = (to * 10.0) as usize - 10;
        let found =
            (first..last).find(|bin| bins[*bin..bin + 10].iter().sum::<f64>() >= 0.9 * best);
        found.map(|bin| (bin - first) as f64 / 10.0)
    }
}
