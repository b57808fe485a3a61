//! Which encodings of a track its sender is asked to send: those that somebody
//! is meant to get. What becomes wanted is asked for at once; what nobody wants
//! is switched off after a while, for switching on again takes a keyframe.

use std::time::{Duration, Instant};

use crate::layers::{EncodingSet, MAX_ENCODINGS};

/// How long an encoding goes on that nobody wants. Longer saves keyframes;
/// shorter saves the sender's processor and bandwidth.
const LINGER: Duration = Duration::from_secs(5);

/// What the sender of one track was told.
#[derive(Debug, Default)]
pub(crate) struct LayersWanted {
    /// `None`: nothing, so that it sends all.
    told: Option<EncodingSet>,
    /// Until when those that nobody wants go on.
    linger_until: [Option<Instant>; MAX_ENCODINGS],
}

impl LayersWanted {
    /// The transceiver is another one: the sender begins anew.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// These are wanted now, of so many. `Some`: what to tell the sender.
    pub(crate) fn judge(
        &mut self,
        now: Instant,
        wanted: EncodingSet,
        count: usize,
    ) -> Option<EncodingSet> {
        let sent = self.told;
        let mut asked = EncodingSet::default();
        for (index, linger_until) in (0..).zip(self.linger_until.iter_mut().take(count)) {
            if wanted.contains(index) {
                *linger_until = None;
                asked.extend(Some(index));
            } else if sent.is_none_or(|sent| sent.contains(index)) {
                let until = *linger_until.get_or_insert(now + LINGER);
                asked.extend((now < until).then_some(index));
            }
        }
        let is_new = match sent {
            Some(sent) => sent != asked,
            // To send all is what it does by itself.
            None => (0..).take(count).any(|index| !asked.contains(index)),
        };
        is_new.then(|| {
            self.told = Some(asked);
            asked
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(encodings: &[u8]) -> EncodingSet {
        EncodingSet::of(encodings)
    }

    #[test]
    fn what_nobody_wants_is_switched_off_after_a_while_and_on_at_once() {
        let start = crate::test_start();
        let mut layers = LayersWanted::default();
        let mut judge = |seconds, wanted: &[u8]| {
            layers.judge(start + Duration::from_secs(seconds), set(wanted), 3)
        };
        assert_eq!(judge(0, &[0, 1, 2]), None);
        assert_eq!(judge(1, &[0]), None);
        assert_eq!(judge(5, &[0]), None);
        assert_eq!(judge(6, &[0]), Some(set(&[0])));
        assert_eq!(judge(7, &[0]), None);
        assert_eq!(judge(8, &[0, 2]), Some(set(&[0, 2])));
        assert_eq!(judge(9, &[]), None);
        assert_eq!(judge(10, &[2]), None);
        assert_eq!(judge(14, &[2]), Some(set(&[2])));
        assert_eq!(judge(15, &[]), None);
        assert_eq!(judge(20, &[]), Some(set(&[])));
        assert_eq!(judge(21, &[1]), Some(set(&[1])));
    }
}
