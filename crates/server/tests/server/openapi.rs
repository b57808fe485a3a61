//! The OpenAPI document: checked in, closed in itself, and served.

use std::path::Path;

use axum::http::StatusCode;
use parlor_server::{identity_document, oauth_document, openapi_document};
use serde_json::Value;

use crate::support::TestServer;

fn document() -> Value {
    openapi_document().unwrap()
}

/// Set `PARLOR_UPDATE_REFERENCE=1` to write the file instead of comparing it.
#[test]
fn document_is_the_one_that_is_checked_in() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    let made = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if std::env::var_os("PARLOR_UPDATE_REFERENCE").is_some() {
        std::fs::write(&file, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        made == kept,
        "docs/reference/openapi.json is stale: run the tests with PARLOR_UPDATE_REFERENCE=1"
    );
}

/// The same of the identity face and of the provider, which are closed in
/// themselves.
#[test]
fn documents_of_identity_are_those_that_are_checked_in() {
    let documents = [
        ("openapi-identity.json", identity_document().unwrap()),
        ("openapi-oauth.json", oauth_document().unwrap()),
    ];
    for (name, document) in documents {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
        let made = serde_json::to_string_pretty(&document).unwrap() + "\n";
        if std::env::var_os("PARLOR_UPDATE_REFERENCE").is_some() {
            std::fs::write(folder.join(name), &made).unwrap();
        }
        let kept = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(
            made == kept,
            "docs/reference/{name} is stale: run the tests with PARLOR_UPDATE_REFERENCE=1"
        );
        let mut references = Vec::new();
        collect_references(&document, &mut references);
        for reference in references {
            let pointer = reference.strip_prefix('#').expect("a local reference");
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }
}

#[test]
fn document_is_openapi_3_1_and_every_reference_leads_somewhere() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("a local reference");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                found.push(reference.clone());
            }
            fields.values().for_each(|field| collect_references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, found)),
        _ => {}
    }
}

#[test]
fn request_bodies_are_closed_and_know_every_property() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    for body in ["CreateRoom", "UpdateRoom", "CreateMeetingToken", "UpdateDomain"] {
        assert_eq!(schemas[body]["additionalProperties"], false, "{body}");
    }
    for (schema, property) in [
        ("RoomProperties", "max_participants"),
        ("TokenProperties", "room_name"),
        ("DomainProperties", "hide_daily_branding"),
    ] {
        assert_eq!(schemas[schema]["additionalProperties"], false, "{schema}");
        assert!(schemas[schema]["properties"][property].is_object(), "{schema}.{property}");
    }
}

/// Each operation of the document, with a name for messages.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            found.push((format!("{} {path}", method.to_uppercase()), operation));
        }
    }
    found
}

#[test]
fn every_operation_describes_its_errors_and_wants_a_key() {
    let document = document();
    assert_eq!(document["security"][0]["api_key"], serde_json::json!([]));
    for (name, operation) in operations(&document) {
        let mut statuses = vec!["200", "400", "401", "403", "429", "5XX"];
        let has_body = operation["requestBody"].is_object();
        statuses.extend(name.contains('{').then_some("404"));
        statuses.extend(has_body.then_some("408"));
        statuses.extend(has_body.then_some("413"));
        for status in statuses {
            let response = resolved(&document, &operation["responses"][status]);
            let description = response["description"].as_str().unwrap_or_default();
            assert!(!description.is_empty(), "{name} {status}");
        }
        assert!(operation["requestBody"]["required"] != true, "{name} takes an empty body");
    }
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let Some(reference) = value["$ref"].as_str() else {
        return value;
    };
    document.pointer(&reference[1..]).unwrap()
}

#[test]
fn every_operation_says_what_it_is_about_and_what_it_demands() {
    let document = document();
    let tags: Vec<&Value> =
        document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    for (name, operation) in operations(&document) {
        assert!(tags.contains(&&operation["tags"][0]), "{name}: {}", operation["tags"]);
        assert!(operation["x-permission"].is_string(), "{name}");
        assert!(operation["x-rate-limit-class"].is_string(), "{name}");
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!((1..=80).contains(&summary.len()), "{name}: a short first sentence: {summary}");
    }
}

#[test]
fn every_body_has_an_example_and_so_has_every_path() {
    let document = document();
    let is_bare = |media: &Value| media["example"].is_null() && media["examples"].is_null();
    for (name, operation) in operations(&document) {
        for body in [&operation["requestBody"], &operation["responses"]["200"]] {
            let content = body["content"].as_object();
            let bare = content.is_some_and(|content| content.values().any(is_bare));
            assert!(!bare, "{name}: give the body's type or its fields an example in the model");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let is_bare = parameter["in"] == "path" && parameter["example"].is_null();
            assert!(!is_bare, "{name}: give {} an example", parameter["name"]);
        }
    }
}

#[tokio::test]
async fn document_is_served_without_a_key_to_any_origin() {
    let server = TestServer::start().await;
    let answer = server.anonymous().get("/v1/openapi.json").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, document());
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(server.anonymous().get("/api/v1/openapi.json").await.body, answer.body);
}
