//! What a worker does when it has too little time: less is sent of each video,
//! whole layers of it, before packets wait too long and are lost at random.

/// From this share of its time on, in percent, a worker sends less. Higher gets
/// more out of a machine; lower leaves more for what comes at once.
const OVER: u8 = 90;
/// Below this it sends more again, step by step, once it was so for that many
/// looks. What a step costs must fit between the two, or pictures come and go.
const CALM: u8 = 70;
const CALM_LOOKS: u8 = 3;
/// How many steps of each video are left out more at each look. More ends a jam
/// sooner; fewer takes no more away than is needed.
const STEPS: u8 = 2;
/// What is looked at is the mean of two seconds: so many looks after a step show
/// what was before it.
const LATE_LOOKS: u8 = 2;
/// No video has more.
const MOST: u8 = 12;

/// How many of the largest steps of each video a worker's rooms leave out.
#[derive(Debug, Default)]
pub(crate) struct Strain {
    steps: u8,
    calm_looks: u8,
    /// How many looks more show the time before the last step.
    late_looks: u8,
}

impl Strain {
    /// Looks at the share of its time that the worker worked, in percent, once
    /// a second. Returns how many steps are left out from now on, if that is
    /// news.
    pub(crate) fn look(&mut self, percent: u8) -> Option<u8> {
        let before = self.steps;
        let is_late = self.late_looks > 0;
        self.late_looks = self.late_looks.saturating_sub(1);
        if percent >= OVER && is_late {
            self.calm_looks = 0;
        } else if percent >= OVER {
            self.calm_looks = 0;
            self.late_looks = LATE_LOOKS;
            self.steps = (self.steps + STEPS).min(MOST);
        } else if percent >= CALM {
            self.calm_looks = 0;
        } else {
            self.calm_looks = (self.calm_looks + 1).min(CALM_LOOKS);
            if self.calm_looks == CALM_LOOKS {
                self.steps = self.steps.saturating_sub(1);
            }
        }
        (self.steps != before).then_some(self.steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_is_sent_at_once_and_more_again_with_patience() {
        let mut strain = Strain::default();
        let mut look = |percent| strain.look(percent);
        assert_eq!([85, 90, 97, 97].map(&mut look), [None, Some(2), None, None]);
        assert_eq!([97, 89].map(&mut look), [Some(4), None]);
        assert_eq!([60, 60, 75, 60, 60].map(&mut look), [None; 5]);
        assert_eq!([60, 60, 91].map(&mut look), [Some(3), Some(2), Some(4)]);
        let rest: Vec<_> = (0..9).filter_map(|_| look(10)).collect();
        assert_eq!(rest, [3, 2, 1, 0]);
    }

    #[test]
    fn no_more_is_left_out_than_there_is() {
        let mut strain = Strain::default();
        let last = (0..20).filter_map(|_| strain.look(100)).last();
        assert_eq!(last, Some(MOST));
    }
}
