//! The spread plane beside a single forwarder: whoever sends, receivers get the
//! same bytes.

use proptest::prelude::*;

use super::*;
use crate::forward::tests::{keys, person, picture, place, setup, track};
use crate::forward::{Place, test_route};
use crate::srtp::is_control;

const RECEIVERS: u8 = 6;
const SENDERS: u8 = 3;
const SLOTS: usize = 3;
const SHARDS: usize = 2;

/// What goes out, without reports, which have their own times: by whom for.
#[derive(Default, PartialEq, Eq, Debug)]
struct Seen(BTreeMap<(ParticipantId, [u8; 4]), Vec<Vec<u8>>>);

impl Sink for Seen {
    fn run(&mut self, to: &Route, packets: &[u8], size: usize) {
        for packet in packets.chunks(size).filter(|packet| !is_control(packet)) {
            let ssrc = packet[8..12].try_into().unwrap();
            self.0.entry((to.participant, ssrc)).or_default().push(packet.to_vec());
        }
    }
}

/// A plane and its shards, as on one thread.
struct Plane {
    spread: Spread,
    shards: BTreeMap<usize, Shard>,
    outputs: Outputs,
    current: BTreeMap<(ParticipantId, usize), Option<u8>>,
    seen: Seen,
}

fn opening(receiver: u8) -> Box<Opening> {
    let receiver = person(receiver);
    let route = Route { participant: receiver, ..test_route() };
    Box::new(Opening { receiver, sealer: keys(false).sealer, route })
}

impl Plane {
    fn new(now: Instant, shards: usize) -> Self {
        let config = SpreadConfig { shards, own_receivers: 1, ..SpreadConfig::default() };
        Self {
            spread: Spread::new(config, now, UnixMillis::new(0)),
            shards: BTreeMap::new(),
            outputs: Outputs::new(),
            current: BTreeMap::new(),
            seen: Seen::default(),
        }
    }

    fn command(&mut self, now: Instant, command: Command) {
        self.spread.command(now, command, &mut self.outputs);
        self.carry_out(now);
    }

    fn open(&mut self, now: Instant, receiver: u8) {
        self.command(now, Command::Open(opening(receiver)));
        self.forget(receiver);
        for slot in 0..SLOTS {
            let setup = Box::new(setup(receiver, slot));
            self.command(now, Command::Stream(place(receiver, slot), setup));
        }
    }

    fn close(&mut self, now: Instant, receiver: u8) {
        self.command(now, Command::Close(person(receiver)));
        self.forget(receiver);
    }

    /// What is told of somebody who then goes depends on when.
    fn forget(&mut self, receiver: u8) {
        self.current.retain(|(of, _), _| *of != person(receiver));
    }

    fn packet(&mut self, now: Instant, sender: u8, passing: Passing) {
        self.spread.forward(now, track(sender), passing, &mut self.outputs);
        self.carry_out(now);
    }

    fn flush(&mut self, now: Instant) {
        self.spread.flush(now, &mut self.seen);
        for shard in self.shards.values_mut() {
            shard.flush(now, &mut self.seen);
        }
        self.carry_out(now);
    }

    fn carry_out(&mut self, now: Instant) {
        while let Some(output) = self.outputs.pop_front() {
            match output {
                Output::OpenShard(number, shard) => {
                    assert!(self.shards.insert(number, *shard).is_none());
                }
                Output::Shard(number, input) => {
                    self.shards.get_mut(&number).unwrap().handle(now, input);
                }
                Output::CloseShard(number) => {
                    self.shards.remove(&number).unwrap();
                }
                other => panic!("{other:?}"),
            }
        }
        let mut events: Vec<_> = std::iter::from_fn(|| self.spread.poll_event()).collect();
        for (number, shard) in &mut self.shards {
            while let Some(event) = shard.poll() {
                events.extend(self.spread.accept(*number, event));
            }
        }
        for event in events {
            if let Event::Current(Place { receiver, slot }, current) = event {
                self.current.insert((receiver, slot), current);
            }
        }
    }

    fn at_shards(&self) -> usize {
        self.spread.homes.values().filter(|home| matches!(home, Home::Shard(_))).count()
    }
}

#[derive(Clone, Debug)]
enum Act {
    Open(u8),
    Close(u8),
    Carry(u8, usize, u8),
    Drop(u8, usize),
    Packet(u8),
    Flush,
    Lose(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let (receiver, slot, sender) = (0..RECEIVERS, 0..SLOTS, 0..SENDERS);
    prop_oneof![
        2 => receiver.clone().prop_map(Act::Open),
        1 => receiver.clone().prop_map(Act::Close),
        4 => (receiver.clone(), slot.clone(), sender.clone()).prop_map(|(r, s, t)| Act::Carry(r, s, t)),
        2 => (receiver, slot).prop_map(|(r, s)| Act::Drop(r, s)),
        8 => sender.prop_map(Act::Packet),
        4 => Just(Act::Flush),
        1 => (0..SHARDS).prop_map(Act::Lose),
    ]
}

fn walk(acts: Vec<Act>, with_losses: bool) -> [Plane; 2] {
    let start = crate::test_start();
    let mut planes = [Plane::new(start, 0), Plane::new(start, SHARDS)];
    for (step, act) in (1_u64..).zip(acts) {
        let now = start + Duration::from_millis(step);
        for plane in &mut planes {
            match act {
                Act::Open(receiver) => plane.open(now, receiver),
                Act::Close(receiver) => plane.close(now, receiver),
                Act::Carry(receiver, slot, sender) => {
                    plane.command(now, Command::Carry(place(receiver, slot), track(sender)));
                }
                Act::Drop(receiver, slot) => {
                    plane.command(now, Command::Drop(place(receiver, slot)));
                }
                Act::Packet(sender) => plane.packet(now, sender, picture(now, step)),
                Act::Flush => plane.flush(now),
                Act::Lose(shard) if with_losses => {
                    for receiver in plane.spread.lose(now, shard) {
                        assert!(!plane.spread.homes.contains_key(&receiver));
                    }
                    plane.shards.remove(&shard);
                }
                Act::Lose(_) => {}
            }
        }
    }
    let end = start + Duration::from_secs(100);
    for plane in &mut planes {
        plane.flush(end);
        for receiver in 0..RECEIVERS {
            plane.command(end, Command::Close(person(receiver)));
        }
    }
    planes
}

proptest! {
    #[test]
    fn shards_send_the_same_bytes_as_one_forwarder_and_keep_nothing(
        acts in proptest::collection::vec(act(), 0..200),
    ) {
        let [alone, spread] = walk(acts, false);
        prop_assert_eq!(&alone.seen, &spread.seen);
        prop_assert_eq!(&alone.current, &spread.current);
        prop_assert!(spread.spread.is_empty() && spread.shards.is_empty());
        prop_assert!(alone.spread.own.is_empty());
    }

    #[test]
    fn lost_shards_leave_nothing_behind(acts in proptest::collection::vec(act(), 0..200)) {
        let [_, spread] = walk(acts, true);
        prop_assert!(spread.spread.is_empty() && spread.shards.is_empty());
    }
}

#[test]
fn the_first_stay_the_others_are_shared_out_and_a_shard_without_receivers_is_closed() {
    let now = crate::test_start();
    let mut plane = Plane::new(now, SHARDS);
    plane.open(now, 1);
    assert_eq!((plane.at_shards(), plane.shards.len()), (0, 0));
    for receiver in 2..=5 {
        plane.open(now, receiver);
    }
    assert_eq!((plane.at_shards(), plane.shards.len()), (4, 2));
    // As many everywhere, but for the room itself, which has more to do.
    for receiver in 6..=9 {
        plane.open(now, receiver);
    }
    assert_eq!(plane.at_shards(), 7);
    for receiver in 2..=9 {
        plane.command(now, Command::Close(person(receiver)));
    }
    assert_eq!((plane.at_shards(), plane.shards.len()), (0, 0));
}

#[test]
fn who_comes_by_a_way_that_is_bound_to_the_room_stays_there() {
    let now = crate::test_start();
    let mut plane = Plane::new(now, SHARDS);
    for receiver in 1..=4 {
        let mut opening = opening(receiver);
        opening.route.transport = crate::io::Transport::Tcp;
        plane.command(now, Command::Open(opening));
    }
    assert_eq!(plane.at_shards(), 0);
}

#[test]
fn a_lost_shard_is_left_alone_for_a_while() {
    let now = crate::test_start();
    let mut plane = Plane::new(now, 1);
    plane.open(now, 1);
    plane.open(now, 2);
    assert_eq!(plane.spread.lose(now, 0), [person(2)]);
    plane.shards.clear();
    plane.open(now, 2);
    assert_eq!(plane.at_shards(), 0);
    plane.open(now + LOST_FOR, 3);
    assert_eq!((plane.at_shards(), plane.shards.len()), (1, 1));
}

#[test]
fn what_a_shard_tells_of_an_earlier_opening_is_not_heard() {
    let now = crate::test_start();
    let mut plane = Plane::new(now, 1);
    plane.open(now, 1);
    plane.open(now, 2);
    let failed = || ShardEvent(FromShard::Event(Event::Failed(person(2))));
    assert!(plane.spread.accept(0, failed()).is_some());
    // Another opening, of which the shard does not know yet.
    plane.open(now, 3);
    let mut outputs = Outputs::new();
    plane.spread.command(now, Command::Open(opening(2)), &mut outputs);
    assert!(plane.spread.accept(0, failed()).is_none());
    let stale = FromShard::Opened(person(2), 1);
    assert!(plane.spread.accept(0, ShardEvent(stale)).is_none());
    assert!(plane.spread.accept(0, failed()).is_none());
    plane.outputs = outputs;
    plane.carry_out(now);
    assert!(plane.spread.accept(0, failed()).is_some());
    assert!(plane.spread.accept(1, failed()).is_none());
}
