//! A day and an hour in one request: who is ejected, what expires, what is
//! purged, what is tried again, and nothing else. A real media node, real
//! sockets, real receivers of webhooks, and a clock that is moved.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use axum::http::StatusCode;
use parlor_model::call::ServerMessage;
use parlor_model::event::LeaveReason;
use parlor_model::time::UnixMillis;
use parlor_server::Limit;
use parlor_store::key::KeyValue;
use serde_json::{Value, json};

use crate::live::Participant;
use crate::receiver::{Conduct, Receiver};
use crate::support::{TestServer, until};

const HOUR: i64 = 3600;

/// Long enough before the day begins that the webhooks' log of then is purged
/// in its course: the log is kept for 14 days.
const LONG_BEFORE: &str = "13d12h";

#[tokio::test]
async fn twenty_five_hours_eject_expire_purge_and_retry_exactly_what_they_should() {
    let (mut server, address) = TestServer::emulator_with_media(|settings| {
        settings.has_rate_limits = true;
        settings.limits.rate.standard = Limit::per_seconds(100_000, 5);
        settings.limits.rate.heavy = Limit::per_seconds(1, 24 * 3600);
        settings.webhooks.allows_private_addresses = true;
    })
    .await;
    server.dispatch();
    let mut hooks = Hooks::start(&server).await;
    hooks.somebody_was_there_long_before(&server, address).await;

    let mut people = People::enter(&server, address).await;
    let papers = Papers::of(&server).await;
    hooks.hear_of_everybody(&server).await;
    papers.are_good_for_now(&server).await;

    let moved = server.key().post("/_dev/clock", json!({"advance": "25h"})).await;
    assert_eq!(moved.status, StatusCode::OK, "{moved}");

    people.were_ejected_as_they_should(&server).await;
    rooms_have_expired(&server).await;
    papers.have_expired(&server).await;
    hooks.tell_of_the_ejected_and_try_again(&server, &people).await;
    hooks.long_before_is_forgotten(&server).await;
}

/// Webhooks of three kinds, and who receives them.
struct Hooks {
    /// Answers always.
    steady: (String, Receiver),
    /// Fails until the day is over, and is tried again.
    flaky: (String, Receiver),
    /// Fails until the day is over, and has stopped by then.
    broken: (String, Receiver),
    /// The events that the flaky one did not take.
    waiting: BTreeSet<String>,
}

impl Hooks {
    async fn start(server: &TestServer) -> Self {
        let hook = async |more: Value| {
            let mut receiver = Receiver::start().await;
            (server.webhook(&mut receiver, more).await, receiver)
        };
        let everything =
            json!(["meeting.started", "meeting.ended", "participant.joined", "participant.left"]);
        Self {
            steady: hook(json!({ "eventTypes": everything })).await,
            flaky: hook(json!({"retryType": "exponential"})).await,
            broken: hook(json!({"eventTypes": ["participant.joined"]})).await,
            waiting: BTreeSet::new(),
        }
    }

    /// A meeting comes and goes, everybody is told of it, and days pass.
    async fn somebody_was_there_long_before(&mut self, server: &TestServer, address: SocketAddr) {
        server.key().create_room("ancient", json!({})).await;
        let zoe = Participant::join(address, &json!({"room": "ancient"})).await;
        zoe.leave().await;
        assert_eq!(types(&mut self.steady.1, 4).await.len(), 4);
        self.flaky.1.next().await;
        self.broken.1.next().await;
        server.until_states(&self.steady.0, &["delivered"; 4]).await;
        server.until_states(&self.flaky.0, &["delivered"]).await;
        server.until_states(&self.broken.0, &["delivered"]).await;
        for (_, receiver) in [&self.flaky, &self.broken] {
            receiver.conduct(Conduct::Status(500));
        }
        let moved = server.key().post("/_dev/clock", json!({"advance": LONG_BEFORE})).await;
        assert_eq!(moved.status, StatusCode::OK, "{moved}");
    }

    /// Three meetings began, and five people came into them.
    async fn hear_of_everybody(&mut self, server: &TestServer) {
        let told = types(&mut self.steady.1, 8).await;
        assert_eq!((told["meeting.started"], told["participant.joined"]), (3, 5));
        self.waiting = self.flaky.1.events(3).await.into_iter().collect();
        assert_eq!(self.waiting.len(), 3, "one try each");
        self.broken.1.events(3).await;
        let states = ["delivered", "failed", "failed", "failed", "skipped", "skipped"];
        server.until_states(&self.broken.0, &states).await;
        until_tried(server, &self.flaky.0, 3).await;
        for (_, receiver) in [&self.flaky, &self.broken] {
            receiver.conduct(Conduct::Status(200));
        }
    }

    async fn tell_of_the_ejected_and_try_again(&mut self, server: &TestServer, people: &People) {
        let mut left = BTreeSet::new();
        let mut ended = Vec::new();
        for _ in 0..3 {
            let event = self.steady.1.next().await.json();
            let payload = &event["payload"];
            match event["type"].as_str() {
                Some("participant.left") => {
                    left.insert(payload["session_id"].as_str().unwrap().to_owned());
                }
                Some("meeting.ended") => ended.push(payload["room"].clone()),
                other => panic!("nobody should be told of {other:?}"),
            }
        }
        assert_eq!((left, ended), (people.ejected_ids(), vec![json!("closing")]));
        let again: BTreeSet<String> = self.flaky.1.events(3).await.into_iter().collect();
        assert_eq!(again, self.waiting, "the same events, each once more");
        server.until_states(&self.flaky.0, &["delivered"; 3]).await;
        server.until_states(&self.steady.0, &["delivered"; 11]).await;
        let states = ["failed", "failed", "failed", "skipped", "skipped"];
        server.until_states(&self.broken.0, &states).await;
        for (_, receiver) in [&mut self.steady, &mut self.flaky, &mut self.broken] {
            assert!(receiver.rest().is_empty(), "and nothing more");
        }
    }

    /// The log of webhooks is purged, the history of meetings is not.
    async fn long_before_is_forgotten(&self, server: &TestServer) {
        let rooms = |event: &Value| {
            let body = event["attempts"][0]["request"]["body"].as_str().unwrap();
            assert!(!body.contains("ancient"), "{body}");
        };
        server.deliveries(&self.steady.0).await.iter().for_each(rooms);
        let meetings = server.key().get("/v1/meetings?room=ancient").await;
        assert_eq!(meetings.body["total_count"], 1);
    }
}

/// How many events of each type come in.
async fn types(receiver: &mut Receiver, count: usize) -> BTreeMap<String, usize> {
    let mut types = BTreeMap::new();
    for _ in 0..count {
        let event = receiver.next().await.json();
        *types.entry(event["type"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    types
}

/// Waits until the first try of so many deliveries that failed is on record.
async fn until_tried(server: &TestServer, webhook: &str, count: usize) {
    let waits = |one: &&Value| one["state"] == "pending" && one["attempts"][0]["status"] == 500;
    until(async || {
        let tried = server.deliveries(webhook).await.iter().filter(waits).count();
        if tried == count { Ok(()) } else { Err(format!("{count} tries on record after {tried}")) }
    })
    .await;
}

/// Five people, of whom two have to go in the course of the day.
struct People {
    /// The room ejects at its end.
    ana: Participant,
    /// Is in a room that has expired, which ejects nobody by itself.
    bob: Participant,
    /// Is in a room without an end.
    cleo: Participant,
    /// May stay for an hour.
    dora: Participant,
    /// May stay longer than the day.
    eve: Participant,
}

impl People {
    async fn enter(server: &TestServer, address: SocketAddr) -> Self {
        let (key, now) = (server.key(), server.dev_now());
        let ends = json!({ "exp": now + HOUR, "eject_at_room_exp": true });
        key.create_room("closing", ends).await;
        key.create_room("inhabited", json!({ "exp": now + HOUR / 2 })).await;
        key.create_room("lasting", json!({})).await;
        key.create_room("old", json!({ "exp": now + HOUR / 2 })).await;
        key.create_room("young", json!({ "exp": now + 2 * HOUR })).await;
        let token = async |properties: Value| {
            let token = key.make_token(properties).await;
            json!({"room": "lasting", "token": token})
        };
        let an_hour = token(json!({"room_name": "lasting", "eject_after_elapsed": HOUR})).await;
        let late = json!({"exp": now + 26 * HOUR, "eject_at_token_exp": true});
        let late = token(late).await;
        Self {
            ana: Participant::join(address, &json!({"room": "closing"})).await,
            bob: Participant::join(address, &json!({"room": "inhabited"})).await,
            cleo: Participant::join(address, &json!({"room": "lasting"})).await,
            dora: Participant::join(address, &an_hour).await,
            eve: Participant::join(address, &late).await,
        }
    }

    fn ejected_ids(&self) -> BTreeSet<String> {
        [&self.ana, &self.dora].into_iter().map(|one| one.id.clone()).collect()
    }

    async fn were_ejected_as_they_should(&mut self, server: &TestServer) {
        for person in [&mut self.ana, &mut self.dora] {
            let mut last = None;
            while let Some(message) = person.hear().await {
                last = Some(message);
            }
            let reason = LeaveReason::TimeLimit;
            assert_eq!(last, Some(ServerMessage::Removed { reason }));
        }
        let present = server.key().get("/v1/presence").await.body;
        let ids = |room: &str| -> Vec<&str> {
            let people = present[room].as_array().unwrap().iter();
            people.map(|person| person["id"].as_str().unwrap()).collect()
        };
        assert_eq!(ids("inhabited"), [self.bob.id.as_str()]);
        assert_eq!(ids("lasting"), [self.cleo.id.as_str(), self.eve.id.as_str()]);
        assert_eq!(present.as_object().unwrap().len(), 2, "{present}");
        let meetings = server.key().get("/v1/meetings?no_participants=true").await.body;
        let ongoing: BTreeMap<&str, bool> = meetings["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["room"].as_str().unwrap(), one["ongoing"].as_bool().unwrap()))
            .collect();
        let expected =
            [("ancient", false), ("closing", false), ("inhabited", true), ("lasting", true)];
        assert_eq!(ongoing, expected.into());
    }
}

async fn rooms_have_expired(server: &TestServer) {
    let listed = server.key().get("/v1/rooms").await.body;
    let names: Vec<&str> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|room| room["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["lasting", "ancient"]);
    // Expired for a day and empty: purged. Expired and inhabited, or not for
    // a day yet: closed.
    let doors = [
        ("closing", "no-room"),
        ("old", "no-room"),
        ("young", "exp-room"),
        ("inhabited", "exp-room"),
    ];
    for (room, reason) in doors {
        let answer = server.anonymous().post("/_parlor/join", json!({ "room": room })).await;
        assert_eq!(answer.body["reason"], reason, "{room}");
    }
}

/// What lets people and programs in.
struct Papers {
    brief_token: String,
    long_token: String,
    early_token: String,
    ticket: String,
    brief_key: KeyValue,
    long_key: KeyValue,
}

impl Papers {
    async fn of(server: &TestServer) -> Self {
        let (key, now) = (server.key(), server.dev_now());
        let join = server.anonymous().post("/_parlor/join", json!({"room": "lasting"})).await;
        Self {
            brief_token: key.make_token(json!({ "exp": now + HOUR })).await,
            long_token: key.make_token(json!({ "exp": now + 26 * HOUR })).await,
            early_token: key.make_token(json!({ "nbf": now + 24 * HOUR })).await,
            ticket: join.body["ticket"].as_str().unwrap().to_owned(),
            brief_key: server.key_until("brief", now + 24 * HOUR).await,
            long_key: server.key_until("long", now + 26 * HOUR).await,
        }
    }

    async fn are_good_for_now(&self, server: &TestServer) {
        assert_eq!(token_status(server, &self.brief_token).await, 200);
        assert_eq!(token_status(server, &self.long_token).await, 200);
        assert_eq!(token_status(server, &self.early_token).await, 400);
        assert!(self.is_ticket_good(server));
        for key in [&self.brief_key, &self.long_key] {
            assert_eq!(server.bearer(key).get("/v1/rooms").await.status, StatusCode::OK);
        }
        let delete = async || server.key().delete("/v1/rooms/nobody").await.status;
        assert_eq!(
            (delete().await, delete().await),
            (StatusCode::NOT_FOUND, StatusCode::TOO_MANY_REQUESTS)
        );
    }

    async fn have_expired(&self, server: &TestServer) {
        assert_eq!(token_status(server, &self.brief_token).await, 400);
        assert_eq!(token_status(server, &self.long_token).await, 200);
        assert_eq!(token_status(server, &self.early_token).await, 200);
        assert!(!self.is_ticket_good(server));
        let status = async |key| server.bearer(key).get("/v1/rooms").await.status;
        assert_eq!(status(&self.brief_key).await, StatusCode::UNAUTHORIZED);
        assert_eq!(status(&self.long_key).await, StatusCode::OK);
        let deleted = server.key().delete("/v1/rooms/nobody").await;
        assert_eq!(deleted.status, StatusCode::NOT_FOUND, "a new window has begun");
    }

    fn is_ticket_good(&self, server: &TestServer) -> bool {
        let now = UnixMillis::new(server.dev_now() * 1000);
        server.ticket_key.open(&self.ticket, now).is_ok()
    }
}

async fn token_status(server: &TestServer, token: &str) -> u16 {
    server.key().get(&format!("/v1/meeting-tokens/{token}")).await.status.as_u16()
}
