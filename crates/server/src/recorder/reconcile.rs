//! Closes in the records what is over in the rooms: after a crash, whose facts
//! nobody told, and after a loss of facts.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use parlor_bus::BusError;
use parlor_model::command::{Command, PresentParticipant, Reply};
use parlor_model::id::{MeetingId, OrgId, ParticipantId};
use parlor_model::time::UnixMillis;
use parlor_store::history::{self, OpenMeeting};
use parlor_store::{Connection, StoreError};
use tokio_util::sync::CancellationToken;

use super::Recorder;
use super::write::{record, wait};

/// Most meetings looked at in one go, so that one commit stays short.
const BATCH: u32 = 100;

/// The pause before a store that failed at the start is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// What is open in the records but not seen in the rooms. A fact that explains
/// it may still be on its way.
pub(super) struct Suspects {
    meetings: Vec<OpenMeeting>,
    present: HashSet<ParticipantId>,
    running: HashSet<MeetingId>,
    at: UnixMillis,
}

impl Recorder {
    /// Ends what an earlier process left open, at its last sign of life. No
    /// meeting of this process is in the records yet.
    pub(super) async fn conclude_last_run(&self, shutdown: &CancellationToken) {
        let mut concluded = 0;
        loop {
            match self.store.write(conclude_some).await {
                Ok(0) => break,
                Ok(facts) => {
                    self.written.send_modify(|count| *count += facts);
                    concluded += facts;
                }
                Err(error) => {
                    tracing::warn!(%error, "meetings of the last run could not be closed yet");
                    if shutdown.is_cancelled() || !wait(PAUSE, shutdown).await {
                        return;
                    }
                }
            }
        }
        if concluded > 0 {
            self.bell.ring();
            tracing::info!(facts = concluded, "closed meetings that the last run left open");
        }
    }

    /// What is open in the records and not seen in the rooms, if anything.
    pub(super) async fn find_suspects(&self) -> Option<Suspects> {
        match self.compare().await {
            Ok(suspects) => Some(suspects).filter(|suspects| !suspects.meetings.is_empty()),
            Err(why) => {
                tracing::debug!(why, "records and live rooms could not be compared");
                None
            }
        }
    }

    async fn compare(&self) -> Result<Suspects, String> {
        // The records first: who is in them was in the room before it was asked.
        let open = self.open_meetings().await.map_err(|error| error.to_string())?;
        let mut suspects = Suspects {
            meetings: Vec::new(),
            present: HashSet::new(),
            running: HashSet::new(),
            at: self.clock.now(),
        };
        let mut by_org: BTreeMap<OrgId, Vec<OpenMeeting>> = BTreeMap::new();
        for meeting in open {
            by_org.entry(meeting.meeting.org_id).or_default().push(meeting);
        }
        for (org, meetings) in by_org {
            let present = self.present(org).await.map_err(|error| error.to_string())?;
            suspects.running.extend(present.iter().map(|one| one.meeting));
            suspects.present.extend(present.iter().map(|one| one.participant));
            suspects.meetings.extend(meetings);
        }
        let Suspects { meetings, present, running, .. } = &mut suspects;
        meetings.retain(|open| {
            let is_anybody_gone = open.stays.iter().any(|stay| !present.contains(&stay.id));
            is_anybody_gone || !running.contains(&open.meeting.id)
        });
        Ok(suspects)
    }

    async fn open_meetings(&self) -> Result<Vec<OpenMeeting>, StoreError> {
        let mut all: Vec<OpenMeeting> = Vec::new();
        loop {
            let after = all.last().map(|open| open.meeting.id);
            let page = move |c: &mut dyn Connection| history::open_meetings(c, after, BATCH);
            let page = self.store.scan(page).await?;
            let is_last = page.len() < BATCH as usize;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    async fn present(&self, org: OrgId) -> Result<Vec<PresentParticipant>, BusError> {
        match self.bus.request(Command::OrgPresence { org }).await? {
            Reply::Presence { participants } => Ok(participants),
            _ => Err(BusError::Closed),
        }
    }

    /// Closes what is still suspect after every fact has been written that was
    /// told before the rooms answered.
    pub(super) async fn close(&self, suspects: Suspects, shutdown: &CancellationToken) {
        let Suspects { meetings, present, running, at } = suspects;
        for suspect in meetings {
            let id = suspect.meeting.id;
            let now = match self.store.read(|c| history::open_meeting(c, id)) {
                Ok(Some(now)) => now,
                Ok(None) => continue,
                Err(error) => {
                    tracing::debug!(%error, "a meeting could not be looked at");
                    return;
                }
            };
            // Whoever came meanwhile was not asked for.
            let gone: HashSet<_> = suspect
                .stays
                .iter()
                .filter(|stay| !present.contains(&stay.id))
                .map(|stay| (stay.id, stay.joined_at))
                .collect();
            let is_here = |stay: &history::Stay| !gone.contains(&(stay.id, stay.joined_at));
            let is_over = !running.contains(&id) && !now.stays.iter().any(is_here);
            let facts = if is_over { now.end(at) } else { now.departures(is_here, at) };
            if !facts.is_empty() {
                tracing::warn!(
                    meeting.id = %id, facts = facts.len(),
                    "facts of a meeting were lost; its records follow the live room"
                );
                self.write(facts, shutdown).await;
            }
        }
    }
}

/// Says how many facts were written.
fn conclude_some(connection: &mut dyn Connection) -> Result<u64, StoreError> {
    let alive_at = history::alive_at(connection)?.unwrap_or(UnixMillis::new(0));
    let mut written = 0;
    for meeting in history::open_meetings(connection, None, BATCH)? {
        let facts = meeting.end(alive_at);
        record(connection, &facts)?;
        written += facts.len() as u64;
    }
    Ok(written)
}
