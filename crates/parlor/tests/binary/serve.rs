//! `parlor serve`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::process::{Serve, failure, run};

fn refusal(config: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("parlor.toml");
    std::fs::write(&file, config).unwrap();
    failure(&run(&["serve", "--config", file.to_str().unwrap()]))
}

#[test]
fn missing_configuration_names_the_file() {
    let text = failure(&run(&["serve", "--config", "/nowhere/parlor.toml"]));
    assert!(text.contains("/nowhere/parlor.toml"), "{text}");
    assert!(!Path::new("data").exists(), "nothing is made before the configuration is read");
}

#[test]
fn unknown_key_names_the_nearest_known_one() {
    let text = refusal("[media]\nudp_prot = 1");
    assert!(text.contains("udp_prot") && text.contains("udp_port"), "{text}");
}

#[test]
fn plain_http_for_others_is_refused() {
    let text = refusal("listen = '0.0.0.0:0'\npublic_url = 'https://meet.example.com'");
    assert!(text.contains("behind_proxy"), "{text}");
}

#[test]
fn first_key_comes_from_the_command_line_and_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("parlor.toml");
    let data = folder.path().join("data");
    let config = format!(
        "listen = '127.0.0.1:0'\npublic_url = 'https://meet.example.com'\ndata = '{}'\ndomain = 'acme'\n\
         [media]\nudp_port = 0\nips = ['127.0.0.1']\n",
        data.display()
    );
    std::fs::write(&file, config).unwrap();
    let file = file.to_str().unwrap();

    let server = Serve::start(file);
    let output = run(&["api-key", "create", "my app", "--config", file]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let key = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    let mode = std::fs::metadata(&data).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "the folder is its owner's only");
    let (status, room) = server.request(&key, "POST", "/v1/rooms", r#"{"name":"kept"}"#);
    assert_eq!((status, room["url"].as_str()), (200, Some("https://meet.example.com/kept")));
    drop(server);

    let server = Serve::start(file);
    assert_eq!(server.request(&key, "GET", "/v1/rooms/kept", "").0, 200);
    let listed = run(&["api-key", "list", "--config", file]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("my app") && !listed.contains(&key), "{listed}");
    assert!(run(&["api-key", "revoke", "my app", "--config", file]).status.success());
    assert_eq!(server.request(&key, "GET", "/v1/rooms/kept", "").0, 401);
}
