//! `parlor room`: make, list, read and delete rooms.

use clap::{Args, Subcommand};
use parlor_model::property::Scope;
use parlor_model::time::UnixMillis;
use serde_json::{Map, Value, json};

use super::output::{Form, Output, shown};
use super::pages::List;
use super::server::Server;
use super::when::{When, machine_now, now_of, point};
use super::{ServerOptions, property};

/// Options of `parlor room`.
#[derive(Args)]
pub(crate) struct RoomOptions {
    #[command(flatten)]
    server: ServerOptions,
    #[command(subcommand)]
    order: RoomOrder,
}

#[derive(Subcommand)]
enum RoomOrder {
    /// Make a room; without a name the server makes one up
    Create {
        /// Its name: A-Z, a-z, 0-9, '-' and '_'
        #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
        name: Option<String>,
        /// Let only those in who hold a meeting token for it
        #[arg(long)]
        private: bool,
        /// Let nobody in after this: a length of time (1h, 7d) or unix seconds
        #[arg(long, value_name = "WHEN", value_parser = When::parse)]
        exp: Option<When>,
        /// Set a property, as in docs/reference/properties.md; may be repeated
        #[arg(long = "property", short = 'p', value_name = "NAME=VALUE")]
        properties: Vec<String>,
    },
    /// List the rooms, newest first
    List {
        /// Most rooms [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Show one room
    Show {
        /// Its name
        #[arg(allow_hyphen_values = true)]
        name: String,
    },
    /// Delete a room; everybody in it is removed
    Delete {
        /// Its name
        #[arg(allow_hyphen_values = true)]
        name: String,
    },
}

/// Carries out one command.
pub(crate) async fn run(options: RoomOptions) -> anyhow::Result<()> {
    let server = Server::new(&options.server)?;
    let mut output = Output::new(&options.server);
    match options.order {
        RoomOrder::Create { name, private, exp, properties } => {
            let mut properties = property::parse_all(Scope::Room, &properties)?;
            if let Some(exp) = exp {
                properties.insert("exp".to_owned(), exp.ahead_of(now_of(&server).await).into());
            }
            let mut body = json!({ "properties": properties });
            if let Some(name) = name {
                body["name"] = name.into();
            }
            if private {
                body["privacy"] = "private".into();
            }
            let room = server.post(&["rooms"], &body).await?;
            show(&mut output, &room)
        }
        RoomOrder::List { limit } => list(&server, &mut output, limit).await,
        RoomOrder::Show { name } => show(&mut output, &server.get(&["rooms", &name], &[]).await?),
        RoomOrder::Delete { name } => {
            let answer = server.delete(&["rooms", &name]).await?;
            match output.form() {
                Form::Json => output.json(&answer)?,
                Form::Text => output.line(&format!("room {name} is deleted"))?,
            }
            Ok(output.flush()?)
        }
    }
}

async fn list(server: &Server, output: &mut Output, limit: Option<usize>) -> anyhow::Result<()> {
    let now = machine_now();
    let rooms = List {
        path: &["rooms"],
        id: "id",
        limit,
        headings: &["NAME", "PRIVACY", "EXPIRES", "URL"],
        row: &|room| {
            let cell = |name: &str| room.get(name).map(shown).unwrap_or_default();
            let exp = room.pointer("/config/exp").and_then(Value::as_f64);
            let expires = exp.map_or_else(|| "never".to_owned(), |exp| point(exp, now));
            vec![cell("name"), cell("privacy"), expires, cell("url")]
        },
        nothing: "no rooms; `parlor room create` makes one",
    };
    rooms.print(server, output).await
}

fn show(output: &mut Output, room: &Value) -> anyhow::Result<()> {
    if output.form() == Form::Json {
        return Ok(output.json(room)?);
    }
    let now = machine_now();
    let mut pairs: Vec<(String, String)> = ["name", "url", "privacy", "created_at", "id"]
        .map(|name| (name.to_owned(), room.get(name).map(shown).unwrap_or_default()))
        .into();
    let none = Map::new();
    let config = room.get("config").and_then(Value::as_object).unwrap_or(&none);
    pairs.extend(config.iter().map(|(name, value)| (name.clone(), value_of(name, value, now))));
    Ok(output.pairs(&pairs)?)
}

/// A property as people read it: points in time with their distance.
fn value_of(name: &str, value: &Value, now: UnixMillis) -> String {
    match (name, value.as_f64()) {
        ("exp" | "nbf", Some(seconds)) => point(seconds, now),
        _ => shown(value),
    }
}
