//! `parlor doctor`.

use std::fs::Permissions;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::process::{Dev, Serve, run};

/// The findings of a run, and its exit code.
fn doctor(arguments: &[&str]) -> (Vec<Value>, Option<i32>) {
    let output = run(&[&["doctor", "--json"], arguments].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["ok"], output.status.success());
    (report["findings"].as_array().unwrap().clone(), output.status.code())
}

fn states(findings: &[Value], check: &str) -> Vec<String> {
    let wanted = findings.iter().filter(|finding| finding["check"] == check);
    wanted.map(|finding| finding["state"].as_str().unwrap().to_owned()).collect()
}

fn configuration(folder: &Path, listen: &str, udp_port: u16) -> String {
    let file = folder.join("parlor.toml");
    let data = folder.join("data");
    let text = format!(
        "listen = '{listen}'\ndata = '{}'\n[media]\nudp_port = {udp_port}\nthreads = 1\nips = ['127.0.0.1']\n",
        data.display()
    );
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn running_server_is_well() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path());
    let report = dev.cli_json(&["doctor", "--data", data.path().to_str().unwrap()]);
    assert_eq!(report["ok"], true, "{report}");
    let findings = report["findings"].as_array().unwrap();
    for check in [
        "data folder",
        "secret.key",
        "disk",
        "time",
        "udp",
        "ports",
        "open files",
        "server",
        "clock skew",
        "api key",
    ] {
        let states = states(findings, check);
        assert!(!states.is_empty() && !states.contains(&"problem".to_owned()), "{check}: {report}");
    }
}

#[test]
fn machine_without_a_server_is_looked_at_for_the_first_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = configuration(folder.path(), "127.0.0.1:0", 0);
    let (findings, code) = doctor(&["--config", &file]);
    assert_eq!(states(&findings, "configuration"), ["ok"]);
    assert_eq!(states(&findings, "data folder"), ["ok"]);
    assert_eq!(states(&findings, "http port"), ["ok"]);
    assert_eq!(states(&findings, "udp ports"), ["ok"]);
    assert_eq!(code, Some(0));
    assert!(!folder.path().join("data").exists(), "looking makes nothing");
}

#[test]
fn ports_of_other_programs_are_problems_with_a_fix() {
    let folder = tempfile::tempdir().unwrap();
    let (tcp, udp) =
        (TcpListener::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let listen = tcp.local_addr().unwrap().to_string();
    let file = configuration(folder.path(), &listen, udp.local_addr().unwrap().port());
    let (findings, code) = doctor(&["--config", &file]);
    for check in ["http port", "udp ports"] {
        let finding = findings.iter().find(|finding| finding["check"] == check).unwrap();
        assert_eq!(finding["state"], "problem");
        assert!(finding["fix"].as_str().unwrap().contains("ss -l"), "{finding}");
    }
    assert_eq!(code, Some(1));
}

#[test]
fn open_secret_and_time_that_went_back_are_problems() {
    let data = tempfile::tempdir().unwrap();
    let secret = data.path().join("secret.key");
    std::fs::write(&secret, [0; 32]).unwrap();
    std::fs::set_permissions(&secret, Permissions::from_mode(0o644)).unwrap();
    let file = std::fs::File::options().write(true).open(&secret).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(3600)).unwrap();
    let (findings, code) = doctor(&["--data", data.path().to_str().unwrap()]);
    assert_eq!(states(&findings, "secret.key"), ["problem"]);
    assert_eq!(states(&findings, "time"), ["problem"]);
    assert_eq!(code, Some(1));
}

#[test]
fn data_folder_that_is_a_file_is_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let (findings, code) = doctor(&["--data", file.to_str().unwrap()]);
    assert_eq!((states(&findings, "data folder"), code), (vec!["problem".to_owned()], Some(1)));
}

#[test]
fn configuration_that_cannot_work_is_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("parlor.toml");
    std::fs::write(&file, "listne = '127.0.0.1:1'").unwrap();
    let (findings, code) = doctor(&["--config", file.to_str().unwrap()]);
    assert_eq!((states(&findings, "configuration"), code), (vec!["problem".to_owned()], Some(1)));
    std::fs::write(&file, "listen = '127.0.0.1:0'\npublic_url = 'http://meet.example.com'")
        .unwrap();
    let (findings, code) = doctor(&["--config", file.to_str().unwrap()]);
    assert_eq!((states(&findings, "public_url"), code), (vec!["problem".to_owned()], Some(1)));
}

#[test]
fn server_that_was_named_must_be_there_and_know_the_key() {
    let (findings, code) = doctor(&["--url", "http://127.0.0.1:1"]);
    assert_eq!((states(&findings, "server"), code), (vec!["problem".to_owned()], Some(1)));
    let dev = Dev::start_with(|command| command);
    let (findings, code) = doctor(&["--url", dev.field("url"), "--api-key", "wrong"]);
    assert_eq!(states(&findings, "server"), ["ok"]);
    assert_eq!((states(&findings, "api key"), code), (vec!["problem".to_owned()], Some(1)));
}

#[test]
fn fixes_stand_beside_their_findings() {
    let output = run(&["doctor", "--text", "--url", "http://127.0.0.1:1"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines().skip_while(|line| !line.starts_with("problem"));
    assert!(lines.next().unwrap().contains("server"), "{text}");
    assert!(lines.next().unwrap().contains("→ start it"), "{text}");
    assert_eq!(text.lines().last(), Some("Wrong: 1."));
}

#[test]
fn ways_to_a_running_server_are_tried() {
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let file = configuration(folder.path(), &format!("127.0.0.1:{port}"), udp);
    let server = Serve::start(&file);
    let (findings, _) = doctor(&["--config", &file]);
    for way in ["media udp", "media tcp", "relay"] {
        assert_eq!(states(&findings, way), ["ok"], "{way}: {findings:?}");
    }
    drop(server);
}
