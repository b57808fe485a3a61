//! Answers the bus: finds the worker of the room that is asked for, and puts
//! together what concerns all of them.

use std::time::Instant;

use parlor_bus::{Answer, Request, Requests};
use parlor_model::command::{Command, EndReason, Reply};
use parlor_model::id::{OrgId, RoomId};
use parlor_sfu::{Ejection, RoomCommand};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::inbox::ToWorker;
use crate::node::Shared;

/// Most requests about all rooms that are put together at a time; further ones
/// wait in the bus.
const MAX_GATHERINGS: usize = 64;

/// Answers requests until the node stops or nobody can ask any more.
pub(crate) async fn answer_all(
    shared: std::sync::Arc<Shared>,
    mut requests: Requests,
    stop: CancellationToken,
) {
    let mut gatherings = JoinSet::new();
    let serve = async {
        while let Some(request) = requests.next().await {
            if gatherings.len() >= MAX_GATHERINGS {
                gatherings.join_next().await;
            }
            while gatherings.try_join_next().is_some() {}
            serve(&shared, request, &mut gatherings);
        }
    };
    stop.run_until_cancelled(serve).await;
}

fn serve(shared: &Shared, request: Request, gatherings: &mut JoinSet<()>) {
    let (command, answer) = request.split();
    match command {
        Command::RoomPresence { room } => {
            let nobody = Reply::Presence { participants: Vec::new() };
            ask_room(shared, room, RoomCommand::Presence, answer, nobody);
        }
        Command::FailThread { room } => {
            let worker = shared.directory.worker_of(room);
            let sent = worker.map(|worker| shared.inboxes[worker].try_send(ToWorker::Fail));
            answer.reply(match sent {
                Some(Ok(())) => Reply::Done,
                Some(Err(_)) | None => Reply::NoCall,
            });
        }
        Command::EndRoom { room, reason } => {
            // Before the room is asked, so that nobody comes in behind it.
            if reason == EndReason::RoomDeleted {
                shared.directory.delete(Instant::now(), room);
            }
            let command = RoomCommand::End(reason);
            ask_room(shared, room, command, answer, Reply::Ended { removed: 0 });
        }
        Command::Load { room } => {
            let loads = &shared.directory.loads;
            let worker = shared.directory.worker_for(room);
            let percent = worker.map_or(100, |worker| loads.percent(worker));
            answer.reply(Reply::Load { percent, limit: loads.limit() });
        }
        Command::OrgPeople { org } => {
            answer.reply(Reply::People { count: shared.directory.people_of(org) });
        }
        Command::OrgPresence { org } => gather_presence(shared, org, answer, gatherings),
        Command::AdvanceClock { millis } => jump(shared, millis, answer, gatherings),
        Command::SendAppMessage { room, to, data } => {
            ask_call(shared, room, RoomCommand::SendAppMessage(to, data), answer);
        }
        Command::ReadSessionData { room } => {
            ask_call(shared, room, RoomCommand::ReadSessionData, answer);
        }
        Command::SetSessionData { room, change } => {
            ask_call(shared, room, RoomCommand::SetSessionData(change), answer);
        }
        Command::Eject { room, ids, user_ids, is_ban } => {
            let ejection = Ejection { ids, user_ids, is_ban };
            ask_call(shared, room, RoomCommand::Eject(ejection), answer);
        }
        Command::UpdatePermissions { room, everybody, participants } => {
            let command = RoomCommand::UpdatePermissions(everybody, participants);
            ask_call(shared, room, command, answer);
        }
        Command::Administers { room, participant, area } => {
            ask_call(shared, room, RoomCommand::Administers(participant, area), answer);
        }
        Command::IsHosting { room } => ask_call(shared, room, RoomCommand::IsHosting, answer),
    }
}

/// Asks a room for what only a running call can give.
fn ask_call(shared: &Shared, room: RoomId, command: RoomCommand, answer: Answer) {
    ask_room(shared, room, command, answer, Reply::NoCall);
}

fn ask_room(shared: &Shared, room: RoomId, command: RoomCommand, answer: Answer, absent: Reply) {
    let Some(worker) = shared.directory.worker_of(room) else {
        return answer.reply(absent);
    };
    let message = ToWorker::Ask(room, command, answer, absent);
    if shared.inboxes[worker].try_send(message).is_err() {
        warn!(room.id = %room, worker, "a worker takes no request, busy or stopped; it was dropped");
    }
}

fn gather_presence(shared: &Shared, org: OrgId, answer: Answer, gatherings: &mut JoinSet<()>) {
    let mut parts = Vec::with_capacity(shared.inboxes.len());
    for (worker, inbox) in shared.inboxes.iter().enumerate() {
        let (sender, receiver) = oneshot::channel();
        if inbox.try_send(ToWorker::AskOrg(org, sender)).is_err() {
            warn!(org.id = %org, worker, "a worker takes no request, busy or stopped; it was dropped");
            return;
        }
        parts.push(receiver);
    }
    gatherings.spawn(async move {
        let mut participants = Vec::new();
        for part in parts {
            // A part without an answer makes no whole: a worker has stopped,
            // and the asker learns it from the answer that is dropped.
            let Ok(part) = part.await else { return };
            participants.extend(part);
        }
        answer.reply(Reply::Presence { participants });
    });
}

/// Lets every room know that the wall clock was moved.
fn jump(shared: &Shared, millis: i64, answer: Answer, gatherings: &mut JoinSet<()>) {
    let mut parts = Vec::with_capacity(shared.inboxes.len());
    for (worker, inbox) in shared.inboxes.iter().enumerate() {
        let (sender, receiver) = oneshot::channel();
        if inbox.try_send(ToWorker::WallJumped(sender)).is_err() {
            warn!(worker, "a worker takes no request, busy or stopped; it was dropped");
            return;
        }
        parts.push(receiver);
    }
    gatherings.spawn(async move {
        for part in parts {
            if part.await.is_err() {
                return;
            }
        }
        info!(millis, "the wall clock was moved");
        answer.reply(Reply::Done);
    });
}
