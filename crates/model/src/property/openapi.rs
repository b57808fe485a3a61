//! The property table as OpenAPI 3.1 schemas: closed objects with types,
//! ranges, enumerations, defaults and descriptions.

use serde_json::Value;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, Object, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat,
    SchemaType, Type,
};
use utoipa::openapi::{KnownFormat, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::kind::{Kind, Shape};
use super::set::PropertyLimits;
use super::spec::{Access, PropertySpec, Scope};
use super::specs;

/// Schema of a room's `properties` in a request.
#[derive(Clone, Copy, Debug)]
pub enum RoomProperties {}

/// Schema of a domain's `properties` in a request.
#[derive(Clone, Copy, Debug)]
pub enum DomainProperties {}

/// Schema of a token's `properties` in a request.
#[derive(Clone, Copy, Debug)]
pub enum TokenProperties {}

macro_rules! schemas {
    ($($name:ident = $scope:expr;)+) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                properties_of($scope).into()
            }
        }

        impl ToSchema for $name {}
    )+};
}

schemas! {
    RoomProperties = Scope::Room;
    DomainProperties = Scope::Domain;
    TokenProperties = Scope::Token;
}

/// A closed object of what requests may set in `scope`.
fn properties_of(scope: Scope) -> Object {
    let rows = specs(scope).filter(|spec| {
        let access = spec.place(scope).map(|place| place.access);
        matches!(access, Some(Access::Write | Access::Ignored))
    });
    let object = ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    rows.fold(object, |object, spec| object.property(spec.name, property(spec, scope))).build()
}

/// One property. `null` is a value too: it resets, and in a token it counts
/// as absent.
fn property(spec: &PropertySpec, scope: Scope) -> Schema {
    let place = spec.place(scope);
    let is_ignored = place.is_some_and(|place| place.access == Access::Ignored);
    let kind = if is_ignored { Kind::Any } else { spec.kind };
    let mut schema = value(&kind);
    make_nullable(&mut schema);
    let default = place.and_then(|place| place.default.to_value());
    describe(&mut schema, spec.doc(), default);
    schema
}

fn describe(schema: &mut Schema, doc: &str, default: Option<Value>) {
    let doc = Some(doc.to_owned());
    match schema {
        Schema::Object(object) => (object.description, object.default) = (doc, default),
        Schema::Array(array) => (array.description, array.default) = (doc, default),
        Schema::OneOf(one_of) => (one_of.description, one_of.default) = (doc, default),
        _ => {}
    }
}

fn make_nullable(schema: &mut Schema) {
    match schema {
        Schema::Object(object) => {
            add_null(&mut object.schema_type);
            if let Some(values) = &mut object.enum_values {
                values.push(Value::Null);
            }
        }
        Schema::Array(array) => add_null(&mut array.schema_type),
        Schema::OneOf(one_of) => one_of.items.push(typed(Type::Null).build().into()),
        _ => {}
    }
}

fn add_null(schema_type: &mut SchemaType) {
    if let SchemaType::Type(only) = schema_type {
        *schema_type = SchemaType::Array(vec![only.clone(), Type::Null]);
    }
}

fn value(kind: &Kind) -> Schema {
    match kind {
        Kind::Flag => typed(Type::Boolean).into(),
        Kind::Integer { min, max } => integer(*min, *max).into(),
        Kind::Participants => {
            integer(1, i64::from(PropertyLimits::default().max_participants)).into()
        }
        Kind::Number { min } => typed(Type::Number).minimum(Some(*min)).into(),
        Kind::Time | Kind::FutureTime => {
            typed(Type::Number).format(Some(SchemaFormat::KnownFormat(KnownFormat::Double))).into()
        }
        Kind::Text { max_chars } => typed(Type::String).max_length(*max_chars).into(),
        Kind::Template(rule) => {
            typed(Type::String).max_length(Some(1024)).pattern(Some(rule.pattern())).into()
        }
        Kind::OneOf(options) => one_of_words(options).into(),
        Kind::SomeOf(options) => some_of_words(options).into(),
        Kind::OneOrSomeOf(options) => {
            either(one_of_words(options).build().into(), some_of_words(options).build().into())
        }
        Kind::FlagOrSomeOf(options) => {
            either(typed(Type::Boolean).build().into(), some_of_words(options).build().into())
        }
        Kind::FlagOrObject(shape) => {
            either(typed(Type::Boolean).build().into(), object(shape).into())
        }
        Kind::Object(shape) => object(shape).into(),
        Kind::ListOf(shape) => ArrayBuilder::new().items(object(shape)).into(),
        Kind::MapOf(kind) => {
            typed(Type::Object).additional_properties(Some(RefOr::T(value(kind)))).into()
        }
        Kind::Any => ObjectBuilder::new().schema_type(SchemaType::AnyValue).into(),
    }
}

fn typed(schema_type: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(schema_type)
}

#[expect(clippy::cast_possible_truncation, reason = "isize has 64 bits wherever this runs")]
fn integer(min: i64, max: i64) -> ObjectBuilder {
    typed(Type::Integer).minimum(Some(min as isize)).maximum(Some(max as isize))
}

fn one_of_words(options: &[&str]) -> ObjectBuilder {
    typed(Type::String).enum_values(Some(options.iter().copied()))
}

fn some_of_words(options: &[&str]) -> ArrayBuilder {
    ArrayBuilder::new().items(one_of_words(options)).unique_items(true)
}

fn either(first: Schema, second: Schema) -> Schema {
    OneOfBuilder::new().item(first).item(second).into()
}

fn object(shape: &Shape) -> Object {
    let open = ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(AdditionalProperties::FreeForm(shape.is_open)));
    let with_fields = shape
        .fields
        .iter()
        .fold(open, |object, field| object.property(field.name, value(&field.kind)));
    let required = shape.fields.iter().filter(|field| field.is_required);
    required.fold(with_fields, |object, field| object.required(field.name)).build()
}
