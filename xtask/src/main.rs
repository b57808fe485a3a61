//! Chores of the repository:
//!
//! - `cargo xtask codegen [--check]` writes the generated files, or fails when
//!   one is stale;
//! - `cargo xtask tidy` checks sizes, names and which crate uses which.

mod codegen;
mod tidy;

use anyhow::bail;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["codegen"] => codegen::run(false),
        ["codegen", "--check"] => codegen::run(true),
        ["tidy"] => tidy::run(),
        _ => bail!("usage: cargo xtask codegen [--check] | tidy"),
    }
}
