//! Notices when the clock is set back.

use parlor_model::time::UnixMillis;

/// The latest that the clock has shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClockWatch {
    last: UnixMillis,
}

impl ClockWatch {
    pub(super) fn new(now: UnixMillis) -> Self {
        Self { last: now }
    }

    /// By how many milliseconds the clock was set back since the last look.
    /// Asked every few seconds, it is right but for these.
    pub(super) fn set_back_by(&mut self, now: UnixMillis) -> Option<i64> {
        let back = self.last.millis_since(now);
        self.last = now;
        (back > 0).then_some(back)
    }
}
