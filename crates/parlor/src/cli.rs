//! The commands for people and scripts: rooms, tokens, presence, webhooks.
//! They talk to a server, here or anywhere, with an API key; `doctor` looks at
//! this machine as well.
//!
//! ```text
//! command ─ Server (HTTP, paging, errors with the way out) ─ Output (table or JSON)
//! ```

mod credentials;
mod doctor;
mod login;
mod output;
mod pages;
mod presence;
mod property;
mod room;
mod server;
mod token;
mod webhook;
mod when;

use std::io;
use std::process::ExitCode;

use clap::Args;

pub(crate) use doctor::DoctorOptions;
pub(crate) use login::{LoginOptions, LogoutOptions};
pub(crate) use output::{Form, Output, Table, shown};
pub(crate) use presence::PresenceOptions;
pub(crate) use room::RoomOptions;
pub(crate) use server::Server;
pub(crate) use token::TokenOptions;
pub(crate) use webhook::WebhookOptions;

/// Which server, as whom, and how the answer is shown.
#[derive(Args, Clone, Debug)]
pub(crate) struct ServerOptions {
    /// The server's address [default: http://127.0.0.1:8080]
    #[arg(long, env = "PARLOR_URL", value_name = "URL", global = true)]
    url: Option<String>,
    /// An API key of the organization; `parlor dev` prints its own
    #[arg(long, env = "PARLOR_API_KEY", hide_env_values = true, value_name = "KEY", global = true)]
    api_key: Option<String>,
    /// Whose organization, where you are signed in and belong to several
    #[arg(long, env = "PARLOR_ORGANIZATION", value_name = "ID", global = true)]
    organization: Option<String>,
    /// Print JSON; what does not go to a terminal is JSON anyway
    #[arg(long, global = true)]
    json: bool,
    /// Print text for people, wherever it goes
    #[arg(long, global = true, conflicts_with = "json")]
    text: bool,
}

/// Where `parlor dev` listens when nobody says otherwise.
const DEFAULT_URL: &str = "http://127.0.0.1:8080";

impl ServerOptions {
    /// Whether a server was named rather than taken for granted.
    pub(crate) fn names_a_server(&self) -> bool {
        self.url.as_deref().is_some_and(|url| !url.is_empty())
    }

    /// Whether JSON was asked for, wherever the answer goes.
    pub(crate) fn wants_json(&self) -> bool {
        self.json
    }

    fn url(&self) -> &str {
        self.url.as_deref().filter(|url| !url.is_empty()).unwrap_or(DEFAULT_URL)
    }
}

/// A command of this module.
pub(crate) enum Order {
    /// `parlor room …`
    Room(RoomOptions),
    /// `parlor token …`
    Token(TokenOptions),
    /// `parlor presence`
    Presence(PresenceOptions),
    /// `parlor webhook …`
    Webhook(WebhookOptions),
    /// `parlor login`
    Login(LoginOptions),
    /// `parlor logout`
    Logout(LogoutOptions),
    /// `parlor doctor`
    Doctor(DoctorOptions),
}

/// Carries out one command.
pub(crate) fn run(order: Order) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        match order {
            Order::Room(options) => room::run(options).await,
            Order::Token(options) => token::run(options).await,
            Order::Presence(options) => presence::run(options).await,
            Order::Webhook(options) => webhook::run(options).await,
            Order::Login(options) => login::run(options).await,
            Order::Logout(options) => login::out(options).await,
            Order::Doctor(options) => return doctor::run(options).await,
        }?;
        Ok(ExitCode::SUCCESS)
    });
    match outcome {
        // Whoever read our output has seen enough.
        Err(error) if is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        outcome => outcome,
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let cause = error.root_cause().downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
