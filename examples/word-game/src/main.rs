//! Word of mouth: a word-guessing game in a video call.
//!
//! This is the app's own server. It keeps the API key, which no browser may
//! see, and does three things with it: a room for each game, a meeting token
//! for the game's host, and a look at who plays where. Everything else happens
//! between the browsers, in the call (`static/`).

mod config;
mod games;
mod http;
mod parlor;

use std::process::ExitCode;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::config::Config;
use crate::games::Games;
use crate::http::App;
use crate::parlor::Parlor;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("word-game: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let config = Config::from_environment()?;
    let app = App {
        parlor: Parlor::new(&config.parlor_url, &config.api_key)?,
        games: Games::default(),
        daily_js: config.daily_js,
    };
    let listener = TcpListener::bind(&config.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    println!("word-game: http://{address}");
    axum::serve(listener, http::router(Arc::new(app)))
        .with_graceful_shutdown(interrupted())
        .await
        .map_err(|error| error.to_string())
}

/// Ends with Ctrl+C. Should the signal be out of reach, the game goes on.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
