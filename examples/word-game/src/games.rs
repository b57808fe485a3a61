//! The games that can be joined. They live in memory: a game is over when its
//! room is, and a restart forgets both alike.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::parlor::Room;

/// How long a game's room stays open, in seconds.
pub(crate) const LASTS_SECS: u64 = 4 * 60 * 60;
/// More games at once would need a real store.
const MAX_GAMES: usize = 100;

/// One game, which is one room.
#[derive(Clone)]
pub(crate) struct Game {
    /// As the host called it.
    pub(crate) name: String,
    /// The room's name serves as the game's id: it is unique and not guessable.
    pub(crate) id: String,
    /// Where players join.
    pub(crate) room_url: String,
    /// When the room closes, in unix seconds.
    pub(crate) expires: u64,
}

/// Every game that is still open.
#[derive(Default)]
pub(crate) struct Games {
    open: Mutex<Vec<Game>>,
}

impl Games {
    /// Whether one more game fits.
    pub(crate) fn has_place(&self, now: u64) -> bool {
        self.open(now).len() < MAX_GAMES
    }

    pub(crate) fn add(&self, name: String, room: Room, expires: u64) -> Game {
        let game = Game { name, id: room.name, room_url: room.url, expires };
        self.lock().push(game.clone());
        game
    }

    pub(crate) fn find(&self, id: &str, now: u64) -> Option<Game> {
        self.open(now).into_iter().find(|game| game.id == id)
    }

    /// The open games, newest first; forgets those that are over.
    pub(crate) fn open(&self, now: u64) -> Vec<Game> {
        let mut games = self.lock();
        games.retain(|game| game.expires > now);
        games.iter().rev().cloned().collect()
    }

    /// A panic elsewhere leaves a whole list behind: each change is one step.
    fn lock(&self) -> MutexGuard<'_, Vec<Game>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str) -> Room {
        Room { name: name.to_owned(), url: format!("http://127.0.0.1/{name}") }
    }

    #[test]
    fn a_game_is_found_until_its_room_closes() {
        let games = Games::default();
        games.add("Friday".to_owned(), room("abc"), 100);
        assert!(games.find("abc", 99).is_some());
        assert!(games.find("abc", 100).is_none());
        assert!(games.open(0).is_empty(), "what is over is forgotten");
    }

    #[test]
    fn there_is_an_end_to_games_at_once() {
        let games = Games::default();
        for number in 0..MAX_GAMES {
            assert!(games.has_place(0));
            games.add("Friday".to_owned(), room(&number.to_string()), 100);
        }
        assert!(!games.has_place(0));
        assert!(games.has_place(100));
    }
}
