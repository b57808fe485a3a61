//! Writes what is derived from `parlor-model` and checked in: the TypeScript
//! of the protocol. With `check` it writes nothing and fails, naming them, if
//! files differ from what it would write.

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
/// When a file cannot be written, or `check` finds a stale one.
pub(crate) fn run(check: bool) -> anyhow::Result<()> {
    let files = [Generated {
        path: "web/packages/protocol/src/generated/messages.ts",
        text: typescript::messages(),
    }];
    if check {
        fail_if_stale(&files)
    } else {
        files.iter().try_for_each(write)
    }
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
