//! Accounts as their holders see them.

use parlor_model::error::ApiError;
use parlor_model::identity::api_key::OPERATOR;
use parlor_store::users::{self, User};
use serde_json::{Value, json};

use crate::cx::AppState;
use crate::failure::Failure;
use crate::identity::Who;

/// The account behind a credential. Keys that were made at the server's
/// machine have none: they speak for its operator.
pub(crate) fn read_me(state: &AppState, who: &Who) -> Result<Value, Failure> {
    if let Some(user) = who.user() {
        let found = state.cx.store.read(|c| users::find(c, user))?;
        let user = found.ok_or_else(|| ApiError::not_found("user", &user.to_string()))?;
        return Ok(shown(&user));
    }
    let made_at = match who {
        Who::Key(key) => key.created_at,
        Who::Person(_) => state.now(),
    };
    Ok(json!({
        "id": OPERATOR,
        "name": "Operator",
        "email": "",
        "emailVerified": false,
        "publicKeys": [],
        "createdAt": made_at.to_iso8601(),
    }))
}

fn shown(user: &User) -> Value {
    json!({
        "id": user.id,
        "name": user.name,
        "email": user.email.as_str(),
        "emailVerified": user.is_email_verified,
        "publicKeys": [],
        "createdAt": user.created_at.to_iso8601(),
    })
}
