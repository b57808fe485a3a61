//! Writes what is derived from `parlor-model` and checked in: the TypeScript
//! of the protocol, reference pages, and the generated section of
//! `docs/compatibility.md`. With `check` it writes nothing and fails, naming
//! them, if files differ from what it would write.

mod errors;
mod permissions;
mod properties;
mod property_types;
mod typescript;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// A generated file: its path from the repository's root, and its text.
struct Generated {
    path: &'static str,
    text: String,
}

/// Writes every generated file, or (`check`) fails if one is stale.
///
/// # Errors
///
/// When a file cannot be read or written, or `check` finds a stale one.
pub(crate) fn run(check: bool) -> anyhow::Result<()> {
    let files = files()?;
    if check { fail_if_stale(&files) } else { files.iter().try_for_each(write) }
}

fn files() -> anyhow::Result<Vec<Generated>> {
    Ok(vec![
        Generated {
            path: "web/packages/protocol/src/generated/messages.ts",
            text: typescript::messages(),
        },
        Generated {
            path: "web/packages/protocol/src/generated/properties.ts",
            text: property_types::module(),
        },
        Generated {
            path: "web/packages/protocol/src/generated/permissions.ts",
            text: permissions::module(),
        },
        Generated { path: "docs/reference/properties.md", text: properties::reference() },
        Generated { path: "docs/reference/errors.md", text: errors::reference() },
        with_section("docs/compatibility.md", "properties", &properties::compatibility())?,
    ])
}

/// A page written by hand, with the part between the markers of `section`
/// replaced.
fn with_section(path: &'static str, section: &str, text: &str) -> anyhow::Result<Generated> {
    let page = fs::read_to_string(absolute(path)).with_context(|| format!("cannot read {path}"))?;
    let begin = format!("<!-- generated: {section} -->\n");
    let end = format!("<!-- end: {section} -->");
    let parts = page
        .split_once(&begin)
        .and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)))
        .with_context(|| format!("{path} lacks the markers of its section {section}"))?;
    Ok(Generated { path, text: format!("{}{begin}{text}{end}{}", parts.0, parts.1) })
}

fn fail_if_stale(files: &[Generated]) -> anyhow::Result<()> {
    let stale: Vec<&str> = files
        .iter()
        .filter(|file| fs::read_to_string(absolute(file.path)).ok().as_ref() != Some(&file.text))
        .map(|file| file.path)
        .collect();
    if !stale.is_empty() {
        bail!("stale, run `cargo xtask codegen`: {}", stale.join(", "));
    }
    Ok(())
}

fn write(file: &Generated) -> anyhow::Result<()> {
    let path = absolute(file.path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(&path, &file.text).with_context(|| format!("cannot write {}", path.display()))
}

fn absolute(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}
