//! Which worker has which room, and in which room a participant is. Call
//! sockets and bus requests ask here where to go; workers say what lives.
//!
//! A room is placed when its first joiner knocks, before its worker has made
//! it, and it may become empty while the next joiner is on the way. So a
//! joiner under way holds a [`Claim`], and a room with claims stays where it
//! is: never are there two of one room.
//!
//! A room that was deleted is remembered for as long as a ticket to it may
//! still be about, and a worker whose thread has ended is never chosen again.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use parlor_model::id::{OrgId, ParticipantId, RoomId};
use parlor_model::ticket::TICKET_SECONDS;

use crate::load::Loads;

mod people;

pub(crate) use people::Arrival;

/// How long a deleted room is refused: while a ticket to it can be good, and
/// a little more, for one that was being made just then.
const DELETED_FOR: Duration = Duration::from_secs(TICKET_SECONDS as u64 + 5);

/// Most checks at once. They bring packets in and out as calls do, and are open
/// to everybody who may join anything.
const MOST_CHECKS: usize = 50;

/// The table shared by a node's sockets, bus task and workers.
pub(crate) struct Directory {
    tables: Mutex<Tables>,
    /// How busy the workers are.
    pub(crate) loads: Loads,
}

struct Tables {
    rooms: HashMap<RoomId, Placed>,
    participants: HashMap<ParticipantId, RoomId>,
    /// Rooms and participants by worker; `None`: its thread has ended.
    load: Vec<Option<usize>>,
    /// Those of checks, each for one person.
    checks: HashSet<RoomId>,
    /// Rooms that were deleted, until when they are refused.
    deleted: HashMap<RoomId, Instant>,
}

struct Placed {
    worker: usize,
    /// Joiners on their way to the worker.
    claims: usize,
    /// Whether the worker has the room.
    is_live: bool,
    participants: HashSet<ParticipantId>,
    /// Whose room it is, as the tickets to it say.
    org: Option<OrgId>,
    /// Those on their way who take a place of the organization's: a person may be
    /// on more than one, and for a moment is inside already.
    arriving: Vec<ParticipantId>,
}

/// Why a room cannot be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unclaimable {
    /// Its record was deleted a moment ago.
    Deleted,
    /// No worker is left.
    NoWorker,
    /// As many checks run as may.
    TooManyChecks,
    /// As many people are in the organization's rooms as may be.
    OrgFull {
        /// How many that is.
        limit: u32,
    },
}

/// Keeps a room at its worker until the joiner who holds this has arrived.
pub(crate) struct Claim {
    directory: Arc<Directory>,
    room: RoomId,
    worker: usize,
    arrival: Option<Arrival>,
}

impl Directory {
    pub(crate) fn new(workers: usize, max_load: u8) -> Arc<Self> {
        let tables = Tables {
            rooms: HashMap::new(),
            participants: HashMap::new(),
            checks: HashSet::new(),
            load: vec![Some(0); workers],
            deleted: HashMap::new(),
        };
        Arc::new(Self { tables: Mutex::new(tables), loads: Loads::new(workers, max_load) })
    }

    /// Claims a room's place, whatever its organization may have; a new room
    /// goes to the least loaded worker.
    #[cfg(test)]
    pub(crate) fn claim(
        self: &Arc<Self>,
        now: Instant,
        room: RoomId,
    ) -> Result<Claim, Unclaimable> {
        self.claim_in(&mut self.lock(), now, room)
    }

    /// The same for a room of a check, of which few are had at once.
    pub(crate) fn claim_check(
        self: &Arc<Self>,
        now: Instant,
        room: RoomId,
    ) -> Result<Claim, Unclaimable> {
        let mut tables = self.lock();
        if !tables.checks.contains(&room) && tables.checks.len() >= MOST_CHECKS {
            return Err(Unclaimable::TooManyChecks);
        }
        let claim = self.claim_in(&mut tables, now, room)?;
        tables.checks.insert(room);
        Ok(claim)
    }

    fn claim_in(
        self: &Arc<Self>,
        tables: &mut Tables,
        now: Instant,
        room: RoomId,
    ) -> Result<Claim, Unclaimable> {
        if tables.is_deleted(now, room) {
            return Err(Unclaimable::Deleted);
        }
        let worker = tables.place(room, &self.loads).ok_or(Unclaimable::NoWorker)?;
        Ok(Claim { directory: Arc::clone(self), room, worker, arrival: None })
    }

    /// Claims the place of the room a participant is in.
    pub(crate) fn claim_of(self: &Arc<Self>, participant: ParticipantId) -> Option<Claim> {
        let mut tables = self.lock();
        let room = *tables.participants.get(&participant)?;
        let worker = tables.place(room, &self.loads)?;
        Some(Claim { directory: Arc::clone(self), room, worker, arrival: None })
    }

    /// Whether the participant is in a room.
    pub(crate) fn is_inside(&self, participant: ParticipantId) -> bool {
        self.lock().participants.contains_key(&participant)
    }

    /// The worker of a room that lives or is about to.
    pub(crate) fn worker_of(&self, room: RoomId) -> Option<usize> {
        self.lock().rooms.get(&room).map(|placed| placed.worker)
    }

    /// The worker that would serve one more in this room.
    pub(crate) fn worker_for(&self, room: RoomId) -> Option<usize> {
        let tables = self.lock();
        let placed = tables.rooms.get(&room).map(|placed| placed.worker);
        placed.or_else(|| tables.next_worker(&self.loads))
    }

    /// The worker with the most time left, and then the fewest people, but for
    /// these.
    pub(crate) fn idlest_worker_but(&self, taken: &[usize]) -> Option<usize> {
        let tables = self.lock();
        let people = tables.load.iter().enumerate();
        let alive = people.filter_map(|(worker, people)| Some((worker, people.as_ref()?)));
        let others = alive.filter(|(worker, _)| !taken.contains(worker));
        others.min_by_key(|(worker, people)| (self.loads.percent(*worker), **people)).map(|it| it.0)
    }

    /// The room's record was deleted: it is refused from now on.
    pub(crate) fn delete(&self, now: Instant, room: RoomId) {
        let mut tables = self.lock();
        tables.deleted.retain(|_, until| *until > now);
        tables.deleted.insert(room, now + DELETED_FOR);
    }

    /// Whether the room was deleted while tickets to it may be about.
    pub(crate) fn is_deleted(&self, now: Instant, room: RoomId) -> bool {
        self.lock().is_deleted(now, room)
    }

    /// A worker's thread has ended: its rooms are gone, and it gets no more.
    pub(crate) fn retire(&self, worker: usize) {
        let mut tables = self.lock();
        let rooms = tables.rooms.iter();
        let its = rooms.filter(|(_, placed)| placed.worker == worker);
        for room in its.map(|(room, _)| *room).collect::<Vec<_>>() {
            tables.forget(room);
        }
        if let Some(load) = tables.load.get_mut(worker) {
            *load = None;
        }
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
        if tables.rooms.get(&room).is_some_and(|placed| placed.claims > 0) {
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
        let Some(placed) = tables.rooms.get_mut(&room) else {
            return;
        };
        if placed.participants.insert(participant) {
            tables.participants.insert(participant, room);
            tables.add_load(room, 1);
        }
    }

    /// A participant's stay has ended.
    pub(crate) fn left(&self, participant: ParticipantId) {
        let mut tables = self.lock();
        if let Some(room) = tables.participants.remove(&participant) {
            if let Some(placed) = tables.rooms.get_mut(&room) {
                placed.participants.remove(&participant);
            }
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
        // The room may live elsewhere since the thread of this worker ended.
        let placed = tables.rooms.get_mut(&self.room);
        let Some(placed) = placed.filter(|placed| placed.worker == self.worker) else {
            return;
        };
        placed.claims -= 1;
        if placed.claims == 0 && !placed.is_live {
            tables.forget(self.room);
        }
    }
}

impl Tables {
    /// A new room goes to the worker with the fewest people, of those that have
    /// time left.
    fn place(&mut self, room: RoomId, loads: &Loads) -> Option<usize> {
        if let Some(placed) = self.rooms.get_mut(&room) {
            placed.claims += 1;
            return Some(placed.worker);
        }
        let worker = self.next_worker(loads)?;
        self.rooms.insert(
            room,
            Placed {
                worker,
                claims: 1,
                is_live: false,
                participants: HashSet::new(),
                org: None,
                arriving: Vec::new(),
            },
        );
        self.add_load(room, 1);
        Some(worker)
    }

    /// Where the next new room goes.
    fn next_worker(&self, loads: &Loads) -> Option<usize> {
        let people = self.load.iter().enumerate();
        let alive = people
            .filter_map(|(worker, people)| Some((loads.is_over(worker), people.as_ref()?, worker)));
        alive.min().map(|(.., worker)| worker)
    }

    fn is_deleted(&self, now: Instant, room: RoomId) -> bool {
        self.deleted.get(&room).is_some_and(|until| *until > now)
    }

    fn forget(&mut self, room: RoomId) {
        self.forget_participants(room);
        self.add_load(room, -1);
        self.rooms.remove(&room);
        self.checks.remove(&room);
    }

    fn forget_participants(&mut self, room: RoomId) {
        let placed = self.rooms.get_mut(&room);
        let inside = placed.map(|placed| std::mem::take(&mut placed.participants));
        for participant in inside.unwrap_or_default() {
            self.participants.remove(&participant);
            self.add_load(room, -1);
        }
    }

    fn add_load(&mut self, room: RoomId, change: isize) {
        if let Some(placed) = self.rooms.get(&room)
            && let Some(load) = &mut self.load[placed.worker]
        {
            *load = load.saturating_add_signed(change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Looks;

    fn room(n: u8) -> RoomId {
        RoomId::from_random([n; 16])
    }

    fn participant(n: u8) -> ParticipantId {
        ParticipantId::from_random([n; 16])
    }

    fn claim(directory: &Arc<Directory>, room: RoomId) -> Claim {
        let claim = directory.claim(Instant::now(), room);
        claim.unwrap_or_else(|reason| panic!("{reason:?}"))
    }

    #[test]
    fn checks_are_few_and_make_room_when_they_end() {
        let directory = Directory::new(1, 100);
        let now = Instant::now();
        let claims: Vec<_> = (0..50).map(|n| directory.claim_check(now, room(n))).collect();
        assert!(claims.iter().all(Result::is_ok));
        let late = directory.claim_check(now, room(50)).err();
        assert_eq!(late, Some(Unclaimable::TooManyChecks));
        assert!(directory.claim_check(now, room(7)).is_ok(), "a second way to the same");
        assert!(directory.claim(now, room(51)).is_ok(), "calls are not checks");
        drop(claims);
        assert!(directory.claim_check(now, room(50)).is_ok());
    }

    #[test]
    fn a_check_that_cannot_be_claimed_takes_no_place_and_frees_none() {
        let directory = Directory::new(1, 100);
        let now = Instant::now();
        let running = directory.claim_check(now, room(1));
        directory.delete(now, room(1));
        directory.delete(now, room(2));
        for n in [1, 2] {
            let refused = directory.claim_check(now, room(n)).err();
            assert_eq!(refused, Some(Unclaimable::Deleted));
        }
        assert_eq!(directory.lock().checks, HashSet::from([room(1)]));
        drop(running);
        assert!(directory.lock().checks.is_empty());
    }

    #[test]
    fn a_deleted_room_is_refused_while_tickets_to_it_are_good() {
        let directory = Directory::new(1, 100);
        let now = Instant::now();
        directory.delete(now, room(1));
        let late = now + Duration::from_secs(60);
        for now in [now, late] {
            let refused = directory.claim(now, room(1)).err();
            assert_eq!(refused, Some(Unclaimable::Deleted));
            assert!(directory.claim(now, room(2)).is_ok());
        }
        assert!(directory.claim(now + DELETED_FOR, room(1)).is_ok());
        directory.delete(now + DELETED_FOR, room(3));
        assert_eq!(directory.lock().deleted.len(), 1);
    }

    #[test]
    fn a_worker_that_ended_gets_no_room_and_its_rooms_go_elsewhere() {
        let directory = Directory::new(2, 100);
        drop_after_opening(&directory, room(1));
        directory.entered(participant(1), room(1));
        let under_way = claim(&directory, room(1));
        directory.retire(0);
        assert_eq!(directory.sizes(), (0, 0));
        let moved: Vec<_> = (1..4).map(|n| claim(&directory, room(n))).collect();
        assert!(moved.iter().all(|claim| claim.worker() == 1));
        drop(under_way);
        drop(moved);
        assert_eq!(directory.sizes(), (0, 0));
        directory.retire(1);
        let refused = directory.claim(Instant::now(), room(1)).err();
        assert_eq!(refused, Some(Unclaimable::NoWorker));
    }

    #[test]
    fn rooms_spread_over_the_least_loaded_workers() {
        let directory = Directory::new(3, 100);
        let claims: Vec<_> = (0..6).map(|n| claim(&directory, room(n))).collect();
        let workers: Vec<_> = claims.iter().map(Claim::worker).collect();
        assert_eq!(workers, [0, 1, 2, 0, 1, 2]);
        assert_eq!(claim(&directory, room(1)).worker(), 1);
    }

    #[test]
    fn a_claim_that_never_arrives_leaves_nothing() {
        let directory = Directory::new(2, 100);
        drop(claim(&directory, room(1)));
        assert_eq!(directory.sizes(), (0, 0));
    }

    #[test]
    fn a_room_with_a_joiner_on_the_way_stays() {
        let directory = Directory::new(2, 100);
        let claim = claim(&directory, room(1));
        directory.opened(room(1));
        assert!(!directory.close(room(1)));
        drop(claim);
        assert_eq!(directory.worker_of(room(1)), Some(0));
        assert!(directory.close(room(1)));
        assert_eq!(directory.sizes(), (0, 0));
    }

    #[test]
    fn participants_are_found_until_they_leave() {
        let directory = Directory::new(2, 100);
        drop_after_opening(&directory, room(1));
        directory.entered(participant(1), room(1));
        let claim = directory.claim_of(participant(1)).unwrap();
        assert_eq!((claim.room(), claim.worker()), (room(1), 0));
        directory.left(participant(1));
        assert!(directory.claim_of(participant(1)).is_none());
    }

    #[test]
    fn a_closed_room_takes_its_participants_and_load_along() {
        let directory = Directory::new(2, 100);
        drop_after_opening(&directory, room(1));
        for n in 1..=5 {
            directory.entered(participant(n), room(1));
        }
        assert_eq!(claim(&directory, room(2)).worker(), 1);
        assert!(directory.close(room(1)));
        assert_eq!(directory.sizes(), (0, 0));
        assert_eq!(claim(&directory, room(3)).worker(), 0);
    }

    #[test]
    fn a_lost_room_is_placed_anew() {
        let directory = Directory::new(2, 100);
        drop_after_opening(&directory, room(1));
        directory.entered(participant(1), room(1));
        directory.lost(room(1));
        assert_eq!(directory.sizes(), (0, 0));
    }

    fn drop_after_opening(directory: &Arc<Directory>, room: RoomId) {
        let claim = claim(directory, room);
        directory.opened(room);
        drop(claim);
    }

    #[test]
    fn a_worker_without_time_gets_no_new_room() {
        let (directory, start) = (Directory::new(2, 80), Instant::now());
        drop_after_opening(&directory, room(1));
        let mut looks = Looks::new(start, 2);
        // The second has nobody, and is busy all the same.
        for second in 1..=2 {
            let now = start + Duration::from_secs(second);
            looks.look(now, [100_000, second * 900_000].into_iter(), &directory.loads);
        }
        assert_eq!(directory.worker_for(room(2)), Some(0));
        assert_eq!(claim(&directory, room(2)).worker(), 0);
        assert_eq!(directory.worker_for(room(1)), Some(0));
    }
}
