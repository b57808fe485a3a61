//! The people of the soak: so many in each room, of whom some send video, and
//! who come and go. Of those who go, half say so; the others are just gone.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parlor_client::{Participant, ParticipantConfig, Script, SlotCount, TrackScript, VideoScript};
use parlor_model::call::TrackSource;
use parlor_model::id::{OrgId, ParticipantId, RoomId};
use parlor_model::permission::Permissions;
use parlor_model::ticket::{EjectLimits, Ticket, TicketAccess};
use parlor_model::time::UnixMillis;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::caller::Caller;
use crate::serve::ticket_key;

const ROOMS: u64 = 4;
const PEOPLE: usize = 25;
/// One in so many sends video; everybody else listens.
const ONE_SENDS_OF: u64 = 5;
const FRAMES_PER_SECOND: u32 = 5;
/// How long a newcomer may wait for the first frames of anybody.
const PATIENCE: Duration = Duration::from_secs(30);

struct Guest {
    caller: Caller,
    /// Its sockets live as long as this.
    tasks: JoinSet<()>,
    id: ParticipantId,
    sends: bool,
}

/// Everybody.
pub(crate) struct Crowd {
    url: String,
    rooms: Vec<VecDeque<Guest>>,
    joined: u64,
}

impl Crowd {
    pub(crate) fn new(http: &str) -> Self {
        let rooms = (0..ROOMS).map(|_| VecDeque::new()).collect();
        Self { url: format!("ws://{http}/_parlor/call"), rooms, joined: 0 }
    }

    /// Fills all rooms.
    pub(crate) async fn fill(&mut self) {
        for room in 0..self.rooms.len() {
            while self.rooms[room].len() < PEOPLE {
                self.join(room).await;
            }
        }
    }

    /// In one room the longest of all inside goes, and somebody new comes.
    pub(crate) async fn change(&mut self) {
        let room = usize::try_from(self.joined % ROOMS).unwrap_or(0);
        if let Some(guest) = self.rooms[room].pop_front() {
            let says_so = (self.joined / ROOMS).is_multiple_of(2);
            if says_so {
                guest.leave().await;
            }
        }
        self.join(room).await;
    }

    /// Whether in every room somebody who listens gets frames of somebody.
    pub(crate) async fn is_alive(&self) -> bool {
        for room in &self.rooms {
            let Some(listener) = room.iter().find(|guest| !guest.sends) else {
                return false;
            };
            let senders: Vec<_> =
                room.iter().filter(|guest| guest.sends).map(|guest| guest.id).collect();
            let frames = |me: &Participant| -> u64 {
                let of = |id: &ParticipantId| me.reception(*id, TrackSource::CamVideo);
                senders.iter().filter_map(of).map(|reception| reception.frames).sum()
            };
            let before = listener.caller.with(|me| frames(me));
            let more = listener.caller.until(|me| frames(me) > before);
            if timeout(PATIENCE, more).await.is_err() {
                return false;
            }
        }
        true
    }

    /// Everybody goes.
    pub(crate) async fn leave(&mut self) {
        for guest in self.rooms.iter_mut().flat_map(|room| room.drain(..)) {
            guest.leave().await;
        }
    }

    pub(crate) fn joined(&self) -> u64 {
        self.joined
    }

    async fn join(&mut self, room: usize) {
        self.joined += 1;
        let sends = self.joined.is_multiple_of(ONE_SENDS_OF);
        let script = VideoScript { frames_per_second: FRAMES_PER_SECOND, ..VideoScript::default() };
        let camera = TrackScript { script: Script::Video(script), ..TrackScript::camera() };
        let ticket = ticket(room, self.joined);
        let mut tasks = JoinSet::new();
        let caller = Caller::start(&mut tasks, &self.url, |address| ParticipantConfig {
            ticket: ticket_key().seal(&ticket),
            user_data: None,
            address,
            tracks: if sends { vec![camera] } else { Vec::new() },
            slots: SlotCount::default(),
        })
        .await;
        self.rooms[room].push_back(Guest { caller, tasks, id: ticket.participant, sends });
    }
}

impl Guest {
    async fn leave(mut self) {
        self.caller.with(Participant::leave);
        // The task ends with the call socket, which the server closes.
        timeout(PATIENCE, self.tasks.join_next()).await.ok();
    }
}

fn ticket(room: usize, number: u64) -> Ticket {
    let bytes = |kind: u8, number: u64| {
        let mut bytes = [kind; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        bytes
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = UnixMillis::new(i64::try_from(now.as_millis()).unwrap_or(i64::MAX));
    Ticket {
        org: OrgId::from_random([1; 16]),
        room: RoomId::from_random(bytes(2, room as u64)),
        room_name: format!("soak-{room}"),
        participant: ParticipantId::from_random(bytes(3, number)),
        expires_at: now.plus_seconds(60),
        user_id: None,
        user_name: format!("guest {number}"),
        is_owner: false,
        permissions: Permissions::participant(),
        is_audience: false,
        eject: EjectLimits::default(),
        // Those who are just gone are inside for a while.
        max_participants: 200,
        org_places: None,
        is_unique_user: false,
        access: TicketAccess::Full,
        is_check: false,
    }
}
