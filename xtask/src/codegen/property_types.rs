//! TypeScript of the property table: the type of what applies to a joiner,
//! and the rows, for forms and flags.

use std::fmt::Write;

use parlor_model::property::{self, DefaultValue, Kind, PropertySpec, Scope, Shape};
use serde_json::{Value, json};

use super::typescript::HEAD;

/// The module of properties.
pub(super) fn module() -> String {
    let mut text = String::from(HEAD);
    text.push_str(EFFECTIVE);
    for spec in property::all().filter(|spec| spec.is_for_browsers()) {
        push_field(&mut text, spec);
    }
    text.push_str(ROWS);
    for spec in property::all() {
        text.push_str(&row(spec));
    }
    text.push_str("];\n");
    text
}

/// Opens the interface of what applies to a joiner; its fields follow.
const EFFECTIVE: &str = include_str!("property_types/effective.ts.txt");

/// Closes that interface and opens the array of rows.
const ROWS: &str = include_str!("property_types/rows.ts.txt");

fn push_field(text: &mut String, spec: &PropertySpec) {
    let mark = if spec.base_default() == DefaultValue::Absent { "?" } else { "" };
    let field =
        format!("  /** {} */\n  {}{mark}: {};\n", spec.doc(), spec.name, type_of(&spec.kind));
    text.push_str(&field);
}

fn type_of(kind: &Kind) -> String {
    match kind {
        Kind::Flag => "boolean".to_owned(),
        Kind::Integer { .. }
        | Kind::Participants
        | Kind::Number { .. }
        | Kind::Time
        | Kind::FutureTime => "number".to_owned(),
        Kind::Text { .. } | Kind::Template(_) => "string".to_owned(),
        Kind::OneOf(words) => union(words),
        Kind::SomeOf(words) => format!("({})[]", union(words)),
        Kind::OneOrSomeOf(words) => format!("{} | ({})[]", union(words), union(words)),
        Kind::FlagOrSomeOf(words) => format!("boolean | ({})[]", union(words)),
        Kind::FlagOrObject(shape) => format!("boolean | {}", object(shape)),
        Kind::Object(shape) => object(shape),
        Kind::ListOf(shape) => format!("{}[]", object(shape)),
        Kind::MapOf(kind) => format!("Record<string, {}>", type_of(kind)),
        Kind::Any => "unknown".to_owned(),
    }
}

fn union(words: &[&str]) -> String {
    words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(" | ")
}

fn object(shape: &Shape) -> String {
    if shape.is_open {
        return "Record<string, unknown>".to_owned();
    }
    let mut fields = String::new();
    for field in shape.fields {
        let mark = if field.is_required { "" } else { "?" };
        let _infallible = write!(fields, " {}{mark}: {};", field.name, type_of(&field.kind));
    }
    format!("{{{fields} }}")
}

fn row(spec: &PropertySpec) -> String {
    let mut row = json!({"name": spec.name, "doc": spec.doc(), "input": input_of(&spec.kind)});
    for (name, value) in bounds_of(&spec.kind) {
        row[name] = value;
    }
    row["places"] = spec.scopes().map(|scope| place(spec, scope)).collect();
    format!("  {row},\n")
}

fn place(spec: &PropertySpec, scope: Scope) -> Value {
    let default = spec.place(scope).and_then(|place| place.default.to_value());
    json!({"scope": scope.name(), "default": default, "isWritable": spec.is_writable(scope)})
}

fn input_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Flag => "flag",
        Kind::Integer { .. } | Kind::Participants => "integer",
        Kind::Number { .. } => "number",
        Kind::Time | Kind::FutureTime => "time",
        Kind::Text { .. } | Kind::Template(_) => "text",
        Kind::OneOf(_) => "choice",
        Kind::SomeOf(_) | Kind::OneOrSomeOf(_) => "choices",
        Kind::Object(_) | Kind::MapOf(_) => "object",
        Kind::ListOf(_) => "list",
        Kind::FlagOrSomeOf(_) | Kind::FlagOrObject(_) | Kind::Any => "any",
    }
}

fn bounds_of(kind: &Kind) -> Vec<(&'static str, Value)> {
    match kind {
        Kind::Integer { min, max } => vec![("min", json!(min)), ("max", json!(max))],
        Kind::Participants => vec![("min", json!(1))],
        Kind::Number { min } => vec![("min", json!(min))],
        Kind::Text { max_chars: Some(max) } => vec![("maxChars", json!(max))],
        Kind::OneOf(words) | Kind::SomeOf(words) | Kind::OneOrSomeOf(words) => {
            vec![("options", json!(words))]
        }
        _ => Vec::new(),
    }
}
