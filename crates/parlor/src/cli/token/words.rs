//! Claims in plain words.

use parlor_model::property::{self, PropertySpec, Scope};
use parlor_model::time::UnixMillis;
use serde_json::Value;

use crate::cli::output::shown;
use crate::cli::when::point;

/// One claim of a token.
pub(crate) struct Claim {
    /// As the token has it.
    pub(crate) name: String,
    /// The property that it carries, if it is a known one.
    pub(crate) property: Option<&'static str>,
    /// Its value.
    pub(crate) value: Value,
    /// What that means.
    pub(crate) meaning: String,
}

impl Claim {
    /// Says what `name` with `value` means at `now`.
    pub(crate) fn of(name: &str, value: &Value, now: UnixMillis) -> Self {
        let spec = find(name);
        Self {
            name: name.to_owned(),
            property: spec.map(|spec| spec.name),
            value: value.clone(),
            meaning: meaning(spec, value, now),
        }
    }
}

/// The property that a claim carries, by its short or its long name.
fn find(claim: &str) -> Option<&'static PropertySpec> {
    property::specs(Scope::Token).find(|spec| spec.claim() == Some(claim) || spec.name == claim)
}

fn meaning(spec: Option<&'static PropertySpec>, value: &Value, now: UnixMillis) -> String {
    let Some(spec) = spec else {
        return "not a claim of meeting tokens; it is ignored".to_owned();
    };
    if value.is_null() {
        return "counts as absent".to_owned();
    }
    let text = shown(value);
    let moment = || value.as_f64().map_or_else(|| text.clone(), |seconds| point(seconds, now));
    match (spec.name, value.as_bool()) {
        ("room_name", _) => format!("opens the room '{text}' and no other"),
        ("domain_id", _) => format!("belongs to the domain with the id {text}"),
        ("iat", _) => format!("was made at {}", moment()),
        ("exp", _) => format!("lets nobody in from {} on", moment()),
        ("nbf", _) => format!("lets nobody in before {}", moment()),
        ("is_owner", Some(true)) => {
            "its holder is an owner of the meeting: may do everything".to_owned()
        }
        ("is_owner", Some(false)) => "its holder is no owner of the meeting".to_owned(),
        ("user_name", _) => format!("the others see the name '{text}'"),
        ("user_id", _) => format!("its holder is known to your application as '{text}'"),
        ("eject_after_elapsed", _) => format!("its holder is removed {text} s after joining"),
        ("eject_at_token_exp", Some(true)) => {
            "its holder is removed when the token expires".to_owned()
        }
        _ => format!("{} = {text}: {}", spec.name, spec.doc()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Claim, UnixMillis};
    use parlor_model::property::{self, Scope};
    use serde_json::json;

    fn meaning(name: &str, value: &serde_json::Value) -> String {
        Claim::of(name, value, UnixMillis::new(1_893_456_000_000)).meaning
    }

    #[test]
    fn claims_are_explained_by_short_and_by_long_name() {
        let owner = "its holder is an owner of the meeting: may do everything";
        assert_eq!(meaning("o", &json!(true)), owner);
        assert_eq!(meaning("is_owner", &json!(true)), owner);
        assert_eq!(
            meaning("exp", &json!(1_893_459_600)),
            "lets nobody in from 2030-01-01 01:00:00Z (in 1 h) on"
        );
        assert_eq!(meaning("x", &json!(1)), "not a claim of meeting tokens; it is ignored");
        assert_eq!(meaning("u", &json!(null)), "counts as absent");
    }

    #[test]
    fn every_claim_has_words() {
        for spec in property::specs(Scope::Token) {
            let claim = spec.claim().unwrap();
            assert!(meaning(claim, &json!("1")).len() > 10, "{claim}");
        }
    }
}
