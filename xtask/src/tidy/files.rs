//! Sizes and names of the files under version control.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

/// Longest file by extension, in lines without its tests.
const LIMITS: [(&str, usize); 4] = [("rs", 600), ("ts", 400), ("tsx", 400), ("css", 600)];

/// Words that say nothing about a file's subject.
const EMPTY_NAMES: [&str; 5] = ["utils", "util", "helpers", "common", "misc"];

/// Checks every tracked and every new, not ignored, file.
pub(super) fn findings() -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for path in listed()? {
        // Deleted but not yet committed, or written by a generator.
        if !Path::new(&path).exists() || path.contains("/generated/") {
            continue;
        }
        findings.extend(name_finding(&path));
        findings.extend(size_finding(&path)?);
    }
    Ok(findings)
}

/// Paths from the repository's root.
pub(super) fn listed() -> anyhow::Result<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .output()
        .context("cannot run git")?;
    ensure!(output.status.success(), "git ls-files failed");
    let text = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    Ok(text.lines().map(str::to_owned).collect())
}

fn name_finding(path: &str) -> Option<String> {
    let (stem, extension) = file_name(path).rsplit_once('.')?;
    if stem == "mod" && extension == "rs" {
        return Some(format!("{path}: a module is foo.rs beside foo/, never mod.rs"));
    }
    let is_source = matches!(extension, "rs" | "ts" | "tsx");
    if is_source && EMPTY_NAMES.contains(&stem) {
        return Some(format!(
            "{path}: '{stem}' names no subject; put each function with the type it serves"
        ));
    }
    let is_web = matches!(extension, "ts" | "tsx");
    if is_web && stem.chars().any(|c| c.is_ascii_uppercase()) {
        return Some(format!("{path}: TypeScript files are named in kebab-case"));
    }
    None
}

fn size_finding(path: &str) -> anyhow::Result<Option<String>> {
    let extension = file_name(path).rsplit_once('.').map_or("", |(_, extension)| extension);
    let Some((_, limit)) = LIMITS.iter().find(|(of, _)| *of == extension) else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
    let lines = lines_without_tests(&text);
    Ok((lines > *limit).then(|| {
        format!(
            "{path}: {lines} lines without tests, at most {limit}: split it by stage or by subject"
        )
    }))
}

fn lines_without_tests(text: &str) -> usize {
    without_tests(text).lines().count()
}

/// In-file tests stand last, so everything before them is the subject.
pub(super) fn without_tests(text: &str) -> &str {
    text.split("\n#[cfg(test)]\n").next().unwrap_or(text)
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_a_subject_are_found() {
        assert!(name_finding("crates/a/src/utils.rs").is_some());
        assert!(name_finding("crates/a/src/b/mod.rs").is_some());
        assert!(name_finding("web/packages/a/src/TileGrid.tsx").is_some());
        assert!(name_finding("web/packages/a/src/tile-grid.tsx").is_none());
        assert!(name_finding("Makefile").is_none());
    }

    #[test]
    fn tests_do_not_count_as_length() {
        assert_eq!(lines_without_tests("a\nb\n#[cfg(test)]\nmod tests {}\n"), 2);
    }
}
