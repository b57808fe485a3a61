//! What participants say of themselves.

use parlor_model::call::ClientMessage;
use parlor_testkit::{Sim, nothing};
use serde_json::json;

use crate::ms;

#[test]
fn names_and_data_change_for_everybody() {
    let mut sim = Sim::seeded(41);
    let [ana, bo] = ["ana", "bo"].map(|name| sim.join(name, nothing()));
    sim.run(ms(100));
    sim.act(ana, |client, _| {
        client.say(ClientMessage::SetUserName { name: "Ana B".into() });
        client.say(ClientMessage::SetUserData { data: json!({ "seat": 4 }) });
    });
    sim.run(ms(100));
    for viewer in [ana, bo] {
        let view = sim.check(viewer).view_of(ana);
        assert_eq!(view.user_name, "Ana B");
        assert_eq!(view.user_data, Some(json!({ "seat": 4 })));
    }
}

#[test]
fn a_late_joiner_finds_the_names_of_now() {
    let mut sim = Sim::seeded(42);
    let ana = sim.join("ana", nothing());
    sim.run(ms(100));
    sim.say(ana, ClientMessage::SetUserName { name: "Zoë".into() });
    sim.run(ms(100));
    let bo = sim.join("bo", nothing());
    sim.run(ms(100));
    assert_eq!(sim.check(bo).view_of(ana).user_name, "Zoë");
}

#[test]
fn long_names_are_cut_and_large_data_refused() {
    let mut sim = Sim::seeded(43);
    let ana = sim.join("ana", nothing());
    sim.run(ms(100));
    sim.act(ana, |client, _| {
        client.say(ClientMessage::SetUserName { name: "ü".repeat(300) });
        client.say(ClientMessage::SetUserData { data: json!("x".repeat(5000)) });
    });
    sim.run(ms(100));
    let me = sim.check(ana).view_of(ana);
    assert_eq!(me.user_name.chars().count(), 256);
    assert_eq!(me.user_data, None);
    assert_eq!(sim.check(ana).rejected(), ["set_user_data"]);
}

#[test]
fn the_session_id_stands_in_for_a_missing_user_id() {
    let mut sim = Sim::seeded(44);
    let ana = sim.join("ana", nothing());
    let mut ticket = sim.ticket("bo");
    ticket.user_id = Some("user-7".into());
    let bo = sim.join_with(ticket, nothing());
    sim.run(ms(100));
    assert_eq!(sim.check(bo).view_of(ana).user_id, sim.id(ana).to_string());
    assert_eq!(sim.check(ana).view_of(bo).user_id, "user-7");
}
