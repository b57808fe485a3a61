//! Logs: to standard error, so that standard output stays for what people and
//! programs asked for.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// The WebRTC library warns of every codec it passes over in an offer, which
/// is what offers are for. A filter that names it wins.
const QUIET: &str = "str0m=error";

/// Starts logging. `PARLOR_LOG` (the syntax of `tracing`'s env filter) wins
/// over `level`.
pub(crate) fn start(level: &str, format: LogFormat) {
    let filter = EnvFilter::try_from_env("PARLOR_LOG")
        .unwrap_or_else(|_| EnvFilter::new(format!("{QUIET},{level}")));
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => logs.compact().with_target(false).init(),
        LogFormat::Json => logs.json().init(),
    }
}
