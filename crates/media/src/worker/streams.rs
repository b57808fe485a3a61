//! The media connections of a worker: what comes from them goes to the rooms,
//! what rooms send to their addresses goes to them.

use std::collections::HashMap;

use parlor_model::id::RoomId;
use parlor_sfu::{Demux, Endpoint, PacketKind, Received, RouteChange, Transmit, Transport};

use crate::counters::Counts;
use crate::streams::{Outbound, StreamEnd, StreamKey};

/// All connections of a worker.
#[derive(Default)]
pub(super) struct Streams(HashMap<StreamKey, Stream>);

struct Stream {
    end: StreamEnd,
    whose: Whose,
}

/// To whom a TCP connection belongs. (What comes through a relay is located by
/// its address, like datagrams.)
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// It has not said.
    Nobody,
    /// It has named them, but the password is not checked yet.
    Claimed(Endpoint),
    /// They have answered it.
    Proven(Endpoint),
}

impl Streams {
    /// A connection is there. One that comes under the address of another
    /// does not take its place: its queue is given up, which tells it to close.
    pub(super) fn open(&mut self, key: StreamKey, end: StreamEnd) {
        self.0.entry(key).or_insert(Stream { end, whose: Whose::Nobody });
    }

    pub(super) fn close(&mut self, key: StreamKey, number: u64) {
        if self.0.get(&key).is_some_and(|stream| stream.end.number == number) {
            self.0.remove(&key);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whose a packet of a TCP connection is. The first request decides for the
    /// whole connection; before it was answered nothing else passes.
    pub(super) fn locate(
        &mut self,
        key: StreamKey,
        received: &Received<'_>,
        demux: &Demux,
    ) -> Option<Endpoint> {
        let stream = self.0.get_mut(&key)?;
        if key.transport == Transport::Udp {
            return demux.locate(received.source, received.bytes);
        }
        if PacketKind::of(received.bytes)? != PacketKind::Stun {
            return match stream.whose {
                Whose::Proven(endpoint) => Some(endpoint),
                Whose::Nobody | Whose::Claimed(_) => None,
            };
        }
        let named = demux.locate(received.source, received.bytes)?;
        match stream.whose {
            Whose::Proven(endpoint) => (endpoint == named).then_some(named),
            Whose::Nobody | Whose::Claimed(_) => {
                stream.whose = Whose::Claimed(named);
                Some(named)
            }
        }
    }

    /// Hands a packet to the connection it is for, or drops it: the connection
    /// is gone, or not read fast enough.
    pub(super) fn send(
        &mut self,
        key: StreamKey,
        room: RoomId,
        transmit: Transmit,
        counts: &mut Counts,
    ) {
        let Some(stream) = self.0.get_mut(&key) else {
            counts.packets_dropped += 1;
            return;
        };
        let from = Endpoint { room, participant: transmit.participant };
        match stream.whose {
            // Rooms answer only requests whose password was right.
            Whose::Claimed(endpoint) if endpoint == from => stream.whose = Whose::Proven(from),
            Whose::Proven(endpoint) if endpoint != from => return,
            Whose::Claimed(_) | Whose::Proven(_) | Whose::Nobody => {}
        }
        let Transmit { source, contents, .. } = transmit;
        let bytes = contents.len() as u64;
        match stream.end.queue.try_send(Outbound { source, contents }) {
            Ok(()) => {
                counts.stream_packets_out += 1;
                counts.stream_bytes_out += bytes;
            }
            Err(_full_or_gone) => counts.packets_dropped += 1,
        }
    }

    /// A participant's transport is gone, and with it their connections.
    pub(super) fn apply(&mut self, room: RoomId, change: &RouteChange) {
        if let RouteChange::Gone(participant) = change {
            let gone = Endpoint { room, participant: *participant };
            self.0.retain(|_, stream| stream.whose != Whose::Proven(gone));
        }
    }

    /// A room that ended without saying so.
    pub(super) fn forget_room(&mut self, room: RoomId) {
        self.0.retain(|_, stream| match stream.whose {
            Whose::Proven(endpoint) | Whose::Claimed(endpoint) => endpoint.room != room,
            Whose::Nobody => true,
        });
    }
}
