//! `parlor webhook`: what was delivered, and delivering it again.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::ServerOptions;
use super::output::{Form, Output, Table, shown};
use super::pages::List;
use super::server::Server;
use super::when::{When, now_of};

/// Options of `parlor webhook`.
#[derive(Args)]
pub(crate) struct WebhookOptions {
    #[command(flatten)]
    server: ServerOptions,
    #[command(subcommand)]
    order: WebhookOrder,
}

#[derive(Subcommand)]
enum WebhookOrder {
    /// List the webhooks
    List,
    /// List what one webhook was sent, newest first
    Deliveries {
        /// The webhook's uuid
        webhook: String,
        /// Most deliveries [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Send one delivery once more
    Resend {
        /// The webhook's uuid
        webhook: String,
        /// The delivery's id, of `parlor webhook deliveries`
        delivery: String,
    },
    /// Send everything once more that happened since a time
    Replay {
        /// The webhook's uuid
        webhook: String,
        /// Since when: a length of time back from now (1h, 7d) or unix seconds
        #[arg(long, value_name = "WHEN", value_parser = When::parse)]
        since: When,
    },
}

/// Carries out one command.
pub(crate) async fn run(options: WebhookOptions) -> anyhow::Result<()> {
    let server = Server::new(&options.server)?;
    let mut output = Output::new(&options.server);
    match options.order {
        WebhookOrder::List => list(&server, &mut output).await,
        WebhookOrder::Deliveries { webhook, limit } => {
            deliveries(&server, &mut output, &webhook, limit).await
        }
        WebhookOrder::Resend { webhook, delivery } => {
            let path = ["parlor", "webhooks", &webhook, "deliveries", &delivery, "resend"];
            let answer = server.post(&path, &json!({})).await?;
            say(&mut output, &answer, &format!("delivery {delivery} is sent again"))
        }
        WebhookOrder::Replay { webhook, since } => {
            let since = since.behind(now_of(&server).await);
            let path = ["parlor", "webhooks", &webhook, "replay"];
            let answer = server.post(&path, &json!({ "since": since })).await?;
            let text = match answer.get("queued").and_then(Value::as_u64).unwrap_or(0) {
                1 => "1 delivery is sent again".to_owned(),
                queued => format!("{queued} deliveries are sent again"),
            };
            say(&mut output, &answer, &text)
        }
    }
}

fn say(output: &mut Output, answer: &Value, text: &str) -> anyhow::Result<()> {
    match output.form() {
        Form::Json => output.json(answer)?,
        Form::Text => output.line(text)?,
    }
    Ok(output.flush()?)
}

async fn list(server: &Server, output: &mut Output) -> anyhow::Result<()> {
    let answer = server.get(&["webhooks"], &[]).await?;
    if output.form() == Form::Json {
        return Ok(output.json(&answer)?);
    }
    let webhooks = answer.as_array().map(Vec::as_slice).unwrap_or_default();
    if webhooks.is_empty() {
        output.line("no webhooks; POST /v1/webhooks makes one")?;
        return Ok(output.flush()?);
    }
    let headings = ["UUID", "STATE", "FAILURES", "RETRY", "EVENTS", "LAST DELIVERED", "URL"];
    let rows: Vec<Vec<String>> = webhooks.iter().map(webhook_row).collect();
    Ok(Table::new(&headings).rows(output, &rows)?)
}

fn webhook_row(webhook: &Value) -> Vec<String> {
    let cell = |name: &str| webhook.get(name).map(shown).unwrap_or_default();
    let events = webhook.get("eventTypes").and_then(Value::as_array).map_or(0, Vec::len);
    let last = webhook.get("lastMomentPushed").filter(|last| !last.is_null());
    vec![
        cell("uuid"),
        cell("state"),
        cell("failedCount"),
        cell("retryType"),
        events.to_string(),
        last.map_or_else(|| "never".to_owned(), shown),
        cell("url"),
    ]
}

async fn deliveries(
    server: &Server,
    output: &mut Output,
    webhook: &str,
    limit: Option<usize>,
) -> anyhow::Result<()> {
    let list = List {
        path: &["parlor", "webhooks", webhook, "deliveries"],
        id: "id",
        limit,
        headings: &["ID", "STATE", "EVENT", "HAPPENED", "TRIES", "ANSWER", "TOOK", "NEXT TRY"],
        row: &delivery_row,
        nothing: "nothing was sent to this webhook",
    };
    list.print(server, output).await
}

fn delivery_row(delivery: &Value) -> Vec<String> {
    let cell = |pointer: &str| delivery.pointer(pointer).map(shown).unwrap_or_default();
    let none = Vec::new();
    let attempts = delivery.get("attempts").and_then(Value::as_array).unwrap_or(&none);
    let last = attempts.last();
    let of_last = |name: &str| last.and_then(|last| last.get(name)).map(shown).unwrap_or_default();
    let answer = match of_last("status") {
        status if status.is_empty() => of_last("error"),
        status => status,
    };
    let number = of_last("number");
    let took = of_last("latencyMs");
    vec![
        cell("/id"),
        cell("/state"),
        cell("/event/type"),
        cell("/createdAt"),
        if number.is_empty() { "0".to_owned() } else { number },
        answer,
        if took.is_empty() { took } else { format!("{took} ms") },
        cell("/nextAttemptAt"),
    ]
}
