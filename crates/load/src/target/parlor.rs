//! Our server, over its public surface: `POST /v1/rooms`, `POST /_parlor/join`,
//! the call socket. `parlor serve`, since a room of `dev` ends at 200 people.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use parlor_model::call::{
    ClientMessage, PING_INTERVAL_MS, SendTransceiver, SubscriptionWish, TrackSource, TrackState,
    TrackWish, VideoWish,
};
use parlor_model::id::ParticipantId;
use parlor_model::join::JoinRequest;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::{interval, timeout};

use super::process::{Process, command, folder, free_port, http_client, write};
use super::socket::{Frame, PATIENCE, Socket};
use super::{Member, Person, Place};
use crate::engine::{Engine, PeerId};
use crate::peer::{Offer, Peer, Slots, TrackPlan};
use crate::scenario::Choice;

/// More than any scenario has.
const MOST_PEOPLE: u32 = 5_000;

pub(super) struct Parlor {
    http: reqwest::Client,
    origin: String,
}

const PING_EVERY: Duration = Duration::from_millis(PING_INTERVAL_MS as u64);
/// How a message about somebody else begins.
const OTHERS: &str = "{\"type\":\"participant_";

/// As much of the answer to a join as a client needs that neither shows nor
/// decides anything. The server may be of another commit than this client, so
/// nothing else of what it says is looked at; the same goes for [`Said`].
#[derive(Deserialize)]
struct Admitted {
    call_url: String,
    ticket: String,
}

/// As much of somebody who is in the room.
#[derive(Deserialize)]
struct Other {
    id: ParticipantId,
    #[serde(default)]
    tracks: BTreeMap<String, Value>,
}

/// As much of a message of the room. Most tell of others.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
enum Said {
    Welcome {
        participants: Vec<Other>,
    },
    Answer {
        sdp: String,
    },
    SlotsWanted {
        audio: usize,
        video: usize,
    },
    LayersWanted {
        rids: Vec<String>,
    },
    Refused {
        reason: Value,
    },
    Removed {
        reason: Value,
    },
    #[serde(other)]
    SomethingElse,
}

impl Parlor {
    pub(super) async fn start(
        binary: &Path,
        place: Place,
        rooms: usize,
    ) -> anyhow::Result<(Process, Self)> {
        let folder = folder()?;
        let (http_port, udp_port) = (free_port(place.ip)?, free_port(place.ip)?);
        let origin = format!("http://127.0.0.1:{http_port}");
        let config = format!(
            "listen = \"127.0.0.1:{http_port}\"\ndata = \"{}\"\n\
             [media]\nudp_port = {udp_port}\nips = [\"{}\"]\n{}\
             [limits]\nmax_participants = {MOST_PEOPLE}\n\
             [rate_limits]\nenabled = false\n[log]\nlevel = \"warn\"\n",
            folder.path().join("data").display(),
            place.ip,
            place.threads.map_or(String::new(), |threads| format!("threads = {threads}\n")),
        );
        write(folder.path(), "parlor.toml", &config)?;
        let file = folder.path().join("parlor.toml");
        let key = api_key(binary, &file)?;
        let mut program = command(binary);
        program.args(["serve", "--config"]).arg(&file);
        let mut process = Process::start(&mut program, folder)?;
        let http = http_client()?;
        let health = format!("{origin}/healthz");
        process
            .until(|| async {
                http.get(&health).send().await.is_ok_and(|it| it.status().is_success())
            })
            .await?;
        for room in 0..rooms {
            let properties = json!({ "max_participants": MOST_PEOPLE });
            let body = json!({ "name": room_name(room), "properties": properties });
            let request =
                http.post(format!("{origin}/v1/rooms")).bearer_auth(&key).body(body.to_string());
            let answer = request.send().await.context("the server does not answer")?;
            if !answer.status().is_success() {
                bail!("POST /v1/rooms: {}", answer.text().await.unwrap_or_default());
            }
        }
        Ok((process, Self { http, origin }))
    }

    pub(super) async fn join(
        &self,
        member: &mut Member,
        place: Place,
        person: Person,
    ) -> anyhow::Result<()> {
        let answer = self.ask(&person).await?;
        let url = format!("{}{}", self.origin.replacen("http", "ws", 1), answer.call_url);
        let mut socket = Socket::open(&url, None).await?;
        say(&mut socket, &ClientMessage::Hello { ticket: answer.ticket, user_data: None }).await?;
        let peer = person.peer(place)?;
        let peer = member.engine.add(peer).await?;
        member.peers.push(peer);
        let mut call = Call {
            socket,
            engine: Arc::clone(&member.engine),
            peer,
            // As a browser's first offer: it has one of each, whatever comes.
            slots: Slots {
                audio: person.receives.audio.max(1),
                video: person.receives.video.max(1),
            },
            person,
            leave: Arc::clone(&member.leave),
        };
        let answered = timeout(PATIENCE, call.until_answered()).await;
        answered.context("the room does not answer")??;
        member.keep(call.run());
        Ok(())
    }

    async fn ask(&self, person: &Person) -> anyhow::Result<Admitted> {
        let request = JoinRequest {
            room: room_name(person.room),
            user_name: Some(format!("load {}", person.number)),
            ..JoinRequest::default()
        };
        let url = format!("{}/_parlor/join", self.origin);
        let body = serde_json::to_string(&request).context("requests serialise")?;
        let answer = self.http.post(url).body(body).send().await;
        let answer = answer.context("the server does not answer")?;
        let is_success = answer.status().is_success();
        let text = answer.text().await.context("the server breaks off")?;
        if !is_success {
            bail!("POST /_parlor/join: {text}");
        }
        serde_json::from_str(&text).context("no answer to a join")
    }
}

/// One participant's call socket.
struct Call {
    socket: Socket,
    engine: Arc<Engine>,
    peer: PeerId,
    person: Person,
    slots: Slots,
    leave: Arc<Notify>,
}

impl Call {
    /// Until the first offer is answered.
    async fn until_answered(&mut self) -> anyhow::Result<()> {
        let mut ping = interval(PING_EVERY);
        loop {
            tokio::select! {
                frame = self.socket.next() => {
                    if let Frame::Text(text) = frame?
                        && self.take(&text).await?
                    {
                        return Ok(());
                    }
                }
                _ = ping.tick() => say(&mut self.socket, &ClientMessage::Ping).await?,
            }
        }
    }

    async fn run(mut self) -> anyhow::Result<()> {
        let mut ping = interval(PING_EVERY);
        loop {
            tokio::select! {
                frame = self.socket.next() => {
                    if let Frame::Text(text) = frame? {
                        self.take(&text).await?;
                    }
                }
                _ = ping.tick() => say(&mut self.socket, &ClientMessage::Ping).await?,
                () = self.leave.notified() => {
                    say(&mut self.socket, &ClientMessage::Leave).await?;
                    self.socket.close().await;
                    return Ok(());
                }
            }
        }
    }

    /// Takes a message; `true`: it was an answer.
    async fn take(&mut self, text: &str) -> anyhow::Result<bool> {
        // In a large room nearly all are of these, and reading them whole would
        // be most of the client's work while people join.
        if text.starts_with(OTHERS) {
            return Ok(false);
        }
        match serde_json::from_str(text).context("no message that is known")? {
            Said::Welcome { participants } => self.enter(&participants).await?,
            Said::Answer { sdp } => {
                let taken = self.engine.with(self.peer, move |peer, _| peer.take_answer(&sdp));
                taken.await.context("the peer is gone")??;
                // More slots may have been asked for in the meantime.
                self.offer(Vec::new()).await?;
                return Ok(true);
            }
            Said::SlotsWanted { audio, video } => {
                self.slots.audio = self.slots.audio.max(audio);
                self.slots.video = self.slots.video.max(video);
                self.offer(Vec::new()).await?;
            }
            Said::LayersWanted { rids } => {
                let act = move |peer: &mut Peer, now| peer.want_only(now, &rids);
                self.engine.with(self.peer, act).await;
            }
            Said::Refused { reason } => bail!("the room refused: {reason}"),
            Said::Removed { reason } => bail!("the room removed: {reason}"),
            Said::SomethingElse => {}
        }
        Ok(false)
    }

    async fn enter(&mut self, others: &[Other]) -> anyhow::Result<()> {
        if let Some(choice) = self.person.choice {
            self.choose(choice, others).await?;
        }
        for plan in &self.person.plans {
            let (source, state) = (source(plan), TrackState::Sending);
            say(&mut self.socket, &ClientMessage::Publish { source, state }).await?;
        }
        self.offer(self.person.plans.clone()).await
    }

    /// Subscribes to some cameras alone, and to no more of them than is wanted.
    async fn choose(&mut self, choice: Choice, others: &[Other]) -> anyhow::Result<()> {
        let cameras = others.iter().filter(|other| other.tracks.contains_key("cam-video"));
        let cameras: Vec<_> = cameras.map(|other| other.id).collect();
        let wish = |others| SubscriptionWish { tracks: BTreeMap::new(), others };
        let chosen = self.person.chosen(&cameras).into_iter();
        let subscriptions = ClientMessage::SetSubscriptions {
            base: Some(wish(TrackWish::None)),
            participants: chosen.map(|id| (id, Some(wish(TrackWish::Full)))).collect(),
        };
        say(&mut self.socket, &subscriptions).await?;
        let best = VideoWish { max_layer: Some(choice.max_layer), ..VideoWish::default() };
        let participants = BTreeMap::new();
        let wishes = ClientMessage::SetVideoWishes { base: Some(best), participants };
        say(&mut self.socket, &wishes).await
    }

    /// Offers what is new, if anything is.
    async fn offer(&mut self, new: Vec<TrackPlan>) -> anyhow::Result<()> {
        let slots = self.slots;
        let offered = self.engine.with(self.peer, move |peer, now| peer.offer(now, &new, slots));
        let Some(Offer { sdp, sends, slots }) = offered.await.flatten() else {
            return Ok(());
        };
        let sends = sends.iter().zip(&self.person.plans);
        let sends =
            sends.map(|(mid, plan)| SendTransceiver { mid: mid.to_string(), source: source(plan) });
        let message = ClientMessage::Offer {
            sdp,
            sends: sends.collect(),
            slots: slots.iter().map(ToString::to_string).collect(),
        };
        say(&mut self.socket, &message).await
    }
}

async fn say(socket: &mut Socket, message: &ClientMessage) -> anyhow::Result<()> {
    socket.say_text(serde_json::to_string(message).context("messages serialise")?).await
}

fn source(plan: &TrackPlan) -> TrackSource {
    match plan {
        TrackPlan::Microphone => TrackSource::CamAudio,
        TrackPlan::Camera(_) => TrackSource::CamVideo,
    }
}

fn room_name(room: usize) -> String {
    format!("load-{room}")
}

/// Has the binary make a key on its data folder, before it serves it.
fn api_key(binary: &Path, config: &Path) -> anyhow::Result<String> {
    let mut program = command(binary);
    program.args(["api-key", "create", "load", "--config"]).arg(config);
    let output = program.output().with_context(|| format!("cannot start {}", binary.display()))?;
    if !output.status.success() {
        bail!("no API key: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
