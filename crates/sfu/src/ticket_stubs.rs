//! Tickets that were redeemed, for as long as they would open the door again.

use std::collections::BTreeMap;
use std::time::Instant;

use parlor_model::id::ParticipantId;
use parlor_model::time::UnixMillis;

/// The redeemed tickets of a room.
#[derive(Debug, Default)]
pub(crate) struct TicketStubs(BTreeMap<ParticipantId, Stub>);

#[derive(Clone, Copy, Debug)]
struct Stub {
    expires_at: UnixMillis,
    /// The same on the room's own clock.
    deadline: Instant,
}

impl TicketStubs {
    pub(crate) fn insert(
        &mut self,
        ticket_of: ParticipantId,
        expires_at: UnixMillis,
        deadline: Instant,
    ) {
        self.0.insert(ticket_of, Stub { expires_at, deadline });
    }

    /// Whether this ticket was redeemed, or a later one of the same stay: whoever
    /// comes back after a stay has ended gets a new ticket with the old id.
    pub(crate) fn contains(&self, ticket_of: ParticipantId, expires_at: UnixMillis) -> bool {
        self.0.get(&ticket_of).is_some_and(|stub| stub.expires_at >= expires_at)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When the last of them has expired.
    pub(crate) fn last_deadline(&self) -> Option<Instant> {
        self.0.values().map(|stub| stub.deadline).max()
    }

    pub(crate) fn forget_expired(&mut self, now: Instant) {
        self.0.retain(|_, stub| stub.deadline > now);
    }

    /// The wall clock was moved: reckons every deadline anew.
    pub(crate) fn reckon(&mut self, instant_of: impl Fn(UnixMillis) -> Instant) {
        for stub in self.0.values_mut() {
            stub.deadline = instant_of(stub.expires_at);
        }
    }
}
