//! A bottleneck: a queue that is served at a rate that changes, losses, jitter,
//! and other traffic in the same queue.

use std::collections::VecDeque;

/// What cross traffic sends at once, in bytes.
const CROSS_BYTES: usize = 1200;

/// What a way is like from some moment on. Times in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conditions {
    pub(super) bits_per_second: f64,
    pub(super) latency: f64,
    /// Up to this much longer, in order.
    pub(super) jitter: f64,
    pub(super) loss: f64,
    /// How much waits before packets are dropped, as time.
    pub(super) queue: f64,
}

impl Conditions {
    pub(super) fn of(bits_per_second: f64) -> Self {
        Self { bits_per_second, latency: 0.03, jitter: 0.0, loss: 0.0, queue: 0.2 }
    }
}

/// Somebody else's traffic.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cross {
    /// So many bits per second, whatever becomes of them.
    Steady(f64),
    /// A download: a window that grows by one packet a round trip, and is
    /// halved when a packet is dropped.
    Greedy,
}

/// A packet that arrived.
pub(super) struct Arrived<T> {
    pub(super) at: f64,
    pub(super) what: T,
}

struct Waiting<T> {
    since: f64,
    bits: f64,
    /// `None`: cross traffic.
    what: Option<T>,
}

/// One direction of a way; what comes back takes its latency.
pub(super) struct Way<T> {
    pub(super) conditions: Conditions,
    pub(super) cross: Option<Cross>,
    now: f64,
    queue: VecDeque<Waiting<T>>,
    queued_bits: f64,
    /// What of the front packet was served.
    served_bits: f64,
    last_arrival: f64,
    random: u64,
    cross_debt: f64,
    window: f64,
    in_flight: f64,
    acks: VecDeque<f64>,
    halved_at: f64,
    on_the_way: VecDeque<Arrived<T>>,
    pub(super) dropped: u64,
}

impl<T> Way<T> {
    pub(super) fn new(conditions: Conditions, seed: u64) -> Self {
        Self {
            conditions,
            cross: None,
            now: 0.0,
            queue: VecDeque::new(),
            queued_bits: 0.0,
            served_bits: 0.0,
            last_arrival: 0.0,
            random: seed,
            cross_debt: 0.0,
            window: 4.0,
            in_flight: 0.0,
            acks: VecDeque::new(),
            halved_at: 0.0,
            on_the_way: VecDeque::new(),
            dropped: 0,
        }
    }

    /// How long what comes now would wait.
    pub(super) fn waiting(&self) -> f64 {
        self.queued_bits / self.conditions.bits_per_second
    }

    pub(super) fn send(&mut self, bytes: usize, what: T) {
        if !self.enqueue(bytes, Some(what)) {
            self.dropped += 1;
        }
    }

    /// Lets time pass; what arrived meanwhile, in order.
    pub(super) fn advance(&mut self, to: f64) -> Vec<Arrived<T>> {
        self.send_cross(to);
        while let Some(front) = self.queue.front() {
            let begins = self.now.max(front.since);
            let left = front.bits - self.served_bits;
            let ends = begins + left / self.conditions.bits_per_second;
            if ends > to {
                self.served_bits += (to - begins).max(0.0) * self.conditions.bits_per_second;
                break;
            }
            self.now = ends;
            self.served_bits = 0.0;
            self.leave_queue(ends);
        }
        self.now = to;
        let mut arrived = Vec::new();
        while let Some(packet) = self.on_the_way.pop_front_if(|it| it.at <= to) {
            arrived.push(packet);
        }
        arrived
    }

    fn leave_queue(&mut self, at: f64) {
        let Some(packet) = self.queue.pop_front() else {
            return;
        };
        self.queued_bits -= packet.bits;
        let Some(what) = packet.what else {
            self.acks.push_back(at + 2.0 * self.conditions.latency);
            return;
        };
        let late = self.conditions.jitter * self.draw();
        self.last_arrival = (at + self.conditions.latency + late).max(self.last_arrival);
        self.on_the_way.push_back(Arrived { at: self.last_arrival, what });
    }

    /// `false`: it was dropped.
    fn enqueue(&mut self, bytes: usize, what: Option<T>) -> bool {
        let bits = bytes as f64 * 8.0;
        let is_full = self.waiting() > self.conditions.queue;
        if is_full || self.draw() < self.conditions.loss {
            return false;
        }
        self.queued_bits += bits;
        self.queue.push_back(Waiting { since: self.now, bits, what });
        true
    }

    fn send_cross(&mut self, to: f64) {
        match self.cross {
            None => {}
            Some(Cross::Steady(rate)) => {
                self.cross_debt += rate * (to - self.now);
                while self.cross_debt > 0.0 {
                    self.cross_debt -= CROSS_BYTES as f64 * 8.0;
                    self.enqueue(CROSS_BYTES, None);
                }
            }
            Some(Cross::Greedy) => {
                while self.acks.pop_front_if(|at| *at <= to).is_some() {
                    self.in_flight -= 1.0;
                    self.window += 1.0 / self.window;
                }
                while self.in_flight < self.window {
                    if self.enqueue(CROSS_BYTES, None) {
                        self.in_flight += 1.0;
                        continue;
                    }
                    let round_trip = 2.0 * self.conditions.latency + self.waiting();
                    if to - self.halved_at > round_trip {
                        self.window = (self.window / 2.0).max(2.0);
                        self.halved_at = to;
                    }
                    break;
                }
            }
        }
    }

    /// Evenly distributed over 0 to 1 (`SplitMix64`).
    fn draw(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from(((z ^ (z >> 31)) >> 32) as u32) / f64::from(u32::MAX)
    }
}
