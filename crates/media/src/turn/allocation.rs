//! One allocation: whose it is, which of the node's addresses it may send to,
//! and under which numbers.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

/// How long an allocation lives unless refreshed (RFC 8656, section 3.2).
const LIFETIME: Duration = Duration::from_secs(600);
/// The longest a client may ask for.
const MAX_LIFETIME: Duration = Duration::from_secs(3600);
/// How long a permission lasts (section 9).
const PERMISSION: Duration = Duration::from_secs(300);
/// How long a channel lasts (section 12).
const CHANNEL: Duration = Duration::from_secs(600);
/// Numbers of channels.
pub(super) const CHANNELS: RangeInclusive<u16> = 0x4000..=0x4FFF;
/// Most permissions and most channels of one allocation. A node has a few
/// addresses; more serve nobody.
const MAX_ENTRIES: usize = 64;

/// A client's relay.
pub(super) struct Allocation {
    pub(super) username: String,
    pub(super) relayed: SocketAddr,
    pub(super) expires_at: Instant,
    permissions: BTreeMap<IpAddr, Instant>,
    channels: BTreeMap<u16, (SocketAddr, Instant)>,
}

/// Why a channel cannot be bound: it, or its peer, is bound otherwise, or there
/// are too many.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotBound;

impl Allocation {
    pub(super) fn new(now: Instant, username: String, relayed: SocketAddr) -> Self {
        Self {
            username,
            relayed,
            expires_at: now + LIFETIME,
            permissions: BTreeMap::new(),
            channels: BTreeMap::new(),
        }
    }

    /// Prolongs it; the time that was granted.
    pub(super) fn refresh(&mut self, now: Instant, asked: Option<Duration>) -> Duration {
        let granted = asked.unwrap_or(LIFETIME).clamp(LIFETIME, MAX_LIFETIME);
        self.expires_at = now + granted;
        granted
    }

    /// Lets packets pass to and from an address. `false`: there are too many.
    pub(super) fn permit(&mut self, now: Instant, peer: IpAddr) -> bool {
        self.permissions.retain(|_, until| *until > now);
        if self.permissions.len() >= MAX_ENTRIES && !self.permissions.contains_key(&peer) {
            return false;
        }
        self.permissions.insert(peer, now + PERMISSION);
        true
    }

    pub(super) fn is_permitted(&self, now: Instant, peer: IpAddr) -> bool {
        self.permissions.get(&peer).is_some_and(|until| *until > now)
    }

    /// Gives an address a number, or keeps it alive.
    pub(super) fn bind(
        &mut self,
        now: Instant,
        number: u16,
        peer: SocketAddr,
    ) -> Result<(), NotBound> {
        self.channels.retain(|_, (_, until)| *until > now);
        let is_other =
            |(of, (to, _)): (&u16, &(SocketAddr, Instant))| (*of == number) != (*to == peer);
        let is_full = self.channels.len() >= MAX_ENTRIES && !self.channels.contains_key(&number);
        if self.channels.iter().any(is_other) || is_full || !self.permit(now, peer.ip()) {
            return Err(NotBound);
        }
        self.channels.insert(number, (peer, now + CHANNEL));
        Ok(())
    }

    pub(super) fn peer_of(&self, now: Instant, number: u16) -> Option<SocketAddr> {
        self.channels.get(&number).filter(|(_, until)| *until > now).map(|(peer, _)| *peer)
    }

    pub(super) fn channel_of(&self, now: Instant, peer: SocketAddr) -> Option<u16> {
        let mut channels = self.channels.iter();
        channels.find(|(_, (to, until))| *to == peer && *until > now).map(|(number, _)| *number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    #[test]
    fn permissions_and_channels_end_unless_renewed() {
        let now = Instant::now();
        let mut allocation = Allocation::new(now, String::new(), peer(1));
        assert!(!allocation.is_permitted(now, peer(2).ip()));
        allocation.bind(now, 0x4000, peer(2)).unwrap();
        assert_eq!(allocation.peer_of(now, 0x4000), Some(peer(2)));
        assert_eq!(allocation.channel_of(now, peer(2)), Some(0x4000));
        let later = now + PERMISSION;
        assert!(!allocation.is_permitted(later, peer(2).ip()));
        allocation.bind(later, 0x4000, peer(2)).unwrap();
        assert_eq!(allocation.peer_of(now + CHANNEL, 0x4000), Some(peer(2)));
        assert_eq!(allocation.peer_of(later + CHANNEL, 0x4000), None);
    }

    #[test]
    fn a_channel_has_one_peer_and_a_peer_one_channel() {
        let now = Instant::now();
        let mut allocation = Allocation::new(now, String::new(), peer(1));
        allocation.bind(now, 0x4000, peer(2)).unwrap();
        assert_eq!(allocation.bind(now, 0x4000, peer(3)), Err(NotBound));
        assert_eq!(allocation.bind(now, 0x4001, peer(2)), Err(NotBound));
        assert_eq!(allocation.bind(now, 0x4001, peer(3)), Ok(()));
    }

    #[test]
    fn nothing_grows_without_end() {
        let now = Instant::now();
        let mut allocation = Allocation::new(now, String::new(), peer(1));
        let mut bound = 0;
        for (number, port) in CHANNELS.zip(1..) {
            bound += usize::from(allocation.bind(now, number, peer(port)).is_ok());
        }
        assert_eq!(bound, MAX_ENTRIES);
        let permitted = (0..255).filter(|n| allocation.permit(now, IpAddr::from([192, 0, 3, *n])));
        assert_eq!(permitted.count(), MAX_ENTRIES - 1);
    }

    #[test]
    fn lifetimes_have_bounds() {
        let now = Instant::now();
        let mut allocation = Allocation::new(now, String::new(), peer(1));
        for (asked, granted) in [(None, 600), (Some(1), 600), (Some(900), 900), (Some(9999), 3600)]
        {
            let asked = asked.map(Duration::from_secs);
            assert_eq!(allocation.refresh(now, asked), Duration::from_secs(granted));
        }
    }
}
