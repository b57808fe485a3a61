//! Tickets that were redeemed, for as long as they would open the door again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parlor_model::id::ParticipantId;
use parlor_model::time::UnixMillis;

/// How often those that have expired are looked for. Less often keeps more of
/// them; more often looks at thousands while a crowd comes in.
const TIDY_EVERY: Duration = Duration::from_secs(1);

/// The redeemed tickets of a room.
#[derive(Debug, Default)]
pub(crate) struct TicketStubs {
    stubs: BTreeMap<ParticipantId, Stub>,
    /// When the last of them has expired.
    last_deadline: Option<Instant>,
    tidy_at: Option<Instant>,
}

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
        self.stubs.insert(ticket_of, Stub { expires_at, deadline });
        self.last_deadline = self.last_deadline.max(Some(deadline));
    }

    /// Whether this ticket was redeemed, or a later one of the same stay: whoever
    /// comes back after a stay has ended gets a new ticket with the old id.
    pub(crate) fn contains(&self, ticket_of: ParticipantId, expires_at: UnixMillis) -> bool {
        self.stubs.get(&ticket_of).is_some_and(|stub| stub.expires_at >= expires_at)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.stubs.is_empty()
    }

    /// When the last of them has expired.
    pub(crate) fn last_deadline(&self) -> Option<Instant> {
        self.last_deadline
    }

    /// Forgets those that have expired: in time the last, some time later others.
    pub(crate) fn forget_expired(&mut self, now: Instant) {
        if self.last_deadline.is_some_and(|at| at <= now) {
            *self = Self::default();
        } else if self.tidy_at.is_none_or(|at| at <= now) {
            self.stubs.retain(|_, stub| stub.deadline > now);
            self.tidy_at = Some(now + TIDY_EVERY);
        }
    }

    /// The wall clock was moved: reckons every deadline anew.
    pub(crate) fn reckon(&mut self, instant_of: impl Fn(UnixMillis) -> Instant) {
        for stub in self.stubs.values_mut() {
            stub.deadline = instant_of(stub.expires_at);
        }
        self.last_deadline = self.stubs.values().map(|stub| stub.deadline).max();
    }
}
