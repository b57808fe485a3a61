//! The schemas of the property table.
#![cfg(feature = "openapi")]

use parlor_model::property::{RoomProperties, TokenProperties};
use parlor_model::rest::rooms::CreateRoom;
use serde_json::{Value, json};
use utoipa::PartialSchema;

fn schema_of<T: PartialSchema>() -> Value {
    serde_json::to_value(T::schema()).expect("a schema is JSON")
}

#[test]
fn properties_are_closed_and_carry_what_the_rows_say() {
    let room = schema_of::<RoomProperties>();
    assert_eq!(room["additionalProperties"], json!(false));
    let most = &room["properties"]["max_participants"];
    assert_eq!(most["type"], json!(["integer", "null"]));
    assert_eq!(most["minimum"], json!(1));
    assert_eq!(most["maximum"], json!(200));
    assert_eq!(most["default"], json!(200));
    assert!(most["description"].as_str().unwrap().starts_with("Most participants"));
    assert!(room["properties"]["sip_uri"].is_null(), "only answers have it");
}

#[test]
fn enumerations_allow_null_beside_their_words() {
    let token = schema_of::<TokenProperties>();
    let lang = &token["properties"]["lang"];
    assert!(lang["enum"].as_array().unwrap().contains(&Value::Null));
    assert!(lang["enum"].as_array().unwrap().contains(&json!("pt-BR")));
    let recording = &token["properties"]["enable_recording"]["oneOf"];
    assert_eq!(recording[1]["uniqueItems"], json!(true));
    assert_eq!(recording[2], json!({"type": "null"}));
}

#[test]
fn bodies_refer_to_the_properties() {
    let body = schema_of::<CreateRoom>();
    assert_eq!(body["additionalProperties"], json!(false));
    let properties = &body["properties"]["properties"]["oneOf"];
    assert_eq!(properties[0], json!({"$ref": "#/components/schemas/RoomProperties"}));
}
