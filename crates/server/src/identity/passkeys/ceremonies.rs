//! Ceremonies that began: each is good for minutes, once, in the browser that
//! began it. They are kept here and not with the browser, so that none can be
//! brought again.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parlor_model::time::UnixMillis;

/// How long somebody has to answer their device, in seconds: what browsers are
/// told, too. Longer helps who must look for a key, and who found a page open.
pub(super) const LIFE_SECONDS: i64 = 300;

/// Most ceremonies at once; the oldest gives way. Some kilobytes each; fewer
/// let a flood of beginnings end those of others sooner.
const MOST: usize = 2048;

/// Most ceremonies of one browser at once; its oldest gives way. More lets one
/// person end those of others; fewer breaks pages that are open side by side.
const MOST_OF_BROWSER: usize = 8;

type Id = [u8; 16];

/// The ceremonies of one kind.
#[derive(Debug)]
pub(super) struct Ceremonies<T>(Mutex<Running<T>>);

#[derive(Debug)]
struct Running<T> {
    by_id: HashMap<Id, Ceremony<T>>,
    /// Oldest first.
    order: VecDeque<Id>,
}

#[derive(Debug)]
struct Ceremony<T> {
    browser: String,
    ends_at: UnixMillis,
    pending: T,
}

impl<T> Default for Ceremonies<T> {
    fn default() -> Self {
        Self(Mutex::new(Running { by_id: HashMap::new(), order: VecDeque::new() }))
    }
}

impl<T> Ceremonies<T> {
    /// The maps stay consistent even if a thread panicked while holding them.
    fn running(&self) -> MutexGuard<'_, Running<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps `pending` for `browser`; the ceremony is called by what is
    /// returned. `id` is drawn by the caller.
    pub(super) fn begin(&self, browser: &str, pending: T, id: Id, now: UnixMillis) -> String {
        let mut running = self.running();
        running.make_room(now);
        running.make_room_of(browser);
        let ends_at = now.plus_seconds(LIFE_SECONDS);
        let ceremony = Ceremony { browser: browser.to_owned(), ends_at, pending };
        running.by_id.insert(id, ceremony);
        running.order.push_back(id);
        URL_SAFE_NO_PAD.encode(id)
    }

    /// Ends a ceremony of `browser` and gives what was kept; nothing where there
    /// is none, where it is over, or where another browser began it.
    pub(super) fn take(&self, browser: &str, ceremony: &str, now: UnixMillis) -> Option<T> {
        let id = Id::try_from(URL_SAFE_NO_PAD.decode(ceremony).ok()?).ok()?;
        let mut running = self.running();
        if running.by_id.get(&id)?.browser != browser {
            return None;
        }
        let ceremony = running.remove(&id)?;
        (now < ceremony.ends_at).then_some(ceremony.pending)
    }
}

impl<T> Running<T> {
    fn remove(&mut self, id: &Id) -> Option<Ceremony<T>> {
        self.order.retain(|other| other != id);
        self.by_id.remove(id)
    }

    fn make_room_of(&mut self, browser: &str) {
        let is_own = |id: &&Id| self.by_id.get(*id).is_some_and(|one| one.browser == browser);
        let own: Vec<Id> = self.order.iter().filter(is_own).copied().collect();
        if own.len() >= MOST_OF_BROWSER {
            self.remove(&own[0]);
        }
    }

    fn make_room(&mut self, now: UnixMillis) {
        while let Some(oldest) = self.order.front() {
            let is_over = self.by_id.get(oldest).is_none_or(|one| one.ends_at <= now);
            if !is_over && self.order.len() < MOST {
                return;
            }
            self.by_id.remove(oldest);
            self.order.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ceremonies, LIFE_SECONDS, MOST, UnixMillis};

    const NOW: UnixMillis = UnixMillis::new(1_000_000);

    #[test]
    fn a_ceremony_is_answered_once_in_time_and_by_its_own_browser() {
        let ceremonies = Ceremonies::default();
        let one = ceremonies.begin("ana", 1, [1; 16], NOW);
        assert_eq!(ceremonies.take("bo", &one, NOW), None);
        assert_eq!(ceremonies.take("ana", "nothing", NOW), None);
        assert_eq!(ceremonies.take("ana", &one, NOW.plus_seconds(LIFE_SECONDS - 1)), Some(1));
        assert_eq!(ceremonies.take("ana", &one, NOW), None);
        let late = ceremonies.begin("ana", 2, [2; 16], NOW);
        assert_eq!(ceremonies.take("ana", &late, NOW.plus_seconds(LIFE_SECONDS)), None);
    }

    #[test]
    fn one_browser_ends_its_own_ceremonies_and_nobody_elses() {
        let ceremonies = Ceremonies::default();
        let id = |number: usize| u128::try_from(number).unwrap().to_be_bytes();
        let ana = ceremonies.begin("ana", 0, id(0), NOW);
        for number in 1..=3 * MOST {
            let one = ceremonies.begin("eve", number, id(number), NOW);
            // Answered or not.
            if number % 2 == 0 {
                ceremonies.take("eve", &one, NOW);
            }
        }
        assert!(ceremonies.running().order.len() <= 1 + super::MOST_OF_BROWSER);
        assert_eq!(ceremonies.take("ana", &ana, NOW), Some(0));
    }

    #[test]
    fn there_are_never_more_than_so_many_and_the_oldest_gives_way() {
        let ceremonies = Ceremonies::default();
        let id = |number: usize| u128::try_from(number).unwrap().to_be_bytes();
        let who = |number: usize| format!("browser {number}");
        let all: Vec<String> = (0..=MOST)
            .map(|number| ceremonies.begin(&who(number), number, id(number), NOW))
            .collect();
        assert_eq!(ceremonies.running().order.len(), MOST);
        assert_eq!(ceremonies.running().by_id.len(), MOST);
        assert_eq!(ceremonies.take(&who(0), &all[0], NOW), None);
        assert_eq!(ceremonies.take(&who(MOST), &all[MOST], NOW), Some(MOST));
        let later = NOW.plus_seconds(LIFE_SECONDS);
        ceremonies.begin("ana", 0, id(MOST + 1), later);
        assert_eq!(ceremonies.running().order.len(), 1, "what is over is forgotten");
        assert_eq!(ceremonies.running().by_id.len(), 1);
    }
}
