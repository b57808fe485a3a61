//! Places for media connections: so many in all, and so many of them from one
//! address, so that nobody keeps everybody else out.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most media connections of one node. Each costs about 20 KiB, and up to
/// 300 KiB while its client reads slowly.
pub const MAX_STREAMS: usize = 8_192;

/// Most of them from one address. A browser opens one for each address that it
/// is offered, whether it needs it or not, so this is a school behind one
/// address; more lets fewer addresses take all.
pub const MAX_STREAMS_PER_ADDRESS: usize = 1_024;

/// The places of one node.
#[derive(Clone)]
pub(crate) struct StreamPlaces {
    taken: Arc<Mutex<Taken>>,
    per_address: usize,
}

#[derive(Default)]
struct Taken {
    in_all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One connection's place, given back when dropped.
pub(crate) struct StreamPlace {
    places: StreamPlaces,
    address: IpAddr,
}

impl StreamPlaces {
    /// Places of which one address may have so many.
    pub(crate) fn new(per_address: usize) -> Self {
        Self { taken: Arc::default(), per_address }
    }

    /// A place for a connection from this address, if there is one.
    pub(crate) fn take(&self, address: IpAddr) -> Option<StreamPlace> {
        let address = network_of(address);
        let mut taken = self.lock();
        let share = taken.by_address.get(&address).copied().unwrap_or(0);
        if taken.in_all >= MAX_STREAMS || share >= self.per_address {
            return None;
        }
        taken.in_all += 1;
        taken.by_address.insert(address, share + 1);
        Some(StreamPlace { places: self.clone(), address })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // Only numbers change in there, so a panic leaves nothing half done.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.in_all -= 1;
        if let Entry::Occupied(mut share) = taken.by_address.entry(self.address) {
            *share.get_mut() -= 1;
            if *share.get() == 0 {
                share.remove();
            }
        }
    }
}

/// Of IPv6 the network: one client has all of its 64 bits.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() >> 64 << 64).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_its_share_and_gives_it_back() {
        let places = StreamPlaces::new(2);
        let take = |text: &str| places.take(text.parse().unwrap());
        let mut held = vec![take("192.0.2.1"), take("::ffff:192.0.2.1")];
        assert!(held.iter().all(Option::is_some));
        assert!(take("192.0.2.1").is_none());
        assert!(take("192.0.2.2").is_some());
        held.extend([take("2001:db8::1"), take("2001:db8::2")]);
        assert!(take("2001:db8::3").is_none());
        held.clear();
        assert!(take("192.0.2.1").is_some());
        assert!(places.lock().by_address.is_empty());
        assert_eq!(places.lock().in_all, 0);
    }

    #[test]
    fn there_is_an_end_for_all() {
        let places = StreamPlaces::new(MAX_STREAMS);
        let address = IpAddr::from([192, 0, 2, 1]);
        let held: Vec<_> = (0..MAX_STREAMS).map(|_| places.take(address)).collect();
        assert!(held.iter().all(Option::is_some));
        assert!(places.take(IpAddr::from([192, 0, 2, 2])).is_none());
    }
}
