//! Places for call sockets: so many in all, so many of them at the door (they
//! have not said yet who they are), and of those so many for one address, so
//! that nobody keeps everybody else out by opening sockets and saying nothing.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Most call sockets of one node. Each costs some tens of kilobytes before its
/// participant has any media.
pub const MAX_CALL_SOCKETS: usize = 20_000;

/// Most of them that have not said hello. Fewer make it easier to keep others
/// out by opening sockets; more cost memory for nothing.
pub const MAX_AT_THE_DOOR: usize = 2_000;

/// Most of those for one address (of IPv6: one network of 64 bits), or for all
/// whose address is unknown. A client stands at the door for one round trip,
/// so a whole school behind one address gets in with this; more lets fewer
/// addresses fill the door.
pub const MAX_AT_THE_DOOR_PER_ADDRESS: usize = 250;

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPlace {
    /// All are taken.
    Full,
    /// This address has its share.
    Share,
}

/// The places of one node.
#[derive(Clone)]
pub(crate) struct Places {
    sockets: Arc<Semaphore>,
    door: Arc<Semaphore>,
    shares: Arc<Shares>,
}

/// How many stand at the door, by address; addresses with nobody are absent.
#[derive(Default)]
struct Shares(Mutex<HashMap<Option<IpAddr>, usize>>);

/// One socket's places. Dropped with the socket.
pub(crate) struct Place {
    _socket: OwnedSemaphorePermit,
    at_the_door: Option<AtTheDoor>,
}

struct AtTheDoor {
    _permit: OwnedSemaphorePermit,
    address: Option<IpAddr>,
    shares: Arc<Shares>,
}

impl Places {
    pub(crate) fn new() -> Self {
        Self {
            sockets: Arc::new(Semaphore::new(MAX_CALL_SOCKETS)),
            door: Arc::new(Semaphore::new(MAX_AT_THE_DOOR)),
            shares: Arc::default(),
        }
    }

    /// A place for a new call socket from this address.
    pub(crate) fn take(&self, address: Option<IpAddr>) -> Result<Place, NoPlace> {
        let permit = |places: &Arc<Semaphore>| {
            Arc::clone(places).try_acquire_owned().map_err(|_none| NoPlace::Full)
        };
        let (socket, door) = (permit(&self.sockets)?, permit(&self.door)?);
        self.shares.take(address)?;
        let shares = Arc::clone(&self.shares);
        let at_the_door = AtTheDoor { _permit: door, address, shares };
        Ok(Place { _socket: socket, at_the_door: Some(at_the_door) })
    }
}

impl Shares {
    fn take(&self, address: Option<IpAddr>) -> Result<(), NoPlace> {
        let mut shares = self.lock();
        let taken = shares.entry(address).or_default();
        if *taken >= MAX_AT_THE_DOOR_PER_ADDRESS {
            return Err(NoPlace::Share);
        }
        *taken += 1;
        Ok(())
    }

    fn give_back(&self, address: Option<IpAddr>) {
        if let Entry::Occupied(mut taken) = self.lock().entry(address) {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Option<IpAddr>, usize>> {
        // Each change is one number; a panic leaves none half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The first message has come.
    pub(crate) fn leave_the_door(&mut self) {
        self.at_the_door = None;
    }
}

impl Drop for AtTheDoor {
    fn drop(&mut self) {
        self.shares.give_back(self.address);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(n: u32) -> Option<IpAddr> {
        Some(Ipv4Addr::from_bits(n).into())
    }

    #[test]
    fn one_address_has_its_share_and_the_others_theirs() {
        let places = Places::new();
        let take = |n: u32| places.take(address(n));
        let mut silent: Vec<_> = (0..MAX_AT_THE_DOOR_PER_ADDRESS).map(|_| take(1)).collect();
        assert!(silent.iter().all(Result::is_ok));
        assert_eq!(take(1).err(), Some(NoPlace::Share));
        assert_eq!(places.take(None).err(), None);
        assert_eq!(take(2).err(), None);
        // Whoever has said hello, or is gone, makes room for the next.
        silent[0].as_mut().unwrap().leave_the_door();
        let next = take(1);
        assert_eq!((next.err(), take(1).err()), (None, None));
        silent.clear();
        assert!(places.shares.lock().is_empty());
    }

    #[test]
    fn the_door_has_an_end_for_all() {
        let places = Places::new();
        let numbers = (0_u32..).take(MAX_AT_THE_DOOR);
        let taken: Vec<_> =
            numbers.map(|n| places.take(address(n)).unwrap_or_else(|_| panic!("{n}"))).collect();
        assert_eq!(places.take(address(u32::MAX)).err(), Some(NoPlace::Full));
        drop(taken);
        assert_eq!(places.take(address(u32::MAX)).err(), None);
    }
}
