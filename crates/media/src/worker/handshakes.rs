//! Handshake packets, each of which may cost as much as a hundred packets of
//! media: signatures and key agreements. They are served while a turn has time
//! for them, and wait in order for the next turn otherwise, so that a crowd that
//! comes in does not hold up the calls of those inside.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use parlor_sfu::{Endpoint, Received, Transport};

/// How long a turn may serve handshakes. Longer lets a crowd in faster, and
/// makes the media of those inside wait longer; a step takes some tenths of a
/// millisecond and is not interrupted.
const PER_TURN: Duration = Duration::from_millis(1);

/// Most packets that wait; about as many as are served in a tenth of a second.
/// What does not fit is dropped, and sent again by its client a moment later.
const MOST_WAITING: usize = 512;

/// A packet that waits.
pub(super) struct Waiting {
    pub(super) whose: Endpoint,
    transport: Transport,
    source: SocketAddr,
    destination: SocketAddr,
    bytes: Vec<u8>,
}

/// The handshakes of a worker.
#[derive(Default)]
pub(super) struct Handshakes {
    waiting: VecDeque<Waiting>,
    /// Time they have taken in this turn.
    spent: Duration,
}

impl Handshakes {
    /// A turn begins.
    pub(super) fn begin_turn(&mut self) {
        self.spent = Duration::ZERO;
    }

    /// Whether a packet that has just come may be served at once.
    pub(super) fn may_pass(&self) -> bool {
        self.waiting.is_empty() && self.spent < PER_TURN
    }

    /// One was served, and took so long.
    pub(super) fn spend(&mut self, time: Duration) {
        self.spent += time;
    }

    /// Lets a packet wait. `false`: too many wait already, it is dropped.
    pub(super) fn push(&mut self, whose: Endpoint, received: &Received<'_>) -> bool {
        if self.waiting.len() >= MOST_WAITING {
            return false;
        }
        self.waiting.push_back(Waiting {
            whose,
            transport: received.transport,
            source: received.source,
            destination: received.destination,
            bytes: received.bytes.to_vec(),
        });
        true
    }

    /// The next that waits, if this turn has time for it.
    pub(super) fn pop(&mut self) -> Option<Waiting> {
        if self.spent < PER_TURN { self.waiting.pop_front() } else { None }
    }

    /// Whether any wait.
    pub(super) fn are_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }
}

impl Waiting {
    /// As it was received.
    pub(super) fn received(&self) -> Received<'_> {
        let Self { transport, source, destination, ref bytes, .. } = *self;
        Received { transport, source, destination, bytes }
    }
}

#[cfg(test)]
mod tests {
    use parlor_model::id::{ParticipantId, RoomId};

    use super::*;

    const STEP: Duration = Duration::from_micros(300);

    fn endpoint(n: u8) -> Endpoint {
        Endpoint {
            room: RoomId::from_random([1; 16]),
            participant: ParticipantId::from_random([n; 16]),
        }
    }

    fn received(bytes: &[u8]) -> Received<'_> {
        let address = SocketAddr::from(([192, 0, 2, 1], 1));
        Received { transport: Transport::Udp, source: address, destination: address, bytes }
    }

    /// A crowd whose packets come `each` turn: those served in each turn, in
    /// order, and how many were dropped.
    fn crowd(turns: usize, each: u8) -> (Vec<usize>, usize) {
        let (mut handshakes, mut dropped, mut next) = (Handshakes::default(), 0, 0_u8);
        let mut served = Vec::new();
        let mut order = Vec::new();
        for _ in 0..turns {
            handshakes.begin_turn();
            let before = order.len();
            for _ in 0..each {
                next = next.wrapping_add(1);
                if handshakes.may_pass() {
                    order.push(next);
                    handshakes.spend(STEP);
                } else if !handshakes.push(endpoint(next), &received(&[next])) {
                    dropped += 1;
                }
            }
            while let Some(waiting) = handshakes.pop() {
                order.push(waiting.received().bytes[0]);
                handshakes.spend(STEP);
            }
            served.push(order.len() - before);
        }
        if dropped == 0 {
            let expected = (1..=255_u8).cycle();
            assert!(order.iter().filter(|n| **n > 0).zip(expected).all(|(n, of)| *n == of));
        }
        (served, dropped)
    }

    #[test]
    fn a_few_are_served_at_once() {
        assert_eq!(crowd(3, 2), (vec![2, 2, 2], 0));
    }

    #[test]
    fn a_crowd_takes_its_share_of_each_turn_and_keeps_its_order() {
        let (served, dropped) = crowd(50, 8);
        assert!(served.iter().all(|served| *served == 4), "{served:?}");
        assert_eq!(dropped, 0);
    }

    #[test]
    fn what_does_not_fit_is_dropped() {
        let (served, dropped) = crowd(20, 100);
        // The last turn made room for as many as it served.
        let waiting = 20 * 100 - served.iter().sum::<usize>() - dropped;
        assert_eq!(waiting, MOST_WAITING - served[19]);
    }
}
