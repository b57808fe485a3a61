//! The video room of Janus, over its WebSocket API. It runs as Debian installs
//! it but for its own configuration folder, ICE-lite and one address; what it
//! does not need for the room is switched off. It takes no loopback address, so
//! the whole run is on another one of this machine (scripts/bench-media.sh
//! makes one in a network namespace).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::interval;

use super::process::{Process, command, folder, free_port, write};
use super::socket::{Frame, Socket};
use super::{Member, Person, Place};
use crate::peer::Slots;

const PLUGIN: &str = "janus.plugin.videoroom";
/// Sessions that say nothing for a minute are closed.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(20);
/// More than any scenario has.
const MOST_PUBLISHERS: u32 = 200;

pub(super) struct Janus {
    url: String,
    /// Who publishes in which room.
    feeds: Mutex<BTreeMap<usize, Vec<u64>>>,
}

impl Janus {
    pub(super) async fn start(
        binary: &Path,
        place: Place,
        rooms: usize,
    ) -> anyhow::Result<(Process, Self)> {
        if place.ip.is_loopback() {
            bail!("Janus takes no loopback address: run scripts/bench-media.sh, or give --ip");
        }
        let folder = folder()?;
        let port = free_port(place.ip)?;
        let main = configuration(folder.path(), place);
        write(folder.path(), "janus.jcfg", &main)?;
        let transport = format!(
            "general: {{\n json = \"compact\"\n ws = true\n ws_port = {port}\n ws_ip = \"127.0.0.1\"\n \
             wss = false\n}}\nadmin: {{\n admin_ws = false\n admin_wss = false\n}}\n"
        );
        write(folder.path(), "janus.transport.websockets.jcfg", &transport)?;
        write(folder.path(), "janus.plugin.videoroom.jcfg", "general: {}\n")?;
        let mut program = command(binary);
        program.arg("--disable-colors").arg("--configs-folder").arg(folder.path());
        program.arg("--config").arg(folder.path().join("janus.jcfg"));
        let mut process = Process::start(&mut program, folder)?;
        let url = format!("ws://127.0.0.1:{port}");
        process
            .until(|| async { Socket::open(&url, Some("janus-protocol")).await.is_ok() })
            .await?;
        let mut handle = Handle::open(&url).await?;
        for room in 0..rooms {
            let body = json!({
                "request": "create", "room": room_number(room), "publishers": MOST_PUBLISHERS,
                "audiocodec": "opus", "videocodec": "vp8", "transport_wide_cc_ext": true,
            });
            handle.ask(&body, None).await?;
        }
        Ok((process, Self { url, feeds: Mutex::default() }))
    }

    /// A publisher has a connection to send with; everybody who receives has
    /// one that carries all those who publish by then.
    pub(super) async fn join(
        &self,
        member: &mut Member,
        place: Place,
        person: Person,
    ) -> anyhow::Result<()> {
        if !person.plans.is_empty() {
            self.publish(member, place, &person).await?;
        }
        let feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let own = member.peers.len();
        let feeds = feeds.get(&person.room).map_or(&[][..], |feeds| &feeds[..feeds.len() - own]);
        if person.receives != Slots::default() && !feeds.is_empty() {
            self.subscribe(member, place, &person, &person.chosen(feeds)).await?;
        }
        Ok(())
    }

    async fn publish(
        &self,
        member: &mut Member,
        place: Place,
        person: &Person,
    ) -> anyhow::Result<()> {
        let mut handle = Handle::open(&self.url).await?;
        let peer = person.peer(place)?;
        let peer = member.engine.add(peer).await?;
        member.peers.push(peer);
        let plans = person.plans.clone();
        let offered =
            member.engine.with(peer, move |peer, now| peer.offer(now, &plans, Slots::default()));
        let offer = offered.await.flatten().context("there is nothing to offer")?;
        let body = json!({
            "request": "joinandconfigure", "ptype": "publisher", "room": room_number(person.room),
            "display": format!("load {}", person.number),
        });
        let jsep = json!({ "type": "offer", "sdp": offer.sdp });
        let answer = handle.ask(&body, Some(jsep)).await?;
        let id = answer.data["id"].as_u64().context("a publisher has an id")?;
        let sdp = answer.sdp.context("Janus answers an offer")?;
        let taken = member.engine.with(peer, move |peer, _| peer.take_answer(&sdp)).await;
        taken.context("the peer is gone")??;
        // Nobody can subscribe to somebody who is not connected.
        member.until_connected(peer).await?;
        let mut feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        feeds.entry(person.room).or_default().push(id);
        drop(feeds);
        member.keep(handle.run(Arc::clone(&member.leave)));
        Ok(())
    }

    async fn subscribe(
        &self,
        member: &mut Member,
        place: Place,
        person: &Person,
        feeds: &[u64],
    ) -> anyhow::Result<()> {
        let mut handle = Handle::open(&self.url).await?;
        let streams: Vec<_> = feeds.iter().map(|feed| json!({ "feed": feed })).collect();
        let body = json!({
            "request": "join", "ptype": "subscriber", "room": room_number(person.room),
            "streams": streams,
        });
        let offer = handle.ask(&body, None).await?.sdp.context("Janus offers to subscribers")?;
        let peer = person.peer(place)?;
        let peer = member.engine.add(peer).await?;
        member.peers.push(peer);
        let answered = member.engine.with(peer, move |peer, _| peer.answer(&offer)).await;
        let sdp = answered.context("the peer is gone")??;
        let jsep = json!({ "type": "answer", "sdp": sdp });
        handle.ask(&json!({ "request": "start" }), Some(jsep)).await?;
        member.keep(handle.run(Arc::clone(&member.leave)));
        Ok(())
    }
}

/// One session with one handle of the plugin.
struct Handle {
    socket: Socket,
    session: u64,
    handle: u64,
}

/// What the plugin said.
struct Said {
    data: Value,
    sdp: Option<String>,
}

impl Handle {
    async fn open(url: &str) -> anyhow::Result<Self> {
        let socket = Socket::open(url, Some("janus-protocol")).await?;
        let mut this = Self { socket, session: 0, handle: 0 };
        this.session = this.begin(json!({ "janus": "create" })).await?;
        let attach = json!({ "janus": "attach", "session_id": this.session, "plugin": PLUGIN });
        this.handle = this.begin(attach).await?;
        Ok(this)
    }

    /// Sends what is answered with a new id.
    async fn begin(&mut self, mut message: Value) -> anyhow::Result<u64> {
        message["transaction"] = "load".into();
        self.socket.say_text(message.to_string()).await?;
        let answer = self.next("success").await?;
        answer["data"]["id"].as_u64().context("Janus gives an id")
    }

    /// Asks the plugin; it answers at once or with an event.
    async fn ask(&mut self, body: &Value, jsep: Option<Value>) -> anyhow::Result<Said> {
        let mut message = json!({
            "janus": "message", "transaction": "load", "session_id": self.session,
            "handle_id": self.handle, "body": body,
        });
        if let Some(jsep) = jsep {
            message["jsep"] = jsep;
        }
        self.socket.say_text(message.to_string()).await?;
        let mut answer = self.next("event").await?;
        let data = answer["plugindata"]["data"].take();
        if let Some(error) = data["error"].as_str() {
            bail!("Janus: {error}");
        }
        Ok(Said { data, sdp: answer["jsep"]["sdp"].as_str().map(str::to_owned) })
    }

    /// The next message of this kind; `success` also counts as an event, since
    /// that is how some requests of the plugin are answered.
    async fn next(&mut self, kind: &str) -> anyhow::Result<Value> {
        loop {
            let Frame::Text(text) = self.socket.next_soon().await? else { continue };
            let message: Value = serde_json::from_str(&text).context("Janus speaks JSON")?;
            let said = message["janus"].as_str().unwrap_or_default();
            if said == "error" {
                bail!("Janus: {}", message["error"]["reason"]);
            }
            let is_ours = message["transaction"] == "load";
            if is_ours && (said == kind || said == "success") {
                return Ok(message);
            }
        }
    }

    async fn run(mut self, leave: Arc<Notify>) -> anyhow::Result<()> {
        let mut keep_alive = interval(KEEP_ALIVE_EVERY);
        loop {
            tokio::select! {
                frame = self.socket.next() => {
                    if let Frame::Text(text) = frame?
                        && text.contains("\"hangup\"")
                    {
                        bail!("Janus hung up: {text}");
                    }
                }
                _ = keep_alive.tick() => {
                    let alive = json!({
                        "janus": "keepalive", "transaction": "alive", "session_id": self.session,
                    });
                    self.socket.say_text(alive.to_string()).await?;
                }
                () = leave.notified() => {
                    let destroy = json!({
                        "janus": "destroy", "transaction": "bye", "session_id": self.session,
                    });
                    self.socket.say_text(destroy.to_string()).await?;
                    self.socket.close().await;
                    return Ok(());
                }
            }
        }
    }
}

fn room_number(room: usize) -> usize {
    1000 + room
}

/// `janus.jcfg`. The folders of plugins and transports are those it was built
/// with.
fn configuration(folder: &Path, place: Place) -> String {
    format!(
        "general: {{\n configs_folder = \"{}\"\n debug_level = 2\n session_timeout = 60\n}}\n\
         media: {{\n ipv6 = false\n rtp_port_range = \"20000-59999\"\n}}\n\
         nat: {{\n ice_lite = true\n full_trickle = false\n ice_enforce_list = \"{}\"\n}}\n\
         plugins: {{\n disable = \"libjanus_audiobridge.so,libjanus_echotest.so,\
         libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_streaming.so,\
         libjanus_textroom.so,libjanus_videocall.so,libjanus_voicemail.so,libjanus_lua.so,\
         libjanus_duktape.so\"\n}}\n\
         transports: {{\n disable = \"libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,\
         libjanus_pfunix.so,libjanus_rabbitmq.so\"\n}}\n\
         events: {{\n broadcast = false\n}}\n",
        folder.display(),
        place.ip,
    )
}
