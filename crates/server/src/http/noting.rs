//! What stands in the audit log: an operation that is noted is written down
//! before it happens, and with what came of it. What cannot be written down is
//! not done.

use std::collections::BTreeSet;

use axum::RequestPartsExt as _;
use axum::extract::{RawPathParams, Request};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::future::{join_all, try_join_all};
use parlor_model::error::ApiError;
use parlor_model::identity::audit::{AuditAction, AuditTarget};
use parlor_model::rest::batch_rooms::MAX_ROOMS;
use parlor_model::room_name::RoomName;
use parlor_store::audit::{AuditActor, AuditOrigin};
use parlor_store::users;
use serde_json::{Map, Value, json};

use crate::cx::AppState;
use crate::failure::Failure;
use crate::http::error::Refusal;
use crate::http::guard::pass;
use crate::identity::audit::{self, Entry};
use crate::identity::{Caller, Who};
use crate::oidc::clients;

/// What an operation does, and to what kind of thing.
pub(crate) type Deed = (AuditAction, AuditTarget);

/// On to the handler, with `entries` before it and its outcome after; `why`
/// picks of an error what is kept of it.
pub(crate) async fn carry_out(
    state: &AppState,
    entries: Vec<Entry>,
    why: fn(&ApiError) -> &str,
    request: Request,
    next: Next,
) -> Response {
    let intents = entries.into_iter().map(|entry| audit::intend(state, entry));
    let intents = match try_join_all(intents).await {
        Ok(intents) => intents,
        Err(failure) => return Refusal::from(failure).into_response(),
    };
    let response = pass(request, next).await;
    let error = response.extensions().get::<ApiError>().map(why);
    let status = response.status().as_u16();
    join_all(intents.into_iter().map(|intent| intent.done(status, error))).await;
    response
}

/// The same for an operation of the REST API. Its bodies are the users' own, so
/// what is kept of them is which properties they set, and the rooms they delete;
/// of an error, which repeats what it received, its kind.
pub(crate) async fn carry_out_rest(
    state: &AppState,
    (operation, deed): (&'static str, Deed),
    caller: &Caller,
    (mut parts, body): (Parts, Vec<u8>),
    next: Next,
) -> Response {
    let by = match author(state, &caller.who, &parts) {
        Ok(by) => by,
        Err(failure) => return Refusal::from(failure).into_response(),
    };
    let id = match deed.1 {
        AuditTarget::Domain => caller.org().to_string(),
        _ => last_of_path(&mut parts).await,
    };
    let entry = |named| {
        let entry = Entry::new(by.clone(), Some(caller.org()), deed.0, (deed.1, id.clone()));
        let entry = entry.with_all(named).with("operation", operation);
        through_application(state, &caller.who, entry)
    };
    let named = match (operation, deed.0) {
        ("delete_rooms", _) => rooms_in(&body),
        (_, AuditAction::Delete) => vec![Map::new()],
        _ => vec![properties_in(&body)],
    };
    let entries = match named.into_iter().map(entry).collect::<Result<_, _>>() {
        Ok(entries) => entries,
        Err(failure) => return Refusal::from(failure).into_response(),
    };
    let request = Request::from_parts(parts, body.into());
    carry_out(state, entries, |error| error.kind.wire(), request, next).await
}

/// Who sends a request, with which credential, from where.
pub(crate) fn author(
    state: &AppState,
    who: &Who,
    parts: &Parts,
) -> Result<(AuditActor, AuditOrigin), Failure> {
    Ok((actor(state, who)?, audit::origin(state, &parts.extensions, &parts.headers)))
}

/// The same entry with the application that asks in a person's name, which is
/// none where they do it in a page of ours or with a key. It takes the place of
/// whatever else has that name.
pub(crate) fn through_application(
    state: &AppState,
    who: &Who,
    entry: Entry,
) -> Result<Entry, Failure> {
    let Who::Person(person) = who else {
        return Ok(entry);
    };
    if person.grant.is_none() {
        return Ok(entry);
    }
    let known = clients::find(state, &person.client)?.map(|client| client.name);
    let name = known.unwrap_or_else(|| person.client.as_str().to_owned());
    Ok(entry.with("application", json!({ "id": person.client.as_str(), "name": name })))
}

/// The account behind the credential, and how a key begins and ends.
fn actor(state: &AppState, who: &Who) -> Result<AuditActor, Failure> {
    let user = match who.user() {
        Some(id) => state.cx.store.read(|c| users::find(c, id))?,
        None => None,
    };
    Ok(match (who, user) {
        (Who::Key(key), user) => audit::holder(key, user.as_ref()),
        (Who::Person(_), Some(user)) => audit::person(&user),
        (Who::Person(person), None) => {
            AuditActor { id: person.user.to_string(), ..AuditActor::default() }
        }
    })
}

/// What the path names last: the thing itself, or the organization it is in.
/// Empty for what is only being made.
pub(crate) async fn last_of_path(parts: &mut Parts) -> String {
    let Ok(params) = parts.extract::<RawPathParams>().await else {
        return String::new();
    };
    params.iter().last().map(|(_, value)| value.to_owned()).unwrap_or_default()
}

/// Properties of one body that are named in the log: more than there are, so
/// that only names that mean nothing stand behind.
const PROPERTIES: usize = 200;

/// Longest of these names, in characters: no property has more.
const NAME_CHARS: usize = 40;

/// Rooms in one entry: so many of the longest names fit.
const ROOMS: usize = 50;

/// Which properties a body sets.
fn properties_in(body: &[u8]) -> Map<String, Value> {
    let mut named = Map::new();
    // The handler says what is wrong with anything else.
    let Ok(Value::Object(body)) = serde_json::from_slice(body) else {
        return named;
    };
    let inner = body.get("properties").and_then(Value::as_object);
    let outer = body.keys().filter(|name| inner.is_none() || *name != "properties");
    let names = outer.chain(inner.into_iter().flat_map(Map::keys));
    let names = names.filter(|name| name.len() <= NAME_CHARS).take(PROPERTIES);
    named.insert("properties".to_owned(), names.map(String::as_str).collect());
    named
}

/// Which rooms a batch deletes, each once, in as many entries as they take: else
/// names that mean nothing would push others out of the log.
fn rooms_in(body: &[u8]) -> Vec<Map<String, Value>> {
    let rooms = match serde_json::from_slice(body) {
        Ok(Value::Object(mut body)) => body.remove("rooms"),
        _ => None,
    };
    let rooms = rooms.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    // Of more, none is deleted; what is no name is none of a room.
    let names = rooms.iter().take(MAX_ROOMS).filter_map(Value::as_str);
    let names = names.filter(|name| RoomName::parse(name).is_ok());
    let names: Vec<_> = names.collect::<BTreeSet<_>>().into_iter().collect();
    let count = Value::from(names.len());
    let entry = |names: &[&str]| {
        Map::from_iter([("rooms".to_owned(), names.into()), ("count".to_owned(), count.clone())])
    };
    match names.is_empty() {
        true => vec![entry(&[])],
        false => names.chunks(ROOMS).map(entry).collect(),
    }
}

#[cfg(test)]
mod tests {
    use parlor_model::rest::batch_rooms::MAX_ROOMS;
    use parlor_store::audit::MAX_METADATA_BYTES;
    use serde_json::{Value, json};

    use super::{properties_in, rooms_in};

    fn properties(body: &Value) -> Value {
        properties_in(body.to_string().as_bytes()).into()
    }

    #[test]
    fn properties_are_named_without_their_values() {
        let body = json!({"privacy": "public", "properties": {"exp": 1, "sip": {"secret": "x"}}});
        assert_eq!(properties(&body), json!({"properties": ["privacy", "exp", "sip"]}));
        let webhook = json!({"url": "https://x/?token=y", "x".repeat(41): 1});
        assert_eq!(properties(&webhook), json!({"properties": ["url"]}));
        assert_eq!(properties(&json!({"properties": 1})), json!({"properties": ["properties"]}));
        assert_eq!(properties(&json!({})), json!({"properties": []}));
        assert!(properties_in(b"[1]").is_empty() && properties_in(b"{").is_empty());
    }

    #[test]
    fn no_room_is_pushed_out_of_the_log_by_others() {
        let long = |i: usize| format!("{i:0>128}");
        let mut names: Vec<_> = (0..MAX_ROOMS - 2).map(long).collect();
        names.extend(["board".to_owned(), long(0)]);
        let entries = rooms_in(json!({"rooms": names}).to_string().as_bytes());
        assert!(
            entries
                .iter()
                .all(|one| Value::from(one.clone()).to_string().len() < MAX_METADATA_BYTES)
        );
        assert!(entries.iter().all(|one| one["count"] == MAX_ROOMS - 1));
        let named: Vec<_> =
            entries.iter().flat_map(|one| one["rooms"].as_array().unwrap()).collect();
        assert_eq!(named.len(), MAX_ROOMS - 1);
        assert!(named.contains(&&json!("board")));
        for nothing in [json!({"rooms": [1, "no name", "x".repeat(200)]}), json!({}), json!([])] {
            let entries = rooms_in(nothing.to_string().as_bytes());
            assert_eq!(Value::from(entries[0].clone()), json!({"rooms": [], "count": 0}));
        }
    }
}
