//! The machine: how many files may be open, and what its clock shows.

use std::time::{SystemTime, UNIX_EPOCH};

use super::Finding;

/// As many files as a busy server has open: a connection each, and its own.
const WANTED: u64 = 16_384 + 256;

/// Below this a handful of calls fills the table.
const LEAST: u64 = 1_024;

/// This program was not made before (2026-01-01), so the clock is wrong if it
/// shows less.
const MADE_AFTER: u64 = 1_767_225_600;

pub(super) fn examine() -> Vec<Finding> {
    vec![open_files(), clock()]
}

fn open_files() -> Finding {
    let Ok((_, hard)) = rlimit::Resource::NOFILE.get() else {
        return Finding::skipped("open files", "their limit is unknown");
    };
    let text = format!("a server may have {hard} files open");
    let fix = "raise the hard limit: `ulimit -Hn 65536` before the start, or LimitNOFILE=65536 in the systemd unit";
    match hard {
        hard if hard < LEAST => Finding::problem("open files", text, fix),
        hard if hard < WANTED => Finding::warning("open files", text, fix),
        _ => Finding::ok("open files", text),
    }
}

fn clock() -> Finding {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    if since.as_secs() < MADE_AFTER {
        let finding = "this machine's clock shows a time before this program was made";
        return Finding::problem("clock", finding, "set the clock: timedatectl set-ntp true");
    }
    Finding::ok("clock", "this machine's clock shows a plausible time")
}
