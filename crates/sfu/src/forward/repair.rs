//! Which of the packets that a receiver misses are sent to it again
//! (RFC 4585, 6.2.1; RFC 4588).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How often one packet is repaired. More helps on ways that lose most; each
/// may be what jams them.
const MOST_TIMES: u8 = 3;
/// A repair asked for again within a round trip was asked for before it could
/// arrive; bounds for round trips that are very short, long, or not known.
const LEAST_PAUSE: Duration = Duration::from_millis(10);
const MOST_PAUSE: Duration = Duration::from_millis(100);
/// Repairs that are remembered: more than one message can ask for, and forgets
/// no packet before its payload is gone on any way worth repairing.
const REMEMBERED: usize = 256;
/// The part of what is sent that may be repairs. More keeps a picture moving on
/// ways that lose a third; each is sent where there may be too little room.
const MOST_PART: f64 = 0.4;
/// Over how long that part is reckoned.
const WINDOW: Duration = Duration::from_secs(1);

/// The repairs of one stream.
#[derive(Debug, Default)]
pub(super) struct Repairs {
    recent: VecDeque<Repair>,
    began_at: Option<Instant>,
    rolled_at: Option<Instant>,
    /// What was sent in this window and the one before, and what of it again.
    sent: [usize; 2],
    repaired: [usize; 2],
}

#[derive(Debug)]
struct Repair {
    sequence: u64,
    at: Instant,
    times: u8,
}

impl Repairs {
    /// So much was sent for the first time.
    pub(super) fn note_sent(&mut self, now: Instant, bytes: usize) {
        self.roll(now);
        self.sent[0] += bytes;
    }

    /// Whether to send a packet of this size again; notes that it is done.
    /// `round_trip` may be unknown.
    pub(super) fn grant(
        &mut self,
        now: Instant,
        sequence: u64,
        bytes: usize,
        round_trip: Option<Duration>,
    ) -> bool {
        self.roll(now);
        let [sent, repaired] = [self.sent, self.repaired].map(|it| it[0] + it[1]);
        let is_too_much = repaired as f64 > MOST_PART * (sent + repaired) as f64;
        if is_too_much || !self.is_time(now, sequence, round_trip) {
            return false;
        }
        self.repaired[0] += bytes;
        true
    }

    fn is_time(&mut self, now: Instant, sequence: u64, round_trip: Option<Duration>) -> bool {
        let pause = round_trip.unwrap_or(MOST_PAUSE).clamp(LEAST_PAUSE, MOST_PAUSE);
        if let Some(known) = self.recent.iter_mut().find(|it| it.sequence == sequence) {
            let is_time =
                known.times < MOST_TIMES && now.saturating_duration_since(known.at) >= pause;
            if is_time {
                known.times += 1;
                known.at = now;
            }
            return is_time;
        }
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(Repair { sequence, at: now, times: 1 });
        true
    }

    fn roll(&mut self, now: Instant) {
        if self.rolled_at.replace(now) == Some(now) {
            return;
        }
        let began_at = *self.began_at.get_or_insert(now);
        let elapsed = now.saturating_duration_since(began_at);
        if elapsed < WINDOW {
            return;
        }
        let is_recent = elapsed < 2 * WINDOW;
        for counts in [&mut self.sent, &mut self.repaired] {
            *counts = [0, if is_recent { counts[0] } else { 0 }];
        }
        self.began_at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_packet_is_repaired_three_times_with_a_round_trip_between() {
        let start = crate::test_start();
        for (round_trip, pause) in [(Some(ms(1)), 10), (Some(ms(40)), 40), (Some(ms(900)), 100)] {
            let mut repairs = Repairs::default();
            repairs.note_sent(start, 1_000_000);
            let mut asked = |millis| repairs.grant(start + ms(millis), 5, 1000, round_trip);
            assert!(asked(0));
            assert!(!asked(pause - 1));
            assert!(asked(pause));
            assert!(asked(2 * pause));
            assert!(!asked(9 * pause));
        }
    }

    #[test]
    fn repairs_stay_a_part_of_what_is_sent() {
        let start = crate::test_start();
        let mut repairs = Repairs::default();
        repairs.note_sent(start, 60_000);
        let granted = |repairs: &mut Repairs, now, from: u64| {
            (from..from + 100).filter(|it| repairs.grant(now, *it, 1000, None)).count()
        };
        assert_eq!(granted(&mut repairs, start, 0), 41);
        assert_eq!(granted(&mut repairs, start + ms(1500), 100), 0);
        repairs.note_sent(start + ms(4000), 6000);
        assert_eq!(granted(&mut repairs, start + ms(4000), 200), 5);
    }
}
