//! `parlor`: the home for video calls, in one binary.
//!
//! - `parlor dev` runs everything in one process on loopback, without a
//!   configuration.
//! - `parlor serve` runs the same for production, from a configuration file.
//! - `parlor api-key` and `parlor user` make, list and change keys and accounts
//!   on the machine itself.
//! - The other commands ([`cli`]) talk to a server, here or anywhere.
//!
//! This crate only wires: configuration ([`config`]), logs ([`telemetry`]),
//! the parts in their order of starting and stopping ([`node`]).

mod api_key;
mod audit;
mod banner;
mod cli;
mod config;
mod control;
mod dev;
mod node;
mod noted;
mod oauth_client;
mod open_files;
mod organization;
mod place;
mod random;
mod secret;
mod serve;
mod streams;
mod telemetry;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use cli::Order;

/// A REST request makes some hundred small allocations on whichever thread is
/// free, and the system's allocator takes a lock for what another thread frees.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The self-hosted home for video calls and the agents in them.
#[derive(Parser)]
#[command(name = "parlor", version, propagate_version = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Try it:
  parlor dev                                  a server on this machine; prints its address and key
  export PARLOR_URL=http://127.0.0.1:8080 PARLOR_API_KEY=…
  parlor room create --name standup           then open http://127.0.0.1:8080/standup
  parlor token create --room standup --owner  a link for its owner
  parlor doctor                               when something does not work";

#[derive(Subcommand)]
enum Command {
    /// Run everything on this machine's loopback address, with no configuration
    Dev(dev::DevOptions),
    /// Run for production, from a configuration file
    Serve {
        /// The configuration file (docs/reference/config.md lists its keys)
        #[arg(long, value_name = "FILE", default_value = "parlor.toml")]
        config: PathBuf,
        #[command(flatten)]
        admin: user::AdminOptions,
    },
    /// Make, list and revoke API keys; needs no key on the machine itself
    ApiKey(api_key::ApiKeyOptions),
    /// Make and list people's accounts, and give them passwords
    User(user::UserOptions),
    /// Check and export the audit log
    Audit(audit::AuditOptions),
    /// Replace the key that seals the secrets in the records
    Secret(secret::SecretOptions),
    /// Register, list and delete applications that may ask people to sign in
    OauthClient(oauth_client::OauthClientOptions),
    /// Sign in to a server; the other commands then need no key
    Login(cli::LoginOptions),
    /// Sign out of a server
    Logout(cli::LogoutOptions),
    /// Make, list, show and delete rooms
    Room(cli::RoomOptions),
    /// Make meeting tokens, and say what one means and whether it is good
    Token(cli::TokenOptions),
    /// Say who is in which call
    Presence(cli::PresenceOptions),
    /// Say what webhooks were sent, and send it again
    Webhook(cli::WebhookOptions),
    /// Look for what keeps a server here from working, with the fix for each
    Doctor(cli::DoctorOptions),
}

fn main() -> ExitCode {
    let done = |()| ExitCode::SUCCESS;
    let outcome = match Cli::parse().command {
        Command::Dev(options) => dev::run(options).map(done),
        Command::Serve { config, admin } => serve::run(&config, admin).map(done),
        Command::ApiKey(options) => api_key::run(options).map(done),
        Command::User(options) => user::run(options).map(done),
        Command::Audit(options) => audit::run(options).map(done),
        Command::Secret(options) => secret::run(options).map(done),
        Command::OauthClient(options) => oauth_client::run(options).map(done),
        Command::Login(options) => cli::run(Order::Login(options)),
        Command::Logout(options) => cli::run(Order::Logout(options)),
        Command::Room(options) => cli::run(Order::Room(options)),
        Command::Token(options) => cli::run(Order::Token(options)),
        Command::Presence(options) => cli::run(Order::Presence(options)),
        Command::Webhook(options) => cli::run(Order::Webhook(options)),
        Command::Doctor(options) => cli::run(Order::Doctor(options)),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            banner::failure(&error);
            ExitCode::FAILURE
        }
    }
}
