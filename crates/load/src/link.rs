//! A bad network between one participant and the server, played in the client:
//! what arrives is lost, held up or waits for its turn before the peer sees it.

use std::time::{Duration, Instant};

use serde::Deserialize;

/// How much a narrow way queues before it drops, as time.
const QUEUE: Duration = Duration::from_millis(300);

/// What a participant's network is like; both directions lose, only the way
/// down is narrow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Network {
    /// Part of the packets that is lost, 0 to 1.
    pub loss: f64,
    /// Time on the way, one direction.
    pub latency_ms: u64,
    /// How much longer some take, and those behind them.
    pub jitter_ms: u64,
    /// How much fits through; 0: no end.
    pub down_kbits: u64,
}

/// One direction of it.
#[derive(Debug)]
pub struct Link {
    network: Network,
    bits_per_second: f64,
    busy_until: Option<Instant>,
    latest: Option<Instant>,
    random: u64,
}

impl Link {
    /// The way from the server.
    #[must_use]
    pub fn down(network: Network, seed: u64) -> Self {
        Self {
            network,
            bits_per_second: network.down_kbits as f64 * 1000.0,
            busy_until: None,
            latest: None,
            random: seed,
        }
    }

    /// The way to the server.
    #[must_use]
    pub fn up(network: Network, seed: u64) -> Self {
        Self::down(Network { down_kbits: 0, ..network }, !seed)
    }

    /// When a datagram arrives. `None`: it is lost.
    pub fn arrival(&mut self, now: Instant, bytes: usize) -> Option<Instant> {
        if self.draw() < self.network.loss {
            return None;
        }
        let mut at = now + Duration::from_millis(self.network.latency_ms);
        at += Duration::from_millis(self.network.jitter_ms).mul_f64(self.draw());
        if self.bits_per_second > 0.0 {
            let begins = self.busy_until.map_or(now, |until| until.max(now));
            let waits = begins.duration_since(now);
            if waits > QUEUE {
                return None;
            }
            let takes = Duration::from_secs_f64(bytes as f64 * 8.0 / self.bits_per_second);
            self.busy_until = Some(begins + takes);
            at += waits + takes;
        }
        // Nothing overtakes: what waits for one waits for those before it.
        let at = self.latest.map_or(at, |latest| latest.max(at));
        self.latest = Some(at);
        Some(at)
    }

    /// Evenly distributed over 0 to 1: `SplitMix64` (Steele, Lea, Flood 2014),
    /// so that each run of a scenario meets the same network.
    fn draw(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from(((z ^ (z >> 31)) >> 32) as u32) / f64::from(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_way_holds_up_and_then_drops() {
        let network = Network { down_kbits: 960, ..Network::default() };
        let (mut link, now) = (Link::down(network, 1), Instant::now());
        // A packet of 1,200 bytes takes 10 ms.
        assert_eq!(link.arrival(now, 1200), Some(now + Duration::from_millis(10)));
        assert_eq!(link.arrival(now, 1200), Some(now + Duration::from_millis(20)));
        let passed = (0..100).filter(|_| link.arrival(now, 1200).is_some()).count();
        assert_eq!(passed, 29);
    }

    #[test]
    fn about_as_many_are_lost_as_should_be() {
        let network = Network { loss: 0.1, ..Network::default() };
        let (mut link, now) = (Link::down(network, 7), Instant::now());
        let passed = (0..10_000).filter(|_| link.arrival(now, 1200).is_some()).count();
        assert!((8_850..9_150).contains(&passed), "{passed}");
    }
}
