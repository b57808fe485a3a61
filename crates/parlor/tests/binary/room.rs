//! `parlor room` and `parlor presence`, and what every command has in common:
//! errors, paging, pipes.

use std::collections::BTreeSet;
use std::process::Stdio;

use super::person::Person;
use super::process::{Dev, failure, parlor};

fn dev() -> Dev {
    Dev::start_with(|command| command)
}

#[test]
fn room_is_made_shown_listed_and_deleted() {
    let dev = dev();
    let made = dev.cli_json(&[
        "room",
        "create",
        "--name",
        "standup",
        "--private",
        "--exp",
        "1h",
        "-p",
        "max_participants=5",
        "-p",
        "lang=de",
    ]);
    assert_eq!(
        (made["name"].as_str(), made["privacy"].as_str()),
        (Some("standup"), Some("private"))
    );
    assert_eq!(
        (made["config"]["max_participants"].as_i64(), made["config"]["lang"].as_str()),
        (Some(5), Some("de"))
    );
    assert!(made["config"]["exp"].is_i64());
    assert_eq!(dev.cli_json(&["room", "show", "standup"]), made);
    let listed = dev.cli_json(&["room", "list"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert_eq!(listed[0], made);
    let deleted = dev.cli_json(&["room", "delete", "standup"]);
    assert_eq!(deleted.to_string(), r#"{"deleted":true,"name":"standup"}"#);
    assert_eq!(dev.cli_json(&["room", "list"]).as_array().map(Vec::len), Some(0));
}

#[test]
fn machine_without_certificates_of_authorities_talks_plain_http() {
    let dev = dev();
    let bare = |arguments: &[&str]| {
        let mut command = dev.cli_command(arguments);
        command.env("SSL_CERT_FILE", "/dev/null").env("SSL_CERT_DIR", "/dev/null");
        command.output().unwrap()
    };
    let listed = bare(&["room", "list"]);
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let refused = failure(&bare(&["room", "list", "--url", "https://127.0.0.1:1"]));
    assert!(refused.contains("ca-certificates") && refused.contains("SSL_CERT_FILE"), "{refused}");
}

#[test]
fn room_without_a_name_gets_one() {
    let dev = dev();
    let name = dev.cli_json(&["room", "create"])["name"].as_str().unwrap().to_owned();
    assert_eq!(name.len(), 20);
    assert_eq!(dev.cli_text(&["room", "delete", &name]), format!("room {name} is deleted\n"));
}

#[test]
fn name_with_a_line_break_is_not_another_rooms_name() {
    let dev = dev();
    dev.cli_json(&["room", "create", "--name", "xy"]);
    let refused = failure(&dev.cli(&["room", "delete", "x\ny"]));
    assert!(refused.contains("control character"), "{refused}");
    assert_eq!(dev.cli_json(&["room", "show", "xy"])["name"], "xy");
}

#[test]
fn names_that_look_like_options_or_addresses_are_names() {
    let dev = dev();
    for name in ["-abc", "--json-x", "_", "-"] {
        assert_eq!(dev.cli_json(&["room", "create", "--name", name])["name"], name);
        assert_eq!(dev.cli_json(&["room", "show", "--", name])["name"], name);
    }
    assert_eq!(dev.cli_json(&["room", "show", "-abc"])["name"], "-abc");
    for name in ["..", ".", "", "a/b", "a?b", "é", "%2e%2e", "a b", "#"] {
        let text = failure(&dev.cli(&["room", "show", "--", name]));
        assert!(text.contains("not found") || text.contains("no name"), "{name}: {text}");
    }
    let text = failure(&dev.cli(&["room", "create", "--name", "a b"]));
    assert!(text.contains("contains invalid characters"), "{text}");
}

#[test]
fn exp_of_a_room_goes_by_the_clock_of_the_server() {
    let dev = dev();
    dev.request(dev.key(), "POST", "/_dev/clock", r#"{"advance":"48h"}"#);
    dev.cli_json(&["room", "create", "--name", "later", "--exp", "1h"]);
    dev.request(dev.key(), "POST", "/_dev/clock", r#"{"advance":"61m"}"#);
    assert!(failure(&dev.cli(&["room", "show", "later"])).contains("room later not found"));
}

#[test]
fn list_goes_through_all_pages_and_stops_at_its_limit() {
    let dev = dev();
    for number in 0..250 {
        let body = format!(r#"{{"name":"room-{number}"}}"#);
        assert_eq!(dev.request(dev.key(), "POST", "/v1/rooms", &body).0, 200);
    }
    let names = |list: &serde_json::Value| -> BTreeSet<String> {
        list.as_array()
            .unwrap()
            .iter()
            .map(|room| room["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&dev.cli_json(&["room", "list"])).len(), 250);
    for limit in [0, 1, 100, 101, 200] {
        let limit_text = limit.to_string();
        assert_eq!(names(&dev.cli_json(&["room", "list", "--limit", &limit_text])).len(), limit);
    }
    let text = dev.cli_text(&["room", "list"]);
    assert_eq!(text.lines().count(), 251, "one heading");
    let columns: BTreeSet<Option<usize>> =
        text.lines().map(|line| line.find("public").or(line.find("PRIVACY"))).collect();
    assert_eq!(columns.len(), 1, "aligned");
}

#[test]
fn reader_who_has_seen_enough_is_no_error() {
    let dev = dev();
    for _ in 0..3 {
        dev.cli_json(&["room", "create"]);
    }
    let mut child = dev
        .cli_command(&["room", "list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{:?}", output.status);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn request_too_many_waits_as_long_as_the_server_says() {
    let dev = dev();
    let rules = r#"{"rules":[{"route":"GET /rooms","status":429,"retry_after":1,"times":1}]}"#;
    dev.request(dev.key(), "POST", "/_dev/faults", rules);
    let before = std::time::Instant::now();
    assert_eq!(dev.cli_json(&["room", "list"]).as_array().map(Vec::len), Some(0));
    assert!(before.elapsed().as_secs() >= 1);
}

#[test]
fn failures_say_the_way_out() {
    let dev = dev();
    let run = |name: &str, value: &str| {
        let output = dev.cli_command(&["room", "list"]).env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        failure(&output)
    };
    let text = run("PARLOR_API_KEY", "");
    assert!(text.contains("PARLOR_API_KEY") && text.contains("parlor api-key create"), "{text}");
    let text = run("PARLOR_API_KEY", "wrong");
    assert!(text.contains("does not know this API key"), "{text}");
    let text = run("PARLOR_URL", "http://127.0.0.1:1");
    assert!(text.contains("no server answers") && text.contains("`parlor dev`"), "{text}");
    let text = run("PARLOR_URL", "127.0.0.1:8080");
    assert!(text.contains("http://127.0.0.1:8080"), "{text}");
    let text = failure(&dev.cli(&["room", "show", "nobody"]));
    assert_eq!(text, "parlor: room nobody not found\n");
    let text = failure(&dev.cli(&["room", "create", "-p", "max_participant=5"]));
    assert!(text.contains("did you mean 'max_participants'?"), "{text}");
    let usage = dev.cli(&["room", "create", "--exp", "soon"]);
    assert_eq!(usage.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&usage.stderr).contains("1h30m"));
}

#[test]
fn program_that_is_not_parlor_is_said_to_be_none() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut stream, _) = listener.accept().unwrap();
        assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").unwrap();
    });
    let output =
        parlor().args(["room", "list", "--api-key", "x", "--url", &address]).output().unwrap();
    assert!(failure(&output).contains("is not Parlor"));
    answering.join().unwrap();
}

#[test]
fn presence_shows_who_is_where_and_nobody_can_steer_the_terminal() {
    let dev = dev();
    dev.cli_json(&["room", "create", "--name", "standup"]);
    let token = dev.cli_json(&[
        "token",
        "create",
        "--room",
        "standup",
        "--user-name",
        "\u{1b}[2JAna\n",
        "--user-id",
        "u-17",
    ]);
    let ana = Person::enter_with(&dev, "standup", token["token"].as_str());
    let everywhere = dev.cli_json(&["presence"]);
    assert_eq!(everywhere["standup"][0]["id"], ana.id.as_str());
    let one = dev.cli_json(&["presence", "standup"]);
    assert_eq!((&one["total_count"], &one["data"][0]["userId"]), (&1.into(), &"u-17".into()));
    for arguments in [&["presence"][..], &["presence", "standup"]] {
        let text = dev.cli_text(arguments);
        assert!(text.lines().nth(1).unwrap().starts_with("standup  "), "{text}");
        assert!(!text.contains('\u{1b}') && text.contains("\\u{1b}[2JAna"), "{text}");
    }
}

#[test]
fn presence_of_an_empty_server_is_empty() {
    let dev = dev();
    dev.cli_json(&["room", "create", "--name", "quiet"]);
    assert_eq!(dev.cli_json(&["presence"]).to_string(), "{}");
    assert_eq!(dev.cli_json(&["presence", "quiet"]).to_string(), r#"{"total_count":0,"data":[]}"#);
    assert_eq!(dev.cli_text(&["presence"]), "nobody is in a call\n");
    assert!(failure(&dev.cli(&["presence", "nobody"])).contains("room nobody not found"));
}
