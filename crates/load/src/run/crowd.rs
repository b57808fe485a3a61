//! Everybody in a run: they join, some at a time, and come and go if the
//! scenario says so.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use tokio::time::{Instant, sleep, sleep_until};

use crate::engine::Engine;
use crate::histogram::Histogram;
use crate::peer::{Slots, TrackPlan};
use crate::scenario::{Choice, Rush, Scenario};
use crate::target::{Member, Person, Target};

/// Joins under way at once.
const AT_ONCE: usize = 8;
/// How often people come in a rush: as many as are due by then.
const RUSH_EVERY: Duration = Duration::from_millis(10);

pub(super) struct Crowd<'a> {
    scenario: &'a Scenario,
    engines: &'a [Arc<Engine>],
    target: &'a Target,
    senders: Vec<Member>,
    watchers: VecDeque<Member>,
    /// Of a rush.
    passing: VecDeque<Member>,
    /// Of those who have left.
    gone: Histogram,
    joined: usize,
}

impl<'a> Crowd<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        engines: &'a [Arc<Engine>],
        target: &'a Target,
    ) -> Self {
        Self {
            scenario,
            engines,
            target,
            senders: Vec::new(),
            watchers: VecDeque::new(),
            passing: VecDeque::new(),
            gone: Histogram::default(),
            joined: 0,
        }
    }

    /// First those who send, one room after the other, then those who watch.
    pub(super) async fn fill(&mut self) -> anyhow::Result<()> {
        let each = |count: usize| {
            let rooms = 0..self.scenario.rooms;
            rooms.flat_map(move |room| (0..count).map(move |_| room)).collect::<Vec<_>>()
        };
        let (senders, watchers) = (each(self.scenario.senders), each(self.scenario.watchers));
        let senders: Vec<_> = senders.into_iter().map(|room| self.sender(room)).collect();
        self.senders = self.join(senders).await?;
        let watchers: Vec<_> = watchers.into_iter().map(|room| self.watcher(room)).collect();
        self.watchers = self.join(watchers).await?.into();
        let people = self.scenario.rush.map_or(0, |rush| rush.people);
        let passing: Vec<_> = (0..people).map(|_| self.passer()).collect();
        self.passing = self.join(passing).await?.into();
        Ok(())
    }

    /// Lets time pass; how many joined in a rush meanwhile.
    pub(super) async fn live(&mut self, time: Duration) -> anyhow::Result<usize> {
        match self.scenario.rush {
            Some(rush) => self.live_in(rush, time).await,
            None => self.live_quietly(time).await.map(|()| 0),
        }
    }

    async fn live_quietly(&mut self, time: Duration) -> anyhow::Result<()> {
        let (began, mut changes) = (Instant::now(), 0.0);
        let end = began + time;
        loop {
            changes += 1.0;
            let rate = self.scenario.changes_per_second;
            let next = Duration::try_from_secs_f64(changes / rate).map_or(end, |at| began + at);
            sleep_until(next.min(end)).await;
            if next >= end {
                return Ok(());
            }
            self.change().await?;
        }
    }

    /// Some come at once, as many of them as have been due since the last came.
    async fn live_in(&mut self, rush: Rush, time: Duration) -> anyhow::Result<usize> {
        let (began, mut joined) = (Instant::now(), 0);
        while began.elapsed() < time {
            let due = (began.elapsed().as_secs_f64() * rush.joins_per_second) as usize;
            let coming = due.saturating_sub(joined).min(rush.people);
            let going: Vec<_> = self.passing.drain(..coming.min(self.passing.len())).collect();
            for member in going {
                member.leave().await;
            }
            let people: Vec<_> = (0..coming).map(|_| self.passer()).collect();
            let come = self.join(people).await?;
            self.passing.extend(come);
            joined += coming;
            sleep(RUSH_EVERY).await;
        }
        Ok(joined)
    }

    /// From asking to join to the first packet, of all who watch or watched.
    pub(super) async fn first_packets(&self) -> Histogram {
        let mut times = self.gone.clone();
        for member in self.watchers.iter().chain(&self.senders) {
            if let Some(time) = member.time_to_first_packet().await {
                times.note(time);
            }
        }
        times
    }

    /// Who has watched for longest goes, and somebody comes.
    async fn change(&mut self) -> anyhow::Result<()> {
        if let Some(member) = self.watchers.pop_front() {
            if let Some(time) = member.time_to_first_packet().await {
                self.gone.note(time);
            }
            member.leave().await;
        }
        let rooms = self.scenario.rooms;
        let watcher = self.watcher(self.joined % rooms);
        let member = self.join(vec![watcher]).await?;
        self.watchers.extend(member);
        Ok(())
    }

    async fn join(&self, people: Vec<Person>) -> anyhow::Result<Vec<Member>> {
        let joins = people.into_iter().map(|person| {
            let engine = &self.engines[person.number % self.engines.len()];
            self.target.join(engine, person)
        });
        stream::iter(joins).buffered(AT_ONCE).try_collect().await
    }

    fn sender(&mut self, room: usize) -> Person {
        let camera = self.scenario.camera.clone().map(TrackPlan::Camera);
        let microphone = self.scenario.has_microphone.then_some(TrackPlan::Microphone);
        Person {
            plans: camera.into_iter().chain(microphone).collect(),
            receives: match self.scenario.choice {
                None => self.tracks_of(self.scenario.senders.saturating_sub(1)),
                Some(_) => Slots::default(),
            },
            network: None,
            // Where others choose, those who send watch nobody.
            choice: self.scenario.choice.map(|choice| Choice { cameras: 0, ..choice }),
            ..self.watcher(room)
        }
    }

    fn watcher(&mut self, room: usize) -> Person {
        self.joined += 1;
        let all = self.tracks_of(self.scenario.senders);
        Person {
            room,
            number: self.joined,
            plans: Vec::new(),
            receives: Slots {
                video: self.scenario.choice.map_or(all.video, |choice| choice.cameras),
                ..all
            },
            choice: self.scenario.choice,
            network: self.scenario.network,
            sends_all_sizes: self.scenario.sends_all_sizes,
        }
    }

    /// Somebody of a rush: connected like others, to hear nobody.
    fn passer(&mut self) -> Person {
        let rooms = self.scenario.rush.map_or(1, |rush| rush.rooms);
        let room = self.scenario.rooms + self.joined % rooms;
        let receives = Slots { audio: 1, video: 1 };
        Person { receives, choice: None, ..self.watcher(room) }
    }

    fn tracks_of(&self, senders: usize) -> Slots {
        Slots {
            audio: if self.scenario.has_microphone { senders } else { 0 },
            video: if self.scenario.camera.is_some() { senders } else { 0 },
        }
    }
}
