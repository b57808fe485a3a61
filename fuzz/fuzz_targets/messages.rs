//! What a call socket carries: lines of JSON, each a message of the client to
//! its room. Whatever is said, the room goes on, and what it answers can be
//! read by clients.

#![no_main]

#[path = "support.rs"]
mod support;

use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use parlor_model::call::{ClientMessage, ServerMessage};
use parlor_sfu::{Input, Output};

fuzz_target!(|data: &[u8]| {
    let mut now = Instant::now();
    let mut room = support::room(now);
    for line in data.split(|byte| *byte == b'\n').take(64) {
        let Ok(message) = serde_json::from_slice::<ClientMessage>(line) else {
            continue;
        };
        now += Duration::from_millis(7);
        for output in support::say(&mut room, now, message) {
            if let Output::Message(_, message) = output {
                let text = serde_json::to_string(&message).expect("messages serialise");
                serde_json::from_str::<ServerMessage>(&text).expect("and are read back");
            }
        }
        room.handle(now, Input::Timeout);
        support::drain(&mut room);
    }
});
