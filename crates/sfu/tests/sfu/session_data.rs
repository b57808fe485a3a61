//! Data that a meeting holds for all.

use parlor_model::call::{ClientMessage, MAX_SESSION_DATA_BYTES, ServerMessage};
use parlor_model::command::{MergeStrategy, Reply, SessionDataChange};
use parlor_sfu::RoomCommand;
use parlor_testkit::{Sim, Who, nothing};
use serde_json::{Map, Value, json};

use crate::{ms, secs};

fn map(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).expect("an object")
}

fn set(sim: &mut Sim, strategy: MergeStrategy, data: Value, delete: &[&str]) -> Reply {
    let keys_to_delete = delete.iter().map(|key| (*key).to_owned()).collect();
    let change = SessionDataChange { strategy, data: map(data), keys_to_delete };
    sim.command(RoomCommand::SetSessionData(change))
}

fn read(sim: &mut Sim) -> Value {
    match sim.command(RoomCommand::ReadSessionData) {
        Reply::SessionData { data } => data,
        other => panic!("{other:?}"),
    }
}

fn say(sim: &mut Sim, who: Who, data: Value) {
    let message = ClientMessage::SetSessionData {
        strategy: MergeStrategy::ShallowMerge,
        data: map(data),
        keys_to_delete: Vec::new(),
    };
    sim.say(who, message);
    sim.run(ms(100));
}

fn pushes(sim: &Sim, who: Who) -> usize {
    let is_push = |message: &&ServerMessage| matches!(message, ServerMessage::SessionData { .. });
    sim.client(who).messages().filter(is_push).count()
}

#[test]
fn it_is_pushed_to_everybody_and_shown_to_those_who_come() {
    let mut sim = Sim::seeded(311);
    let ana = sim.join("ana", nothing());
    let mut ticket = sim.ticket("eve");
    ticket.permissions.has_presence = false;
    let eve = sim.join_with(ticket, nothing());
    sim.run(ms(100));
    assert_eq!(read(&mut sim), json!({}));
    assert_eq!(set(&mut sim, MergeStrategy::Replace, json!({"a": 1, "b": 2}), &[]), Reply::Done);
    sim.run(ms(50));
    for who in [ana, eve] {
        assert_eq!(sim.check(who).session_data(), json!({"a": 1, "b": 2}));
    }
    set(&mut sim, MergeStrategy::ShallowMerge, json!({"c": {"d": 3}}), &["a"]);
    sim.run(ms(100));
    let whole = json!({"b": 2, "c": {"d": 3}});
    assert_eq!(sim.check(ana).session_data(), whole);
    assert_eq!(read(&mut sim), whole);
    let bo = sim.join("bo", nothing());
    sim.run(ms(100));
    assert_eq!((sim.check(bo).session_data(), pushes(&sim, bo)), (whole, 0));
}

#[test]
fn a_resumed_stay_sees_what_was_set_meanwhile() {
    let mut sim = Sim::seeded(312);
    let ana = sim.join("ana", nothing());
    sim.run(ms(100));
    sim.lose_socket(ana);
    sim.run(ms(100));
    set(&mut sim, MergeStrategy::Replace, json!({"n": 1}), &[]);
    sim.open_socket(ana);
    sim.run(ms(100));
    assert_eq!(sim.check(ana).session_data(), json!({"n": 1}));
}

#[test]
fn too_much_is_refused_and_changes_nothing() {
    let mut sim = Sim::seeded(313);
    let ana = sim.join("ana", nothing());
    sim.run(ms(100));
    let frame = r#"{"k":""}"#.len();
    let text = |bytes: usize| json!({"k": "x".repeat(bytes - frame)});
    let fits = set(&mut sim, MergeStrategy::Replace, text(MAX_SESSION_DATA_BYTES), &[]);
    assert_eq!(fits, Reply::Done);
    let bytes = MAX_SESSION_DATA_BYTES + 1;
    let too_large = set(&mut sim, MergeStrategy::Replace, text(bytes), &[]);
    assert_eq!(too_large, Reply::SessionDataTooLarge { bytes });
    assert_eq!(read(&mut sim), text(MAX_SESSION_DATA_BYTES));
    say(&mut sim, ana, json!({"more": 1}));
    assert_eq!(sim.check(ana).rejected(), ["set_session_data"]);
    assert_eq!(read(&mut sim), text(MAX_SESSION_DATA_BYTES));
}

#[test]
fn it_goes_with_the_meeting() {
    let mut sim = Sim::seeded(314);
    let ana = sim.join("ana", nothing());
    sim.run(ms(100));
    set(&mut sim, MergeStrategy::Replace, json!({"n": 1}), &[]);
    sim.leave(ana);
    sim.run(ms(100));
    assert_eq!(sim.command(RoomCommand::ReadSessionData), Reply::NoCall);
    assert_eq!(set(&mut sim, MergeStrategy::Replace, json!({}), &[]), Reply::NoCall);
    let bo = sim.join("bo", nothing());
    sim.run(ms(100));
    assert_eq!(sim.check(bo).session_data(), json!({}));
}

#[test]
fn those_hidden_who_outlast_a_meeting_begin_with_none() {
    let mut sim = Sim::seeded(315);
    let ana = sim.join("ana", nothing());
    let mut ticket = sim.ticket("eve");
    ticket.permissions.has_presence = false;
    let eve = sim.join_with(ticket, nothing());
    sim.run(ms(100));
    set(&mut sim, MergeStrategy::Replace, json!({"n": 1}), &[]);
    let first = sim.check(eve).meeting();
    sim.leave(ana);
    sim.run(ms(100));
    assert_ne!(sim.check(eve).meeting(), first);
    assert_eq!((sim.check(eve).session_data(), read(&mut sim)), (json!({}), json!({})));
    // A call of hidden people is a call.
    assert_eq!(set(&mut sim, MergeStrategy::Replace, json!({"n": 2}), &[]), Reply::Done);
    let bo = sim.join("bo", nothing());
    sim.run(ms(100));
    assert_eq!(sim.check(bo).meeting(), sim.check(eve).meeting());
    assert_eq!(sim.check(bo).session_data(), json!({"n": 2}));
}

#[test]
fn participants_change_it_but_an_audience_does_not() {
    let mut sim = Sim::seeded(316);
    let ana = sim.join("ana", nothing());
    let mut ticket = sim.ticket("eve");
    ticket.permissions.has_presence = false;
    ticket.is_audience = true;
    let eve = sim.join_with(ticket, nothing());
    sim.run(ms(100));
    say(&mut sim, ana, json!({"by": "ana"}));
    say(&mut sim, eve, json!({"by": "eve"}));
    assert_eq!(sim.check(eve).rejected(), ["set_session_data"]);
    assert_eq!(sim.check(eve).session_data(), json!({"by": "ana"}));
}

#[test]
fn quick_changes_are_told_together_and_the_last_one_always() {
    let mut sim = Sim::seeded(317);
    let [ana, bo] = ["ana", "bo"].map(|name| sim.join(name, nothing()));
    sim.run(ms(100));
    let load = "x".repeat(90 * 1024);
    for n in 0..50 {
        say(&mut sim, ana, json!({"load": load, "n": n}));
    }
    sim.run(secs(1));
    assert_eq!(sim.check(bo).session_data()["n"], json!(49));
    // Five seconds at 400 KiB a second.
    let told = pushes(&sim, bo);
    assert!((15..=30).contains(&told), "{told}");
    assert!(sim.check(ana).rejected().is_empty());
}
