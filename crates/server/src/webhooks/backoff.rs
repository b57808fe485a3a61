//! How long an exponential webhook waits between tries.

use crate::random;

/// Waits after the first, second … try that failed, in milliseconds, at their
/// longest: one fewer than there are tries. Shorter brings an event sooner to a receiver that was only
/// restarted; longer bridges a longer failure with the few tries there are.
const WAITS: [i64; 4] = [15_000, 60_000, 240_000, LONGEST_MILLIS];

/// The longest wait, in milliseconds.
pub(super) const LONGEST_MILLIS: i64 = 900_000;

/// The wait after `tries` that failed; `None` when there is no further try.
pub(super) fn wait_millis(tries: u64) -> Option<i64> {
    // Without randomness the waits are still good, only less scattered.
    let jitter = random::bytes::<2>().map_or(u16::MAX, u16::from_be_bytes);
    jittered(tries, jitter)
}

/// Between half of the wait and all of it, so that what failed together is not
/// tried again together.
fn jittered(tries: u64, jitter: u16) -> Option<i64> {
    let index = usize::try_from(tries.checked_sub(1)?).ok()?;
    let longest = WAITS.get(index).copied()?;
    let half = longest / 2;
    Some(half + half * i64::from(jitter) / i64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_quarter_of_an_hour_and_end_after_five_tries() {
        let longest: Vec<_> = (1..=5).map(|tries| jittered(tries, u16::MAX)).collect();
        assert_eq!(longest, [Some(15_000), Some(60_000), Some(240_000), Some(900_000), None]);
        let shortest: Vec<_> = (1..=5).map(|tries| jittered(tries, 0)).collect();
        assert_eq!(shortest, [Some(7_500), Some(30_000), Some(120_000), Some(450_000), None]);
        assert_eq!(jittered(0, 0), None);
    }
}
