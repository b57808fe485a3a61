//! Who is looked at when: the people of a room by the moment at which something
//! may be due for them, so that the room looks at those only.
//!
//! Deadlines move with nearly every packet, mostly to later. An alarm is
//! therefore a promise to look, not the deadline: one that has become too early
//! stays, and whoever is looked at in vain is given a new one. Only an earlier
//! deadline costs an entry. So a packet costs a comparison, and a silent person
//! one look for each of their deadlines, however many others there are.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use parlor_model::id::ParticipantId;

/// Outdated entries are cleared away when there are so many more than people.
/// Fewer are cleared more often; more cost memory.
const LITTER: usize = 64;

/// When somebody is looked at next. Kept by whom it is about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Alarm(Option<Instant>);

/// The alarms of a room. An entry that is not its owner's alarm is outdated.
#[derive(Debug, Default)]
pub(crate) struct Alarms {
    entries: BinaryHeap<Reverse<(Instant, ParticipantId)>>,
}

impl Alarms {
    /// Somebody is looked at no later than `at`.
    pub(crate) fn set(&mut self, alarm: &mut Alarm, whose: ParticipantId, at: Instant) {
        if alarm.0.is_none_or(|set| at < set) {
            alarm.0 = Some(at);
            self.entries.push(Reverse((at, whose)));
        }
    }

    /// When somebody is to be looked at next.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.entries.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes up to `most` of the `people` who are to be looked at by now. The
    /// caller takes their alarms from them; `alarm_of` is that of whoever is
    /// still there.
    pub(crate) fn take_due(
        &mut self,
        now: Instant,
        most: usize,
        people: usize,
        alarm_of: impl Fn(ParticipantId) -> Option<Alarm>,
    ) -> Vec<ParticipantId> {
        let is_set = |whose, at| alarm_of(whose).is_some_and(|alarm| alarm.0 == Some(at));
        let mut due = Vec::new();
        while let Some(Reverse((at, whose))) = self.entries.peek().copied() {
            let is_set = is_set(whose, at);
            if is_set && (at > now || due.len() == most) {
                break;
            }
            self.entries.pop();
            // An alarm that was set to the same moment again has two entries.
            if is_set && due.last() != Some(&whose) {
                due.push(whose);
            }
        }
        if self.entries.len() > LITTER + 4 * people {
            self.entries.retain(|Reverse((at, whose))| is_set(*whose, *at));
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::OnceLock;
    use std::time::Duration;

    use super::*;

    /// People and their true deadlines, in milliseconds.
    #[derive(Default)]
    struct People {
        alarms: Alarms,
        people: BTreeMap<ParticipantId, (Alarm, u64)>,
        looks: usize,
    }

    fn person(n: u8) -> ParticipantId {
        ParticipantId::from_random([n; 16])
    }

    fn at(millis: u64) -> Instant {
        static START: OnceLock<Instant> = OnceLock::new();
        *START.get_or_init(crate::test_start) + Duration::from_millis(millis)
    }

    impl People {
        fn expect(&mut self, n: u8, millis: u64) {
            let (alarm, deadline) = self.people.entry(person(n)).or_default();
            *deadline = millis;
            self.alarms.set(alarm, person(n), at(millis));
        }

        /// Those who are due, looking as a room does.
        fn due(&mut self, millis: u64, most: usize) -> Vec<ParticipantId> {
            let Self { alarms, people, .. } = self;
            let alarm_of = |id| people.get(&id).map(|(alarm, _)| *alarm);
            let looked = alarms.take_due(at(millis), most, people.len(), alarm_of);
            for id in &looked {
                people.get_mut(id).unwrap().0 = Alarm::default();
            }
            self.looks += looked.len();
            let mut due = Vec::new();
            for id in looked {
                let (alarm, deadline) = people.get_mut(&id).unwrap();
                if *deadline <= millis {
                    due.push(id);
                } else {
                    alarms.set(alarm, id, at(*deadline));
                }
            }
            due
        }
    }

    #[test]
    fn a_deadline_that_moves_on_costs_one_look_and_is_kept() {
        let mut people = People::default();
        for millis in 0..1000 {
            people.expect(1, 3000 + millis);
        }
        assert_eq!(people.alarms.entries.len(), 1);
        assert!(people.due(2999, 9).is_empty());
        assert!(people.due(3998, 9).is_empty());
        assert_eq!((people.looks, people.alarms.next()), (1, Some(at(3999))));
        assert_eq!(people.due(3999, 9), [person(1)]);
    }

    #[test]
    fn an_earlier_deadline_comes_first_and_the_later_entry_wakes_nobody() {
        let mut people = People::default();
        people.expect(1, 500);
        people.expect(1, 100);
        people.expect(2, 300);
        assert_eq!(people.alarms.next(), Some(at(100)));
        assert_eq!(people.due(400, 9), [person(1), person(2)]);
        assert!(people.due(600, 9).is_empty());
        assert_eq!((people.looks, people.alarms.next()), (2, None));
    }

    #[test]
    fn many_who_are_due_at_once_are_taken_in_portions() {
        let mut people = People::default();
        for n in 0..10 {
            people.expect(n, 100);
        }
        assert_eq!(people.due(100, 4).len(), 4);
        assert_eq!(people.due(100, 4).len(), 4);
        assert_eq!(people.due(100, 4).len(), 2);
        assert!(people.due(100, 4).is_empty());
    }

    #[test]
    fn who_has_left_is_forgotten_and_litter_is_cleared() {
        let mut people = People::default();
        people.expect(1, 100);
        people.people.clear();
        assert!(people.due(100, 9).is_empty());
        people.expect(2, 5000);
        for millis in 0..10_000 {
            people.expect(2, 4000);
            people.due(4000, 1);
            people.expect(2, 100_000 - millis);
            assert!(people.alarms.entries.len() <= LITTER + 5);
        }
    }
}
