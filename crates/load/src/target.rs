//! Servers under load: their process, and how somebody joins a call on them.

mod janus;
mod livekit;
mod parlor;
mod process;
mod proto;
mod socket;

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::bail;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::engine::{Engine, PeerId};
use crate::link::Network;
use crate::peer::{Peer, Slots, Stamp, TrackPlan};
use crate::scenario::Choice;
use process::Process;

/// How long a goodbye may take.
const LEAVES_WITHIN: Duration = Duration::from_secs(3);

/// How long a connection may take where one has to wait for it.
const CONNECTS_WITHIN: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Which server, and what the report calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The report's name for it.
    pub label: String,
    /// What it is.
    pub kind: Kind,
}

/// The kinds of servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Ours: this binary, of whatever commit.
    Parlor(PathBuf),
    /// The video room of Debian's Janus.
    Janus(PathBuf),
    /// A LiveKit server: this binary.
    LiveKit(PathBuf),
}

impl FromStr for Spec {
    type Err = anyhow::Error;

    /// `ours=PATH` and any other name: our binary. `janus` and `janus=PATH`,
    /// `livekit=PATH`: those; with a number after the name there may be several.
    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (label, path) = text.split_once('=').unwrap_or((text, ""));
        if label.is_empty() {
            bail!("'{text}' should be like ours=target/release/parlor");
        }
        let is = |name: &str| label.trim_end_matches(|c: char| c.is_ascii_digit()) == name;
        let kind = match path {
            "" if is("janus") => Kind::Janus(PathBuf::from("janus")),
            "" => bail!("'{text}' names no binary: it should be like {label}=PATH"),
            path if is("janus") => Kind::Janus(PathBuf::from(path)),
            path if is("livekit") => Kind::LiveKit(PathBuf::from(path)),
            path => Kind::Parlor(PathBuf::from(path)),
        };
        Ok(Self { label: label.to_owned(), kind })
    }
}

/// Where everything happens.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The one address of servers and clients; it is this machine's.
    pub ip: IpAddr,
    /// The clock of the stamps in packets.
    pub stamp: Stamp,
    /// Media threads of our server; none: as many as it takes by itself.
    pub threads: Option<usize>,
}

/// Somebody who is to join.
#[derive(Clone, Debug)]
pub struct Person {
    /// In which room, from 0.
    pub room: usize,
    /// Unlike everybody else's.
    pub number: usize,
    /// What they send.
    pub plans: Vec<TrackPlan>,
    /// How many tracks of others they should receive.
    pub receives: Slots,
    /// Their network, if it is a bad one.
    pub network: Option<Network>,
    /// See [`crate::scenario::Scenario::sends_all_sizes`].
    pub sends_all_sizes: bool,
    /// See [`crate::scenario::Scenario::choice`].
    pub choice: Option<Choice>,
}

impl Person {
    /// Those of all cameras that they watch: each camera is watched by about as
    /// many people.
    fn chosen<T: Clone>(&self, all: &[T]) -> Vec<T> {
        let wanted = self.choice.map_or(all.len(), |choice| choice.cameras.min(all.len()));
        all.iter().cycle().skip(self.number % all.len().max(1)).take(wanted).cloned().collect()
    }

    /// A connection for them.
    fn peer(&self, place: Place) -> anyhow::Result<Peer> {
        let network = self.network.map(|network| (network, self.number as u64));
        let mut peer = Peer::bind(place.ip, network, place.stamp)?;
        if self.sends_all_sizes {
            peer.send_all_sizes();
        }
        Ok(peer)
    }
}

/// A running server.
pub struct Target {
    process: Process,
    calls: Calls,
    troubles: Troubles,
    place: Place,
}

enum Calls {
    Parlor(parlor::Parlor),
    Janus(janus::Janus),
    LiveKit(livekit::LiveKit),
}

/// What went wrong in signalling, for the report.
#[derive(Clone, Debug, Default)]
pub struct Troubles(Arc<Mutex<Vec<String>>>);

/// Most that are kept.
const MOST_TROUBLES: usize = 20;

impl Troubles {
    fn note(&self, trouble: &anyhow::Error) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < MOST_TROUBLES {
            kept.push(format!("{trouble:#}"));
        }
    }

    /// All so far.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Target {
    /// Starts the server on a folder of its own and makes as many rooms.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub async fn start(spec: &Spec, place: Place, rooms: usize) -> anyhow::Result<Self> {
        let (process, calls) = match &spec.kind {
            Kind::Parlor(binary) => {
                let (process, parlor) = parlor::Parlor::start(binary, place, rooms).await?;
                (process, Calls::Parlor(parlor))
            }
            Kind::Janus(binary) => {
                let (process, janus) = janus::Janus::start(binary, place, rooms).await?;
                (process, Calls::Janus(janus))
            }
            Kind::LiveKit(binary) => {
                let (process, livekit) = livekit::LiveKit::start(binary, place).await?;
                (process, Calls::LiveKit(livekit))
            }
        };
        Ok(Self { process, calls, troubles: Troubles::default(), place })
    }

    /// The number of its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// What went wrong in signalling so far.
    #[must_use]
    pub fn troubles(&self) -> Vec<String> {
        self.troubles.all()
    }

    /// Somebody joins; returns once everything is agreed on. Media may take a
    /// moment longer.
    ///
    /// # Errors
    ///
    /// When the server refuses or says something that is not understood.
    pub async fn join(&self, engine: &Arc<Engine>, person: Person) -> anyhow::Result<Member> {
        let mut member = Member {
            engine: Arc::clone(engine),
            peers: Vec::new(),
            asked_at: Instant::now(),
            leave: Arc::new(Notify::new()),
            tasks: JoinSet::new(),
            troubles: self.troubles.clone(),
        };
        match &self.calls {
            Calls::Parlor(parlor) => parlor.join(&mut member, self.place, person).await?,
            Calls::Janus(janus) => janus.join(&mut member, self.place, person).await?,
            Calls::LiveKit(livekit) => livekit.join(&mut member, self.place, person).await?,
        }
        Ok(member)
    }
}

/// Somebody who has joined.
pub struct Member {
    engine: Arc<Engine>,
    peers: Vec<PeerId>,
    /// When they asked to join.
    pub asked_at: Instant,
    leave: Arc<Notify>,
    tasks: JoinSet<()>,
    troubles: Troubles,
}

impl Member {
    /// Their connections: one, or one to send and one to receive with.
    #[must_use]
    pub fn peers(&self) -> &[PeerId] {
        &self.peers
    }

    /// Who moves their datagrams.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// From asking to join to the first packet of anybody; `None`: none came.
    pub async fn time_to_first_packet(&self) -> Option<Duration> {
        let mut first = None;
        for peer in &self.peers {
            let at = self.engine.with(*peer, |peer, _| peer.first_packet_at()).await.flatten();
            first = first.into_iter().chain(at).min();
        }
        first.map(|at: Instant| at.saturating_duration_since(self.asked_at))
    }

    /// Says goodbye and closes everything.
    pub async fn leave(mut self) {
        self.leave.notify_waiters();
        self.leave.notify_one();
        // One that does not end by itself is ended.
        drop(timeout(LEAVES_WITHIN, self.tasks.join_next()).await);
        self.close();
    }

    async fn until_connected(&self, peer: PeerId) -> anyhow::Result<()> {
        let until = Instant::now() + CONNECTS_WITHIN;
        while self.engine.with(peer, |peer, _| peer.is_connected()).await == Some(false) {
            if Instant::now() > until {
                bail!("a publisher is not connected after {CONNECTS_WITHIN:?}");
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    fn close(&self) {
        self.peers.iter().for_each(|peer| self.engine.remove(*peer));
    }

    /// Runs the signalling until it ends or they leave.
    fn keep(&mut self, signalling: impl Future<Output = anyhow::Result<()>> + Send + 'static) {
        let troubles = self.troubles.clone();
        self.tasks.spawn(async move {
            if let Err(trouble) = signalling.await {
                troubles.note(&trouble);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_named_with_their_binaries() {
        let spec = |text: &str| text.parse::<Spec>().map(|spec| spec.kind);
        assert_eq!(spec("ours=a/b").unwrap(), Kind::Parlor("a/b".into()));
        assert_eq!(spec("before=c").unwrap(), Kind::Parlor("c".into()));
        assert_eq!(spec("janus").unwrap(), Kind::Janus("janus".into()));
        assert_eq!(spec("livekit2=l").unwrap(), Kind::LiveKit("l".into()));
        assert!(spec("ours").unwrap_err().to_string().contains("ours=PATH"));
        assert!(spec("=x").is_err());
    }
}
