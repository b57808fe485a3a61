//! The orders of `/_dev`: move the clock, start over, make requests fail.

use std::collections::BTreeSet;

use parlor_model::command::{Command, EndReason};
use parlor_model::error::ApiError;
use parlor_model::id::RoomId;
use parlor_model::rest::dev::{
    AdvanceClock, ClockState, Crash, Faults, MAX_ADVANCE_MILLIS, parse_empty,
};
use parlor_store::{Connection, StoreError, reset};
use serde_json::{Map, Value, json};

use crate::app::live_actions;
use crate::clock::Clock as _;
use crate::cx::AppState;
use crate::dev::Dev;
use crate::failure::Failure;
use crate::http::router::find_operation;

/// What the clock shows.
pub(crate) fn clock(dev: &Dev) -> ClockState {
    ClockState::new(dev.clock.now(), dev.clock.offset_millis())
}

/// Moves the clock forwards, and does everything that is due then before it
/// says so.
pub(crate) async fn advance_clock(
    state: &AppState,
    dev: &Dev,
    body: &Map<String, Value>,
) -> Result<ClockState, Failure> {
    let AdvanceClock { millis } = AdvanceClock::parse(body)?;
    let _turn = dev.turn.lock().await;
    if dev.clock.offset_millis().saturating_add(millis) > MAX_ADVANCE_MILLIS {
        let asked = body.get("advance").cloned().unwrap_or_default();
        let expectation =
            "less: the clock can be 10 years ahead in all (POST /_dev/reset sets it back)";
        return Err(ApiError::wrong_value("advance", &asked, expectation).into());
    }
    dev.clock.advance(millis);
    state.cx.bus.request(Command::AdvanceClock { millis }).await?;
    dev.settle().await;
    dev.jobs.run_round().await;
    Ok(clock(dev))
}

/// Everything as at the first start: no rooms, no calls, no history, the
/// domain's properties at their defaults, the clock at the machine's time, no
/// faults. The organization and its API keys stay.
pub(crate) async fn start_over(
    state: &AppState,
    dev: &Dev,
    body: &Map<String, Value>,
) -> Result<Value, Failure> {
    parse_empty(body)?;
    let _turn = dev.turn.lock().await;
    dev.faults.clear();
    wipe(state, dev).await?;
    dev.clock.reset();
    state.by_caller.clear();
    state.by_org.clear();
    state.by_credential.clear();
    state.by_address.clear();
    state.by_stay.clear();
    state.log_bytes.clear();
    Ok(json!({ "reset": true }))
}

/// Rooms whose calls are ended between two looks at the records.
const BATCH: u32 = 1000;

/// How often rooms that were made meanwhile are gone after. Who goes on making
/// them has some afterwards, as if they came later.
const MOST_WIPES: usize = 10;

/// Deletes everything, calls first: what they tell while they end goes too.
async fn wipe(state: &AppState, dev: &Dev) -> Result<(), Failure> {
    let mut ended = BTreeSet::new();
    for _ in 0..MOST_WIPES {
        end_calls(state, &mut ended).await?;
        dev.settle().await;
        let all = |c: &mut dyn Connection| -> Result<_, StoreError> { reset::everything(c) };
        let gone = state.cx.store.write(all).await?;
        let late: Vec<RoomId> = gone.into_iter().filter(|room| !ended.contains(room)).collect();
        if late.is_empty() {
            break;
        }
        for room in late {
            end_call(state, room, &mut ended).await?;
        }
    }
    Ok(())
}

async fn end_call(
    state: &AppState,
    room: RoomId,
    ended: &mut BTreeSet<RoomId>,
) -> Result<(), Failure> {
    let reason = EndReason::RoomDeleted;
    state.cx.bus.request(Command::EndRoom { room, reason }).await?;
    ended.insert(room);
    Ok(())
}

/// Ends the call of every room on record.
async fn end_calls(state: &AppState, ended: &mut BTreeSet<RoomId>) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let rooms = state.cx.store.scan(move |c| reset::room_ids(c, after, BATCH)).await?;
        let Some(last) = rooms.last().copied() else { return Ok(()) };
        for room in rooms {
            end_call(state, room, ended).await?;
        }
        after = Some(last);
    }
}

/// Lets the media thread of a room's call fail, with all calls that it has.
pub(crate) async fn crash(state: &AppState, body: &Map<String, Value>) -> Result<Value, Failure> {
    let Crash { room } = Crash::parse(body)?;
    live_actions::fail_thread(state, state.cx.settings.org, &room).await?;
    Ok(json!({ "crashed": true }))
}

/// Puts faults in the place of those in force.
pub(crate) fn set_faults(dev: &Dev, body: &Map<String, Value>) -> Result<Value, Failure> {
    let faults = Faults::parse(body)?;
    let operations: Result<Vec<_>, ApiError> =
        faults.rules.iter().map(|rule| operation_of(&rule.route)).collect();
    dev.faults.set(faults, operations?);
    Ok(dev.faults.to_json())
}

/// The operation that a rule is about; `None` for all of them.
fn operation_of(route: &str) -> Result<Option<&'static str>, ApiError> {
    if route.trim() == "*" {
        return Ok(None);
    }
    let found = route
        .trim()
        .split_once(' ')
        .and_then(|(method, path)| find_operation(&method.to_ascii_uppercase(), path.trim()));
    let expectation =
        "'*' or an operation of the REST API, as its documentation writes it: 'POST /rooms/:name'";
    let unknown = || ApiError::wrong_value("route", &Value::from(route), expectation);
    found.map(Some).ok_or_else(unknown)
}
