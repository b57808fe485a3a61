//! One connection of a TURN client: its requests, its allocation, and its
//! packets both ways.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;

use super::address::Family;
use super::allocation::{Allocation, CHANNELS};
use super::authority::{REALM, long_term_key};
use super::message::{Class, Message, Method, Writer, kind};

/// Most requests of one connection that name a wrong user or password.
const MAX_FAILURES: u32 = 16;

/// Most allocations of one connection, each after the end of the one before.
/// Browsers make one, and a second when the first was refused or lost.
const MAX_ALLOCATIONS: u32 = 8;

/// REQUESTED-TRANSPORT: datagrams.
const UDP: u8 = 17;

/// What a session asks of the node.
pub(crate) trait Around {
    /// The password of a user, as long as it is good.
    fn password(&self, username: &str) -> Option<String>;
    /// Whether the node has media at this address.
    fn has_ip(&self, ip: IpAddr) -> bool;
    /// Whether the node has media at this address and port.
    fn has_address(&self, address: SocketAddr) -> bool;
    /// An address for a new allocation; of the protocol that most of the node's
    /// media have, if none is asked for. `None`: the node has no such.
    fn relayed(&self, asked: Option<Family>) -> Option<SocketAddr>;
}

/// What comes of a packet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Write this to the client.
    Reply(Vec<u8>),
    /// Send this from the first address to the second.
    Relay(SocketAddr, SocketAddr, Vec<u8>),
    /// Nothing.
    Nothing,
}

/// The client breaks the rules: close the connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misbehaved;

/// A connection.
pub(crate) struct Session {
    peer: SocketAddr,
    nonce: String,
    failures: u32,
    /// How many it has had.
    allocations: u32,
    allocation: Option<Allocation>,
}

/// Who has signed a request.
struct Signer {
    username: String,
    key: hmac::Key,
}

/// A request that is refused: code and words of RFC 8656, section 18.
struct Refusal(u16, &'static str);

const BAD_REQUEST: Refusal = Refusal(400, "Bad Request");
const UNAUTHORIZED: Refusal = Refusal(401, "Unauthorized");
const FORBIDDEN: Refusal = Refusal(403, "Forbidden: only this server's media can be reached");
const UNKNOWN: Refusal = Refusal(420, "Unknown Attribute");
const MISMATCH: Refusal = Refusal(437, "Allocation Mismatch");
const STALE_NONCE: Refusal = Refusal(438, "Stale Nonce");
const OTHER_FAMILY: Refusal = Refusal(440, "Address Family not Supported");
const OTHER_USER: Refusal = Refusal(441, "Wrong Credentials");
const OTHER_TRANSPORT: Refusal = Refusal(442, "Unsupported Transport Protocol");
const PEER_FAMILY: Refusal = Refusal(443, "Peer Address Family Mismatch");
const QUOTA: Refusal = Refusal(486, "Allocation Quota Reached");
const NO_CAPACITY: Refusal = Refusal(508, "Insufficient Capacity");

impl Session {
    /// A connection from `peer`. The nonce must be unpredictable.
    pub(crate) fn new(peer: SocketAddr, nonce: String) -> Self {
        Self { peer, nonce, failures: 0, allocations: 0, allocation: None }
    }

    /// Takes a whole packet of the client.
    pub(crate) fn handle(
        &mut self,
        now: Instant,
        around: &impl Around,
        packet: &[u8],
    ) -> Result<Action, Misbehaved> {
        self.expire(now);
        if packet.first().is_some_and(|first| first >> 6 == 1) {
            return Ok(self.channel_data(now, around, packet).unwrap_or(Action::Nothing));
        }
        let message = Message::parse(packet).ok_or(Misbehaved)?;
        match (message.class, message.method) {
            (Class::Request, Method::Binding) => Ok(Action::Reply(
                Writer::new(Method::Binding, Class::Success, message.transaction)
                    .address(kind::MAPPED, self.peer)
                    .finish(),
            )),
            (Class::Request, _) => self.request(now, around, &message),
            (Class::Indication, Method::Send) => {
                Ok(self.send(now, around, &message).unwrap_or(Action::Nothing))
            }
            _ => Ok(Action::Nothing),
        }
    }

    /// Puts a packet that `from` sends to the allocation into the form for the
    /// client. `None`: it may not have it.
    pub(crate) fn wrap(&self, now: Instant, from: SocketAddr, contents: &[u8]) -> Option<Vec<u8>> {
        let allocation = self.allocation.as_ref()?;
        if let Some(number) = allocation.channel_of(now, from) {
            let length = u16::try_from(contents.len()).ok()?;
            let mut data = [number.to_be_bytes(), length.to_be_bytes()].concat();
            data.extend_from_slice(contents);
            data.resize(data.len().next_multiple_of(4), 0);
            return Some(data);
        }
        allocation.is_permitted(now, from.ip()).then(|| {
            Writer::new(Method::Data, Class::Indication, [0; 12])
                .address(kind::PEER, from)
                .attribute(kind::DATA, contents)
                .finish()
        })
    }

    /// Whether there is nothing that the connection could be for: its user is
    /// gone, or it has no allocation.
    pub(crate) fn is_idle(&mut self, now: Instant, around: &impl Around) -> bool {
        self.expire(now);
        let user = self.allocation.as_ref().map(|allocation| &allocation.username);
        user.is_none_or(|user| around.password(user).is_none())
    }

    fn expire(&mut self, now: Instant) {
        self.allocation.take_if(|allocation| allocation.expires_at <= now);
    }

    fn channel_data(&self, now: Instant, around: &impl Around, packet: &[u8]) -> Option<Action> {
        let (head, rest) = packet.split_at_checked(4)?;
        let number = u16::from_be_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let allocation = self.allocation.as_ref()?;
        let peer = allocation.peer_of(now, number)?;
        let is_ours = around.has_address(peer);
        is_ours.then_some(Action::Relay(allocation.relayed, peer, rest.get(..length)?.to_vec()))
    }

    fn send(&self, now: Instant, around: &impl Around, message: &Message<'_>) -> Option<Action> {
        let allocation = self.allocation.as_ref()?;
        let peer = *message.peers()?.first()?;
        let data = message.find(kind::DATA)?;
        let may_pass = allocation.is_permitted(now, peer.ip()) && around.has_address(peer);
        may_pass.then(|| Action::Relay(allocation.relayed, peer, data.to_vec()))
    }

    fn request(
        &mut self,
        now: Instant,
        around: &impl Around,
        message: &Message<'_>,
    ) -> Result<Action, Misbehaved> {
        let signer = match self.authenticate(around, message) {
            Ok(signer) => signer,
            Err(refusal) => {
                self.failures += u32::from(message.has_integrity());
                if self.failures > MAX_FAILURES {
                    return Err(Misbehaved);
                }
                return Ok(self.refuse(message, None, &refusal));
            }
        };
        let answer = Writer::new(message.method, Class::Success, message.transaction);
        let outcome = match message.method {
            _ if !message.unknown().is_empty() => Err(UNKNOWN),
            Method::Allocate => self.allocate(now, around, &signer, message, answer),
            Method::Refresh => self.refresh(now, &signer, message, answer),
            Method::CreatePermission => self.permit(now, around, &signer, message, answer),
            Method::ChannelBind => self.bind(now, around, &signer, message, answer),
            Method::Binding | Method::Send | Method::Data => Err(BAD_REQUEST),
        };
        Ok(match outcome {
            Ok(answer) => Action::Reply(answer.sign(&signer.key)),
            Err(refusal) => self.refuse(message, Some(&signer.key), &refusal),
        })
    }

    fn authenticate(&self, around: &impl Around, message: &Message<'_>) -> Result<Signer, Refusal> {
        if !message.has_integrity() {
            return Err(UNAUTHORIZED);
        }
        let text = |kind| message.text(kind).ok_or(BAD_REQUEST);
        let (username, realm, nonce) =
            (text(kind::USERNAME)?, text(kind::REALM)?, text(kind::NONCE)?);
        if nonce != self.nonce {
            return Err(STALE_NONCE);
        }
        let password = around.password(username).ok_or(UNAUTHORIZED)?;
        let key = long_term_key(username, REALM, &password);
        if realm != REALM || !message.is_signed_with(&key) {
            return Err(UNAUTHORIZED);
        }
        Ok(Signer { username: username.to_owned(), key })
    }

    fn allocate(
        &mut self,
        now: Instant,
        around: &impl Around,
        signer: &Signer,
        message: &Message<'_>,
        answer: Writer,
    ) -> Result<Writer, Refusal> {
        if self.allocation.is_some() {
            return Err(MISMATCH);
        }
        if self.allocations >= MAX_ALLOCATIONS {
            return Err(QUOTA);
        }
        let transport = message.find(kind::TRANSPORT).and_then(<[u8]>::first).ok_or(BAD_REQUEST)?;
        if *transport != UDP {
            return Err(OTHER_TRANSPORT);
        }
        let family = match message.find(kind::FAMILY).map(<[u8]>::first) {
            None => None,
            Some(Some(1)) => Some(Family::V4),
            Some(Some(2)) => Some(Family::V6),
            Some(_) => return Err(OTHER_FAMILY),
        };
        let relayed = around.relayed(family).ok_or(OTHER_FAMILY)?;
        let mut allocation = Allocation::new(now, signer.username.clone(), relayed);
        let granted = allocation.refresh(now, lifetime(message)?);
        self.allocation = Some(allocation);
        self.allocations += 1;
        Ok(answer
            .address(kind::RELAYED, relayed)
            .attribute(kind::LIFETIME, &seconds(granted))
            .address(kind::MAPPED, self.peer))
    }

    fn refresh(
        &mut self,
        now: Instant,
        signer: &Signer,
        message: &Message<'_>,
        answer: Writer,
    ) -> Result<Writer, Refusal> {
        let asked = lifetime(message)?;
        let allocation = self.allocation_of(signer)?;
        let granted = if asked == Some(Duration::ZERO) {
            self.allocation = None;
            Duration::ZERO
        } else {
            allocation.refresh(now, asked)
        };
        Ok(answer.attribute(kind::LIFETIME, &seconds(granted)))
    }

    fn permit(
        &mut self,
        now: Instant,
        around: &impl Around,
        signer: &Signer,
        message: &Message<'_>,
        answer: Writer,
    ) -> Result<Writer, Refusal> {
        let allocation = self.allocation_of(signer)?;
        let peers = message.peers().filter(|peers| !peers.is_empty()).ok_or(BAD_REQUEST)?;
        for peer in &peers {
            check_peer(allocation, around, *peer)?;
        }
        let mut peers = peers.iter();
        if peers.all(|peer| allocation.permit(now, peer.ip())) {
            Ok(answer)
        } else {
            Err(NO_CAPACITY)
        }
    }

    fn bind(
        &mut self,
        now: Instant,
        around: &impl Around,
        signer: &Signer,
        message: &Message<'_>,
        answer: Writer,
    ) -> Result<Writer, Refusal> {
        let allocation = self.allocation_of(signer)?;
        let number = message.find(kind::CHANNEL).and_then(<[u8]>::first_chunk::<2>);
        let number = number.map(|bytes| u16::from_be_bytes(*bytes)).ok_or(BAD_REQUEST)?;
        let peers = message.peers().ok_or(BAD_REQUEST)?;
        let peer = *peers.first().ok_or(BAD_REQUEST)?;
        if !CHANNELS.contains(&number) {
            return Err(BAD_REQUEST);
        }
        check_peer(allocation, around, peer)?;
        allocation.bind(now, number, peer).map(|()| answer).map_err(|_not_bound| BAD_REQUEST)
    }

    fn allocation_of(&mut self, signer: &Signer) -> Result<&mut Allocation, Refusal> {
        let allocation = self.allocation.as_mut().ok_or(MISMATCH)?;
        if allocation.username != signer.username {
            return Err(OTHER_USER);
        }
        Ok(allocation)
    }

    fn refuse(&self, message: &Message<'_>, key: Option<&hmac::Key>, refusal: &Refusal) -> Action {
        let Refusal(code, words) = refusal;
        let [class, number] = [code / 100, code % 100].map(|part| part.to_be_bytes()[1]);
        let mut answer = Writer::new(message.method, Class::Error, message.transaction)
            .attribute(kind::ERROR_CODE, &[&[0, 0, class, number], words.as_bytes()].concat());
        if *code == UNKNOWN.0 {
            let unknown = message.unknown().into_iter().flat_map(u16::to_be_bytes);
            answer = answer.attribute(kind::UNKNOWN, &unknown.collect::<Vec<_>>());
        }
        if matches!(*code, 401 | 438) {
            answer = answer
                .attribute(kind::REALM, REALM.as_bytes())
                .attribute(kind::NONCE, self.nonce.as_bytes());
        }
        Action::Reply(match key {
            Some(key) => answer.sign(key),
            None => answer.finish(),
        })
    }
}

/// The answer to a STUN request that names nobody: where it came from. Shows
/// whoever asks that the port can be reached.
pub(crate) fn answer_binding(from: SocketAddr, packet: &[u8]) -> Option<Vec<u8>> {
    let message = Message::parse(packet)?;
    let is_plain = (message.class, message.method) == (Class::Request, Method::Binding)
        && message.find(kind::USERNAME).is_none()
        && message.unknown().is_empty();
    is_plain.then(|| {
        Writer::new(Method::Binding, Class::Success, message.transaction)
            .address(kind::MAPPED, from)
            .finish()
    })
}

/// Whether packets may pass to this peer at all.
fn check_peer(
    allocation: &Allocation,
    around: &impl Around,
    peer: SocketAddr,
) -> Result<(), Refusal> {
    match peer.is_ipv4() == allocation.relayed.is_ipv4() {
        false => Err(PEER_FAMILY),
        true if around.has_ip(peer.ip()) => Ok(()),
        true => Err(FORBIDDEN),
    }
}

fn lifetime(message: &Message<'_>) -> Result<Option<Duration>, Refusal> {
    let Some(value) = message.find(kind::LIFETIME) else {
        return Ok(None);
    };
    let bytes = <[u8; 4]>::try_from(value).map_err(|_length| BAD_REQUEST)?;
    Ok(Some(Duration::from_secs(u32::from_be_bytes(bytes).into())))
}

fn seconds(time: Duration) -> [u8; 4] {
    u32::try_from(time.as_secs()).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests;
