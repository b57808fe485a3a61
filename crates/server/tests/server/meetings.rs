//! The history of meetings, from facts to `GET /meetings`.

use axum::http::StatusCode;
use insta::assert_snapshot;
use parlor_model::command::PresentParticipant;
use parlor_model::event::{Fact, LeaveReason, RoomEvent};
use parlor_model::id::{MeetingId, OrgId, ParticipantId, RoomId};
use parlor_model::permission::Permissions;
use parlor_model::time::UnixMillis;
use serde_json::json;

use crate::support::{Answer, START_SECONDS, TestServer};

fn at(seconds: i64) -> UnixMillis {
    UnixMillis::new((START_SECONDS + seconds) * 1000)
}

/// A room in which things happen at seconds after the start of the test.
pub(crate) struct Call {
    org: OrgId,
    room: &'static str,
    number: u8,
    started_at: UnixMillis,
    seq: u64,
}

impl Call {
    pub(crate) fn new(server: &TestServer, room: &'static str, number: u8, second: i64) -> Self {
        Self { org: server.org, room, number, started_at: at(second), seq: 0 }
    }

    pub(crate) fn meeting(&self) -> MeetingId {
        MeetingId::from_random([self.number; 16])
    }

    pub(crate) fn participant(&self, number: u8) -> ParticipantId {
        ParticipantId::from_random([self.number ^ (number << 4); 16])
    }

    pub(crate) fn tell(&mut self, server: &TestServer, second: i64, fact: Fact) {
        let event = RoomEvent {
            org: self.org,
            room: RoomId::from_random([9; 16]),
            room_name: self.room.to_owned(),
            seq: self.seq,
            at: at(second),
            meeting: self.meeting(),
            meeting_started_at: self.started_at,
            fact,
        };
        self.seq += 1;
        server.facts.as_ref().unwrap().tell(event);
    }

    pub(crate) fn join(&mut self, server: &TestServer, number: u8, name: &str, second: i64) {
        let fact = Fact::ParticipantJoined {
            participant: self.participant(number),
            user_id: Some(format!("u-{number}")).filter(|_| !name.is_empty()),
            user_name: name.to_owned(),
            is_owner: false,
            permissions: Permissions::owner(),
            eject_at: None,
        };
        self.tell(server, second, fact);
    }

    pub(crate) fn leave(&mut self, server: &TestServer, number: u8, name: &str, stay: (i64, i64)) {
        let fact = Fact::ParticipantLeft {
            participant: self.participant(number),
            reason: LeaveReason::Left,
            duration_ms: (stay.1 - stay.0) * 1000,
            joined_at: at(stay.0),
            user_id: None,
            user_name: name.to_owned(),
            is_owner: false,
            permissions: Permissions::owner(),
            eject_at: None,
        };
        self.tell(server, stay.1, fact);
    }
}

/// A server with a finished meeting of two and a running one of one, its clock
/// 100 s on.
async fn with_history() -> (TestServer, Call, Call) {
    let server = TestServer::start().await;
    let mut first = Call::new(&server, "standup", 1, 0);
    first.tell(&server, 0, Fact::MeetingStarted);
    first.join(&server, 1, "Ana", 0);
    first.join(&server, 2, "", 5);
    first.leave(&server, 1, "Ana", (0, 20));
    first.join(&server, 3, "Ana", 25);
    first.leave(&server, 2, "Bo", (5, 30));
    first.leave(&server, 3, "Ana", (25, 31));
    first.tell(&server, 31, Fact::MeetingEnded);
    let mut second = Call::new(&server, "retro", 2, 60);
    second.tell(&server, 60, Fact::MeetingStarted);
    second.join(&server, 1, "Cleo", 60);
    server.wait_for_facts(10).await;
    server.live.lock().unwrap().present.push(present(&second, 1));
    server.clock.advance(100);
    (server, first, second)
}

/// `count` meetings, ten seconds apart, each of a second; newest first.
async fn with_meetings(count: u8) -> (TestServer, Vec<String>) {
    let server = TestServer::start().await;
    let mut ids = Vec::new();
    for number in 0..count {
        let mut call = Call::new(&server, "standup", number, i64::from(number) * 10);
        call.tell(&server, i64::from(number) * 10, Fact::MeetingStarted);
        call.tell(&server, i64::from(number) * 10 + 1, Fact::MeetingEnded);
        ids.push(call.meeting().to_string());
    }
    server.wait_for_facts(u64::from(count) * 2).await;
    ids.reverse();
    (server, ids)
}

fn ids(answer: &Answer) -> Vec<&str> {
    let meetings = answer.body["data"].as_array().unwrap_or_else(|| panic!("{answer}"));
    meetings.iter().map(|meeting| meeting["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn meetings_are_listed_newest_first_with_one_entry_for_each_stay() {
    let (server, ..) = with_history().await;
    let answer = server.key().get("/v1/meetings").await;
    assert_snapshot!(answer, @r#"200 {"total_count":2,"data":[{"id":"[id]","room":"retro","start_time":1893456060,"duration":40,"ongoing":true,"max_participants":1,"participants":[{"user_id":"u-1","participant_id":"[id]","user_name":"Cleo","join_time":1893456060,"duration":40}]},{"id":"[id]","room":"standup","start_time":1893456000,"duration":31,"ongoing":false,"max_participants":2,"participants":[{"user_id":"u-1","participant_id":"[id]","user_name":"Ana","join_time":1893456000,"duration":20},{"user_id":null,"participant_id":"[id]","user_name":"Bo","join_time":1893456005,"duration":25},{"user_id":"u-3","participant_id":"[id]","user_name":"Ana","join_time":1893456025,"duration":6}]}]}"#);
}

#[tokio::test]
async fn no_participants_leaves_them_out() {
    let (server, ..) = with_history().await;
    let answer = server.key().get("/v1/meetings?no_participants=True&room=standup").await;
    assert_snapshot!(answer, @r#"200 {"total_count":1,"data":[{"id":"[id]","room":"standup","start_time":1893456000,"duration":31,"ongoing":false,"max_participants":2}]}"#);
}

#[tokio::test]
async fn meetings_are_filtered_by_room_time_and_whether_they_run() {
    let (server, first, second) = with_history().await;
    let (first, second) = (first.meeting().to_string(), second.meeting().to_string());
    let (first, second) = (first.as_str(), second.as_str());
    let start = START_SECONDS;
    let cases = [
        ("room=retro".to_owned(), vec![second]),
        ("room=nobody".to_owned(), vec![]),
        ("ongoing=true".to_owned(), vec![second]),
        ("ongoing=false".to_owned(), vec![first]),
        (format!("timeframe_start={}", start + 60), vec![second]),
        (format!("timeframe_start={}", start + 61), vec![]),
        (format!("timeframe_end={}", start + 60), vec![first]),
        (format!("timeframe_end={}", start + 61), vec![second, first]),
        (format!("timeframe_start={}.5", start - 1), vec![second, first]),
        ("timeframe_start=-1e300&timeframe_end=1e300".to_owned(), vec![second, first]),
    ];
    for (query, expected) in cases {
        let answer = server.key().get(&format!("/v1/meetings?{query}")).await;
        assert_eq!(ids(&answer), expected, "{query}: {answer}");
        assert_eq!(answer.body["total_count"], expected.len(), "{query}");
        let one = server.key().get(&format!("/v1/meetings?{query}&limit=1")).await;
        assert_eq!(one.body["total_count"], expected.len(), "{query}");
    }
    let empty = server.key().get("/v1/meetings?room=nobody").await;
    assert_snapshot!(empty, @r#"200 {"total_count":0,"data":[]}"#);
}

#[tokio::test]
async fn cursors_walk_to_the_end_and_oldest_is_the_last_page() {
    let (server, made) = with_meetings(7).await;
    let ask = async |query: String| {
        let answer = server.key().get(&format!("/v1/meetings?limit=3&{query}")).await;
        assert_eq!((answer.status, &answer.body["total_count"]), (StatusCode::OK, &json!(7)));
        ids(&answer).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(ask(String::new()).await, made[..3]);
    assert_eq!(ask(format!("starting_after={}", made[2])).await, made[3..6]);
    assert_eq!(ask(format!("starting_after={}", made[5])).await, made[6..]);
    assert!(ask(format!("starting_after={}", made[6])).await.is_empty());
    assert_eq!(ask(format!("ending_before={}", made[5])).await, made[2..5]);
    assert_eq!(ask("ending_before=OLDEST".to_owned()).await, made[4..]);
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_said_in_the_words_of_the_schema() {
    let (server, made) = with_meetings(1).await;
    let both = format!("starting_after={0}&ending_before={0}", made[0]);
    let cases = [
        ("colour=red", r#""colour" is not allowed [Received colour="red"]"#),
        ("limit=0", r#""limit" must be greater than or equal to 1 [Received limit="0"]"#),
        ("limit=-3", r#""limit" must be greater than or equal to 1 [Received limit="-3"]"#),
        ("limit=ten", r#""limit" must be a number [Received limit="ten"]"#),
        ("limit=1.5", r#""limit" must be an integer [Received limit="1.5"]"#),
        ("ongoing=maybe", r#""ongoing" must be a boolean [Received ongoing="maybe"]"#),
        (
            "no_participants=1",
            r#""no_participants" must be a boolean [Received no_participants="1"]"#,
        ),
        (
            "timeframe_start=x",
            r#""timeframe_start" must be a number [Received timeframe_start="x"]"#,
        ),
        ("timeframe_end=inf", r#""timeframe_end" must be a number [Received timeframe_end="inf"]"#),
        (
            "starting_after=x",
            r#""starting_after" must be the id of an object of this list [Received starting_after="x"]"#,
        ),
        (
            "ending_before=x",
            r#""ending_before" must be the id of an object of this list [Received ending_before="x"]"#,
        ),
        (both.as_str(), "starting_after and ending_before cannot be used together"),
    ];
    for (query, info) in cases {
        let answer = server.key().get(&format!("/v1/meetings?{query}")).await;
        assert_eq!((answer.status, answer.info()), (StatusCode::BAD_REQUEST, info), "{query}");
        assert_eq!(answer.body["error"], "invalid-request-error");
    }
    for query in ["limit=1000", "limit=99999999999999999999999", "limit=&room=&ongoing="] {
        let answer = server.key().get(&format!("/v1/meetings?{query}")).await;
        assert_eq!(ids(&answer), made, "{query}");
    }
}

#[tokio::test]
async fn a_page_lists_no_more_than_two_thousand_participants() {
    let server = TestServer::start().await;
    for number in 1..=3_u8 {
        let mut call = Call::new(&server, "standup", number, i64::from(number) * 10);
        call.tell(&server, i64::from(number) * 10, Fact::MeetingStarted);
        for guest in 0..=900_u16 {
            let mut id = [number; 16];
            id[..2].copy_from_slice(&guest.to_be_bytes());
            let fact = Fact::ParticipantJoined {
                participant: ParticipantId::from_random(id),
                user_id: None,
                user_name: String::new(),
                is_owner: false,
                permissions: Permissions::owner(),
                eject_at: None,
            };
            call.tell(&server, i64::from(number) * 10, fact);
        }
    }
    server.wait_for_facts(3 * 902).await;
    let answer = server.key().get("/v1/meetings").await;
    let listed = answer.body["data"].as_array().unwrap().iter();
    let counts = listed.map(|meeting| meeting["participants"].as_array().unwrap().len());
    assert_eq!(counts.collect::<Vec<_>>(), [901, 901, 198]);
}

#[tokio::test]
async fn one_meeting_is_read_by_its_id() {
    let (server, first, second) = with_history().await;
    let answer = server.key().get(&format!("/v1/meetings/{}", first.meeting())).await;
    assert_snapshot!(answer, @r#"200 {"id":"[id]","room":"standup","start_time":1893456000,"duration":31,"ongoing":false,"max_participants":2}"#);
    let answer = server.key().get(&format!("/v1/meetings/{}", second.meeting())).await;
    assert_snapshot!(answer, @r#"200 {"id":"[id]","room":"retro","start_time":1893456060,"duration":40,"ongoing":true,"max_participants":1}"#);
}

#[tokio::test]
async fn unknown_meeting_is_404() {
    let (server, ..) = with_history().await;
    let unknown = MeetingId::from_random([77; 16]).to_string();
    for id in ["nothing", "1", unknown.as_str(), "%00", "..%2f"] {
        for rest in ["", "/participants"] {
            let answer = server.key().get(&format!("/v1/meetings/{id}{rest}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}{rest}: {answer}");
            assert_eq!(answer.body["error"], "not-found");
        }
    }
    let answer = server.key().get("/v1/meetings/nothing").await;
    assert_snapshot!(answer, @r#"404 {"error":"not-found","info":"meeting nothing not found"}"#);
}

#[tokio::test]
async fn participants_of_a_meeting_are_paged_in_order_of_joining_until_404() {
    let (server, call, _) = with_history().await;
    let path = format!("/v1/meetings/{}/participants", call.meeting());
    let answer = server.key().get(&path).await;
    assert_snapshot!(answer, @r#"200 {"data":[{"user_id":"u-1","participant_id":"[id]","user_name":"Ana","join_time":1893456000,"duration":20},{"user_id":null,"participant_id":"[id]","user_name":"Bo","join_time":1893456005,"duration":25},{"user_id":"u-3","participant_id":"[id]","user_name":"Ana","join_time":1893456025,"duration":6}]}"#);
    let whole = answer.body["data"].as_array().unwrap().clone();
    let ask = async |query: String| {
        let answer = server.key().get(&format!("{path}?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {answer}");
        answer.body["data"].as_array().unwrap().clone()
    };
    assert_eq!(ask("limit=2".to_owned()).await, whole[..2]);
    let (bo, last) = (call.participant(2), call.participant(3));
    assert_eq!(ask(format!("limit=2&joined_after={bo}")).await, whole[2..]);
    assert_eq!(ask(format!("limit=1&joined_before={last}")).await, whole[1..2]);
    let answer = server.key().get(&format!("{path}?joined_after={last}")).await;
    assert_snapshot!(answer, @r#"404 {"error":"not-found","info":"meeting 01010101-0101-4101-8101-010101010101 has no more participants"}"#);
    let answer = server.key().get(&format!("{path}?joined_after=x")).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"\"joined_after\" must be the id of an object of this list [Received joined_after=\"x\"]"}"#);
    let answer = server.key().get(&format!("{path}?page=2")).await;
    assert_snapshot!(answer, @r#"400 {"error":"invalid-request-error","info":"\"page\" is not allowed [Received page=\"2\"]"}"#);
}

#[tokio::test]
async fn another_organization_sees_nothing_of_it() {
    let (server, call, _) = with_history().await;
    let id = call.meeting();
    let answer = server.other_org().get("/v1/meetings").await;
    assert_snapshot!(answer, @r#"200 {"total_count":0,"data":[]}"#);
    let foreign = server.other_org().get(&format!("/v1/meetings?starting_after={id}")).await;
    assert_eq!(foreign.status, StatusCode::BAD_REQUEST, "{foreign}");
    for path in [format!("/v1/meetings/{id}"), format!("/v1/meetings/{id}/participants")] {
        let answer = server.other_org().get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{answer}");
    }
}

/// Somebody of a call, as the live rooms would show them.
fn present(call: &Call, number: u8) -> PresentParticipant {
    PresentParticipant {
        room: RoomId::from_random([9; 16]),
        room_name: "retro".to_owned(),
        participant: call.participant(number),
        user_id: None,
        user_name: String::new(),
        meeting: call.meeting(),
        joined_at: at(60),
    }
}

#[tokio::test]
async fn what_the_next_process_finds_open_ended_at_the_last_sign_of_life() {
    let (mut server, _, second) = with_history().await;
    server.restart_recorder(2).await;
    server.clock.advance(1000);
    let meeting = server.key().get(&format!("/v1/meetings/{}", second.meeting())).await;
    assert_eq!((&meeting.body["ongoing"], &meeting.body["duration"]), (&json!(false), &json!(40)));
    let path = format!("/v1/meetings/{}/participants", second.meeting());
    assert_eq!(server.key().get(&path).await.body["data"][0]["duration"], 40);
}

#[tokio::test]
async fn whom_no_fact_says_to_have_left_leaves_the_records_when_the_room_does_not_show_them() {
    let server = TestServer::start().await;
    let mut call = Call::new(&server, "retro", 2, 0);
    call.tell(&server, 0, Fact::MeetingStarted);
    call.join(&server, 1, "Ana", 0);
    call.join(&server, 2, "Bo", 1);
    server.wait_for_facts(3).await;
    server.live.lock().unwrap().present.push(present(&call, 2));
    server.clock.advance(50);
    server.wait_for_facts(4).await;
    let path = format!("/v1/meetings/{}/participants", call.meeting());
    let stays = async || {
        server.clock.advance(10);
        let people = server.key().get(&path).await.body["data"].clone();
        let durations = people.as_array().unwrap().iter().map(|one| one["duration"].clone());
        durations.collect::<Vec<_>>()
    };
    assert_eq!(stays().await, [50, 59]);
    assert_eq!(stays().await, [50, 69]);
    server.live.lock().unwrap().present.clear();
    server.clock.advance(30);
    server.wait_for_facts(6).await;
    let meeting = server.key().get(&format!("/v1/meetings/{}", call.meeting())).await;
    assert_eq!((&meeting.body["ongoing"], &meeting.body["duration"]), (&json!(false), &json!(100)));
}

#[tokio::test]
async fn nobody_is_taken_for_gone_while_the_live_rooms_do_not_answer() {
    let server = TestServer::start().await;
    let mut call = Call::new(&server, "retro", 2, 0);
    call.tell(&server, 0, Fact::MeetingStarted);
    call.join(&server, 1, "Ana", 0);
    server.wait_for_facts(2).await;
    server.live.lock().unwrap().is_deaf = true;
    server.clock.advance(50);
    // The rooms are asked in vain, then tell of themselves.
    call.join(&server, 2, "Bo", 50);
    server.wait_for_facts(3).await;
    let meeting = server.key().get(&format!("/v1/meetings/{}", call.meeting())).await;
    assert_eq!(
        (&meeting.body["ongoing"], &meeting.body["max_participants"]),
        (&json!(true), &json!(2))
    );
}
