//! Data between participants.

use parlor_model::call::{ClientMessage, Everybody, Recipients};
use parlor_testkit::{Sim, nothing};
use serde_json::json;

use crate::{ms, secs};

fn to_all(data: serde_json::Value) -> ClientMessage {
    ClientMessage::AppMessage { to: Recipients::All(Everybody::Everybody), data }
}

#[test]
fn a_message_to_all_reaches_everybody_else() {
    let mut sim = Sim::seeded(31);
    let [ana, bo, cy] = ["ana", "bo", "cy"].map(|name| sim.join(name, nothing()));
    sim.run(ms(100));
    sim.say(ana, to_all(json!({ "hi": 1 })));
    sim.run(ms(100));
    for other in [bo, cy] {
        assert_eq!(sim.check(other).app_messages(), [(sim.id(ana), &json!({ "hi": 1 }))]);
    }
    assert!(sim.check(ana).app_messages().is_empty());
}

#[test]
fn a_message_to_some_reaches_just_them() {
    let mut sim = Sim::seeded(32);
    let [ana, bo, cy] = ["ana", "bo", "cy"].map(|name| sim.join(name, nothing()));
    sim.run(ms(100));
    // Oneself and people who are not here are skipped.
    let to = Recipients::Some(vec![sim.id(cy), sim.id(ana), sim.ticket("nobody").participant]);
    sim.say(ana, ClientMessage::AppMessage { to, data: json!("psst") });
    sim.run(ms(100));
    assert_eq!(sim.check(cy).app_messages().len(), 1);
    assert!(sim.check(bo).app_messages().is_empty());
    assert!(sim.check(ana).app_messages().is_empty());
}

#[test]
fn a_message_may_have_4096_bytes_and_no_more() {
    let mut sim = Sim::seeded(33);
    let [ana, bo] = ["ana", "bo"].map(|name| sim.join(name, nothing()));
    sim.run(ms(100));
    // The quotes count.
    for length in [4094, 4095] {
        sim.say(ana, to_all(json!("x".repeat(length))));
    }
    sim.run(ms(100));
    assert_eq!(sim.check(bo).app_messages().len(), 1);
    assert_eq!(sim.check(ana).rejected(), ["app_message"]);
}

#[test]
fn a_flood_is_cut_down_and_passes_again_later() {
    let mut sim = Sim::seeded(34);
    let [ana, bo] = ["ana", "bo"].map(|name| sim.join(name, nothing()));
    sim.run(ms(100));
    for n in 0..150 {
        sim.say(ana, to_all(json!(n)));
    }
    sim.run(ms(100));
    let passed = sim.check(bo).app_messages().len();
    assert!((100..=110).contains(&passed), "{passed}");
    assert_eq!(sim.check(ana).rejected().len(), 150 - passed);

    sim.run(secs(1));
    sim.say(ana, to_all(json!("later")));
    sim.run(ms(100));
    assert_eq!(sim.check(bo).app_messages().len(), passed + 1);
}
