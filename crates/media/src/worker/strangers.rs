//! How often strangers are answered. Their addresses may be invented, so what
//! is sent to them must be too little to harm anybody.

use std::time::{Duration, Instant};

/// Most answers in each second of one worker; each is 32 bytes.
const ANSWERS_A_SECOND: u32 = 50;

/// The answers of the running second.
#[derive(Default)]
pub(super) struct Strangers {
    second: Option<Instant>,
    answered: u32,
}

impl Strangers {
    /// Counts a stranger.
    pub(super) fn may_be_answered(&mut self, now: Instant) -> bool {
        let is_same = self
            .second
            .is_some_and(|began| now.saturating_duration_since(began) < Duration::from_secs(1));
        if !is_same {
            (self.second, self.answered) = (Some(now), 0);
        }
        self.answered = self.answered.saturating_add(1);
        self.answered <= ANSWERS_A_SECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_share_a_few_answers_a_second() {
        let (mut strangers, now) = (Strangers::default(), Instant::now());
        let answered = (0..1000).filter(|_| strangers.may_be_answered(now)).count();
        assert_eq!(answered, 50);
        assert!(strangers.may_be_answered(now + Duration::from_secs(1)));
    }
}
