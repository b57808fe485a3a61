//! What goes into a room and what comes out of it.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use parlor_model::call::{ClientMessage, Recipients, ServerMessage};
use parlor_model::command::{EndReason, Reply, SessionDataChange};
use parlor_model::event::RoomEvent;
use parlor_model::id::ParticipantId;
use parlor_model::permission::{AdminArea, PermissionChange};
use parlor_model::ticket::Ticket;
use parlor_model::time::UnixMillis;
use serde_json::Value;

use crate::shard::{Shard, ShardEvent, ShardInput};

/// A call socket, numbered by the shell. Never reused within a room's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// Where the answer to a command goes; opaque to the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyTo(pub u64);

/// A request to this room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomCommand {
    /// Who is here? [`Reply::Presence`].
    Presence,
    /// Remove everybody. [`Reply::Ended`].
    End(EndReason),
    /// Pass this data on. [`Reply::Done`].
    SendAppMessage(Recipients, Value),
    /// The session data? [`Reply::SessionData`].
    ReadSessionData,
    /// Change the session data. [`Reply::Done`] or [`Reply::SessionDataTooLarge`].
    SetSessionData(SessionDataChange),
    /// Remove some. [`Reply::Ejected`].
    Eject(Ejection),
    /// Change what some may do: those named, and perhaps everybody else.
    /// [`Reply::Done`].
    UpdatePermissions(Option<PermissionChange>, BTreeMap<ParticipantId, PermissionChange>),
    /// Is there a call? [`Reply::Done`].
    IsHosting,
    /// May somebody administer this? [`Reply::Administers`].
    Administers(ParticipantId, AdminArea),
}

/// Whom to remove. In a room without people every command but
/// [`RoomCommand::Presence`] and [`RoomCommand::End`] is answered with
/// [`Reply::NoCall`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ejection {
    /// By session id.
    pub ids: Vec<ParticipantId>,
    /// By user id: every stay of each.
    pub user_ids: Vec<String>,
    /// Whether the `user_ids` stay outside for as long as the meeting runs.
    pub is_ban: bool,
}

/// What carries datagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// UDP, or a relay that stands for it.
    Udp,
    /// A TCP connection to one of [`RoomConfig::tcp_candidates`]
    /// (RFC 6544). The shell frames them.
    ///
    /// [`RoomConfig::tcp_candidates`]: crate::RoomConfig::tcp_candidates
    Tcp,
}

/// A datagram that the [`Demux`](crate::Demux) found to be a participant's.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// What it came by.
    pub transport: Transport,
    /// Where it came from.
    pub source: SocketAddr,
    /// The candidate address it arrived at: one of
    /// [`RoomConfig::candidates`](crate::RoomConfig), even if the socket is
    /// bound to another one behind a port mapping.
    pub destination: SocketAddr,
    /// Its payload.
    pub bytes: &'a [u8],
}

/// Everything that can happen to a room.
#[derive(Debug)]
pub enum Input<'a> {
    /// What the wall clock shows. Told before each [`Input::Connect`], so that
    /// a room judges a ticket's times by the same clock as who let it through.
    WallClock(UnixMillis),
    /// The wall clock was moved on purpose, to here: what is due by it comes
    /// due. Media, grace and silence run on as before.
    WallJumped(UnixMillis),
    /// A new call socket showed a ticket that the shell has opened. The room
    /// answers it with `welcome`, or with `refused` and a close.
    Connect(ConnectionId, Box<Ticket>, Option<Value>),
    /// A new call socket wants to continue a running stay.
    Resume(ConnectionId, ParticipantId, String),
    /// A message on an admitted socket. Others are ignored.
    Message(ConnectionId, ClientMessage),
    /// Something else was heard on the socket: a pong, a frame that was refused.
    Heard(ConnectionId),
    /// The socket is gone.
    Disconnected(ConnectionId),
    /// A request of the server.
    Command(RoomCommand, ReplyTo),
    /// A datagram. What it makes the room send to *others* is put out by the
    /// next [`Room::flush`](crate::Room::flush), which is due within two
    /// milliseconds; [`Room::next_timeout`](crate::Room::next_timeout) says *now*
    /// until then.
    Datagram(ParticipantId, Received<'a>),
    /// Time has passed. A flush follows.
    Timeout,
    /// The machine has too little time for all that is wished for: so many of the
    /// largest steps of each video are left out, and at least one is sent. 0: no
    /// more.
    Strain(u8),
    /// What the shard with this number told, in order.
    FromShard(usize, Vec<ShardEvent>),
    /// The shard with this number is no more. Those who were sent to from there
    /// have to join again; their clients do so by themselves.
    ShardLost(usize),
}

/// Everything a room wants done.
#[derive(Debug)]
pub enum Output {
    /// Send this.
    Datagram(Transmit),
    /// Send this message on these sockets: serialise it once.
    Message(Vec<ConnectionId>, Box<ServerMessage>),
    /// Close the socket once what was sent on it is out. No
    /// [`Input::Disconnected`] is expected for it, nor harmful.
    Close(ConnectionId),
    /// A fact for the server.
    Event(Box<RoomEvent>),
    /// The answer to a command.
    Reply(ReplyTo, Reply),
    /// A stay has ended for good, whether it ever had a transport or not.
    Left(ParticipantId),
    /// For the [`Demux`](crate::Demux): apply it at once.
    Route(RouteChange),
    /// A shard with this number, below [`SpreadConfig::shards`], for the shell to
    /// run elsewhere.
    ///
    /// [`SpreadConfig::shards`]: crate::SpreadConfig::shards
    OpenShard(usize, Box<Shard>),
    /// For that shard, in this order.
    Shard(usize, ShardInput),
    /// It may be dropped: nobody is sent to from there any more. What it still
    /// tells is of no interest.
    CloseShard(usize),
}

/// The way to a participant: where their media go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Whom for.
    pub participant: ParticipantId,
    /// What takes it there.
    pub transport: Transport,
    /// The candidate address to send it from.
    pub source: SocketAddr,
    /// Where to.
    pub destination: SocketAddr,
}

/// Where forwarded media go out. See [`Room::flush`](crate::Room::flush).
pub trait Sink {
    /// Sends packets to one receiver, which lie one after the other: each of
    /// `size` bytes, and the last of that or fewer. At most 64, and at most
    /// 65,000 bytes if they are more than one: what one call with segmentation
    /// takes. They are only lent.
    fn run(&mut self, to: &Route, packets: &[u8], size: usize);
}

/// A datagram to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// Whom for.
    pub participant: ParticipantId,
    /// What takes it there.
    pub transport: Transport,
    /// The candidate address to send it from.
    pub source: SocketAddr,
    /// Where to.
    pub destination: SocketAddr,
    /// Its payload.
    pub contents: Vec<u8>,
}

/// How datagrams find a participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteChange {
    /// STUN requests with this local username fragment are theirs.
    Ufrag(String, ParticipantId),
    /// They say to be at this address: a STUN request with it as its source
    /// carried the right password. Repeated while they stay there.
    Address(SocketAddr, ParticipantId),
    /// Their transport is gone: forget all of it. The stay may go on, with
    /// another transport or none; [`Output::Left`] ends it.
    Gone(ParticipantId),
}
