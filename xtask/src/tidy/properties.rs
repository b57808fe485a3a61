//! Whether the property table tells the truth about who reads what.

use std::fs;

use anyhow::Context as _;
use parlor_model::property::{self, Status};

use super::files::{listed, without_tests};

/// Where the rows themselves stand, and what is made of them.
const NOT_READERS: [&str; 2] = ["/property/table", "/generated/"];

/// Properties that are said to act although nobody reads them.
pub(super) fn findings() -> anyhow::Result<Vec<String>> {
    let sources = sources()?;
    let findings = property::all().filter_map(|spec| finding(spec.name, spec.status, &sources));
    Ok(findings.collect())
}

/// The code that may read properties: (whether it is Rust, its text).
fn sources() -> anyhow::Result<Vec<(bool, String)>> {
    let mut sources = Vec::new();
    for path in listed()?.iter().filter(|path| is_reader(path)) {
        // Deleted but not yet committed.
        if !fs::exists(path)? {
            continue;
        }
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
        sources.push((path.ends_with(".rs"), without_tests(&text).to_owned()));
    }
    Ok(sources)
}

fn is_reader(path: &str) -> bool {
    let is_crate = path.starts_with("crates/") && path.ends_with(".rs");
    let is_web =
        path.starts_with("web/packages/") && (path.ends_with(".ts") || path.ends_with(".tsx"));
    (is_crate || is_web)
        && path.contains("/src/")
        && !NOT_READERS.iter().any(|part| path.contains(part))
}

fn finding(name: &str, status: Status, sources: &[(bool, String)]) -> Option<String> {
    let getter = format!(".{name}()");
    let quoted = format!("\"{name}\"");
    let is_in_web = sources.iter().any(|(is_rust, text)| !is_rust && text.contains(&quoted));
    let is_got = sources.iter().any(|(is_rust, text)| *is_rust && text.contains(&getter));
    let is_named = sources.iter().any(|(is_rust, text)| *is_rust && text.contains(&quoted));
    match status {
        Status::Acts | Status::ActsPartly(_) if !(is_in_web || is_got || is_named) => {
            Some(format!("property {name} is said to act, but nobody reads it"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: Status, is_rust: bool, text: &str) -> bool {
        finding("enable_chat", status, &[(is_rust, text.to_owned())]).is_some()
    }

    #[test]
    fn what_acts_has_a_reader() {
        assert!(told(Status::Acts, true, "effective.enable_chats()"));
        assert!(!told(Status::Acts, true, "effective.enable_chat()"));
        assert!(!told(Status::Acts, true, "set.get(\"enable_chat\")"));
        assert!(!told(Status::Acts, false, "page.isOn(\"enable_chat\")"));
    }

    #[test]
    fn what_gives_a_reason_needs_no_reader() {
        assert!(!told(Status::WithoutEffect("old"), false, "x"));
    }
}
