//! How many people an organization has in its rooms, against how many it may
//! have. Those on their way count, so that two who come at once do not both
//! take the last place.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use parlor_model::id::{OrgId, ParticipantId, RoomId};
use parlor_model::ticket::Ticket;

use super::{Claim, Directory, Placed, Tables, Unclaimable};

/// Holds a place of an organization's for somebody on their way, until they are
/// counted as inside.
pub(crate) struct Arrival {
    directory: Arc<Directory>,
    room: RoomId,
    participant: ParticipantId,
}

impl Directory {
    /// Claims the place of the ticket's room, if its organization may have one
    /// more. Who is inside already and begins anew needs no further place.
    pub(crate) fn claim_place(
        self: &Arc<Self>,
        now: Instant,
        ticket: &Ticket,
    ) -> Result<Claim, Unclaimable> {
        let mut tables = self.lock();
        let is_inside = tables.participants.contains_key(&ticket.participant);
        if let Some(limit) = ticket.org_places.filter(|_| !is_inside)
            && tables.people_of(ticket.org) >= limit as usize
        {
            return Err(Unclaimable::OrgFull { limit });
        }
        let mut claim = self.claim_in(&mut tables, now, ticket.room)?;
        if let Some(placed) = tables.rooms.get_mut(&ticket.room) {
            placed.org = Some(ticket.org);
            if !is_inside {
                let (room, participant) = (ticket.room, ticket.participant);
                placed.arriving.push(participant);
                claim.arrival = Some(Arrival { directory: Arc::clone(self), room, participant });
            }
        }
        Ok(claim)
    }

    /// How many people are in rooms of the organization, or on their way.
    pub(crate) fn people_of(&self, org: OrgId) -> usize {
        self.lock().people_of(org)
    }
}

impl Tables {
    /// Looks at every room: a node has some thousands, and is asked by who joins
    /// where there is a limit, and by who looks at organizations, which is counted.
    fn people_of(&self, org: OrgId) -> usize {
        let own = self.rooms.values().filter(|placed| placed.org == Some(org));
        own.map(Placed::people).sum()
    }
}

impl Placed {
    /// Each person once. Whoever was just let in may hear of it, and tell the
    /// next one to come, before their arrival is over.
    fn people(&self) -> usize {
        let outside = self.arriving.iter().filter(|id| !self.participants.contains(id));
        self.participants.len() + outside.collect::<HashSet<_>>().len()
    }
}

impl Claim {
    /// What is to be kept until its holder is counted as inside; the claim
    /// itself ends before.
    pub(crate) fn take_arrival(&mut self) -> Option<Arrival> {
        self.arrival.take()
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        if let Some(placed) = self.directory.lock().rooms.get_mut(&self.room) {
            // The room may have been forgotten and placed again meanwhile.
            if let Some(at) = placed.arriving.iter().position(|id| *id == self.participant) {
                placed.arriving.swap_remove(at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use parlor_model::id::ParticipantId;
    use parlor_model::permission::Permissions;
    use parlor_model::ticket::{EjectLimits, TicketAccess};
    use parlor_model::time::UnixMillis;

    use super::*;

    fn ticket(room: u8, participant: u8, org_places: Option<u32>) -> Ticket {
        Ticket {
            org: OrgId::from_random([1; 16]),
            room: RoomId::from_random([room; 16]),
            room_name: "standup".to_owned(),
            participant: ParticipantId::from_random([participant; 16]),
            expires_at: UnixMillis::new(0),
            user_id: None,
            user_name: String::new(),
            is_owner: false,
            permissions: Permissions::participant(),
            is_audience: false,
            eject: EjectLimits::default(),
            max_participants: 200,
            org_places,
            is_unique_user: false,
            access: TicketAccess::Full,
            is_check: false,
        }
    }

    fn enter(directory: &Arc<Directory>, ticket: &Ticket) -> Result<(), Unclaimable> {
        let mut claim = directory.claim_place(Instant::now(), ticket)?;
        let arrival = claim.take_arrival();
        directory.opened(ticket.room);
        drop(claim);
        directory.entered(ticket.participant, ticket.room);
        drop(arrival);
        Ok(())
    }

    #[test]
    fn an_organization_has_so_many_people_in_all_rooms_and_no_more() {
        let directory = Directory::new(2, 100);
        let full = Err(Unclaimable::OrgFull { limit: 2 });
        for room in 1..3 {
            enter(&directory, &ticket(room, room, Some(2))).unwrap();
        }
        assert_eq!(enter(&directory, &ticket(3, 3, Some(2))), full);
        assert_eq!(enter(&directory, &ticket(1, 1, Some(2))), Ok(()), "who is inside comes back");
        let other = Ticket { org: OrgId::from_random([2; 16]), ..ticket(4, 4, Some(1)) };
        assert_eq!(enter(&directory, &other), Ok(()));
        directory.left(ParticipantId::from_random([2; 16]));
        assert_eq!(enter(&directory, &ticket(3, 3, Some(2))), Ok(()));
        assert_eq!(directory.people_of(OrgId::from_random([1; 16])), 2);
    }

    #[test]
    fn nobody_takes_two_places_while_they_come_in() {
        let directory = Directory::new(2, 100);
        let ana = ticket(1, 1, Some(2));
        let mut claim = directory.claim_place(Instant::now(), &ana).unwrap();
        let again = directory.claim_place(Instant::now(), &ana).unwrap();
        assert_eq!(directory.people_of(ana.org), 1, "on two ways");
        directory.opened(ana.room);
        let arrival = claim.take_arrival();
        directory.entered(ana.participant, ana.room);
        assert_eq!(enter(&directory, &ticket(2, 2, Some(2))), Ok(()));
        drop((arrival, again));
        assert_eq!(directory.people_of(ana.org), 2);
    }

    #[test]
    fn who_is_on_the_way_has_the_place_until_they_give_up() {
        let directory = Directory::new(1, 100);
        let on_the_way = directory.claim_place(Instant::now(), &ticket(1, 1, Some(1)));
        let late = ticket(2, 2, Some(1));
        assert_eq!(enter(&directory, &late), Err(Unclaimable::OrgFull { limit: 1 }));
        drop(on_the_way);
        assert_eq!(enter(&directory, &late), Ok(()));
        assert_eq!(directory.people_of(late.org), 1);
    }
}
