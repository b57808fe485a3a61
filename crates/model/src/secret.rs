//! Which fields hold secrets, by their names. Texts that people or logs get to
//! see repeat no value of such a field.

use serde_json::Value;

/// What stands in for a secret.
pub const REDACTED: &str = "[redacted]";

/// A key is secret when its name, in small letters without `_`, `-` and `.`,
/// holds one of these.
const SECRET_NAMES: [&str; 17] = [
    "token",
    "hmac",
    "basicauth",
    "authorization",
    "secret",
    "password",
    "passphrase",
    "apikey",
    "accesskey",
    "privatekey",
    "credential",
    "streamkey",
    "rtmpurl",
    "endpoints",
    "downloadlink",
    "signature",
    "logpass",
];

/// Names that hold one of the above and are no secrets.
const HARMLESS_NAMES: [&str; 2] = ["ejectattokenexp", "tokentype"];

/// Whether a field of this name, or at this path (`data.hmac`, `list[0]`),
/// holds a secret.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let mut plain: String = name
        .chars()
        .filter(|character| !matches!(character, '_' | '-' | '.'))
        .flat_map(char::to_lowercase)
        .collect();
    for harmless in HARMLESS_NAMES {
        plain = plain.replace(harmless, "");
    }
    SECRET_NAMES.iter().any(|secret| plain.contains(secret))
}

/// The value of the field `key` without what is secret in it, at any depth.
/// `null`, `true` and `false` tell nothing and stay.
#[must_use]
pub fn without_secrets(key: &str, value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        _ if is_secret(key) => Value::String(REDACTED.to_owned()),
        Value::Array(items) => items.iter().map(|item| without_secrets("", item)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), without_secrets(name, value)))
            .collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{is_secret, without_secrets};

    #[test]
    fn secrets_are_known_by_name_and_path() {
        for name in ["hmac", "basicAuth", "api_key", "data.Client-Secret", "endpoints[0].endpoint"]
        {
            assert!(is_secret(name), "{name}");
        }
        for name in ["name", "key", "eject_at_token_exp", "properties.eject_at_token_exp"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn secrets_are_taken_out_at_any_depth() {
        let value = json!({"a": [{"hmac": "x", "b": 1}], "token": null});
        let shown = json!({"a": [{"hmac": "[redacted]", "b": 1}], "token": null});
        assert_eq!(without_secrets("data", &value), shown);
        assert_eq!(without_secrets("hmac", &json!(5)), "[redacted]");
    }
}
