//! Logs: to standard error, so that standard output stays for what people and
//! programs asked for.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Starts logging. `PARLOR_LOG` (the syntax of `tracing`'s env filter) wins
/// over `level`.
pub(crate) fn start(level: &str, format: LogFormat) {
    let filter = EnvFilter::try_from_env("PARLOR_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => logs.compact().with_target(false).init(),
        LogFormat::Json => logs.json().init(),
    }
}
