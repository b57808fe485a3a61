//! What the server must know before it starts, from the environment.

use std::env;
use std::fs;

/// Where npm puts the browser build of daily-js.
const DAILY_JS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/node_modules/@daily-co/daily-js/dist/daily.js");

/// The server's settings.
pub(crate) struct Config {
    /// Where Parlor is, without a slash at the end.
    pub(crate) parlor_url: String,
    /// The key of the domain in which games get their rooms. A secret.
    pub(crate) api_key: String,
    /// Where to serve the game.
    pub(crate) listen: String,
    /// The browser build of daily-js, as npm delivers it.
    pub(crate) daily_js: String,
}

impl Config {
    /// Fails early: a server without a key could not start a single game.
    pub(crate) fn from_environment() -> Result<Self, String> {
        let api_key = env::var("PARLOR_API_KEY").map_err(|_| {
            "PARLOR_API_KEY is missing: the key that `make run` prints, or one of \
             `parlor api-key create`"
        })?;
        let parlor_url = or("PARLOR_URL", "http://127.0.0.1:8080");
        let daily_js = fs::read_to_string(DAILY_JS)
            .map_err(|error| format!("cannot read {DAILY_JS} ({error}): run `npm ci` first"))?;
        Ok(Self {
            parlor_url: parlor_url.trim_end_matches('/').to_owned(),
            api_key,
            listen: or("LISTEN", "127.0.0.1:3001"),
            daily_js,
        })
    }
}

fn or(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}
