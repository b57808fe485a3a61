//! What the page of routes says of each operation, written into its entry.

use serde_json::{Map, Value, json};

use super::errors::{self, Traits};
use super::subject::tag_of;
use crate::http::router::{Route, routes};

/// Completes the entry of every route in `paths`.
pub(super) fn complete_all(paths: &mut Value) {
    for route in routes() {
        let method = route.method.as_str().to_ascii_lowercase();
        complete(&mut paths[route.path][method], &route);
    }
}

fn complete(entry: &mut Value, route: &Route) {
    tidy(entry);
    exemplify_path(entry);
    entry["tags"] = json!([tag_of(route.path)]);
    entry["x-permission"] = route.permission.word().into();
    entry["x-rate-limit-class"] = route.class.name().into();
    if let Some(reason) = route.state.lack().filter(|_| route.state.ends_in_501()) {
        entry["x-not-implemented"] = reason.into();
    }
    let has_body = entry["requestBody"].is_object();
    if has_body {
        // Every operation takes an empty body for `{}`, and then says what lacks.
        entry["requestBody"]["required"] = false.into();
    }
    let traits = Traits {
        has_subject: route.path.contains('{'),
        has_body,
        lacks_engine: route.state.ends_in_501(),
    };
    let own = entry["responses"].as_object().cloned().unwrap_or_default();
    entry["responses"] = with_errors(own, traits);
}

/// What holds for the entries of every document.
pub(crate) fn tidy(entry: &mut Value) {
    shorten_summary(entry);
    unbind_integers(entry);
}

/// Whole numbers in a query are not those of a machine, and a larger page than
/// allowed is the largest one: no number is too large.
fn unbind_integers(entry: &mut Value) {
    for parameter in entry["parameters"].as_array_mut().into_iter().flatten() {
        let is_limit = parameter["name"] == "limit";
        let Some(schema) = parameter["schema"].as_object_mut() else {
            continue;
        };
        if is_limit {
            schema.remove("maximum");
        }
        if schema.get("format").is_some_and(|format| format == "int32" || format == "int64") {
            schema.remove("format");
        }
    }
}

/// The variable segments of paths mean the same everywhere, and so do their
/// examples.
fn exemplify_path(entry: &mut Value) {
    for parameter in entry["parameters"].as_array_mut().into_iter().flatten() {
        let is_bare = parameter["in"] == "path" && parameter.get("example").is_none();
        let example = match parameter["name"].as_str() {
            Some("name") if is_bare => "standup",
            Some("id") if is_bare => "0b5a6b1c-2f3d-4b4e-9c5f-7a8b9c0d1e2f",
            _ => continue,
        };
        parameter["example"] = example.into();
    }
}

/// The first sentence is the summary, the rest goes to the description.
fn shorten_summary(entry: &mut Value) {
    let text = entry["summary"].as_str().unwrap_or_default().replace('\n', " ");
    let (summary, rest) = text.split_once(". ").unwrap_or((&text, ""));
    let more = entry["description"].as_str().unwrap_or_default();
    let description = [rest, more].join("\n\n");
    if !description.trim().is_empty() {
        entry["description"] = description.trim().into();
    }
    entry["summary"] = summary.trim_end_matches('.').into();
}

/// What the handler says of a status stands; the other errors are added, in
/// the order of their statuses.
fn with_errors(mut own: Map<String, Value>, traits: Traits) -> Value {
    for (status, answer) in errors::of_operation(traits) {
        own.entry(status).or_insert(answer);
    }
    own.sort_keys();
    own.into()
}
