//! The store from outside: one suite on both engines, and what only a data
//! folder on a real disk can show.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test program: a panic is how it fails, and it talks to the person at the terminal"
)]

mod bed;
mod conformance;
mod disk;
mod folder;
mod handed_over;
mod kill;
mod postgres;
mod statements;
