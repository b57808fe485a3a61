//! Datagram → room and participant, for one socket that many rooms share.
//! Pure look-ups: a STUN request is found by the username fragment it names,
//! everything else by the address it comes from, which a participant has
//! claimed with an earlier STUN request.
//!
//! Such a request proves that its sender knows a password, not where it comes
//! from: its source may be invented, and be another participant's. So an
//! address stays with whoever keeps claiming it (browsers repeat their checks
//! every few seconds) and passes to another only after some silence.
//!
//! Bounded by construction: a participant holds a few fragments and addresses,
//! and only rooms add any.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use parlor_model::id::{ParticipantId, RoomId};

use crate::io::RouteChange;

/// Largest datagram worth looking at. WebRTC stays below 1500; more would not
/// fit the packet buffers further in.
const MAX_DATAGRAM_BYTES: usize = 1600;
/// Most addresses one participant is remembered at. More survives more network
/// changes; the oldest goes first.
const MAX_ADDRESSES: usize = 8;
/// How long an address that is not claimed again stays its holder's. Longer
/// than the 5 seconds between two consent checks (RFC 7675, 5.1), with room for
/// a lost one; behind an address translator a port may then pass to another.
const HOLD: Duration = Duration::from_secs(12);
/// Most username fragments of one participant: two during an ICE restart.
const MAX_UFRAGS: usize = 2;

const STUN_HEADER: usize = 20;
const STUN_COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
const STUN_BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const STUN_USERNAME: u16 = 0x0006;

/// Whose a datagram is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The room.
    pub room: RoomId,
    /// The participant.
    pub participant: ParticipantId,
}

/// What a datagram is by its first byte (RFC 7983).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketKind {
    /// STUN.
    Stun,
    /// DTLS.
    Dtls,
    /// RTP or RTCP.
    Media,
}

impl PacketKind {
    /// Classifies; `None` for what no participant would send.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MAX_DATAGRAM_BYTES {
            return None;
        }
        match bytes.first()? {
            0..=3 if bytes.len() >= STUN_HEADER => Some(Self::Stun),
            20..=63 => Some(Self::Dtls),
            128..=191 if bytes.len() >= 8 => Some(Self::Media),
            _ => None,
        }
    }
}

/// The look-up tables of one socket.
#[derive(Debug, Default)]
pub struct Demux {
    ufrags: IndexMap<String, Endpoint>,
    addresses: IndexMap<SocketAddr, Held>,
    known: IndexMap<Endpoint, Names>,
}

/// An address and when it was last claimed.
#[derive(Clone, Copy, Debug)]
struct Held {
    by: Endpoint,
    at: Instant,
}

/// What leads to one participant, oldest first.
#[derive(Debug, Default)]
struct Names {
    ufrags: Vec<String>,
    addresses: Vec<SocketAddr>,
}

impl Demux {
    /// Empty tables.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Applies what a room said.
    pub fn apply(&mut self, now: Instant, room: RoomId, change: RouteChange) {
        match change {
            RouteChange::Ufrag(ufrag, participant) => {
                self.add_ufrag(Endpoint { room, participant }, ufrag);
            }
            RouteChange::Address(address, participant) => {
                self.add_address(now, Endpoint { room, participant }, address);
            }
            RouteChange::Gone(participant) => self.remove(Endpoint { room, participant }),
        }
    }

    /// Whose this datagram is. `None`: nobody's, drop it.
    #[must_use]
    pub fn locate(&self, source: SocketAddr, bytes: &[u8]) -> Option<Endpoint> {
        if PacketKind::of(bytes)? == PacketKind::Stun {
            return self.ufrags.get(requested_ufrag(bytes)?).copied();
        }
        self.addresses.get(&source).map(|held| held.by)
    }

    /// Forgets everybody of a room that ended without saying so.
    pub fn forget_room(&mut self, room: RoomId) {
        let theirs = self.known.keys().filter(|endpoint| endpoint.room == room);
        for endpoint in theirs.copied().collect::<Vec<_>>() {
            self.remove(endpoint);
        }
    }

    /// How many participants are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether nobody is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    fn add_ufrag(&mut self, endpoint: Endpoint, ufrag: String) {
        let names = self.known.entry(endpoint).or_default();
        if names.ufrags.contains(&ufrag) {
            return;
        }
        if names.ufrags.len() == MAX_UFRAGS {
            self.ufrags.swap_remove(&names.ufrags.remove(0));
        }
        names.ufrags.push(ufrag.clone());
        self.ufrags.insert(ufrag, endpoint);
    }

    fn add_address(&mut self, now: Instant, endpoint: Endpoint, address: SocketAddr) {
        if let Some(held) = self.addresses.get_mut(&address) {
            if held.by == endpoint {
                held.at = now;
                return;
            }
            if now.saturating_duration_since(held.at) < HOLD {
                return;
            }
        }
        let held = Held { by: endpoint, at: now };
        if let Some(previous) = self.addresses.insert(address, held)
            && let Some(names) = self.known.get_mut(&previous.by)
        {
            names.addresses.retain(|known| *known != address);
        }
        let names = self.known.entry(endpoint).or_default();
        if names.addresses.len() == MAX_ADDRESSES {
            self.addresses.swap_remove(&names.addresses.remove(0));
        }
        names.addresses.push(address);
    }

    fn remove(&mut self, endpoint: Endpoint) {
        let Some(names) = self.known.swap_remove(&endpoint) else {
            return;
        };
        for ufrag in names.ufrags {
            self.ufrags.swap_remove(&ufrag);
        }
        for address in names.addresses {
            self.addresses.swap_remove(&address);
        }
    }
}

/// The fragment of ours in a binding request: the part of USERNAME before the
/// colon (RFC 8445, 7.2.2).
#[must_use]
pub fn requested_ufrag(bytes: &[u8]) -> Option<&str> {
    let (header, mut attributes) = bytes.split_at_checked(STUN_HEADER)?;
    if header[0..2] != STUN_BINDING_REQUEST || header[4..8] != STUN_COOKIE {
        return None;
    }
    while let Some((head, rest)) = attributes.split_at_checked(4) {
        let kind = u16::from_be_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let value = rest.get(..length)?;
        if kind == STUN_USERNAME {
            return str::from_utf8(value).ok()?.split(':').next();
        }
        // Attributes are padded to a multiple of four.
        attributes = rest.get(length.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_start;

    fn binding_request(username: &str) -> Vec<u8> {
        let mut bytes = vec![0x00, 0x01, 0x00, 0x00];
        bytes.extend(STUN_COOKIE);
        bytes.extend([7; 12]);
        // An unknown attribute with padding comes first.
        bytes.extend([0x80, 0x22, 0x00, 0x05, 1, 2, 3, 4, 5, 0, 0, 0]);
        bytes.extend(STUN_USERNAME.to_be_bytes());
        bytes.extend(u16::try_from(username.len()).unwrap().to_be_bytes());
        bytes.extend(username.as_bytes());
        bytes
    }

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    fn endpoint(n: u8) -> Endpoint {
        Endpoint {
            room: RoomId::from_random([9; 16]),
            participant: ParticipantId::from_random([n; 16]),
        }
    }

    fn demux_with(endpoint: Endpoint, ufrag: &str) -> Demux {
        let mut demux = Demux::new();
        demux.apply(
            test_start(),
            endpoint.room,
            RouteChange::Ufrag(ufrag.into(), endpoint.participant),
        );
        demux
    }

    #[test]
    fn stun_is_found_by_fragment_and_media_by_claimed_address() {
        let ana = endpoint(1);
        let mut demux = demux_with(ana, "abcd");
        let media = [0x80; 20];

        assert_eq!(demux.locate(address(1), &binding_request("abcd:efgh")), Some(ana));
        assert_eq!(demux.locate(address(1), &binding_request("other:efgh")), None);
        assert_eq!(demux.locate(address(1), &media), None);

        demux.apply(test_start(), ana.room, RouteChange::Address(address(1), ana.participant));
        assert_eq!(demux.locate(address(1), &media), Some(ana));
        assert_eq!(demux.locate(address(2), &media), None);
    }

    #[test]
    fn whoever_leaves_is_forgotten() {
        let ana = endpoint(1);
        let mut demux = demux_with(ana, "abcd");
        demux.apply(test_start(), ana.room, RouteChange::Address(address(1), ana.participant));
        demux.apply(test_start(), ana.room, RouteChange::Gone(ana.participant));

        assert!(demux.is_empty());
        assert_eq!(demux.locate(address(1), &[0x80; 20]), None);
        assert_eq!(demux.locate(address(1), &binding_request("abcd:x")), None);
    }

    #[test]
    fn an_address_passes_to_another_only_after_silence() {
        let (ana, bo) = (endpoint(1), endpoint(2));
        let mut demux = demux_with(ana, "abcd");
        let claim = |demux: &mut Demux, whose: Endpoint, at| {
            let change = RouteChange::Address(address(1), whose.participant);
            demux.apply(test_start() + Duration::from_secs(at), whose.room, change);
            demux.locate(address(1), &[0x80; 20]).unwrap()
        };
        for second in 0..10 {
            assert_eq!(claim(&mut demux, ana, 5 * second), ana);
            assert_eq!(claim(&mut demux, bo, 5 * second + 4), ana);
        }
        assert_eq!(claim(&mut demux, bo, 57), bo);

        demux.apply(test_start(), ana.room, RouteChange::Gone(ana.participant));
        assert_eq!(demux.locate(address(1), &[0x80; 20]), Some(bo));
    }

    #[test]
    fn a_room_that_failed_is_forgotten_with_everybody() {
        let (ana, now) = (endpoint(1), test_start());
        let other = Endpoint { room: RoomId::from_random([8; 16]), ..ana };
        let mut demux = demux_with(ana, "abcd");
        for (endpoint, port) in [(ana, 1), (other, 2)] {
            let change = RouteChange::Address(address(port), endpoint.participant);
            demux.apply(now, endpoint.room, change);
        }
        demux.forget_room(ana.room);
        assert_eq!(demux.len(), 1);
        assert_eq!(demux.locate(address(1), &[0x80; 20]), None);
        assert_eq!(demux.locate(address(2), &[0x80; 20]), Some(other));
        assert!(demux.ufrags.is_empty());
    }

    #[test]
    fn addresses_of_one_participant_are_bounded() {
        let ana = endpoint(1);
        let mut demux = Demux::new();
        for port in 1..=1000 {
            demux.apply(
                test_start(),
                ana.room,
                RouteChange::Address(address(port), ana.participant),
            );
        }
        assert_eq!(demux.addresses.len(), MAX_ADDRESSES);
    }

    #[test]
    fn truncated_requests_lead_nowhere() {
        let demux = demux_with(endpoint(1), "abcd");
        let whole = binding_request("abcd:efgh");
        for end in 0..whole.len() {
            assert_eq!(demux.locate(address(1), &whole[..end]), None, "{end} bytes");
        }
    }

    #[test]
    fn first_byte_decides() {
        for (first, kind) in [
            (0, Some(PacketKind::Stun)),
            (4, None),
            (20, Some(PacketKind::Dtls)),
            (63, Some(PacketKind::Dtls)),
            (64, None),
            (128, Some(PacketKind::Media)),
            (192, None),
        ] {
            assert_eq!(PacketKind::of(&[first; 20]), kind, "{first}");
        }
        assert_eq!(PacketKind::of(&[]), None);
        assert_eq!(PacketKind::of(&[128; 2000]), None);
    }
}
