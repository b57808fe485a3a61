//! Session descriptions: a first offer, and the same one changed as a second.

#![no_main]

#[path = "support.rs"]
mod support;

use std::time::Instant;

use libfuzzer_sys::fuzz_target;
use parlor_model::call::ClientMessage;
use parlor_sfu::Input;

fuzz_target!(|data: &[u8]| {
    let now = Instant::now();
    let mut room = support::room(now);
    let text = String::from_utf8_lossy(data);
    let mut offers = text.splitn(2, '\u{1}');
    for sdp in offers.by_ref() {
        let mids = sdp.lines().filter_map(|line| line.strip_prefix("a=mid:"));
        let slots = mids.map(|mid| mid.trim().to_owned()).take(80).collect();
        let offer = ClientMessage::Offer { sdp: sdp.to_owned(), sends: Vec::new(), slots };
        support::say(&mut room, now, offer);
        room.handle(now, Input::Timeout);
        support::drain(&mut room);
    }
});
