//! `parlor presence`: who is in which call.

use clap::Args;
use serde_json::Value;

use super::ServerOptions;
use super::output::{Form, Output, Table, shown};
use super::server::Server;
use super::when::distance;

/// Options of `parlor presence`.
#[derive(Args)]
pub(crate) struct PresenceOptions {
    #[command(flatten)]
    server: ServerOptions,
    /// Only this room; all of them without it
    #[arg(allow_hyphen_values = true)]
    room: Option<String>,
}

/// Prints who is there.
pub(crate) async fn run(options: PresenceOptions) -> anyhow::Result<()> {
    let server = Server::new(&options.server)?;
    let mut output = Output::new(&options.server);
    let answer = match &options.room {
        Some(room) => server.get(&["rooms", room, "presence"], &[]).await?,
        None => server.get(&["presence"], &[]).await?,
    };
    if output.form() == Form::Json {
        return Ok(output.json(&answer)?);
    }
    let people = people_of(&answer);
    if people.is_empty() {
        output.line("nobody is in a call")?;
        return Ok(output.flush()?);
    }
    let headings = ["ROOM", "SESSION ID", "FOR", "USER ID", "NAME"];
    let rows: Vec<Vec<String>> = people.into_iter().map(row).collect();
    Ok(Table::new(&headings).rows(&mut output, &rows)?)
}

/// Of one room the answer has a list, of all of them one list a room.
fn people_of(answer: &Value) -> Vec<&Value> {
    match answer.get("data") {
        Some(Value::Array(people)) => people.iter().collect(),
        _ => answer
            .as_object()
            .into_iter()
            .flat_map(|rooms| rooms.values())
            .filter_map(Value::as_array)
            .flatten()
            .collect(),
    }
}

fn row(person: &Value) -> Vec<String> {
    let cell = |name: &str| person.get(name).map(shown).unwrap_or_default();
    let duration = person.get("duration").and_then(Value::as_u64).unwrap_or(0);
    vec![cell("room"), cell("id"), distance(duration), cell("userId"), cell("userName")]
}
