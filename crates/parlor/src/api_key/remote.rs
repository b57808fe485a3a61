//! The same orders over the API, with a key that may manage keys.

use anyhow::{Context as _, bail};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Content, OrderOption};
use crate::cli::{Form, Output, Server, ServerOptions, Table, shown};

/// Carries out one command.
pub(super) fn run(options: &ServerOptions, order: OrderOption) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = Server::new(options)?;
        let mut output = Output::new(options);
        match order {
            OrderOption::Create { name, content, .. } => {
                let answer = ask(&server, Method::POST, &["api-keys"], &body(&name, &content)).await?;
                new_key(options, &mut output, &answer)
            }
            OrderOption::Rotate { name, overlap, .. } => {
                let path = ["api-keys", &name, "rotate"];
                let answer = ask(&server, Method::POST, &path, &json!({"overlapSeconds": overlap})).await?;
                new_key(options, &mut output, &answer)
            }
            OrderOption::Limit { name, limits, .. } => {
                let body = json!({"limits": limits.to_body()});
                ask(&server, Method::PATCH, &["api-keys", &name], &body).await?;
                output.line("changed")?;
                Ok(output.flush()?)
            }
            OrderOption::List { .. } => {
                let answer = ask(&server, Method::GET, &["api-keys"], &Value::Null).await?;
                list(&mut output, &answer)
            }
            OrderOption::Delete { name, .. } => {
                ask(&server, Method::DELETE, &["api-keys", &name], &Value::Null).await?;
                output.line("deleted")?;
                Ok(output.flush()?)
            }
            OrderOption::Import { .. } => bail!(
                "a key is imported on the server's machine: name its records with --config or --data"
            ),
        }
    })
}

async fn ask(
    server: &Server,
    method: Method,
    path: &[&str],
    body: &Value,
) -> anyhow::Result<Value> {
    server.ask_identity(method, path, Some(body).filter(|body| !body.is_null())).await
}

fn body(name: &str, content: &Content) -> Value {
    let words: Vec<&str> = content.permissions().iter().map(|one| one.word()).collect();
    let ends = content.expires_at.map(parlor_model::time::UnixMillis::to_iso8601);
    let organizations = &content.organizations;
    json!({
        "name": name,
        "permissions": words,
        "expiresAt": ends,
        "organizationIds": organizations,
        "limits": content.limits.to_body(),
    })
}

/// The key alone, as at the machine, so that a script can take it.
pub(super) fn new_key(
    options: &ServerOptions,
    output: &mut Output,
    answer: &Value,
) -> anyhow::Result<()> {
    if options.wants_json() {
        return Ok(output.json(answer)?);
    }
    let value = answer.get("value").and_then(Value::as_str);
    output.line(value.context("the server's answer shows no key")?)?;
    Ok(output.flush()?)
}

pub(super) fn list(output: &mut Output, answer: &Value) -> anyhow::Result<()> {
    if output.form() == Form::Json {
        return Ok(output.json(answer)?);
    }
    let keys = answer.as_array().map(Vec::as_slice).unwrap_or_default();
    let headings = ["NAME", "KEY", "PERMISSIONS", "LAST USED", "EXPIRES"];
    let rows: Vec<Vec<String>> = keys.iter().map(row).collect();
    Ok(Table::new(&headings).rows(output, &rows)?)
}

fn row(key: &Value) -> Vec<String> {
    let cell = |name: &str| key.get(name).map(shown).unwrap_or_default();
    let or_never = |name: &str| {
        Some(cell(name)).filter(|it| !it.is_empty()).unwrap_or_else(|| "never".to_owned())
    };
    let words = key.get("permissions").and_then(Value::as_array);
    let words: Vec<&str> = words.into_iter().flatten().filter_map(Value::as_str).collect();
    vec![
        cell("name"),
        cell("value"),
        words.join(","),
        or_never("lastUsedAt"),
        or_never("expiresAt"),
    ]
}
