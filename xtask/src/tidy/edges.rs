//! Which crate may use which. A new edge is a change of design: it is made
//! here, with its reason in ARCHITECTURE.md.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::Value;

/// Ours, as `(crate, the crates of ours it may use)`. Development-only
/// dependencies are free: tests run the real parts together.
const ALLOWED: [(&str, &[&str]); 12] = [
    ("parlor-model", &[]),
    ("parlor-store", &["parlor-model"]),
    ("parlor-bus", &["parlor-model"]),
    ("parlor-sfu", &["parlor-model"]),
    ("parlor-client", &["parlor-model"]),
    ("parlor-testkit", &["parlor-client", "parlor-model", "parlor-sfu"]),
    ("parlor-media", &["parlor-bus", "parlor-model", "parlor-sfu"]),
    ("parlor-server", &["parlor-bus", "parlor-model", "parlor-store"]),
    ("parlor", &["parlor-bus", "parlor-media", "parlor-model", "parlor-server", "parlor-store"]),
    ("parlor-load", &["parlor-model"]),
    ("xtask", &["parlor-model"]),
    // An example is an app of its own: it knows us by HTTP alone.
    ("word-game", &[]),
];

/// Foreign crates that must not reach ours directly: `(crate, must not use)`.
/// `parlor-sfu` seals packets with aws-lc-rs; that it draws no randomness from
/// it is what its `clippy.toml` sees to.
const FORBIDDEN: [(&str, &[&str]); 6] = [
    ("parlor-model", &["tokio", "mio", "socket2", "aws-lc-rs", "rand"]),
    ("parlor-sfu", &["tokio", "mio", "socket2", "rusqlite", "axum"]),
    ("parlor-client", &["tokio", "mio", "socket2", "aws-lc-rs", "rusqlite", "axum"]),
    ("parlor-store", &["axum", "str0m"]),
    ("parlor-media", &["rusqlite", "postgres"]),
    ("parlor-server", &["str0m", "rusqlite", "postgres"]),
];

/// Nowhere in the build: a second crypto provider that somebody could choose,
/// or one that needs a system library.
const BANNED: [&str; 4] = ["ring", "openssl", "openssl-sys", "native-tls"];

/// Nowhere but inside of [`VERIFIERS`]: ciphers and signatures of others. One
/// more is not listed: str0m's DTLS takes `aes` and `sec1` for record numbers
/// and key formats, whatever provider it is given.
const BANNED_OUTSIDE: [&str; 8] = [
    "aes-gcm",
    "chacha20poly1305",
    "p256",
    "p384",
    "rsa",
    "ecdsa",
    "ed25519-dalek",
    "x25519-dalek",
];

/// Libraries that verify with primitives of their own and leave no choice; and
/// `pkcs5` (key files under a password), which one of them switches on in a
/// crate that it shares with str0m's DTLS.
const VERIFIERS: [&str; 3] = ["openidconnect", "webauthn-rs", "pkcs5"];

/// Checks the dependency graph as cargo resolves it.
pub(super) fn findings() -> anyhow::Result<Vec<String>> {
    let metadata = metadata()?;
    let mut findings = Vec::new();
    for (name, uses) in direct_uses(&metadata)? {
        findings.extend(edge_findings(&name, &uses));
    }
    findings.extend(banned_findings()?);
    Ok(findings)
}

fn edge_findings(name: &str, uses: &[String]) -> Vec<String> {
    let Some((_, allowed)) = ALLOWED.iter().find(|(of, _)| *of == name) else {
        return vec![format!("{name}: not in the list of crates (xtask/src/tidy/edges.rs)")];
    };
    let ours = |used: &&String| ALLOWED.iter().any(|(of, _)| of == used);
    let mut findings: Vec<String> = uses
        .iter()
        .filter(ours)
        .filter(|used| !allowed.contains(&used.as_str()))
        .map(|used| format!("{name}: may not use {used}"))
        .collect();
    let forbidden = FORBIDDEN.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, list)| *list);
    findings.extend(
        uses.iter()
            .filter(|used| forbidden.contains(&used.as_str()))
            .map(|used| format!("{name}: must never reach {used}")),
    );
    findings
}

fn metadata() -> anyhow::Result<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked"])
        .output()
        .context("cannot run cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("cargo metadata did not print JSON")
}

/// For each of our crates, the names of what it uses outside its tests.
fn direct_uses(metadata: &Value) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let packages = metadata["packages"].as_array().context("cargo metadata without packages")?;
    let uses = packages.iter().map(|package| {
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        let names = dependencies
            .filter(|dependency| dependency["kind"].is_null())
            .filter_map(|dependency| dependency["name"].as_str().map(str::to_owned));
        (package["name"].as_str().unwrap_or_default().to_owned(), names.collect())
    });
    Ok(uses.collect())
}

fn banned_findings() -> anyhow::Result<Vec<String>> {
    let mut findings = used(&BANNED, &[])?;
    findings.extend(used(&BANNED_OUTSIDE, &VERIFIERS)?);
    Ok(findings)
}

/// Which of `banned` the binary uses, not counting what only `pruned` do. Of
/// the resolved tree, not the lock file: that one lists options nobody switched
/// on.
fn used(banned: &[&str], pruned: &[&str]) -> anyhow::Result<Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", "parlor", "--edges", "normal", "--prefix", "none"])
        .args(["--format", "{p}", "--locked"])
        .args(pruned.iter().flat_map(|name| ["--prune", name]))
        .output()
        .context("cannot run cargo tree")?;
    ensure!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_used = |name: &&&str| tree.lines().any(|line| line.split(' ').next() == Some(**name));
    Ok(banned
        .iter()
        .filter(is_used)
        .map(|name| format!("parlor: {name} is in the build; aws-lc-rs is the one provider"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_outside_the_list_is_found() {
        let findings =
            edge_findings("parlor-server", &["parlor-sfu".to_owned(), "axum".to_owned()]);
        assert_eq!(findings, ["parlor-server: may not use parlor-sfu"]);
        assert_eq!(edge_findings("parlor-sfu", &["tokio".to_owned()]).len(), 1);
        assert!(edge_findings("parlor-media", &["parlor-sfu".to_owned()]).is_empty());
    }
}
