//! What happens in a run, as data: who is in how many rooms, what they send,
//! what their network is like. The named ones are the files in `scenarios/`.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;

use crate::link::Network;

/// The named scenarios, compiled in.
const NAMED: [(&str, &str); 11] = [
    ("webinar-20", include_str!("../scenarios/webinar-20.toml")),
    ("webinar-100", include_str!("../scenarios/webinar-100.toml")),
    ("webinar-1000", include_str!("../scenarios/webinar-1000.toml")),
    ("large-room", include_str!("../scenarios/large-room.toml")),
    ("meeting", include_str!("../scenarios/meeting.toml")),
    ("audio", include_str!("../scenarios/audio.toml")),
    ("churn", include_str!("../scenarios/churn.toml")),
    ("rush", include_str!("../scenarios/rush.toml")),
    ("bad-network", include_str!("../scenarios/bad-network.toml")),
    ("idle", include_str!("../scenarios/idle.toml")),
    ("senders", include_str!("../scenarios/senders.toml")),
];

/// What happens in a run.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// For the report; the file's name.
    #[serde(skip)]
    pub name: String,
    /// One sentence for people.
    pub about: String,
    /// How many rooms there are.
    #[serde(default = "one")]
    pub rooms: usize,
    /// Those in each room who send, and receive the others.
    pub senders: usize,
    /// Those in each room who only receive.
    pub watchers: usize,
    /// What each sender's camera sends.
    #[serde(default)]
    pub camera: Option<Camera>,
    /// Whether each sender speaks: an Opus packet every 20 ms.
    #[serde(default)]
    pub has_microphone: bool,
    /// Whether senders send all sizes of their cameras, also those that the
    /// server says nobody watches.
    #[serde(default)]
    pub sends_all_sizes: bool,
    /// How many cameras each watcher subscribes to, and how much of them; none:
    /// to everything. LiveKit's adapter cannot choose.
    #[serde(default)]
    pub choice: Option<Choice>,
    /// Every watcher's network; none: loopback as it is.
    #[serde(default)]
    pub network: Option<Network>,
    /// Watchers that leave each second, each with one who comes.
    #[serde(default)]
    pub changes_per_second: f64,
    /// Others who come and go meanwhile, in rooms of their own.
    #[serde(default)]
    pub rush: Option<Rush>,
    /// How long senders take from 30 frames a second to all of theirs, once
    /// everybody is there: estimates of bandwidth have to follow.
    #[serde(default)]
    pub ramp_secs: u64,
    /// Between that and the measurement.
    #[serde(default = "three")]
    pub settle_secs: u64,
}

/// What a watcher chooses, as an application with pages does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// How many cameras.
    pub cameras: usize,
    /// The best size of them, from 0; ours alone takes such a wish.
    pub max_layer: u8,
}

/// Joins beside the calls that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rush {
    /// Rooms that they are spread over; nobody sends there.
    pub rooms: usize,
    /// How many of them are there at a time.
    pub people: usize,
    /// Joins each second while it is measured, each with one who leaves.
    pub joins_per_second: f64,
}

/// What a camera sends.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Camera {
    /// One stream of packets of 1,200 bytes in bursts of four and five, as a
    /// 720p camera makes them, as many a second.
    Packets {
        /// How many; the frame rate follows.
        packets_per_second: u32,
    },
    /// Simulcast at 30 frames a second, the smallest first.
    Encodings {
        /// Each encoding.
        encodings: Vec<Encoding>,
    },
}

/// One of several sizes of a camera.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encoding {
    /// Its name.
    pub rid: String,
    /// Its rate.
    pub kbits: u32,
}

impl Scenario {
    /// A named one, or one from a file.
    ///
    /// # Errors
    ///
    /// When it is neither, or the file is no scenario.
    pub fn load(name: &str) -> anyhow::Result<Self> {
        let named = NAMED.iter().find(|(known, _)| *known == name);
        let text = match named {
            Some((_, text)) => (*text).to_owned(),
            None => std::fs::read_to_string(name).with_context(|| {
                let names: Vec<_> = NAMED.iter().map(|(name, _)| *name).collect();
                format!("'{name}' is no file and none of {}", names.join(", "))
            })?,
        };
        let mut scenario: Self = toml::from_str(&text).with_context(|| format!("in '{name}'"))?;
        let stem = Path::new(name).file_stem().unwrap_or_default();
        scenario.name = stem.to_string_lossy().into_owned();
        Ok(scenario)
    }

    /// All that have a name.
    pub fn named() -> impl Iterator<Item = &'static str> {
        NAMED.iter().map(|(name, _)| *name)
    }

    /// All rooms there are.
    #[must_use]
    pub fn all_rooms(&self) -> usize {
        self.rooms + self.rush.map_or(0, |rush| rush.rooms)
    }

    /// Everybody in all rooms.
    #[must_use]
    pub fn people(&self) -> usize {
        let passing = self.rush.map_or(0, |rush| rush.people);
        self.rooms * (self.senders + self.watchers) + passing
    }

    /// Connections over which somebody else's media should come.
    #[must_use]
    pub fn receivers(&self) -> usize {
        let sends = self.camera.is_some() || self.has_microphone;
        let each = match (sends, self.senders) {
            (false, _) | (_, 0) => 0,
            (true, 1) => self.watchers,
            _ if self.choice.is_some() => self.watchers,
            (true, senders) => senders + self.watchers,
        };
        self.rooms * each
    }

    /// Of those, how many may have come so lately that nothing came to them yet.
    #[must_use]
    pub fn newcomers(&self) -> usize {
        self.changes_per_second.ceil() as usize
    }

    /// See [`Self::settle_secs`].
    #[must_use]
    pub fn settling(&self) -> Duration {
        Duration::from_secs(self.ramp_secs + self.settle_secs)
    }
}

fn one() -> usize {
    1
}

fn three() -> u64 {
    3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_scenario_can_be_read() {
        for name in Scenario::named() {
            let scenario = Scenario::load(name).unwrap();
            assert_eq!(scenario.name, name);
            assert!(scenario.people() > 0);
        }
    }

    #[test]
    fn the_webinars_of_the_table_deliver_fifty_thousand_packets() {
        for name in ["webinar-20", "webinar-100", "webinar-1000"] {
            let scenario = Scenario::load(name).unwrap();
            let Some(Camera::Packets { packets_per_second }) = scenario.camera else {
                panic!("{name} has another camera");
            };
            let delivered = packets_per_second as usize * scenario.watchers;
            assert!((50_000..56_000).contains(&delivered), "{name}: {delivered}");
        }
    }
}
