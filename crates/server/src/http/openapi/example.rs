//! Examples of bodies. A handler may give one; where it does not, it is put
//! together from the examples of the schema and of its fields, so that each
//! thing is exemplified in one place.

use serde_json::{Map, Value};

/// Deeper than this a schema is taken to refer to itself.
const MAX_DEPTH: usize = 12;

/// Gives every body in `document` that lacks one its example.
pub(super) fn fill_in(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    let operations = document["paths"].as_object_mut().into_iter().flat_map(|paths| {
        paths.values_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut)
    });
    for operation in operations {
        fill_body(&mut operation["requestBody"], &schemas);
        fill_body(&mut operation["responses"]["200"], &schemas);
        // Looking for a body that is not there leaves a null behind.
        if let Some(fields) = operation.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
    }
}

fn fill_body(body: &mut Value, schemas: &Value) {
    let Some(media) = body.pointer_mut("/content/application~1json").and_then(Value::as_object_mut)
    else {
        return;
    };
    if media.contains_key("example") || media.contains_key("examples") {
        return;
    }
    let example = media.get("schema").and_then(|schema| of_schema(schema, schemas, 0));
    if let Some(example) = example {
        media.insert("example".to_owned(), example);
    }
}

/// The schema's own example, or one made of its fields' examples. Fields
/// without any are left out if they may be absent.
fn of_schema(schema: &Value, schemas: &Value, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return of_schema(&schemas[name], schemas, depth + 1);
    }
    let own = schema.get("example").or_else(|| schema["examples"].get(0));
    if let Some(own) = own.or_else(|| schema["enum"].get(0)) {
        return Some(own.clone());
    }
    if let Some(items) = schema.get("items") {
        return of_schema(items, schemas, depth + 1).map(|item| vec![item].into());
    }
    let is_free = schema["type"] == "object" && schema["additionalProperties"] != false;
    let Some(fields) = schema["properties"].as_object() else {
        return is_free.then(|| Map::new().into());
    };
    let required = schema["required"].as_array();
    let is_required =
        |name: &str| required.is_some_and(|names| names.iter().any(|one| one == name));
    let mut example = Map::new();
    for (name, field) in fields {
        match of_schema(field, schemas, depth + 1) {
            Some(value) => _ = example.insert(name.clone(), value),
            None if is_required(name) => return None,
            None => {}
        }
    }
    Some(example.into())
}
