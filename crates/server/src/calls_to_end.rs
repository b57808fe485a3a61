//! Calls that must end because their room is gone. A room is deleted at once;
//! its call is on a media thread, which may be too busy to hear of it. Until
//! that thread has answered, the call stays on this list and is ended again
//! every second.
//!
//! The list is in memory: the calls end with the process as well.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use parlor_bus::{Bus, BusError};
use parlor_model::command::{Command, EndReason};
use parlor_model::id::RoomId;
use tokio::sync::Notify;

/// How long to wait before asking again. Longer leaves people in a room that
/// is gone; shorter presses a media node that is busy already.
const RETRY: Duration = Duration::from_secs(1);

/// The calls whose end was not confirmed yet. Clones share the list.
#[derive(Clone, Debug, Default)]
pub struct CallsToEnd {
    list: Arc<List>,
}

#[derive(Debug, Default)]
struct List {
    rooms: Mutex<BTreeSet<RoomId>>,
    added: Notify,
}

impl CallsToEnd {
    /// Removes everybody from `room` now, or as soon as the media node answers.
    pub(crate) async fn end(&self, bus: &Bus, room: RoomId) {
        // On the list before the first attempt: the caller may hang up
        // meanwhile, and with that drop this future.
        self.rooms(|rooms| rooms.insert(room));
        self.list.added.notify_one();
        if let Err(error) = self.attempt(bus, room).await {
            tracing::warn!(%error, room.id = %room, "the call of a deleted room could not be ended yet");
        }
    }

    /// Puts `rooms` on the list, for whoever has no bus: the job ends their
    /// calls within moments.
    pub fn add(&self, rooms: Vec<RoomId>) {
        self.rooms(|waiting| waiting.extend(rooms));
        self.list.added.notify_one();
    }

    /// Removes everybody from each of `rooms`. When one does not answer, the
    /// rest of them wait for the job, rather than the caller for each.
    pub(crate) async fn end_all(&self, bus: &Bus, rooms: Vec<RoomId>) {
        if rooms.is_empty() {
            return;
        }
        self.add(rooms.clone());
        for room in rooms {
            if let Err(error) = self.attempt(bus, room).await {
                tracing::warn!(%error, room.id = %room, "the calls of deleted rooms could not be ended yet");
                return;
            }
        }
    }

    /// Waits until a call has been on the list for a moment.
    pub(crate) async fn due(&self) {
        while self.rooms(|rooms| rooms.is_empty()) {
            self.list.added.notified().await;
        }
        tokio::time::sleep(RETRY).await;
    }

    /// Tries once more to end every call on the list.
    pub(crate) async fn retry(&self, bus: &Bus) {
        let waiting: Vec<RoomId> = self.rooms(|rooms| rooms.iter().copied().collect());
        for room in waiting {
            match self.attempt(bus, room).await {
                Ok(()) => tracing::info!(room.id = %room, "the call of a deleted room was ended"),
                // One thread that hangs must not keep the others' calls alive.
                Err(BusError::Timeout) => {}
                Err(BusError::Busy | BusError::Closed) => return,
            }
        }
    }

    async fn attempt(&self, bus: &Bus, room: RoomId) -> Result<(), BusError> {
        let reason = EndReason::RoomDeleted;
        bus.request(Command::EndRoom { room, reason }).await?;
        self.rooms(|rooms| rooms.remove(&room));
        Ok(())
    }

    fn rooms<T>(&self, work: impl FnOnce(&mut BTreeSet<RoomId>) -> T) -> T {
        // A set stays consistent even if a thread panicked while holding it.
        let mut rooms = self.list.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut rooms)
    }
}
