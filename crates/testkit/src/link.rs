//! A network path in one direction: how long it takes, what it loses, how
//! much it carries.

use std::time::{Duration, Instant};

/// How much a path queues before it drops, as time, if nothing else is said.
const QUEUE: Duration = Duration::from_millis(200);

/// One direction of somebody's path to the room.
#[derive(Clone, Debug)]
pub struct Link {
    latency: Duration,
    jitter: Duration,
    loss: f64,
    queue: Duration,
    bits_per_second: Option<f64>,
    is_cut: bool,
    busy_until: Option<Instant>,
}

impl Default for Link {
    /// Five milliseconds, without loss or limit.
    fn default() -> Self {
        Self {
            latency: Duration::from_millis(5),
            jitter: Duration::ZERO,
            loss: 0.0,
            queue: QUEUE,
            bits_per_second: None,
            is_cut: false,
            busy_until: None,
        }
    }
}

impl Link {
    /// How long a packet is on the way.
    pub fn latency(&mut self, latency: Duration) -> &mut Self {
        self.latency = latency;
        self
    }

    /// How much longer some packets take, so that they overtake each other.
    pub fn jitter(&mut self, jitter: Duration) -> &mut Self {
        self.jitter = jitter;
        self
    }

    /// How much queues before packets are dropped, as time. A lot of it is what
    /// is called bufferbloat.
    pub fn queue(&mut self, queue: Duration) -> &mut Self {
        self.queue = queue;
        self
    }

    /// Which part of the packets is lost, 0 to 1.
    pub fn loss(&mut self, loss: f64) -> &mut Self {
        self.loss = loss;
        self
    }

    /// How much fits through; no end if infinite.
    pub fn bits_per_second(&mut self, limit: f64) -> &mut Self {
        self.bits_per_second = Some(limit).filter(|limit| limit.is_finite());
        self
    }

    /// Nothing passes any more, or all passes again.
    pub fn cut(&mut self, is_cut: bool) -> &mut Self {
        self.is_cut = is_cut;
        self
    }

    /// How long what is sent now would wait.
    #[must_use]
    pub fn waiting(&self, now: Instant) -> Duration {
        self.busy_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// When a message of a reliable connection arrives.
    pub(crate) fn message_arrival(&self, now: Instant) -> Instant {
        now + self.latency
    }

    /// When a datagram arrives. `None`: it is lost. `chance` is evenly
    /// distributed over 0 to 1.
    pub(crate) fn arrival(&mut self, now: Instant, bytes: usize, chance: f64) -> Option<Instant> {
        if self.is_cut || chance < self.loss {
            return None;
        }
        // What decided on the loss is, further down, as random as ever.
        let late = self.jitter.mul_f64((chance * 1e6).fract());
        let Some(limit) = self.bits_per_second else {
            return Some(now + self.latency + late);
        };
        let begins = self.busy_until.map_or(now, |until| until.max(now));
        if begins.duration_since(now) > self.queue {
            return None;
        }
        // Precise for every packet size and any sensible limit.
        let bits = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) * 8.0;
        let ends = begins + Duration::from_secs_f64(bits / limit);
        self.busy_until = Some(ends);
        Some(ends + self.latency + late)
    }
}
