//! `parlor token`.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use super::process::{Dev, failure, parlor, run};

fn dev() -> Dev {
    Dev::start_with(|command| command)
}

fn token(dev: &Dev, arguments: &[&str]) -> String {
    let answer = dev.cli_json(&[&["token", "create"], arguments].concat());
    answer["token"].as_str().unwrap().to_owned()
}

/// The checks that do not hold, with their words.
fn refusals(explained: &Value) -> Vec<(String, String)> {
    let text = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
    let checks = explained["checks"].as_array().unwrap().iter();
    checks
        .filter(|check| check["result"] == "refused")
        .map(|check| (text(check, "check"), text(check, "info")))
        .collect()
}

#[test]
fn token_carries_what_it_was_made_with() {
    let dev = dev();
    dev.cli_json(&["room", "create", "--name", "standup"]);
    let token = token(
        &dev,
        &[
            "--room",
            "standup",
            "--owner",
            "--user-name",
            "Ana",
            "--exp",
            "1h",
            "-p",
            "enable_screenshare=false",
        ],
    );
    let explained = dev.cli_json(&["token", "explain", &token]);
    let claim = |name: &str| {
        let claims = explained["claims"].as_array().unwrap();
        let found = claims.iter().find(|claim| claim["claim"] == name).unwrap().clone();
        (
            found["property"].clone(),
            found["value"].clone(),
            found["meaning"].as_str().unwrap().to_owned(),
        )
    };
    let (property, value, meaning) = claim("r");
    assert_eq!((property, value), ("room_name".into(), "standup".into()));
    assert_eq!(meaning, "opens the room 'standup' and no other");
    assert_eq!(claim("ss").1, false);
    assert!(claim("o").2.contains("owner of the meeting"));
    assert!(claim("exp").2.contains("in 1 h") || claim("exp").2.contains("in 59 min"));
    assert_eq!(explained["header"]["alg"], "HS256");
    assert_eq!(
        (refusals(&explained), &explained["would_be_refused"]),
        (vec![], &Value::Bool(false))
    );
}

#[test]
fn terminal_gets_the_token_and_the_address_it_opens() {
    let dev = dev();
    let text = dev.cli_text(&["token", "create", "--room", "standup"]);
    let mut lines = text.lines();
    let token = lines.next().unwrap();
    assert!(token.starts_with("eyJ"));
    assert_eq!(lines.last().unwrap(), format!("opens {}/standup?t={token}", dev.field("url")));
}

#[test]
fn every_reason_for_a_refusal_is_named() {
    let dev = dev();
    dev.cli_json(&["room", "create", "--name", "brief", "--exp", "2h"]);
    dev.cli_json(&["room", "create", "--name", "later", "-p", "nbf=4102444800"]);
    let explain = |token: &str, further: &[&str]| {
        let explained = dev.cli_json(&[&["token", "explain", token], further].concat());
        let refusals = refusals(&explained);
        assert_eq!(explained["would_be_refused"], !refusals.is_empty());
        refusals
    };
    let one = |refusals: Vec<(String, String)>| {
        assert_eq!(refusals.len(), 1, "{refusals:?}");
        refusals.into_iter().next().unwrap()
    };

    let (check, info) = one(explain(&token(&dev, &["--room", "brief", "--nbf", "1h"]), &[]));
    assert!(check == "time" && info.contains("not valid before"), "{info}");
    let brief = token(&dev, &["--room", "brief", "--exp", "1h"]);
    let (check, info) = one(explain(&brief, &["--room", "later"]).into_iter().take(1).collect());
    assert_eq!(
        (check.as_str(), info.as_str()),
        ("room claim", "it is for the room 'brief', not for 'later'")
    );
    let (check, info) = one(explain(&token(&dev, &["--room", "nobody"]), &[]));
    assert_eq!(
        (check.as_str(), info.as_str()),
        ("room", "the room 'nobody' does not exist, or has expired")
    );
    let (check, info) = one(explain(&token(&dev, &[]), &["--room", "later"]));
    assert!(check == "room" && info.contains("lets nobody in before 2100-01-01"), "{info}");

    dev.request(dev.key(), "POST", "/_dev/clock", r#"{"advance":"90m"}"#);
    let (check, info) = one(explain(&brief, &[]));
    assert!(check == "time" && info.contains("it expired at"), "{info}");
    dev.request(dev.key(), "POST", "/_dev/clock", r#"{"advance":"90m"}"#);
    let names: Vec<String> = explain(&brief, &[]).into_iter().map(|(check, _)| check).collect();
    assert_eq!(names, ["time", "room"]);
}

#[test]
fn token_of_another_server_names_domain_and_signature() {
    let (one, other) = (dev(), dev());
    one.cli_json(&["room", "create", "--name", "standup"]);
    let token = token(&other, &["--room", "standup"]);
    let explained = one.cli_json(&["token", "explain", &token]);
    let names: Vec<String> = refusals(&explained).into_iter().map(|(check, _)| check).collect();
    assert_eq!(names, ["domain", "signature"]);
    let forged = format!("{}x", &token[..token.len() - 1]);
    let explained = other.cli_json(&["token", "explain", &forged, "--room", "standup"]);
    assert!(refusals(&explained).iter().any(|(check, _)| check == "signature"));
}

#[test]
fn token_of_a_revoked_key_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path());
    let folder = data.path().to_str().unwrap();
    let made = run(&["api-key", "create", "second", "--data", folder]);
    let key = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    dev.cli_json(&["room", "create", "--name", "standup"]);
    let answer = dev.cli_json(&["token", "create", "--room", "standup", "--api-key", &key]);
    let token = answer["token"].as_str().unwrap();
    assert!(refusals(&dev.cli_json(&["token", "explain", token])).is_empty());
    assert!(run(&["api-key", "revoke", "second", "--data", folder]).status.success());
    let refusals = refusals(&dev.cli_json(&["token", "explain", token]));
    assert_eq!(refusals.len(), 1);
    assert!(refusals[0].1.contains("active API key"), "{refusals:?}");
}

#[test]
fn token_is_explained_without_a_server() {
    let dev = dev();
    let token = token(&dev, &["--room", "standup", "--user-name", "Ana"]);
    drop(dev);
    for arguments in [&["token", "explain", &token, "--offline"][..], &["token", "explain", &token]]
    {
        let output = run(arguments);
        assert!(output.status.success());
        let explained: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(explained["would_be_refused"], Value::Null);
        assert_eq!(explained["claims"][0]["meaning"], "opens the room 'standup' and no other");
    }
    let unreachable = parlor()
        .args(["token", "explain", &token, "--url", "http://127.0.0.1:1", "--api-key", "x"])
        .output()
        .unwrap();
    let explained: Value = serde_json::from_slice(&unreachable.stdout).unwrap();
    assert!(explained["checks"].as_array().unwrap().iter().any(|check| {
        check["result"] == "unknown"
            && check["info"].as_str().unwrap().contains("no server answers")
    }));
}

#[test]
fn token_comes_from_standard_input_too() {
    let dev = dev();
    let token = token(&dev, &["--room", "standup"]);
    let mut child = parlor()
        .args(["token", "explain", "-", "--offline"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "  {token}").unwrap();
    let output = child.wait_with_output().unwrap();
    let explained: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(explained["claims"][0]["value"], "standup");
}

#[test]
fn what_is_no_token_is_said_to_be_none() {
    for (bad, words) in [
        ("abc", "three parts"),
        ("a.b", "three parts"),
        ("a.b.c", "first part"),
        ("e30.!.c", "second part is not base64url"),
        ("e30.W10.c", "second part is not a JSON object"),
        ("", "empty"),
    ] {
        let text = failure(&run(&["token", "explain", bad, "--offline"]));
        assert!(text.contains(words), "{bad}: {text}");
    }
}

#[test]
fn claims_of_strangers_cannot_steer_the_terminal() {
    // {"alg":"HS256"} . {"u":"\u001b[2Jx"}
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJ1IjoiXHUwMDFiWzJKeCJ9.x";
    let output = run(&["token", "explain", token, "--offline", "--text"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains('\u{1b}') && text.contains("\\u{1b}[2Jx"), "{text}");
}
