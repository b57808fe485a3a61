//! Schemas of the closed request bodies. They are written by hand because the
//! bodies are parsed by hand; `null` is allowed wherever the parser takes it
//! for absent.

use serde_json::{Value, json};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::batch_rooms::{CreateRooms, DeleteRooms, MAX_ROOMS};
use super::domain::UpdateDomain;
use super::meeting_tokens::CreateMeetingToken;
use super::rooms::{CreateRoom, UpdateRoom};
use crate::property::{DomainProperties, RoomProperties, TokenProperties};
use crate::room_name::{MAX_CHARS, RESERVED};

macro_rules! bodies {
    ($($body:ident($properties:ident) = $object:expr;)+) => {$(
        impl PartialSchema for $body {
            fn schema() -> RefOr<Schema> {
                let properties = nullable_reference(&$properties::name());
                $object.property("properties", properties).into()
            }
        }

        impl ToSchema for $body {
            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                schemas.push(($properties::name().into_owned(), $properties::schema()));
            }
        }
    )+};
}

bodies! {
    CreateRoom(RoomProperties) = closed(json!({
        "name": "standup",
        "privacy": "private",
        "properties": {"exp": 1_935_741_630, "max_participants": 12, "start_video_off": true},
    })).property("name", name()).property("privacy", privacy());
    UpdateRoom(RoomProperties) = closed(json!({
        "privacy": "public",
        "properties": {"max_participants": 20, "start_video_off": null},
    })).property("privacy", privacy());
    UpdateDomain(DomainProperties) = closed(json!({
        "properties": {"enable_prejoin_ui": false, "hide_daily_branding": true},
    }));
    CreateMeetingToken(TokenProperties) = closed(json!({
        "properties": {"room_name": "standup", "is_owner": true, "user_name": "Ana", "exp": 1_935_741_630},
    }));
}

impl PartialSchema for CreateRooms {
    fn schema() -> RefOr<Schema> {
        let room = Ref::from_schema_name(CreateRoom::name());
        let rooms = ArrayBuilder::new().items(room).max_items(Some(MAX_ROOMS));
        let example = json!({"rooms": [{"name": "table-1"}, {"privacy": "private"}]});
        closed(example).property("rooms", rooms).required("rooms").into()
    }
}

impl ToSchema for CreateRooms {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((CreateRoom::name().into_owned(), CreateRoom::schema()));
        CreateRoom::schemas(schemas);
    }
}

impl PartialSchema for DeleteRooms {
    fn schema() -> RefOr<Schema> {
        let names = ArrayBuilder::new()
            .items(ObjectBuilder::new().schema_type(Type::String))
            .min_items(Some(1))
            .max_items(Some(MAX_ROOMS));
        let example = json!({"rooms": ["table-1", "table-2"]});
        closed(example).property("rooms", names).required("rooms").into()
    }
}

impl ToSchema for DeleteRooms {}

fn closed(example: Value) -> ObjectBuilder {
    ObjectBuilder::new()
        .examples([example])
        .schema_type(Type::Object)
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
}

fn nullable_reference(name: &str) -> OneOfBuilder {
    let null = ObjectBuilder::new().schema_type(Type::Null);
    OneOfBuilder::new().item(Ref::from_schema_name(name)).item(null)
}

fn name() -> ObjectBuilder {
    let reserved = RESERVED.join("|");
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some("The name. Absent or empty: the server makes one up."))
        .max_length(Some(MAX_CHARS))
        .pattern(Some(format!("^(?!({reserved})$)[A-Za-z0-9_-]*$")))
}

fn privacy() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some("Who may enter: everybody, or holders of a meeting token."))
        .enum_values(Some([Some("public"), Some("private"), None]))
}
