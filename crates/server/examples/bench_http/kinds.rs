//! The requests that are measured: one of each operation that a running server
//! can carry out again and again.

use serde_json::{Value, json};

use crate::client::{Client, request};
use crate::{Options, Outcome};

/// Rooms that are made to be deleted while it is measured what that costs.
const TO_DELETE: u64 = 20_000;

/// A kind of request.
pub(crate) struct Kind {
    /// Its limit class.
    pub(crate) class: &'static str,
    /// What it is called in the table.
    pub(crate) name: String,
    pub(crate) method: &'static str,
    /// `{n}` stands for a number that no other request of this run has.
    pub(crate) path: String,
    pub(crate) body: String,
    /// The status that it must be answered with.
    pub(crate) status: u16,
    /// Most requests, when there is only so much to work on.
    pub(crate) most: u64,
}

impl Kind {
    fn new(class: &'static str, method: &'static str, path: &str) -> Self {
        let name = format!("{method} {path}");
        let (path, body) = (path.to_owned(), String::new());
        Self { class, name, method, path, body, status: 200, most: u64::MAX }
    }

    fn body(mut self, body: &Value) -> Self {
        self.body = body.to_string();
        self
    }

    fn called(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    fn at(mut self, path: String) -> Self {
        self.path = path;
        self
    }

    fn answers(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    fn most(mut self, most: u64) -> Self {
        self.most = most;
        self
    }
}

/// Makes what the requests work on, and lists them. In the room `hosting` a
/// call goes on.
pub(crate) fn prepare(options: &Options, hosting: &str) -> Outcome<Vec<Kind>> {
    let mut client = Client::connect(options)?;
    for _ in 0..100 {
        client.ask(&request(options, "POST", "/v1/rooms", "{}"))?;
    }
    if "DELETE /v1/rooms/{n}".contains(options.only.as_str()) {
        make_rooms_to_delete(options, &mut client)?;
    }
    let token =
        json!({"properties": {"room_name": "standup", "is_owner": true, "user_name": "Ana"}});
    let made = client.ask(&request(options, "POST", "/v1/meeting-tokens", &token.to_string()))?;
    let made: Value = serde_json::from_str(&made)?;
    let jwt = made["token"].as_str().ok_or("a token")?.to_owned();
    let in_call = |action: &str| format!("/v1/rooms/{hosting}/{action}");
    let standard = |method, path: &str| Kind::new("standard", method, path);
    let room = json!({"properties": {"start_video_off": true, "max_participants": 20}});
    let webhook = json!({"url": "ftp://refused"});
    Ok(vec![
        Kind::new("none", "GET", "/healthz"),
        standard("GET", "/v1/"),
        standard("POST", "/v1/").body(&json!({"properties": {"enable_people_ui": true}})),
        standard("GET", "/v1/rooms/:name").at(format!("/v1/rooms/{hosting}")),
        standard("POST", "/v1/rooms").body(&room),
        standard("POST", "/v1/rooms/:name").at(format!("/v1/rooms/{hosting}")).body(&room),
        standard("GET", "/v1/rooms").called("GET /v1/rooms (100)"),
        Kind::new("heavy", "DELETE", "/v1/rooms/{n}")
            .called("DELETE /v1/rooms/:name")
            .at("/v1/rooms/delete-{n}".into())
            .most(TO_DELETE),
        Kind::new("batch", "POST", "/v1/batch/rooms")
            .called("POST /v1/batch/rooms (100)")
            .body(&json!({"rooms": vec![json!({}); 100]})),
        standard("POST", "/v1/meeting-tokens").body(&token),
        standard("GET", "/v1/meeting-tokens/:token").at(format!("/v1/meeting-tokens/{jwt}")),
        standard("GET", "/v1/presence"),
        standard("GET", "/v1/rooms/:name/presence").at(in_call("presence")),
        standard("POST", "/v1/rooms/:name/send-app-message")
            .at(in_call("send-app-message"))
            .body(&json!({"data": {"hello": "world"}})),
        standard("GET", "/v1/rooms/:name/get-session-data").at(in_call("get-session-data")),
        standard("POST", "/v1/rooms/:name/set-session-data")
            .at(in_call("set-session-data"))
            .body(&json!({"data": {"round": 1}, "mergeStrategy": "shallow-merge"})),
        standard("POST", "/v1/rooms/:name/eject")
            .at(in_call("eject"))
            .body(&json!({"user_ids": ["nobody"]})),
        standard("POST", "/v1/rooms/:name/update-permissions")
            .at(in_call("update-permissions"))
            .body(&json!({"data": {"*": {"canSend": true}}})),
        Kind::new("start", "POST", "/v1/rooms/:name/recordings/start")
            .at(in_call("recordings/start"))
            .body(&json!({"type": "cloud"}))
            .answers(400),
        Kind::new("heavy", "GET", "/v1/recordings"),
        standard("GET", "/v1/meetings"),
        standard("GET", "/v1/logs/api"),
        standard("GET", "/v1/webhooks"),
        standard("POST", "/v1/webhooks")
            .called("POST /v1/webhooks (refused)")
            .body(&webhook)
            .answers(400),
    ])
}

fn make_rooms_to_delete(options: &Options, client: &mut Client) -> Outcome<()> {
    for first in (0..TO_DELETE).step_by(1_000) {
        let named = |number| json!({"name": format!("delete-{number}")});
        let rooms: Vec<Value> = (first..first + 1_000).map(named).collect();
        let body = json!({"rooms": rooms}).to_string();
        client.ask(&request(options, "POST", "/v1/batch/rooms", &body))?;
    }
    Ok(())
}
