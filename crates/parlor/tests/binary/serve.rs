//! `parlor serve`.

use std::path::Path;

use super::process::{failure, run};

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
