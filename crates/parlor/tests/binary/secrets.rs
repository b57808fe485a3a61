//! The audit log and the master key, by who sits at the machine.

use std::path::Path;

use serde_json::Value;

use super::process::{Dev, failure, run};

fn lines(arguments: &[&str], data: &Path) -> Vec<String> {
    let output = run(&[arguments, &["--data", data.to_str().unwrap()]].concat());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn made(name: &str, data: &Path) -> String {
    lines(&["api-key", "create", name], data).pop().unwrap().trim().to_owned()
}

/// What came of what, in the log of no organization; without the export that
/// shows it.
fn of_nobody(data: &Path) -> Vec<(String, String, u64)> {
    let entries = lines(&["audit", "export"], data);
    let entries = entries.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let outcomes =
        entries.filter(|entry| entry["kind"] == "outcome" && entry["action"] != "export");
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let told = |entry: Value| {
        let status = entry["statusCode"].as_u64().unwrap();
        (text(&entry, "action"), text(&entry, "targetId"), status)
    };
    outcomes.map(told).collect()
}

#[test]
fn account_of_the_first_start_is_noted_once() {
    let data = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let dev = Dev::start_with(|command| {
            let command = command.env("PARLOR_ADMIN_PASSWORD", "correct horse");
            command.args(["--admin-email", "ana@example.org", "--data"]).arg(data.path())
        });
        dev.terminate();
    }
    let noted = of_nobody(data.path());
    assert_eq!(noted, [("create".to_owned(), "ana@example.org".to_owned(), 200)]);
}

#[test]
fn what_is_ordered_at_the_machine_stands_in_a_log_that_holds() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path());
    made("ci", data.path());
    let twice = run(&["api-key", "create", "ci", "--data", data.path().to_str().unwrap()]);
    assert!(!twice.status.success());
    lines(&["api-key", "list"], data.path());
    lines(&["api-key", "delete", "ci"], data.path());

    let (_, me) = dev.request(dev.key(), "GET", "/organizations", "");
    let path = format!("/audit/organizations/{}", me[0]["id"].as_str().unwrap());
    let (status, log) = dev.request(dev.key(), "GET", &path, "");
    assert_eq!(status, 200, "{log}");
    let shown: Vec<_> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let text = |name: &str| item[name].as_str().unwrap();
            assert_eq!((text("actorId"), text("targetType")), ("operator", "api_key"));
            let status = item["statusCode"].as_u64().unwrap();
            (text("source"), text("action"), text("targetId"), status)
        })
        .collect();
    let start = ("start", "create", "dev", 200);
    let own =
        [("cli", "delete", "ci", 200), ("cli", "create", "ci", 400), ("cli", "create", "ci", 200)];
    assert_eq!(shown, [own[0], own[1], own[2], start]);

    // By the running server, and straight on the records.
    let seen = lines(&["audit", "verify"], data.path());
    assert!(seen.iter().all(|line| line.starts_with("ok  ")), "{seen:?}");
    dev.terminate();
    let exported = lines(&["audit", "export", "--domain", "local"], data.path());
    assert_eq!(exported.len(), 8, "{exported:?}");
    for (number, line) in exported.iter().enumerate() {
        let entry: Value = serde_json::from_str(line).unwrap();
        assert_eq!(entry["seq"], number + 1, "{line}");
    }
    let head = seen.iter().find(|line| line.contains(":8:")).unwrap();
    let head = head.split_whitespace().nth(1).unwrap();
    lines(&["audit", "verify", "--expect", head], data.path());

    // A head that was never there: somebody put back an older copy.
    let forged = format!("{}:9:AAAA", head.split(':').next().unwrap());
    let folder = data.path().to_str().unwrap();
    let output = run(&["audit", "verify", "--expect", &forged, "--data", folder]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("BROKEN"), "{output:?}");
}

#[test]
fn everything_opens_after_the_master_key_was_replaced() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let dev = Dev::start(data.path());
    let key = made("ci", data.path());
    let (_, token) = dev.request(&key, "POST", "/v1/meeting-tokens", "{}");
    let token = token["token"].as_str().unwrap().to_owned();
    let (_, jwks) = dev.request("", "GET", "/.well-known/jwks.json", "");
    let refused = failure(&run(&["secret", "rotate", "--data", folder]));
    assert!(refused.contains("must be stopped"), "{refused}");
    dev.terminate();

    let secret = data.path().join("secret.key");
    let before = std::fs::read(&secret).unwrap();
    lines(&["secret", "rotate"], data.path());
    assert_ne!(std::fs::read(&secret).unwrap(), before);
    assert_eq!(std::fs::read(data.path().join("secret.key.old")).unwrap(), before);

    let noted = of_nobody(data.path());
    assert_eq!(noted, [("rotate".to_owned(), "master-key".to_owned(), 200)], "not the refused one");

    let dev = Dev::start(data.path());
    let (status, read) = dev.request(&key, "GET", &format!("/v1/meeting-tokens/{token}"), "");
    assert_eq!(status, 200, "a token signed with a sealed secret: {read}");
    assert_eq!(dev.request("", "GET", "/.well-known/jwks.json", "").1, jwks);
    assert!(lines(&["audit", "verify"], data.path()).iter().all(|line| line.starts_with("ok  ")));
    dev.terminate();

    // With the old key in its place nothing opens, and nothing is changed.
    let new = std::fs::read(&secret).unwrap();
    std::fs::write(&secret, &before).unwrap();
    let refused = failure(&run(&["api-key", "list", "--data", folder]));
    assert!(refused.contains("master key"), "{refused}");
    std::fs::write(&secret, &new).unwrap();
    lines(&["api-key", "list"], data.path());
}

#[test]
fn forgotten_signing_keys_are_published_no_more() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path());
    let ids = |dev: &Dev| -> Vec<Value> {
        let (_, set) = dev.request("", "GET", "/.well-known/jwks.json", "");
        let keys = set["keys"].as_array().unwrap();
        keys.iter().map(|key| key["kid"].clone()).collect()
    };
    let before = ids(&dev);
    dev.terminate();
    let said = lines(&["secret", "forget-signing-keys"], data.path());
    assert!(said[0].starts_with(&before.len().to_string()), "{said:?}");
    let noted = of_nobody(data.path());
    assert_eq!(noted, [("delete".to_owned(), "signing-keys".to_owned(), 200)]);
    let dev = Dev::start(data.path());
    let after = ids(&dev);
    assert_eq!(after.len(), before.len());
    assert!(after.iter().all(|id| !before.contains(id)), "{after:?}");
}
