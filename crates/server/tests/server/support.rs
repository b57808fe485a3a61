//! A server for a test, and callers of each kind.

mod clock;
mod patience;

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{ALLOW, AUTHORIZATION};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use parlor_bus::{Bus, Facts, TicketKey};
use parlor_media::{MediaConfig, MediaNode};
use parlor_model::command::{Command, PresentParticipant, Reply};
use parlor_model::id::{ApiKeyId, OrgId, RoomId};
use parlor_model::identity::limits::UsageLimits;
use parlor_model::key_permission::{KeyPermission, KeyPermissions};
use parlor_model::time::UnixMillis;
use parlor_server::{
    App, CallsToEnd, Clock, Cx, Dev, DevClock, FaultInjector, Jobs, Limits, Recorder, RequestLog,
    Retention, Settings, WebhookSettings, Webhooks, build,
};
use parlor_store::api_keys::NewApiKey;
use parlor_store::key::KeyValue;
use parlor_store::{Store, StoreConfig, orgs};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

pub(crate) use clock::TestClock;
pub(crate) use patience::until;

/// 2030-01-01T00:00:00Z, where every test begins.
pub(crate) const START_SECONDS: i64 = 1_893_456_000;

/// Where the tested server says that it lives.
pub(crate) const ORIGIN: &str = "http://parlor.test:8080";

/// What the live rooms were asked, and who is in them.
#[derive(Default)]
pub(crate) struct LiveRooms {
    pub(crate) asked: Vec<Command>,
    pub(crate) present: Vec<PresentParticipant>,
    /// What was set last, as it was given.
    pub(crate) session_data: HashMap<RoomId, Map<String, Value>>,
    /// How busy media are, in percent; nobody new is let in from 85 on.
    pub(crate) load: u8,
    /// Whether requests are dropped rather than answered.
    pub(crate) is_deaf: bool,
}

/// Which server: `Dev` has the routes of the emulator.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Serve,
    Dev,
}

/// The application on a temporary store, with two organizations.
pub(crate) struct TestServer {
    pub(crate) app: App,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) store: Store,
    pub(crate) org: OrgId,
    pub(crate) key: KeyValue,
    pub(crate) ticket_key: TicketKey,
    pub(crate) live: Arc<Mutex<LiveRooms>>,
    pub(crate) media: Option<MediaNode>,
    /// For facts that no real room tells.
    pub(crate) facts: Option<Facts>,
    written: watch::Receiver<u64>,
    /// For requests that nobody sends.
    pub(crate) request_log: RequestLog,
    logged: watch::Receiver<u64>,
    recorder: JoinSet<()>,
    pub(crate) webhooks: Webhooks,
    jobs: Arc<Jobs>,
    other_key: KeyValue,
    pub(crate) tasks: JoinSet<()>,
    _request_logger: JoinSet<()>,
    _folder: TempDir,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// A server whose settings differ.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::with_store(change, |_| {}).await
    }

    pub(crate) async fn with_store(
        change: impl FnOnce(&mut Settings),
        change_store: impl FnOnce(&mut StoreConfig),
    ) -> Self {
        let (bus, live, tasks) = live_rooms();
        let server =
            Self::assemble(Kind::Serve, change, change_store, bus, |_, _, _| Router::new()).await;
        Self { live, tasks, ..server }
    }

    /// A server with the routes of the emulator.
    pub(crate) async fn emulator(change: impl FnOnce(&mut Settings)) -> Self {
        let (bus, live, tasks) = live_rooms();
        let server = Self::assemble(Kind::Dev, change, |_| {}, bus, |_, _, _| Router::new()).await;
        Self { live, tasks, ..server }
    }

    /// A server with a real media node, on a socket of its own.
    pub(crate) async fn with_media() -> (Self, SocketAddr) {
        Self::kind_with_media(Kind::Serve, |_| {}).await
    }

    /// An emulator with a real media node, on a socket of its own.
    pub(crate) async fn emulator_with_media(
        change: impl FnOnce(&mut Settings),
    ) -> (Self, SocketAddr) {
        Self::kind_with_media(Kind::Dev, change).await
    }

    async fn kind_with_media(kind: Kind, change: impl FnOnce(&mut Settings)) -> (Self, SocketAddr) {
        let (bus, requests) = Bus::local();
        let mut node = None;
        let start = |ticket_key: &TicketKey, clock: Arc<DevClock>, facts: &Facts| {
            let config = MediaConfig {
                threads: Some(1),
                udp_port: 0,
                max_load: 100,
                own_receivers: parlor_media::OWN_RECEIVERS,
                ips: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
                announce: Vec::new(),
                streams: parlor_media::StreamConfig::default(),
                ticket_key: ticket_key.clone(),
                facts: facts.clone(),
                wall_clock: Arc::new(move || clock.now()),
            };
            let started = MediaNode::start(config, requests).unwrap();
            let routes = started.router();
            node = Some(started);
            routes
        };
        let mut server = Self::assemble(kind, change, |_| {}, bus, start).await;
        server.media = node;
        let address = server.listen().await;
        (server, address)
    }

    /// `call_routes` makes the routes of whatever answers the bus.
    async fn assemble(
        kind: Kind,
        change: impl FnOnce(&mut Settings),
        change_store: impl FnOnce(&mut StoreConfig),
        bus: Bus,
        call_routes: impl FnOnce(&TicketKey, Arc<DevClock>, &Facts) -> Router,
    ) -> Self {
        let folder = TempDir::new().unwrap();
        let mut config = StoreConfig::in_folder(folder.path());
        change_store(&mut config);
        let store = Store::open(&config).unwrap();
        let clock = Arc::new(TestClock::at(UnixMillis::new(START_SECONDS * 1000)));
        let org = add_org(&store, 1, "acme").await;
        let other = add_org(&store, 2, "globex").await;
        let key = add_key(&store, org, "main", KeyPermissions::admin(), None).await;
        let other_key = add_key(&store, other, "main", KeyPermissions::admin(), None).await;
        let ticket_key = TicketKey::from_bytes([7; 32]);
        let mut settings = Settings {
            public_url: ORIGIN.to_owned(),
            org,
            max_participants: 200,
            is_behind_proxy: false,
            turn_urls: Vec::new(),
            has_rate_limits: false,
            webhooks: WebhookSettings::default(),
            oauth_clients: Vec::new(),
            identity_providers: Vec::new(),
            limits: Limits::default(),
        };
        change(&mut settings);
        let calls_to_end = CallsToEnd::default();
        let dev_clock = Arc::new(DevClock::new(Arc::<TestClock>::clone(&clock)));
        let faults = FaultInjector::default();
        let (request_log, request_log_writer) = RequestLog::new(store.clone());
        let logged = request_log_writer.written();
        let webhooks =
            Webhooks::new(settings.webhooks, faults.clone(), request_log.clone()).unwrap();
        let jobs = Arc::new(Jobs {
            store: store.clone(),
            bus: bus.clone(),
            clock: Arc::<DevClock>::clone(&dev_clock),
            calls_to_end: calls_to_end.clone(),
            webhooks: webhooks.clone(),
            retention: Retention::default(),
        });
        let (facts, stream) = parlor_bus::facts();
        let dev = Dev::new(Arc::clone(&dev_clock), Arc::clone(&jobs), faults, facts.progress());
        let dev = Some(dev).filter(|_| kind == Kind::Dev);
        let cx = Cx {
            store: store.clone(),
            bus,
            clock: Arc::<DevClock>::clone(&dev_clock),
            settings,
            calls_to_end,
            webhooks: webhooks.clone(),
            ticket_key: ticket_key.clone(),
            request_log: request_log.clone(),
            dev,
        };
        let app = build(cx, call_routes(&ticket_key, dev_clock, &facts));
        let writer = Recorder::new(
            store.clone(),
            jobs.bus.clone(),
            Arc::clone(&jobs.clock),
            webhooks.bell().clone(),
        );
        let written = writer.written();
        let mut recorder = JoinSet::new();
        recorder.spawn(writer.run(stream, CancellationToken::new()));
        let mut request_logger = JoinSet::new();
        request_logger.spawn(request_log_writer.run(CancellationToken::new()));
        Self {
            app,
            clock,
            store,
            org,
            key,
            ticket_key,
            live: Arc::default(),
            webhooks,
            jobs,
            media: None,
            facts: Some(facts),
            written,
            request_log,
            logged,
            recorder,
            other_key,
            tasks: JoinSet::new(),
            _request_logger: request_logger,
            _folder: folder,
        }
    }

    /// Whoever sends no `Authorization` header.
    pub(crate) fn anonymous(&self) -> Caller<'_> {
        Caller { server: self, authorization: None }
    }

    /// Whoever sends this `Authorization` header.
    pub(crate) fn authorized(&self, header: &str) -> Caller<'_> {
        Caller { server: self, authorization: Some(HeaderValue::from_str(header).unwrap()) }
    }

    /// The holder of the classic key of the first organization.
    pub(crate) fn key(&self) -> Caller<'_> {
        self.bearer(&self.key)
    }

    /// The holder of the classic key of another organization.
    pub(crate) fn other_org(&self) -> Caller<'_> {
        self.bearer(&self.other_key)
    }

    /// Somebody with a key that nobody made.
    pub(crate) fn bad_key(&self) -> Caller<'_> {
        self.authorized("Bearer 0123456789abcdef")
    }

    pub(crate) fn bearer(&self, key: &KeyValue) -> Caller<'_> {
        self.authorized(&format!("Bearer {}", key.expose()))
    }

    /// A further key of the first organization, which holds only this.
    pub(crate) async fn limited_key(&self, permission: KeyPermission) -> KeyValue {
        let permissions = [permission].into_iter().collect();
        add_key(&self.store, self.org, permission.word(), permissions, None).await
    }

    /// A further classic key, which expires.
    pub(crate) async fn key_expiring_in(&self, seconds: i64) -> KeyValue {
        self.key_until("expiring", self.now() + seconds).await
    }

    /// The same, until a time in unix seconds.
    pub(crate) async fn key_until(&self, name: &str, seconds: i64) -> KeyValue {
        let at = UnixMillis::new(seconds * 1000);
        add_key(&self.store, self.org, name, KeyPermissions::admin(), Some(at)).await
    }

    /// The jobs of this server.
    pub(crate) fn jobs(&self) -> Arc<Jobs> {
        Arc::clone(&self.jobs)
    }

    /// The time moves for the server and for the rooms.
    pub(crate) async fn advance_everywhere(&self, seconds: i64) {
        self.clock.advance(seconds);
        let moved = self.jobs.bus.request(Command::AdvanceClock { millis: seconds * 1000 }).await;
        assert_eq!(moved.unwrap(), Reply::Done);
    }

    /// Waits until so many facts are in the records.
    pub(crate) async fn wait_for_facts(&self, count: u64) {
        let mut written = self.written.clone();
        let enough = written.wait_for(|written| *written >= count);
        timeout(Duration::from_secs(10), enough).await.expect("the facts in time").unwrap();
    }

    /// The recorder stops without anybody telling what becomes of the rooms,
    /// and another one begins; waits until it has written so many facts.
    pub(crate) async fn restart_recorder(&mut self, facts: u64) {
        self.stop_in_order().await;
        let (teller, stream) = parlor_bus::facts();
        let Jobs { store, bus, clock, .. } = &*self.jobs;
        let bell = self.webhooks.bell().clone();
        let writer = Recorder::new(store.clone(), bus.clone(), Arc::clone(clock), bell);
        self.facts = Some(teller);
        self.written = writer.written();
        self.recorder.spawn(writer.run(stream, CancellationToken::new()));
        self.wait_for_facts(facts).await;
    }

    /// Waits until so many requests are in their log.
    pub(crate) async fn wait_for_logged(&self, count: u64) {
        let mut logged = self.logged.clone();
        let enough = logged.wait_for(|logged| *logged >= count);
        timeout(Duration::from_secs(10), enough).await.expect("the requests in time").unwrap();
    }

    /// The whole server stops in good order, but for the store.
    pub(crate) async fn stop_in_order(&mut self) {
        if let Some(node) = self.media.take() {
            node.shutdown().await;
        }
        self.facts = None;
        while self.recorder.join_next().await.is_some() {}
    }

    /// The media node dies.
    pub(crate) async fn stop_live_rooms(&mut self) {
        self.tasks.shutdown().await;
    }

    /// The time on an emulator, whose clock may have been moved, in unix
    /// seconds.
    pub(crate) fn dev_now(&self) -> i64 {
        self.jobs.clock.now().as_seconds()
    }

    /// The time on the server, in unix seconds.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().as_seconds()
    }

    /// Puts the server on a socket of its own, until the test ends.
    pub(crate) async fn listen(&mut self) -> SocketAddr {
        self.listen_on(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    /// Puts the server on this socket, until the test ends.
    pub(crate) fn listen_on(&mut self, listener: TcpListener) -> SocketAddr {
        let address = listener.local_addr().unwrap();
        let serving = parlor_server::serve(
            listener,
            self.app.clone(),
            parlor_server::Doors::default(),
            CancellationToken::new(),
        );
        self.tasks.spawn(serving);
        address
    }
}

async fn add_org(store: &Store, number: u8, domain: &str) -> OrgId {
    let id = OrgId::from_random([number; 16]);
    let created_at = UnixMillis::new(START_SECONDS * 1000 - 1000);
    let org = orgs::Org::new(id, domain, created_at, store.master_key()).unwrap();
    store.write(move |c| orgs::create(c, &org)).await.unwrap();
    id
}

async fn add_key(
    store: &Store,
    org_id: OrgId,
    name: &str,
    permissions: KeyPermissions,
    expires_at: Option<UnixMillis>,
) -> KeyValue {
    let value = KeyValue::generate().unwrap();
    let mut id = [0; 16];
    id.copy_from_slice(&value.expose().as_bytes()[20..36]);
    let new = NewApiKey {
        id: ApiKeyId::from_random(id),
        org_id,
        further_orgs: Vec::new(),
        user_id: None,
        name: name.to_owned(),
        permissions,
        created_at: UnixMillis::new(START_SECONDS * 1000 - 1000),
        expires_at,
        limits: UsageLimits::default(),
    };
    store.api_keys().create(new, &value).await.unwrap();
    value
}

/// Answers for the live rooms: from a list of those present, which `EndRoom`
/// empties. It stands in for the media node, which is another part's to test.
fn live_rooms() -> (Bus, Arc<Mutex<LiveRooms>>, JoinSet<()>) {
    let (bus, mut requests) = Bus::local();
    let live = Arc::new(Mutex::new(LiveRooms::default()));
    let shared = Arc::clone(&live);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Some(request) = requests.next().await {
            let mut live = shared.lock().unwrap();
            if !live.is_deaf {
                let reply = live.reply(&request.command);
                request.reply(reply);
            }
        }
    });
    (bus, live, tasks)
}

impl LiveRooms {
    fn reply(&mut self, command: &Command) -> Reply {
        self.asked.push(command.clone());
        let in_room = |room| self.present.iter().filter(move |one| one.room == room).cloned();
        match command {
            Command::RoomPresence { room } => {
                Reply::Presence { participants: in_room(*room).collect() }
            }
            Command::OrgPresence { .. } => Reply::Presence { participants: self.present.clone() },
            Command::OrgPeople { .. } => Reply::People { count: self.present.len() },
            Command::EndRoom { room, .. } => {
                let removed = in_room(*room).count();
                self.present.retain(|one| one.room != *room);
                Reply::Ended { removed }
            }
            Command::Load { .. } => Reply::Load { percent: self.load, limit: 85 },
            Command::AdvanceClock { .. } | Command::FailThread { .. } => Reply::Done,
            Command::SendAppMessage { room, .. }
            | Command::ReadSessionData { room }
            | Command::SetSessionData { room, .. }
            | Command::Eject { room, .. }
            | Command::UpdatePermissions { room, .. }
            | Command::Administers { room, .. }
            | Command::IsHosting { room } => {
                if in_room(*room).next().is_none() {
                    return Reply::NoCall;
                }
                self.reply_of_call(command)
            }
        }
    }

    /// What a room with people answers.
    fn reply_of_call(&mut self, command: &Command) -> Reply {
        match command {
            Command::ReadSessionData { room } => {
                let data = self.session_data.get(room).cloned().unwrap_or_default();
                Reply::SessionData { data: Value::Object(data) }
            }
            Command::SetSessionData { room, change } => {
                self.session_data.insert(*room, change.data.clone());
                Reply::Done
            }
            Command::Eject { room, ids, user_ids, .. } => {
                let is_meant = |one: &PresentParticipant| {
                    let user = one.user_id.as_ref();
                    let is_named = ids.contains(&one.participant);
                    one.room == *room && (is_named || user.is_some_and(|it| user_ids.contains(it)))
                };
                let meant = self.present.iter().filter(|one| is_meant(one));
                let ids = meant.map(|one| one.participant).collect();
                self.present.retain(|one| !is_meant(one));
                Reply::Ejected { ids }
            }
            _ => Reply::Done,
        }
    }
}

/// Somebody who sends requests.
pub(crate) struct Caller<'a> {
    server: &'a TestServer,
    authorization: Option<HeaderValue>,
}

impl Caller<'_> {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Body::from(body.to_string())).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, Body::empty()).await
    }

    /// Creates a room of that name with these properties.
    pub(crate) async fn create_room(&self, name: &str, properties: Value) -> Answer {
        self.post("/v1/rooms", json!({ "name": name, "properties": properties })).await
    }

    /// Makes a meeting token with these properties.
    pub(crate) async fn make_token(&self, properties: Value) -> String {
        let made = self.post("/v1/meeting-tokens", json!({ "properties": properties })).await;
        assert_eq!(made.status, StatusCode::OK, "{made}");
        made.body["token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).body(body.into()).unwrap();
        if let Some(authorization) = &self.authorization {
            request.headers_mut().insert(AUTHORIZATION, authorization.clone());
        }
        self.server.send(request).await
    }
}

impl TestServer {
    /// What an anonymous caller gets for a body that is not made of JSON.
    pub(crate) async fn anonymous_post(&self, path: &str, body: &str) -> Answer {
        self.anonymous().send(Method::POST, path, body.to_owned()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body, text }
    }
}

/// What came back. Shown as status and body, ids redacted, and `Allow` where
/// there is one.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn info(&self) -> &str {
        self.body["info"].as_str().unwrap_or_default()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut body = self.body.clone();
        redact(&mut body);
        write!(f, "{}", self.status.as_u16())?;
        if let Some(allow) = self.headers.get(ALLOW) {
            write!(f, " Allow: {}", allow.to_str().unwrap())?;
        }
        match body {
            Value::Null => Ok(()),
            body => write!(f, " {body}"),
        }
    }
}

fn redact(value: &mut Value) {
    match value {
        Value::String(text) if text.parse::<OrgId>().is_ok() => "[id]".clone_into(text),
        Value::String(text) if text.starts_with("eyJ") => "[token]".clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Object(fields) => fields.values_mut().for_each(redact),
        _ => {}
    }
}
