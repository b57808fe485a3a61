//! `cargo xtask tidy`: the rules of the house that no compiler checks: sizes
//! of files, names of files, and which crate may use which.

mod edges;
mod files;
mod properties;

use anyhow::bail;

/// Runs every check and prints each finding on a line of its own.
#[expect(clippy::print_stderr, reason = "findings are for the person at the terminal")]
pub(crate) fn run() -> anyhow::Result<()> {
    let mut findings = files::findings()?;
    findings.extend(edges::findings()?);
    findings.extend(properties::findings()?);
    for finding in &findings {
        eprintln!("{finding}");
    }
    if findings.is_empty() {
        return Ok(());
    }
    bail!("tidy: {} finding(s) above", findings.len());
}
