//! Schemas as OpenAPI 3.1 schemas.

use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, Object, ObjectBuilder, OneOfBuilder,
    Schema as OpenApi, SchemaFormat, SchemaType, Type,
};

use super::{Rule, Schema};

impl Schema {
    /// The OpenAPI schema of a body, with an example of it.
    #[must_use]
    pub fn to_openapi(&self, example: Value) -> OpenApi {
        let mut object = object(self);
        object.examples = vec![example];
        object.into()
    }
}

fn object(schema: &Schema) -> Object {
    let empty =
        typed(Type::Object).additional_properties(Some(AdditionalProperties::FreeForm(false)));
    let with_fields = schema.fields.iter().fold(empty, |object, field| {
        let mut value = value(&field.rule);
        describe(&mut value, field.doc);
        object.property(field.name, value)
    });
    let required = schema.fields.iter().filter(|field| field.is_required);
    required.fold(with_fields, |object, field| object.required(field.name)).build()
}

fn describe(schema: &mut OpenApi, doc: &str) {
    let doc = Some(doc.to_owned());
    match schema {
        OpenApi::Object(object) => object.description = doc,
        OpenApi::Array(array) => array.description = doc,
        OpenApi::OneOf(one_of) => one_of.description = doc,
        OpenApi::AnyOf(any_of) => any_of.description = doc,
        _ => {}
    }
}

fn value(rule: &Rule) -> OpenApi {
    match rule {
        Rule::Null => typed(Type::Null).into(),
        Rule::Flag => typed(Type::Boolean).into(),
        Rule::Integer { min, max } => integer(*min, *max).into(),
        Rule::Even { min, max } => integer(*min, *max).multiple_of(Some(2.0)).into(),
        Rule::Number { min, max } => {
            let bound = |bound: f64| bound.is_finite().then_some(bound);
            typed(Type::Number).minimum(bound(*min)).maximum(bound(*max)).into()
        }
        Rule::Text { min, max } => {
            typed(Type::String).min_length(Some(*min)).max_length(Some(*max)).into()
        }
        Rule::Digits { min, max } => text_of(&format!("^[0-9]{{{min},{max}}}$")).into(),
        Rule::Prefixed(prefix) => text_of(&format!("^{}.+$", escaped(prefix))).into(),
        Rule::Colour => text_of("^#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})$").into(),
        Rule::Address => text_of(r"^https?://[^\s/?#:][^\s]*$").format(Some(custom("uri"))).into(),
        Rule::Base64 => {
            text_of("^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$")
                .into()
        }
        Rule::Uuid => typed(Type::String).format(Some(custom("uuid"))).into(),
        Rule::OneOf(options) => {
            typed(Type::String).enum_values(Some(options.iter().copied())).into()
        }
        Rule::List { item, max } => {
            ArrayBuilder::new().items(RefOr::T(value(item))).max_items(Some(*max)).into()
        }
        Rule::Object(schema) => object(schema).into(),
        Rule::Map(rule) => {
            typed(Type::Object).additional_properties(Some(RefOr::T(value(rule)))).into()
        }
        Rule::Tagged { tag, variants } => tagged(tag, variants),
        Rule::AnyOf(rules) => {
            rules.iter().fold(AnyOfBuilder::new(), |any, rule| any.item(value(rule))).into()
        }
        Rule::Any => ObjectBuilder::new().schema_type(SchemaType::AnyValue).into(),
    }
}

/// Each variant, its tag narrowed to its own word.
fn tagged(tag: &str, variants: &[(&str, &Schema)]) -> OpenApi {
    let one = |(word, schema): &(&str, &Schema)| {
        let mut variant = object(schema);
        let only = typed(Type::String).enum_values(Some([*word]));
        variant.properties.insert(tag.to_owned(), RefOr::T(only.into()));
        variant
    };
    variants.iter().fold(OneOfBuilder::new(), |all, variant| all.item(one(variant))).into()
}

fn typed(schema_type: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(schema_type)
}

#[expect(clippy::cast_possible_truncation, reason = "isize has 64 bits wherever this runs")]
fn integer(min: i64, max: i64) -> ObjectBuilder {
    typed(Type::Integer).minimum(Some(min as isize)).maximum(Some(max as isize))
}

fn text_of(pattern: &str) -> ObjectBuilder {
    typed(Type::String).pattern(Some(pattern)).max_length(Some(Rule::LONG))
}

fn custom(format: &str) -> SchemaFormat {
    SchemaFormat::Custom(format.to_owned())
}

/// Only one prefix of the tables means something in a pattern.
fn escaped(prefix: &str) -> String {
    prefix.replace('+', "\\+")
}
