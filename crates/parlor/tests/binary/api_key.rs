//! `parlor api-key`.

use serde_json::json;

use super::process::{Dev, failure, run};

fn created(data: &str, name: &str) -> String {
    let output = run(&["api-key", "create", name, "--data", data]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().last().unwrap().trim().to_owned()
}

#[test]
fn key_made_beside_a_running_server_works_at_once() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path());
    let key = created(data.path().to_str().unwrap(), "second");
    assert_ne!(key, dev.key());
    assert_eq!(dev.request(&key, "GET", "/v1/rooms", "").0, 200);
}

#[test]
fn key_made_without_a_server_works_when_it_starts() {
    let data = tempfile::tempdir().unwrap();
    let key = created(data.path().to_str().unwrap(), "first");
    let dev = Dev::start(data.path());
    assert_eq!(dev.request(&key, "GET", "/v1/rooms", "").0, 200);
}

#[test]
fn key_without_a_name_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let text = failure(&run(&["api-key", "create", " ", "--data", data.path().to_str().unwrap()]));
    assert!(text.contains("name"), "{text}");
}

#[test]
fn stored_files_do_not_contain_the_key() {
    let data = tempfile::tempdir().unwrap();
    let key = created(data.path().to_str().unwrap(), "hidden");
    for entry in std::fs::read_dir(data.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(key.len()).any(|window| window == key.as_bytes());
        assert!(!found, "{}", path.display());
    }
}

#[test]
fn key_made_as_the_documentation_shows_holds_what_it_says() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path());
    let words = "write:sandboxes,read:rooms";
    let line = [
        "api-key",
        "create",
        "My API Key",
        "--permissions",
        words,
        "--expires-at",
        "2040-12-31T23:59:59Z",
    ];
    // At the machine, and over the API.
    let folder = data.path().to_str().unwrap();
    let beside = run(&[&line[..], &["--data", folder]].concat());
    let far = dev.cli_command(&line).current_dir(data.path()).output().unwrap();
    assert!(!far.status.success(), "the name is taken");
    assert!(run(&["api-key", "delete", "My API Key", "--data", folder]).status.success());
    let far = dev.cli_command(&line).current_dir(data.path()).output().unwrap();
    let value = |output: &std::process::Output| {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout.clone()).unwrap().trim().to_owned()
    };
    assert_eq!(dev.request(&value(&beside), "GET", "/v1/rooms", "").0, 401);
    let key = value(&far);
    assert_eq!(dev.request(&key, "GET", "/v1/rooms", "").0, 200);
    let (status, answer) = dev.request(&key, "POST", "/v1/rooms", "{}");
    assert_eq!(
        (status, &answer["info"]),
        (403, &"the API key lacks the permission write:rooms".into())
    );
}

#[test]
fn keys_are_listed_without_their_values_at_the_machine_and_over_the_api() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path());
    let folder = data.path().to_str().unwrap();
    let key = created(folder, "deploy");
    let masked = format!("{}{}{}", &key[..3], "*".repeat(20), &key[key.len() - 3..]);
    let beside = run(&["api-key", "list", "--text", "--data", folder]);
    let text = String::from_utf8(beside.stdout).unwrap();
    assert!(text.starts_with("NAME ") && text.contains("deploy"), "{text}");
    assert!(text.contains(&masked) && !text.contains(&key), "{text}");
    assert!(text.contains("admin:organization") && text.contains("never"), "{text}");
    let far = dev.cli_command(&["api-key", "list"]).current_dir(data.path()).output().unwrap();
    let beside = run(&["api-key", "list", "--data", folder]);
    for output in [far, beside] {
        let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let listed = listed.as_array().unwrap();
        let names: Vec<_> = listed.iter().map(|it| &it["name"]).collect();
        assert_eq!(names, ["dev", "deploy"]);
        assert_eq!(
            (&listed[1]["value"], &listed[1]["userId"]),
            (&json!(masked), &json!("operator"))
        );
        assert!(!String::from_utf8_lossy(&output.stdout).contains(&key));
    }
}

#[test]
fn new_keys_are_shown_as_json_where_that_is_wanted() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path());
    let folder = data.path().to_str().unwrap();
    for line in [["create", "ci"], ["rotate", "ci"]] {
        let output = run(&[&["api-key"], &line[..], &["--json", "--data", folder]].concat());
        let made: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&made["name"], made["expiresAt"].is_null()), (&"ci".into(), true), "{made}");
        let key = made["value"].as_str().unwrap();
        assert_eq!(dev.request(key, "GET", "/v1/rooms", "").0, 200);
    }
}

#[test]
fn who_names_neither_records_nor_a_key_is_told_every_way() {
    let nowhere = tempfile::tempdir().unwrap();
    let mut command = super::process::parlor();
    let command = command.args(["api-key", "list"]).current_dir(nowhere.path());
    let text = failure(&command.env("XDG_CONFIG_HOME", nowhere.path()).output().unwrap());
    for way in ["--api-key", "PARLOR_API_KEY", "--data", "--config", "parlor login"] {
        assert!(text.contains(way), "{way}: {text}");
    }
}

#[test]
fn key_over_the_api_is_rotated_and_deleted_at_once() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path());
    let far = |words: &[&str]| {
        let output = dev.cli_command(words).current_dir(data.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let old = far(&["api-key", "create", "ci", "--permissions", "read:rooms"]);
    let new = far(&["api-key", "rotate", "ci", "--overlap", "1h"]);
    for key in [&old, &new] {
        assert_eq!(dev.request(key, "GET", "/v1/rooms", "").0, 200);
    }
    assert_eq!(far(&["api-key", "delete", "ci"]), "deleted");
    assert_eq!(dev.request(&new, "GET", "/v1/rooms", "").0, 401);
    assert_eq!(dev.request(&old, "GET", "/v1/rooms", "").0, 200);
    far(&["api-key", "delete", "ci-old-1"]);
    assert_eq!(dev.request(&old, "GET", "/v1/rooms", "").0, 401);
}

#[test]
fn key_is_held_to_what_the_command_line_says() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path());
    let folder = data.path().to_str().unwrap();
    let beside = |words: &[&str]| {
        let output = run(&[words, &["--data", folder]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let key = beside(&["api-key", "create", "ci", "--rooms", "1", "--requests-per-minute", "30"]);
    let limits = || dev.request(&key, "GET", "/api-keys/current", "").1["limits"].clone();
    assert_eq!(limits(), serde_json::json!({"rooms": 1, "authenticatedRateLimit": 30}));
    assert_eq!(beside(&["api-key", "limit", "ci", "--rooms", "none"]), "changed");
    assert_eq!(limits(), serde_json::json!({"authenticatedRateLimit": 30}));
    let far = ["api-key", "limit", "ci", "--rooms", "2", "--requests-per-5s", "9"];
    let far = dev.cli_command(&far).current_dir(data.path()).output().unwrap();
    assert!(far.status.success(), "{}", String::from_utf8_lossy(&far.stderr));
    let all = serde_json::json!({"rooms": 2, "requestsPer5s": 9, "authenticatedRateLimit": 30});
    assert_eq!(limits(), all);
    let wrong = run(&["api-key", "limit", "ci", "--requests-per-5s", "0", "--data", folder]);
    assert!(failure(&wrong).contains("requestsPer5s"));
}

#[test]
fn organizations_of_a_key_must_exist_and_count_once() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path());
    let folder = data.path().to_str().unwrap();
    let wrong = run(&["api-key", "create", "x", "--organizations", "nowhere", "--data", folder]);
    assert!(failure(&wrong).contains("there is no organization 'nowhere'"));
    let (_, own) = dev.request(dev.key(), "GET", "/organizations", "");
    let own = own[0]["id"].as_str().unwrap().to_owned();
    let line = ["api-key", "create", "shared", "--organizations", &own, "--data", folder];
    let key = String::from_utf8(run(&line).stdout).unwrap().trim().to_owned();
    // Its own organization named again is one organization.
    assert_eq!(dev.request(&key, "GET", "/v1/rooms", "").0, 200);
}

#[test]
fn unknown_permission_and_a_time_that_has_passed_are_refused() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let wrong = run(&["api-key", "create", "x", "--permissions", "write:all", "--data", folder]);
    assert!(!wrong.status.success());
    let past = ["api-key", "create", "x", "--expires-at", "2020-01-01T00:00:00Z", "--data", folder];
    assert!(failure(&run(&past)).contains("has passed"));
}

#[test]
fn key_from_elsewhere_is_imported_by_value_and_rotated() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path());
    let folder = data.path().to_str().unwrap();
    let value = "0123456789abcdef".repeat(4);
    let import = |text: &str| {
        let mut child = super::process::parlor()
            .args(["api-key", "import", "old", "--data", folder])
            .stdin(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        child.wait().unwrap().success()
    };
    assert!(import(&format!("{value}\n")));
    assert_eq!(dev.request(&value, "GET", "/v1/rooms", "").0, 200);
    assert!(!import("aaa.bbb.ccc"), "no request could use it");
    let rotated = run(&["api-key", "rotate", "old", "--overlap", "0s", "--data", folder]);
    let successor = String::from_utf8(rotated.stdout).unwrap().trim().to_owned();
    assert_eq!(dev.request(&value, "GET", "/v1/rooms", "").0, 401);
    assert_eq!(dev.request(&successor, "GET", "/v1/rooms", "").0, 200);
}
