//! `POST /_parlor/act`: what somebody in a call asks the server to do with it.
//! It is answered as the operation of the API of the same name.

use std::convert::Infallible;

use axum::extract::{Request, State};
use parlor_model::error::ApiError;
use parlor_model::rest::body::parse_object;
use serde_json::{Map, Value};

use crate::app::engines::{self, Operation};
use crate::app::logs;
use crate::cx::AppState;
use crate::http::error::Refusal;
use crate::http::extract::read_body;
use crate::http::rate_limit::{Budget, Door};
use crate::http::sender;

/// `{ pass, operation, body }`. The pass is that of the join.
pub(crate) async fn act(
    State(state): State<AppState>,
    request: Request,
) -> Result<Infallible, Refusal> {
    let budget = sender::budget(&state, Door::Report, request.extensions(), request.headers());
    budget.map_or(Ok(()), Budget::admit)?;
    let bytes = read_body(request, &state.cx.settings.limits).await?;
    let mut object = parse_object(&bytes)?;
    let pass = logs::open(&state, &text(&mut object, "pass")?)?;
    let word = text(&mut object, "operation")?;
    let operation = Operation::of(&word).ok_or_else(|| unknown(&word))?;
    let body = match object.remove("body") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(body)) => body,
        Some(other) => return Err(ApiError::wrong_value("body", &other, "an object").into()),
    };
    Ok(engines::ask_in_call(&state, &pass, operation, &body).await?)
}

fn text(object: &mut Map<String, Value>, key: &str) -> Result<String, ApiError> {
    match object.remove(key) {
        Some(Value::String(text)) => Ok(text),
        None => Err(ApiError::missing_field(key)),
        Some(other) => Err(ApiError::wrong_value(key, &other, "a string")),
    }
}

fn unknown(word: &str) -> ApiError {
    let words: Vec<_> = Operation::WORDS.iter().map(|(word, _)| *word).collect();
    ApiError::wrong_value("operation", &word.into(), &format!("one of {}", words.join(", ")))
}
