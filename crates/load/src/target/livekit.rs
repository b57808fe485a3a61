//! A LiveKit server, over its signalling WebSocket. A participant has two
//! connections: one that it offers, to publish, and one that the server offers,
//! to receive. Those who only receive have the second alone.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::interval;

use super::process::{Process, command, folder, free_port, http_client, write};
use super::proto::{self, Writer};
use super::socket::{Frame, Socket};
use super::{Member, Person, Place};
use crate::engine::{Engine, PeerId};
use crate::peer::{Slots, TrackPlan};
use crate::scenario::Camera;

/// Both sides know it; the server lives for one run, on this machine.
const KEY: (&str, &str) = ("load", "a secret of at least thirty-two bytes, for loads");
/// Version of the signalling: two connections, the receiving one first.
const PROTOCOL: u32 = 9;
const PING_EVERY: Duration = Duration::from_secs(5);
const TOKEN_SECONDS: u64 = 3600;
/// `SignalTarget` of the connection that the server offers.
const SUBSCRIBER: u64 = 1;

/// Fields of `SignalRequest`.
mod request {
    pub(super) const OFFER: u8 = 1;
    pub(super) const ANSWER: u8 = 2;
    pub(super) const ADD_TRACK: u8 = 4;
    pub(super) const LEAVE: u8 = 8;
    pub(super) const PING: u8 = 14;
}

/// Fields of `SignalResponse`.
mod response {
    pub(super) const JOIN: u64 = 1;
    pub(super) const ANSWER: u64 = 2;
    pub(super) const OFFER: u64 = 3;
    pub(super) const TRICKLE: u64 = 4;
    pub(super) const TRACK_PUBLISHED: u64 = 6;
    pub(super) const LEAVE: u64 = 8;
}

pub(super) struct LiveKit {
    url: String,
}

impl LiveKit {
    pub(super) async fn start(binary: &Path, place: Place) -> anyhow::Result<(Process, Self)> {
        let folder = folder()?;
        let (port, tcp_port) = (free_port(place.ip)?, free_port(place.ip)?);
        let config = format!(
            "port: {port}\nbind_addresses: [\"127.0.0.1\"]\nlogging:\n  level: error\n\
             keys:\n  {}: \"{}\"\nrtc:\n  port_range_start: 20000\n  port_range_end: 59999\n  \
             tcp_port: {tcp_port}\n  use_external_ip: false\n  node_ip: {}\n  \
             use_ice_lite: true\n  enable_loopback_candidate: {}\n",
            KEY.0,
            KEY.1,
            place.ip,
            place.ip.is_loopback(),
        );
        write(folder.path(), "livekit.yaml", &config)?;
        let mut program = command(binary);
        program.arg("--config").arg(folder.path().join("livekit.yaml"));
        let mut process = Process::start(&mut program, folder)?;
        let http = http_client()?;
        let health = format!("http://127.0.0.1:{port}/");
        process.until(|| async { http.get(&health).send().await.is_ok() }).await?;
        Ok((process, Self { url: format!("ws://127.0.0.1:{port}/rtc") }))
    }

    pub(super) async fn join(
        &self,
        member: &mut Member,
        place: Place,
        person: Person,
    ) -> anyhow::Result<()> {
        if person.choice.is_some() {
            bail!("this adapter cannot choose among cameras");
        }
        let receives = person.receives != Slots::default();
        let token = token(&person, receives)?;
        let subscribe = u8::from(receives);
        let url = format!(
            "{}?access_token={token}&auto_subscribe={subscribe}&protocol={PROTOCOL}&sdk=go",
            self.url
        );
        let socket = Socket::open(&url, None).await?;
        let mut call = Call {
            socket,
            engine: Arc::clone(&member.engine),
            publisher: None,
            subscriber: None,
            leave: Arc::clone(&member.leave),
        };
        call.until(response::JOIN).await?;
        if receives {
            let peer = person.peer(place)?;
            call.subscriber = Some(member.engine.add(peer).await?);
        }
        if !person.plans.is_empty() {
            let peer = person.peer(place)?;
            let peer = member.engine.add(peer).await?;
            call.publisher = Some(peer);
            call.publish(peer, &person.plans).await?;
        }
        member.peers.extend(call.publisher.into_iter().chain(call.subscriber));
        member.keep(call.run());
        Ok(())
    }
}

/// One participant's signalling.
struct Call {
    socket: Socket,
    engine: Arc<Engine>,
    publisher: Option<PeerId>,
    subscriber: Option<PeerId>,
    leave: Arc<Notify>,
}

impl Call {
    async fn publish(&mut self, peer: PeerId, plans: &[TrackPlan]) -> anyhow::Result<()> {
        for (index, plan) in plans.iter().enumerate() {
            let track = add_track(index, plan);
            self.say(Writer::default().message(request::ADD_TRACK, &track)).await?;
            self.until(response::TRACK_PUBLISHED).await?;
        }
        let plans = plans.to_vec();
        let offered =
            self.engine.with(peer, move |peer, now| peer.offer(now, &plans, Slots::default()));
        let offer = offered.await.flatten().context("there is nothing to offer")?;
        // Tracks are recognised by the id that they were announced with.
        let sdp = name_tracks(&offer.sdp);
        let offer = Writer::default().text(1, "offer").text(2, &sdp);
        self.say(Writer::default().message(request::OFFER, &offer)).await?;
        self.until(response::ANSWER).await
    }

    /// Takes what comes until a message with this field has come.
    async fn until(&mut self, field: u64) -> anyhow::Result<()> {
        loop {
            let Frame::Binary(message) = self.socket.next_soon().await? else { continue };
            self.take(&message).await?;
            if proto::field(&message, field).is_some() {
                return Ok(());
            }
        }
    }

    async fn run(mut self) -> anyhow::Result<()> {
        let mut ping = interval(PING_EVERY);
        loop {
            tokio::select! {
                frame = self.socket.next() => {
                    if let Frame::Binary(message) = frame? {
                        self.take(&message).await?;
                    }
                }
                _ = ping.tick() => {
                    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                    let ping = Writer::default().number(request::PING, now.as_secs() * 1000);
                    self.say(ping).await?;
                }
                () = self.leave.notified() => {
                    let leave = Writer::default().message(request::LEAVE, &Writer::default());
                    self.say(leave).await?;
                    self.socket.close().await;
                    return Ok(());
                }
            }
        }
    }

    async fn take(&mut self, message: &[u8]) -> anyhow::Result<()> {
        if let Some(answer) = proto::field(message, response::ANSWER) {
            let sdp = proto::text(answer, 2);
            let peer = self.publisher.context("an answer without an offer")?;
            let taken = self.engine.with(peer, move |peer, _| peer.take_answer(&sdp)).await;
            taken.context("the peer is gone")??;
        } else if let Some(offer) = proto::field(message, response::OFFER) {
            self.answer(proto::text(offer, 2)).await?;
        } else if let Some(trickle) = proto::field(message, response::TRICKLE) {
            self.add_candidate(trickle).await?;
        } else if proto::field(message, response::LEAVE).is_some() {
            bail!("LiveKit closed the call");
        }
        Ok(())
    }

    async fn answer(&mut self, sdp: String) -> anyhow::Result<()> {
        // Who receives nothing is offered a connection for data; it is not made.
        let Some(peer) = self.subscriber else { return Ok(()) };
        let answered = self.engine.with(peer, move |peer, _| peer.answer(&sdp)).await;
        let sdp = answered.context("the peer is gone")??;
        let answer = Writer::default().text(1, "answer").text(2, &sdp);
        self.say(Writer::default().message(request::ANSWER, &answer)).await
    }

    async fn add_candidate(&self, trickle: &[u8]) -> anyhow::Result<()> {
        let is_subscriber = proto::number(trickle, 2) == SUBSCRIBER;
        let peer = if is_subscriber { self.subscriber } else { self.publisher };
        let init: Value = serde_json::from_str(&proto::text(trickle, 1)).context("no candidate")?;
        let text = init["candidate"].as_str().unwrap_or_default().to_owned();
        if let Some(peer) = peer.filter(|_| !text.is_empty()) {
            self.engine.with(peer, move |peer, _| peer.add_candidate(&text)).await;
        }
        Ok(())
    }

    async fn say(&mut self, message: Writer) -> anyhow::Result<()> {
        self.socket.say_bytes(message.finish()).await
    }
}

/// `AddTrackRequest`.
fn add_track(index: usize, plan: &TrackPlan) -> Writer {
    let track = Writer::default().text(1, &track_id(index)).text(2, "load");
    let TrackPlan::Camera(camera) = plan else {
        // An audio track (0) of a microphone.
        return track.number(8, 2);
    };
    // A video track of a camera.
    let mut track = track.number(3, 1).number(4, 1280).number(5, 720).number(8, 1);
    let layer = |quality: u64, width: u64, kbits: u32| {
        let layer = Writer::default().number(1, quality).number(2, width);
        layer.number(3, width * 9 / 16).number(4, u64::from(kbits) * 1000)
    };
    match camera {
        Camera::Packets { packets_per_second } => {
            let kbits = packets_per_second * 1200 * 8 / 1000;
            track = track.message(9, &layer(2, 1280, kbits));
        }
        Camera::Encodings { encodings } => {
            for (quality, encoding) in (0..).zip(encodings) {
                track = track.message(9, &layer(quality, 320 << quality, encoding.kbits));
            }
        }
    }
    track
}

fn track_id(index: usize) -> String {
    format!("load-track-{index}")
}

/// An offer in which the media sections that send have those ids.
fn name_tracks(sdp: &str) -> String {
    let mut index = 0;
    let mut named = String::with_capacity(sdp.len());
    for line in sdp.lines() {
        if line.starts_with("a=msid:") {
            let stream = line.trim_start_matches("a=msid:").split(' ').next().unwrap_or("-");
            named.push_str(&format!("a=msid:{stream} {}\r\n", track_id(index)));
            index += 1;
        } else {
            named.push_str(line);
            named.push_str("\r\n");
        }
    }
    named
}

/// The access token: who, in which room, with which rights.
fn token(person: &Person, receives: bool) -> anyhow::Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let claims = json!({
        "iss": KEY.0,
        "sub": format!("load-{}", person.number),
        "nbf": now,
        "exp": now + TOKEN_SECONDS,
        "video": {
            "room": format!("load-{}", person.room),
            "roomJoin": true,
            "canPublish": !person.plans.is_empty(),
            "canSubscribe": receives,
        },
    });
    let key = EncodingKey::from_secret(KEY.1.as_bytes());
    jsonwebtoken::encode(&Header::default(), &claims, &key).context("a token can be signed")
}
