//! `parlor api-key`.

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
