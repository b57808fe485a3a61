//! `parlor token`: make meeting tokens, and say what one means.

mod check;
mod explain;
mod jwt;
mod words;

use std::io::Read as _;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use parlor_model::property::Scope;
use serde_json::{Map, Value, json};

use super::output::{Form, Output};
use super::server::Server;
use super::when::{When, now_of};
use super::{ServerOptions, property};

/// Longest token that is read, in bytes.
const MAX_TOKEN: u64 = 64 * 1024;

/// Options of `parlor token`.
#[derive(Args)]
pub(crate) struct TokenOptions {
    #[command(flatten)]
    server: ServerOptions,
    #[command(subcommand)]
    order: TokenOrder,
}

#[derive(Subcommand)]
enum TokenOrder {
    /// Make a meeting token
    Create(CreateOptions),
    /// Say what a token grants, claim by claim, and why it would be refused now
    Explain {
        /// The token; '-' reads it from standard input
        token: String,
        /// The room that its holder wants to enter, for a token of all rooms
        #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
        room: Option<String>,
        /// Ask no server: only what the token itself says
        #[arg(long)]
        offline: bool,
    },
}

#[derive(Args)]
struct CreateOptions {
    /// Let its holder into this room only; into all rooms without it
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    room: Option<String>,
    /// Make its holder an owner of the meeting
    #[arg(long)]
    owner: bool,
    /// The name that the others see
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    user_name: Option<String>,
    /// Your own id of the person
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    user_id: Option<String>,
    /// Refuse its holder after this: a length of time (1h, 7d) or unix seconds
    #[arg(long, value_name = "WHEN", value_parser = When::parse)]
    exp: Option<When>,
    /// Refuse its holder before this
    #[arg(long, value_name = "WHEN", value_parser = When::parse)]
    nbf: Option<When>,
    /// Set a property, as in docs/reference/properties.md; may be repeated
    #[arg(long = "property", short = 'p', value_name = "NAME=VALUE")]
    properties: Vec<String>,
}

/// Carries out one command.
pub(crate) async fn run(options: TokenOptions) -> anyhow::Result<()> {
    let server = Server::new(&options.server)?;
    let mut output = Output::new(&options.server);
    match options.order {
        TokenOrder::Create(options) => create(&server, &mut output, options).await,
        TokenOrder::Explain { token, room, offline } => {
            let token = read_token(token)?;
            let server = Some(&server).filter(|_| !offline);
            explain::run(server, &mut output, &token, room.as_deref()).await
        }
    }
}

async fn create(
    server: &Server,
    output: &mut Output,
    options: CreateOptions,
) -> anyhow::Result<()> {
    let properties = properties(server, options).await?;
    let room = properties.get("room_name").and_then(Value::as_str).map(str::to_owned);
    let answer = server.post(&["meeting-tokens"], &json!({ "properties": properties })).await?;
    if output.form() == Form::Json {
        return Ok(output.json(&answer)?);
    }
    let token = answer.get("token").and_then(Value::as_str).context("the server gave no token")?;
    output.line(token)?;
    if let Some(room) = room {
        output.line(&format!("\nopens {}/{room}?t={token}", server.address()))?;
    }
    Ok(output.flush()?)
}

async fn properties(server: &Server, options: CreateOptions) -> anyhow::Result<Map<String, Value>> {
    let mut properties = property::parse_all(Scope::Token, &options.properties)?;
    let texts = [
        ("room_name", options.room),
        ("user_name", options.user_name),
        ("user_id", options.user_id),
    ];
    for (name, text) in texts {
        properties.extend(text.map(|text| (name.to_owned(), text.into())));
    }
    if options.owner {
        properties.insert("is_owner".to_owned(), true.into());
    }
    let times = [("exp", options.exp), ("nbf", options.nbf)];
    if times.iter().any(|(_, when)| when.is_some()) {
        let now = now_of(server).await;
        for (name, when) in times {
            properties.extend(when.map(|when| (name.to_owned(), when.ahead_of(now).into())));
        }
    }
    Ok(properties)
}

fn read_token(token: String) -> anyhow::Result<String> {
    let mut text = token;
    if text == "-" {
        text.clear();
        std::io::stdin().take(MAX_TOKEN).read_to_string(&mut text)?;
    }
    let token = text.trim();
    if token.is_empty() {
        bail!("the token is empty");
    }
    Ok(token.to_owned())
}
