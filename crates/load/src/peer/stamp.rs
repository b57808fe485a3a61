//! The time at which a packet was written, in its last bytes: what a server
//! rewrites is at the front.

use std::time::{Duration, Instant};

/// What tells a stamp from anything else.
const MARK: [u8; 4] = *b"sfu?";
/// Bytes of a stamp: the mark and nanoseconds.
const BYTES: usize = 12;

/// The clock of all stamps of a process.
#[derive(Clone, Copy, Debug)]
pub struct Stamp(pub(crate) Instant);

impl Stamp {
    /// Writes the time now.
    pub(crate) fn write(self, payload: &mut [u8]) {
        let Some(start) = payload.len().checked_sub(BYTES) else {
            return;
        };
        let nanos = u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX);
        payload[start..start + 4].copy_from_slice(&MARK);
        payload[start + 4..].copy_from_slice(&nanos.to_be_bytes());
    }

    /// How long ago it was written. `None`: there is no stamp.
    pub(crate) fn age(self, now: Instant, payload: &[u8]) -> Option<Duration> {
        let stamp = payload.last_chunk::<BYTES>()?;
        let (mark, nanos) = stamp.split_first_chunk::<4>()?;
        if *mark != MARK {
            return None;
        }
        let written = self.0 + Duration::from_nanos(u64::from_be_bytes(nanos.try_into().ok()?));
        Some(now.saturating_duration_since(written))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_says_how_old_it_is() {
        let start = Instant::now();
        let (stamp, mut payload) = (Stamp(start), vec![0; 40]);
        assert_eq!(stamp.age(start, &payload), None);
        stamp.write(&mut payload);
        let age = stamp.age(start + Duration::from_secs(3), &payload).unwrap();
        assert!(age <= Duration::from_secs(3) && age > Duration::from_millis(2_900));
        assert_eq!(stamp.age(start, &payload[..8]), None);
    }
}
