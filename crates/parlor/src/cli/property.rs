//! `--property name=value`: a value as somebody types it, in the type that the
//! property has.

use anyhow::{Context as _, bail};
use parlor_model::property::{self, Kind, Scope};
use serde_json::{Map, Value};

/// Reads all of them; a later one of the same name wins.
pub(crate) fn parse_all(scope: Scope, texts: &[String]) -> anyhow::Result<Map<String, Value>> {
    texts.iter().map(|text| parse(scope, text)).collect()
}

fn parse(scope: Scope, text: &str) -> anyhow::Result<(String, Value)> {
    let (name, value) = text.split_once('=').with_context(|| {
        format!("the property was '{text}' but should be like max_participants=5")
    })?;
    let Some(spec) = property::find(name).filter(|spec| spec.place(scope).is_some()) else {
        bail!(
            "a {} has no property '{name}'{}: docs/reference/properties.md lists them",
            scope.name(),
            nearest(scope, name)
        );
    };
    let value = match spec.kind {
        Kind::Text { .. } | Kind::Template(_) | Kind::OneOf(_) => Value::from(value),
        _ => serde_json::from_str(value).unwrap_or_else(|_| Value::from(value)),
    };
    Ok((name.to_owned(), value))
}

fn nearest(scope: Scope, name: &str) -> String {
    let near = |known: &str| strsim::jaro_winkler(name, known);
    let best = property::specs(scope)
        .map(|spec| spec.name)
        .max_by(|a, b| near(a).total_cmp(&near(b)))
        .filter(|best| near(best) > 0.8);
    best.map(|best| format!(" (did you mean '{best}'?)")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Scope, Value, parse};
    use serde_json::json;

    fn value(scope: Scope, text: &str) -> Value {
        parse(scope, text).unwrap().1
    }

    #[test]
    fn values_have_the_type_of_their_property() {
        assert_eq!(value(Scope::Room, "max_participants=5"), json!(5));
        assert_eq!(value(Scope::Room, "enable_chat=true"), json!(true));
        assert_eq!(value(Scope::Token, "user_name=12"), json!("12"));
        assert_eq!(value(Scope::Token, "user_name=a=b"), json!("a=b"));
        assert_eq!(value(Scope::Room, "lang=de"), json!("de"));
        assert_eq!(
            value(Scope::Token, "permissions={\"canSend\":false}"),
            json!({"canSend": false})
        );
        assert_eq!(
            value(Scope::Room, "max_participants=many"),
            json!("many"),
            "the server says what is wrong"
        );
    }

    #[test]
    fn unknown_property_names_the_nearest() {
        let text = parse(Scope::Room, "max_participant=5").unwrap_err().to_string();
        assert!(text.contains("did you mean 'max_participants'?"), "{text}");
        let text = parse(Scope::Room, "is_owner=true").unwrap_err().to_string();
        assert!(text.starts_with("a room has no property 'is_owner'"), "{text}");
        assert!(parse(Scope::Room, "enable_chat").is_err());
    }
}
