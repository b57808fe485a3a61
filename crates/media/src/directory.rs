//! Which worker has which room, and in which room a participant is. Call
//! sockets and bus requests ask here where to go; workers say what lives.
//!
//! A room is placed when its first joiner knocks, before its worker has made
//! it, and it may become empty while the next joiner is on the way. So a
//! joiner under way holds a [`Claim`], and a room with claims stays where it
//! is: never are there two of one room.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parlor_model::id::{ParticipantId, RoomId};

/// The table shared by a node's sockets, bus task and workers.
pub(crate) struct Directory {
    tables: Mutex<Tables>,
}

struct Tables {
    rooms: HashMap<RoomId, Placed>,
    participants: HashMap<ParticipantId, RoomId>,
    /// Rooms and participants by worker.
    load: Vec<usize>,
}

struct Placed {
    worker: usize,
    /// Joiners on their way to the worker.
    claims: usize,
    /// Whether the worker has the room.
    is_live: bool,
}

/// Keeps a room at its worker until the joiner who holds this has arrived.
pub(crate) struct Claim {
    directory: Arc<Directory>,
    room: RoomId,
    worker: usize,
}

impl Directory {
    pub(crate) fn new(workers: usize) -> Arc<Self> {
        let tables = Tables {
            rooms: HashMap::new(),
            participants: HashMap::new(),
            load: vec![0; workers],
        };
        Arc::new(Self {
            tables: Mutex::new(tables),
        })
    }

    /// Claims a room's place; a new room goes to the least loaded worker.
    pub(crate) fn claim(self: &Arc<Self>, room: RoomId) -> Claim {
        let mut tables = self.lock();
        let worker = tables.place(room);
        Claim {
            directory: Arc::clone(self),
            room,
            worker,
        }
    }

    /// Claims the place of the room a participant is in.
    pub(crate) fn claim_of(self: &Arc<Self>, participant: ParticipantId) -> Option<Claim> {
        let mut tables = self.lock();
        let room = *tables.participants.get(&participant)?;
        let worker = tables.place(room);
        Some(Claim {
            directory: Arc::clone(self),
            room,
            worker,
        })
    }

    /// The worker of a room that lives or is about to.
    pub(crate) fn worker_of(&self, room: RoomId) -> Option<usize> {
        self.lock().rooms.get(&room).map(|placed| placed.worker)
    }

    /// A worker has made the room.
    pub(crate) fn opened(&self, room: RoomId) {
        if let Some(placed) = self.lock().rooms.get_mut(&room) {
            placed.is_live = true;
        }
    }

    /// A worker wants to drop the room: `false` if somebody is on the way.
    pub(crate) fn close(&self, room: RoomId) -> bool {
        let mut tables = self.lock();
        if tables
            .rooms
            .get(&room)
            .is_some_and(|placed| placed.claims > 0)
        {
            return false;
        }
        tables.forget(room);
        true
    }

    /// A worker has lost the room: it is no longer live, claims or not.
    pub(crate) fn lost(&self, room: RoomId) {
        let mut tables = self.lock();
        match tables.rooms.get_mut(&room) {
            // Who is on the way will open it anew.
            Some(placed) if placed.claims > 0 => placed.is_live = false,
            _ => return tables.forget(room),
        }
        tables.forget_participants(room);
    }

    /// A participant was let into a room.
    pub(crate) fn entered(&self, participant: ParticipantId, room: RoomId) {
        let mut tables = self.lock();
        if tables.participants.insert(participant, room).is_none() {
            tables.add_load(room, 1);
        }
    }

    /// A participant's stay has ended.
    pub(crate) fn left(&self, participant: ParticipantId) {
        let mut tables = self.lock();
        if let Some(room) = tables.participants.remove(&participant) {
            tables.add_load(room, -1);
        }
    }

    /// How many rooms and participants are known.
    pub(crate) fn sizes(&self) -> (usize, usize) {
        let tables = self.lock();
        (tables.rooms.len(), tables.participants.len())
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        // Nothing here leaves the tables half changed, so a panic of another
        // holder does not spoil them.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Claim {
    pub(crate) fn room(&self) -> RoomId {
        self.room
    }

    pub(crate) fn worker(&self) -> usize {
        self.worker
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut tables = self.directory.lock();
        let Some(placed) = tables.rooms.get_mut(&self.room) else {
            return;
        };
        placed.claims -= 1;
        if placed.claims == 0 && !placed.is_live {
            tables.forget(self.room);
        }
    }
}

impl Tables {
    fn place(&mut self, room: RoomId) -> usize {
        if let Some(placed) = self.rooms.get_mut(&room) {
            placed.claims += 1;
            return placed.worker;
        }
        let worker = (0..self.load.len())
            .min_by_key(|worker| self.load[*worker])
            .unwrap_or(0);
        self.rooms.insert(
            room,
            Placed {
                worker,
                claims: 1,
                is_live: false,
            },
        );
        self.add_load(room, 1);
        worker
    }

    fn forget(&mut self, room: RoomId) {
        self.forget_participants(room);
        self.add_load(room, -1);
        self.rooms.remove(&room);
    }

    fn forget_participants(&mut self, room: RoomId) {
        let before = self.participants.len();
        self.participants.retain(|_, in_room| *in_room != room);
        for _ in self.participants.len()..before {
            self.add_load(room, -1);
        }
    }

    fn add_load(&mut self, room: RoomId, change: isize) {
        if let Some(placed) = self.rooms.get(&room) {
            let load = &mut self.load[placed.worker];
            *load = load.saturating_add_signed(change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(n: u8) -> RoomId {
        RoomId::from_random([n; 16])
    }

    fn participant(n: u8) -> ParticipantId {
        ParticipantId::from_random([n; 16])
    }

    #[test]
    fn rooms_spread_over_the_least_loaded_workers() {
        let directory = Directory::new(3);
        let claims: Vec<_> = (0..6).map(|n| directory.claim(room(n))).collect();
        let workers: Vec<_> = claims.iter().map(Claim::worker).collect();
        assert_eq!(workers, [0, 1, 2, 0, 1, 2]);
        assert_eq!(directory.claim(room(1)).worker(), 1);
    }

    #[test]
    fn a_claim_that_never_arrives_leaves_nothing() {
        let directory = Directory::new(2);
        drop(directory.claim(room(1)));
        assert_eq!(directory.sizes(), (0, 0));
    }

    #[test]
    fn a_room_with_a_joiner_on_the_way_stays() {
        let directory = Directory::new(2);
        let claim = directory.claim(room(1));
        directory.opened(room(1));
        assert!(!directory.close(room(1)));
        drop(claim);
        assert_eq!(directory.worker_of(room(1)), Some(0));
        assert!(directory.close(room(1)));
        assert_eq!(directory.sizes(), (0, 0));
    }

    #[test]
    fn participants_are_found_until_they_leave() {
        let directory = Directory::new(2);
        drop_after_opening(&directory, room(1));
        directory.entered(participant(1), room(1));
        let claim = directory.claim_of(participant(1)).unwrap();
        assert_eq!((claim.room(), claim.worker()), (room(1), 0));
        directory.left(participant(1));
        assert!(directory.claim_of(participant(1)).is_none());
    }

    #[test]
    fn a_closed_room_takes_its_participants_and_load_along() {
        let directory = Directory::new(2);
        drop_after_opening(&directory, room(1));
        for n in 1..=5 {
            directory.entered(participant(n), room(1));
        }
        assert_eq!(directory.claim(room(2)).worker(), 1);
        assert!(directory.close(room(1)));
        assert_eq!(directory.sizes(), (0, 0));
        assert_eq!(directory.claim(room(3)).worker(), 0);
    }

    #[test]
    fn a_lost_room_is_placed_anew() {
        let directory = Directory::new(2);
        drop_after_opening(&directory, room(1));
        directory.entered(participant(1), room(1));
        directory.lost(room(1));
        assert_eq!(directory.sizes(), (0, 0));
    }

    fn drop_after_opening(directory: &Arc<Directory>, room: RoomId) {
        let claim = directory.claim(room);
        directory.opened(room);
        drop(claim);
    }
}
