//! Who of those a receiver watches gets how much of its bandwidth.
//!
//! First everybody gets the least there is of their video, the most important
//! first. What is left goes to the most important: among equals step by step,
//! so that none is sharp while another is a blur. Where even the least does not
//! fit for all, the least important are paused.
//!
//! Sound is never held back: what it takes is gone before anything is shared
//! out ([`budget`]).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parlor_model::call::VideoPriority;

use crate::select::Choice;

/// The most important video is sent even where the estimate falls short by
/// this: some blur now and then is better than nothing, and estimates err.
const STRETCH: f64 = 1.5;

/// The part of an estimate that is used: estimates err, and pictures change. More
/// is sharper; less leaves room for repairs and large pictures.
const USED: f64 = 0.9;

/// How much more than all wishes take is aimed at: pictures change.
const SPARE: f64 = 1.1;

/// How long there must be room for more before more is sent. Longer flickers
/// less; shorter is sharp sooner.
const HEADROOM_FOR: Duration = Duration::from_secs(3);

/// One video somebody watches.
#[derive(Clone, Debug)]
pub(crate) struct Bid {
    pub(crate) priority: VideoPriority,
    /// How wide it is shown, if that is known.
    pub(crate) width: u16,
    /// What may be sent of it, from the least to the most that is wished for.
    pub(crate) steps: Vec<Step>,
}

/// A choice and what it costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) choice: Choice,
    pub(crate) bits_per_second: f64,
}

/// What may be spent on videos where so much passes, and so much of it goes to
/// sound. All in bits per second.
pub(crate) fn budget(estimate: f64, audio: f64) -> f64 {
    (USED * estimate - audio).max(0.0)
}

/// How much must pass so that videos that take this much, and the sound beside
/// them, have enough: what an estimator is to aim at. All in bits per second.
pub(crate) fn aim(videos: f64, audio: f64) -> f64 {
    (SPARE * videos + audio) / USED
}

/// For each bid the index of its step; `None`: it is paused.
pub(crate) fn allocate(bids: &[Bid], budget: f64) -> Vec<Option<usize>> {
    let mut order: Vec<_> = (0..bids.len()).filter(|bid| !bids[*bid].steps.is_empty()).collect();
    order.sort_by_key(|bid| std::cmp::Reverse((bids[*bid].priority, bids[*bid].width)));
    let mut left = budget;
    let mut granted = vec![None; bids.len()];
    if let Some(first) = order.first() {
        let stretched = grant(&bids[*first], &mut granted[*first], budget * STRETCH);
        left = (left - stretched).max(0.0);
    }
    for bid in order.iter().skip(1) {
        left -= grant(&bids[*bid], &mut granted[*bid], left);
    }
    for equals in order.chunk_by(|a, b| bids[*a].priority == bids[*b].priority) {
        let mut is_moving = true;
        while is_moving {
            is_moving = false;
            // Nobody goes further up than those who are least off can follow.
            for bid in equals {
                if granted[*bid].is_none() {
                    continue;
                }
                let cost = grant(&bids[*bid], &mut granted[*bid], left);
                left -= cost;
                is_moving |= cost > 0.0;
            }
        }
    }
    granted
}

/// Goes one step up if that fits; what it costs.
fn grant(bid: &Bid, granted: &mut Option<usize>, left: f64) -> f64 {
    let next = granted.map_or(0, |step| step + 1);
    let present = granted.map_or(0.0, |step| bid.steps[step].bits_per_second);
    let Some(step) = bid.steps.get(next) else {
        return 0.0;
    };
    let cost = step.bits_per_second - present;
    if cost > left {
        return 0.0;
    }
    *granted = Some(next);
    cost
}

/// The least budget of the last seconds: so more is sent only when there was
/// room for it all the while, and less at once.
#[derive(Debug, Default)]
pub(crate) struct Headroom {
    /// Budgets that no later one undercut, oldest first.
    least: VecDeque<(Instant, f64)>,
}

impl Headroom {
    /// The budget now; returns what to spend.
    pub(crate) fn note(&mut self, now: Instant, budget: f64) -> f64 {
        while self.least.back().is_some_and(|(_, earlier)| *earlier >= budget) {
            self.least.pop_back();
        }
        self.least.push_back((now, budget));
        let is_old = |at: Instant| now.saturating_duration_since(at) > HEADROOM_FOR;
        while self.least.front().is_some_and(|(at, _)| is_old(*at)) {
            self.least.pop_front();
        }
        self.least.front().map_or(budget, |(_, least)| *least)
    }

    /// What there was room for does not count any more: more is to be tried.
    pub(crate) fn forget(&mut self) {
        self.least.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use VideoPriority::{Normal, Pinned, Screen, Speaker};

    fn bid(priority: VideoPriority, width: u16, rates: &[f64]) -> Bid {
        let steps = (0..).zip(rates).map(|(size, rate)| Step {
            choice: Choice { size, temporal: 0 },
            bits_per_second: *rate,
        });
        Bid { priority, width, steps: steps.collect() }
    }

    fn camera(priority: VideoPriority) -> Bid {
        bid(priority, 0, &[150.0, 500.0, 1500.0])
    }

    #[test]
    fn everybody_gets_the_least_before_anybody_gets_more() {
        let bids = [camera(Normal), camera(Pinned), camera(Normal)];
        for (budget, expected) in [
            (90.0, [None, None, None]),
            (100.0, [None, Some(0), None]),
            (150.0, [None, Some(0), None]),
            (310.0, [Some(0), Some(0), None]),
            (450.0, [Some(0), Some(0), Some(0)]),
            (800.0, [Some(0), Some(1), Some(0)]),
            (1900.0, [Some(0), Some(2), Some(0)]),
            (2500.0, [Some(1), Some(2), Some(1)]),
            (9000.0, [Some(2), Some(2), Some(2)]),
        ] {
            assert_eq!(allocate(&bids, budget), expected, "{budget}");
        }
    }

    #[test]
    fn a_shared_screen_comes_first_then_the_chosen_then_the_speaker() {
        let bids = [camera(Normal), camera(Speaker), camera(Screen), camera(Pinned)];
        assert_eq!(allocate(&bids, 150.0), [None, None, Some(0), None]);
        assert_eq!(allocate(&bids, 450.0), [None, Some(0), Some(0), Some(0)]);
        assert_eq!(allocate(&bids, 1950.0), [Some(0), Some(0), Some(2), Some(0)]);
        assert_eq!(allocate(&bids, 2300.0), [Some(0), Some(0), Some(2), Some(1)]);
    }

    #[test]
    fn among_equals_the_wider_comes_first_and_none_runs_ahead() {
        let mut bids = [camera(Normal), camera(Normal)];
        bids[1].width = 640;
        assert_eq!(allocate(&bids, 150.0), [None, Some(0)]);
        assert_eq!(allocate(&bids, 700.0), [Some(0), Some(1)]);
        assert_eq!(allocate(&bids, 1900.0), [Some(1), Some(1)]);
        assert_eq!(allocate(&bids, 2000.0), [Some(1), Some(2)]);
    }

    #[test]
    fn sound_comes_first_and_what_is_aimed_at_suffices() {
        assert_eq!(budget(1000.0, 100.0), 800.0);
        assert_eq!(budget(100.0, 200.0), 0.0);
        assert!(budget(aim(1500.0, 160.0), 160.0) >= 1500.0);
    }

    #[test]
    fn nobody_gets_more_than_wished_for_and_nothing_costs_nothing() {
        let bids = [bid(Screen, 0, &[150.0]), bid(Normal, 0, &[]), camera(Normal)];
        assert_eq!(allocate(&bids, 1650.0), [Some(0), None, Some(2)]);
        assert_eq!(allocate(&[], 1.0), []);
    }

    #[test]
    fn headroom_counts_once_it_has_lasted() {
        let start = crate::test_start();
        let mut headroom = Headroom::default();
        let mut note =
            |seconds: f64, budget| headroom.note(start + Duration::from_secs_f64(seconds), budget);
        assert_eq!(note(0.0, 800.0), 800.0);
        assert_eq!(note(1.0, 300.0), 300.0);
        assert_eq!(note(2.0, 900.0), 300.0);
        assert_eq!(note(3.0, 700.0), 300.0);
        assert_eq!(note(4.5, 1000.0), 700.0);
        assert_eq!(note(6.5, 1000.0), 1000.0);
    }
}
