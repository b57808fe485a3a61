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
    /// How many steps are left out.
    pub(crate) fn steps(&self) -> u8 {
        self.steps
    }

    /// Looks at the share of its time that the worker worked, in percent, once
    /// a second.
    pub(crate) fn look(&mut self, percent: u8) {
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps after each look.
    fn looks<const N: usize>(strain: &mut Strain, percents: [u8; N]) -> [u8; N] {
        percents.map(|percent| {
            strain.look(percent);
            strain.steps()
        })
    }

    #[test]
    fn less_is_sent_at_once_and_more_again_with_patience() {
        let mut strain = Strain::default();
        assert_eq!(looks(&mut strain, [85, 90, 97, 97]), [0, 2, 2, 2]);
        assert_eq!(looks(&mut strain, [97, 89]), [4, 4]);
        assert_eq!(looks(&mut strain, [60, 60, 75, 60, 60]), [4; 5]);
        assert_eq!(looks(&mut strain, [60, 60, 91]), [3, 2, 4]);
        assert_eq!(looks(&mut strain, [10; 8]), [4, 4, 3, 2, 1, 0, 0, 0]);
    }

    #[test]
    fn no_more_is_left_out_than_there_is() {
        let mut strain = Strain::default();
        assert_eq!(looks(&mut strain, [100; 40])[39], MOST);
    }
}
