//! `parlor dev`.

use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;

use super::process::{Dev, failure, parlor, request, run};

#[test]
fn ready_line_says_everything_a_program_needs() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path());
    assert!(dev.field("url").starts_with("http://127.0.0.1:"));
    assert_eq!(dev.field("domain"), "local");
    assert_eq!(dev.field("data"), data.path().to_str().unwrap());
    assert_eq!(dev.field("version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(dev.key().len(), 73, "a key of our own form");
    let (status, domain) = dev.request(dev.key(), "GET", "/v1/", "");
    assert_eq!((status, domain["domain_name"].as_str()), (200, Some("local")));
}

#[test]
fn temporary_data_is_removed_at_the_end() {
    let dev = Dev::start_with(|command| command);
    let data = std::path::PathBuf::from(dev.field("data"));
    assert!(data.exists());
    assert!(dev.terminate().success());
    assert!(!data.exists());
}

#[test]
fn rooms_keys_and_tokens_survive_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path());
    let key = dev.key().to_owned();
    let (status, room) = dev.request(&key, "POST", "/v1/rooms", r#"{"name":"kept"}"#);
    assert_eq!(status, 200);
    let (_, token) =
        dev.request(&key, "POST", "/v1/meeting-tokens", r#"{"properties":{"room_name":"kept"}}"#);
    dev.kill();

    let dev = Dev::start(data.path());
    assert_eq!(dev.key(), key, "the data folder keeps its key");
    let (status, again) = dev.request(&key, "GET", "/v1/rooms/kept", "");
    assert_eq!((status, &again["id"]), (200, &room["id"]));
    let path = format!("/v1/meeting-tokens/{}", token["token"].as_str().unwrap());
    let (status, properties) = dev.request(&key, "GET", &path, "");
    assert_eq!((status, properties["room_name"].as_str()), (200, Some("kept")));
}

#[test]
fn any_text_may_be_the_key_in_dev() {
    let dev =
        Dev::start_with(|command| command.env("PARLOR_API_KEY", "x").env("PARLOR_DOMAIN", "acme"));
    assert_eq!((dev.key(), dev.field("domain")), ("x", "acme"));
    assert_eq!(dev.request("x", "GET", "/v1/rooms", "").0, 200);
    assert_eq!(dev.request("y", "GET", "/v1/rooms", "").0, 401);
}

#[test]
fn key_may_be_other_than_ascii() {
    let dev = Dev::start_with(|command| command.env("PARLOR_API_KEY", "clé d’été"));
    assert_eq!(dev.request("clé d’été", "GET", "/v1/rooms", "").0, 200);
}

#[test]
fn key_that_no_header_can_carry_is_refused_at_the_start() {
    let output = parlor()
        .args(["dev", "--listen", "127.0.0.1:0"])
        .env("PARLOR_API_KEY", " x ")
        .output()
        .unwrap();
    let text = failure(&output);
    assert!(text.contains("API key"), "{text}");
}

#[test]
fn rate_limits_are_off_unless_asked_for() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path());
    let statuses = |dev: &Dev| (0..110).map(|_| dev.request(dev.key(), "GET", "/v1/", "").0).max();
    assert_eq!(statuses(&dev), Some(200));
    drop(dev);
    let dev = Dev::start_with(|command| {
        command.arg("--data").arg(data.path()).env("PARLOR_RATE_LIMITS", "on")
    });
    assert_eq!(statuses(&dev), Some(429));
}

#[test]
fn second_process_on_the_same_data_says_so_in_one_line() {
    let data = tempfile::tempdir().unwrap();
    let _dev = Dev::start(data.path());
    let path = data.path().to_str().unwrap();
    let text = failure(&run(&["dev", "--listen", "127.0.0.1:0", "--data", path]));
    assert!(text.contains(path) && text.contains("in use"), "{text}");
}

#[test]
fn port_in_use_says_so_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let text = failure(&run(&["dev", "--listen", &address]));
    assert!(text.contains(&address) && text.contains("in use"), "{text}");
}

#[test]
fn udp_port_in_use_says_so_in_one_line() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let text = failure(&run(&["dev", "--listen", "127.0.0.1:0", "--udp-port", &port]));
    assert!(text.contains(&port) && text.contains("taken"), "{text}");
}

#[test]
fn dev_stays_on_loopback() {
    let text = failure(&run(&["dev", "--listen", "0.0.0.0:0"]));
    assert!(text.contains("parlor serve"), "{text}");
}

#[test]
fn secrets_are_readable_by_their_owner_only() {
    let data = tempfile::tempdir().unwrap();
    let _dev = Dev::start(data.path());
    for name in ["dev-api-key", "secret.key", "parlor.sock"] {
        let mode = std::fs::metadata(data.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn printed_lines_work_as_printed() {
    let data = tempfile::tempdir().unwrap();
    let mut child = parlor()
        .args(["dev", "--listen", "127.0.0.1:0", "--data"])
        .arg(data.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = Vec::new();
    for line in std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap())) {
        let line = line.unwrap();
        let is_last = line.contains("Ctrl+C");
        lines.push(line);
        if is_last {
            break;
        }
    }
    let curls: Vec<&String> =
        lines.iter().filter(|line| line.trim_start().starts_with("curl ")).collect();
    assert_eq!(curls.len(), 3);
    for curl in curls {
        let line = curl.replace("curl ", "curl --silent --fail-with-body ");
        let output = std::process::Command::new("bash").arg("-c").arg(&line).output().unwrap();
        assert!(output.status.success(), "{curl}: {}", String::from_utf8_lossy(&output.stdout));
    }
    let page = lines
        .iter()
        .map(|line| line.trim())
        .find(|line| line.starts_with("http://127.0.0.1"))
        .unwrap();
    let (origin, room) = page.rsplit_once('/').unwrap();
    let (status, _) = request(origin, "", "GET", &format!("/{room}"), "");
    assert_eq!(status, 200, "{page}");
    child.kill().unwrap();
    child.wait().unwrap();
}
