//! Meeting tokens: the claims of the JWT, and the properties they carry.
//!
//! A claim is there only for what was set, under a short name where one is
//! published; on reading the long names count too, since people sign tokens
//! themselves. Unknown claims are ignored. Signing and checking signatures is
//! the server's; this module knows no keys.

use serde_json::{Map, Number, Value};

use crate::error::ApiError;
use crate::id::UserId;
use crate::property::{
    Circumstances, Path, PropertyLimits, PropertySet, PropertySpec, Scope, find_claim,
};
use crate::rest::permissions;
use crate::time::UnixMillis;

const PERMISSIONS: &str = "permissions";
const DOMAIN_ID: &str = "domain_id";
const ISSUED_AT: &str = "iat";
const MADE_BY: &str = "parlor_user_id";

/// What a meeting token says.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenClaims {
    /// The properties that were set, under their long names.
    pub properties: PropertySet,
    /// The domain the token belongs to (`d`).
    pub domain_id: Option<String>,
    /// When it was made, unix seconds (`iat`).
    pub issued_at: Option<Number>,
    /// The person who made it, where no key did (`parlor_user_id`). It counts
    /// where the organization's own secret signed it, and nowhere else.
    pub made_by: Option<UserId>,
}

impl TokenClaims {
    /// Claims of a token that is made now.
    #[must_use]
    pub fn new(properties: PropertySet, domain_id: String, now: UnixMillis) -> Self {
        let issued_at = Some(Number::from(now.as_seconds()));
        Self { properties, domain_id: Some(domain_id), issued_at, made_by: None }
    }

    /// The same, made by a person.
    #[must_use]
    pub fn with_maker(mut self, user: UserId) -> Self {
        self.made_by = Some(user);
        self
    }

    /// Reads the payload of a JWT. Times are not compared with now: that is
    /// [`check_window`].
    ///
    /// # Errors
    ///
    /// For the first known claim whose value is wrong.
    pub fn from_claims(claims: &Map<String, Value>) -> Result<Self, ApiError> {
        let made_by = claims.get(MADE_BY).and_then(Value::as_str);
        let mut token = Self {
            properties: PropertySet::new(Scope::Token),
            domain_id: None,
            issued_at: None,
            made_by: made_by.and_then(|id| id.parse().ok()),
        };
        for (claim, value) in claims.iter().filter(|(_, value)| !value.is_null()) {
            let Some(spec) = find_claim(claim) else {
                continue;
            };
            let has_short_name_too = claim == spec.name
                && spec.claim().is_some_and(|short| short != claim && is_present(claims, short));
            if !has_short_name_too {
                token.read(spec, claim, value)?;
            }
        }
        Ok(token)
    }

    /// The payload of a JWT.
    #[must_use]
    pub fn to_claims(&self) -> Map<String, Value> {
        let mut claims = Map::with_capacity(self.properties.as_map().len() + 2);
        for (name, value) in self.properties.as_map() {
            let claim = find_claim(name).and_then(PropertySpec::claim).unwrap_or(name);
            let value = match name.as_str() {
                PERMISSIONS => permissions::to_claim(value),
                _ => value.clone(),
            };
            claims.insert(claim.to_owned(), value);
        }
        if let Some(domain_id) = &self.domain_id {
            claims.insert("d".to_owned(), Value::from(domain_id.as_str()));
        }
        if let Some(issued_at) = &self.issued_at {
            claims.insert(ISSUED_AT.to_owned(), Value::Number(issued_at.clone()));
        }
        if let Some(user) = &self.made_by {
            claims.insert(MADE_BY.to_owned(), Value::from(user.to_string()));
        }
        claims
    }

    /// The only room it opens; `None`: every room of the domain.
    #[must_use]
    pub fn room_name(&self) -> Option<&str> {
        self.properties.get("room_name").and_then(Value::as_str)
    }

    fn read(
        &mut self,
        spec: &'static PropertySpec,
        claim: &str,
        value: &Value,
    ) -> Result<(), ApiError> {
        let limits = PropertyLimits::default();
        let spelled_out;
        let value = if spec.name == PERMISSIONS {
            spelled_out = permissions::from_claim(value);
            &spelled_out
        } else {
            value
        };
        spec.kind.check(Path::root(claim), value, Circumstances { now: None, limits: &limits })?;
        match (spec.name, value) {
            (DOMAIN_ID, Value::String(id)) => self.domain_id = Some(id.clone()),
            (ISSUED_AT, Value::Number(seconds)) => self.issued_at = Some(seconds.clone()),
            _ => self.properties.insert(spec, spec.kind.normalised(value)),
        }
        Ok(())
    }
}

/// Whether a claim says something: `null` counts as absent.
fn is_present(claims: &Map<String, Value>, claim: &str) -> bool {
    claims.get(claim).is_some_and(|value| !value.is_null())
}

/// Where now lies outside a window of validity.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum WindowError {
    /// Before `nbf`.
    #[error("not valid before {opens_at} (nbf)")]
    NotYet {
        /// The `nbf`, unix seconds.
        opens_at: f64,
    },
    /// At or after `exp`.
    #[error("expired at {expired_at} (exp)")]
    Expired {
        /// The `exp`, unix seconds.
        expired_at: f64,
    },
}

/// Whether `now` lies in the window from `nbf` to just before `exp`. Without
/// leeway; both may be fractions.
///
/// # Errors
///
/// When it lies before or after.
pub fn check_window(
    nbf: Option<f64>,
    exp: Option<f64>,
    now: UnixMillis,
) -> Result<(), WindowError> {
    match (nbf, exp) {
        (_, Some(expired_at)) if now >= UnixMillis::from_seconds(expired_at) => {
            Err(WindowError::Expired { expired_at })
        }
        (Some(opens_at), _) if now < UnixMillis::from_seconds(opens_at) => {
            Err(WindowError::NotYet { opens_at })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_under_the_short_name_does_not_hide_the_long_one() {
        let claims = json!({"r": null, "room_name": "standup", "d": null, "domain_id": "acme"});
        let token = TokenClaims::from_claims(claims.as_object().unwrap()).unwrap();
        assert_eq!(token.room_name(), Some("standup"));
        assert_eq!(token.domain_id.as_deref(), Some("acme"));
    }

    fn read(claims: &Value) -> Result<TokenClaims, ApiError> {
        TokenClaims::from_claims(claims.as_object().unwrap())
    }

    #[test]
    fn claims_carry_short_names_and_nothing_that_was_not_set() {
        let token = read(&json!({
            "room_name": "standup", "exp": 1_935_562_830.5, "is_owner": true,
            "enable_prejoin_ui": false, "permissions": {"canSend": ["audio"]},
            "domain_id": "6f0c5a1e-3f0c-4a86-9f3d-2a4b7c1d9e10", "colour": "red"
        }))
        .unwrap();
        let claims = json!({
            "r": "standup", "exp": 1_935_562_830.5, "o": true, "enable_prejoin_ui": false,
            "p": {"cs": "a"}, "d": "6f0c5a1e-3f0c-4a86-9f3d-2a4b7c1d9e10"
        });
        assert_eq!(Value::Object(token.to_claims()), claims);
    }

    #[test]
    fn short_name_wins_over_the_long_one() {
        let token = read(&json!({"user_name": "long", "u": "short"})).unwrap();
        assert_eq!(token.properties.get("user_name"), Some(&json!("short")));
        let token = read(&json!({"u": "short", "user_name": "long"})).unwrap();
        assert_eq!(token.properties.get("user_name"), Some(&json!("short")));
    }

    #[test]
    fn claim_of_the_wrong_type_is_named() {
        let error = read(&json!({"o": 1})).unwrap_err();
        assert_eq!(error.info, "o was '1' but should be a boolean");
        let error = read(&json!({"p": {"cs": "x"}})).unwrap_err();
        assert!(error.info.starts_with("p.canSend was '[\"x\"]' but should be"), "{}", error.info);
    }

    #[test]
    fn expired_token_can_be_read() {
        assert_eq!(read(&json!({"exp": 1})).unwrap().properties.exp(), Some(1.0));
    }

    #[test]
    fn window_is_exact() {
        let at = UnixMillis::new;
        assert_eq!(check_window(None, None, at(0)), Ok(()));
        assert_eq!(check_window(Some(1.5), Some(2.25), at(1500)), Ok(()));
        assert_eq!(check_window(Some(1.5), Some(2.25), at(2249)), Ok(()));
        let early = WindowError::NotYet { opens_at: 1.5 };
        assert_eq!(check_window(Some(1.5), None, at(1499)), Err(early));
        let late = WindowError::Expired { expired_at: 2.25 };
        assert_eq!(check_window(Some(9.0), Some(2.25), at(2250)), Err(late));
    }
}
