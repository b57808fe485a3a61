//! The scenarios.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parlor_client::{
    Participant, ParticipantConfig, Reception, Script, SlotCount, TrackScript, VideoScript,
};
use parlor_model::call::TrackSource;
use parlor_model::id::{OrgId, ParticipantId, RoomId};
use parlor_model::permission::Permissions;
use parlor_model::ticket::{EjectLimits, Ticket, TicketAccess};
use parlor_model::time::UnixMillis;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::caller::Caller;
use crate::process::Server;
use crate::serve::ticket_key;

/// RTP payload that makes packets of 1200 bytes: 12 bytes of header, 8 of
/// extensions, 16 of authentication tag.
const PAYLOAD_BYTES: usize = 1164;

/// Until connections, keyframes and buffers have settled.
const SETTLING: Duration = Duration::from_secs(3);

/// Participants of each room of the idle scenario.
const IDLE_ROOM: usize = 10;
/// Joined before the measurement, for what is allocated once.
const IDLE_WARM_UP: usize = 20;
/// Joined within the measurement.
const IDLE_MEASURED: usize = 200;

/// Participants of one server.
pub(crate) struct Load {
    url: String,
    tasks: JoinSet<()>,
    callers: Vec<Caller>,
    joined: u64,
}

/// What forwarding cost.
pub(crate) struct Forwarding {
    pub(crate) packets_per_second: f64,
    pub(crate) cpu_micros_per_packet: f64,
    pub(crate) lost: u64,
    pub(crate) packets_per_gso_call: f64,
    pub(crate) busy_percent: f64,
}

/// What idle participants cost.
pub(crate) struct Idle {
    pub(crate) participants: usize,
    pub(crate) empty_kib: u64,
    pub(crate) kib_each: f64,
    pub(crate) cpu_millis_per_second_each: f64,
}

impl Load {
    pub(crate) fn new(server: &Server) -> Self {
        let url = format!("ws://{}/_parlor/call", server.http);
        Self { url, tasks: JoinSet::new(), callers: Vec::new(), joined: 0 }
    }

    /// One camera and many who watch.
    pub(crate) async fn forward(
        &mut self,
        server: &mut Server,
        subscribers: usize,
        frames_per_second: u32,
        measured: Duration,
    ) -> Forwarding {
        let script = VideoScript {
            frames_per_second,
            payload_bytes: PAYLOAD_BYTES,
            ..VideoScript::default()
        };
        let camera = TrackScript { script: Script::Video(script), ..TrackScript::camera() };
        let publisher = self.join(0, vec![camera]).await;
        for _ in 0..subscribers {
            self.join(0, Vec::new()).await;
        }
        let watching = |reception: Option<&Reception>| reception.is_some_and(|it| it.frames > 10);
        for caller in &self.callers[1..] {
            caller.until(|it| watching(it.reception(publisher, TrackSource::CamVideo))).await;
        }
        sleep(SETTLING).await;

        let (began, cpu) = (Instant::now(), server.cpu());
        let (counts, received) = (server.counts(), self.received(publisher));
        sleep(measured).await;
        let (elapsed, cpu) = (began.elapsed(), server.cpu() - cpu);
        let (counts_after, received_after) = (server.counts(), self.received(publisher));

        let packets = (received_after.0 - received.0) as f64;
        let gso_calls = (counts_after.gso_calls - counts.gso_calls).max(1) as f64;
        let gso_packets = (counts_after.gso_packets - counts.gso_packets) as f64;
        let busy = (counts_after.busy - counts.busy).as_secs_f64();
        Forwarding {
            packets_per_second: packets / elapsed.as_secs_f64(),
            cpu_micros_per_packet: cpu.as_secs_f64() * 1e6 / packets,
            lost: received_after.1.saturating_sub(received.1),
            packets_per_gso_call: gso_packets / gso_calls,
            busy_percent: 100.0 * busy / elapsed.as_secs_f64(),
        }
    }

    /// Many who are only there.
    pub(crate) async fn idle(&mut self, server: &Server, measured: Duration) -> Idle {
        let empty_kib = server.resident_kib();
        self.join_idle(IDLE_WARM_UP).await;
        let before = server.resident_kib();
        self.join_idle(IDLE_MEASURED).await;
        sleep(SETTLING).await;
        let cpu = server.cpu();
        sleep(measured).await;
        let everybody = (IDLE_WARM_UP + IDLE_MEASURED) as f64;
        let cpu_millis = (server.cpu() - cpu).as_secs_f64() * 1e3;
        let grown = server.resident_kib().saturating_sub(before);
        Idle {
            participants: IDLE_MEASURED,
            empty_kib,
            kib_each: grown as f64 / IDLE_MEASURED as f64,
            cpu_millis_per_second_each: cpu_millis / measured.as_secs_f64() / everybody,
        }
    }

    async fn join_idle(&mut self, participants: usize) {
        for _ in 0..participants {
            let room = u8::try_from(self.callers.len() / IDLE_ROOM).expect("few rooms");
            let tracks = vec![TrackScript::camera().off(), TrackScript::microphone().off()];
            self.join(room, tracks).await;
        }
        for caller in &self.callers {
            caller.until(Participant::is_connected).await;
        }
    }

    async fn join(&mut self, room: u8, tracks: Vec<TrackScript>) -> ParticipantId {
        self.joined += 1;
        let mut id = [0; 16];
        id[..8].copy_from_slice(&self.joined.to_be_bytes());
        let ticket = ticket(RoomId::from_random([room; 16]), ParticipantId::from_random(id));
        let sealed = ticket_key().seal(&ticket);
        let config = |address| ParticipantConfig {
            ticket: sealed,
            user_data: None,
            address,
            tracks,
            slots: SlotCount::default(),
        };
        self.callers.push(Caller::start(&mut self.tasks, &self.url, config).await);
        ticket.participant
    }

    /// Packets received and lost so far, by all.
    fn received(&self, from: ParticipantId) -> (u64, u64) {
        self.callers.iter().fold((0, 0), |(packets, lost), caller| {
            caller.with(|it| match it.reception(from, TrackSource::CamVideo) {
                Some(reception) => (packets + reception.packets, lost + reception.lost()),
                None => (packets, lost),
            })
        })
    }
}

fn ticket(room: RoomId, participant: ParticipantId) -> Ticket {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = UnixMillis::new(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX));
    Ticket {
        org: OrgId::from_random([1; 16]),
        room,
        room_name: "load".to_owned(),
        participant,
        expires_at: now.plus_seconds(60),
        user_id: None,
        user_name: "load".to_owned(),
        is_owner: false,
        permissions: Permissions::participant(),
        is_audience: false,
        eject: EjectLimits::default(),
        max_participants: 1000,
        is_unique_user: false,
        access: TicketAccess::Full,
        is_check: false,
    }
}
