//! Telephones and SIP. This release has no gateway: requests are checked, and
//! the state of things is, before that is said.

use std::convert::Infallible;

use parlor_model::error::ApiError;
use parlor_model::id::OrgId;
use parlor_model::property::{PropertySet, Scope};
use parlor_model::rest::phone_numbers::{BuyNumberBody, CreateDialin, UpdateDialinBody};
use parlor_model::rest::telephony::{UpdatePinlessCallBody, check_dial_out};
use parlor_model::schema::Schema;
use parlor_store::orgs;
use serde_json::{Map, Value};

use crate::app::live_actions::{find_hosting, must_host};
use crate::app::rooms::{self, stored_properties};
use crate::cx::AppState;
use crate::failure::Failure;

type Body = Map<String, Value>;

/// Why nobody can be called.
pub(crate) async fn dial_out(
    state: &AppState,
    org: OrgId,
    name: &str,
    body: &Body,
) -> Result<Infallible, Failure> {
    check_dial_out(body)?;
    let room = rooms::find(state, org, name)?;
    let properties = stored_properties(Scope::Room, &room.properties)?;
    if !may_begin_with_a_telephone(&properties) {
        must_host(state, &room).await?;
    }
    if properties.get("enable_dialout") != Some(&Value::Bool(true)) {
        return Err(ApiError::dial_out_not_enabled(name).into());
    }
    Err(ApiError::not_implemented("dial-out").into())
}

/// Why something cannot be done with a telephone in the call.
pub(crate) async fn act(
    state: &AppState,
    org: OrgId,
    name: &str,
    schema: &Schema,
    body: &Body,
) -> Result<Infallible, Failure> {
    schema.check(body)?;
    find_hosting(state, org, name).await?;
    Err(ApiError::not_implemented("telephony").into())
}

/// Why a pinless call cannot be led anywhere.
pub(crate) fn refuse_pinless_call(body: &Body) -> ApiError {
    match UpdatePinlessCallBody::SCHEMA.check(body) {
        Err(error) => error,
        Ok(()) => ApiError::not_implemented("dial-in"),
    }
}

/// Why there is no number of that id: there is none at all.
pub(crate) fn missing_number(id: &str) -> ApiError {
    ApiError::not_found("phone number", id)
}

/// Checks the `type` of a query.
pub(crate) fn check_dialin_type(wanted: Option<&str>) -> Result<(), ApiError> {
    const TYPES: [&str; 2] = ["pin_dialin", "pinless_dialin"];
    match wanted {
        Some(other) if !TYPES.contains(&other) => {
            Err(ApiError::not_one_of("type", &TYPES, &other.into()))
        }
        _ => Ok(()),
    }
}

/// Why a number cannot be bought.
pub(crate) fn refuse_purchase(body: &Body) -> ApiError {
    match BuyNumberBody::SCHEMA.check(body) {
        Err(error) => error,
        Ok(()) => ApiError::not_implemented("buying phone numbers"),
    }
}

/// Why a dial-in configuration cannot be made. A number must be the domain's,
/// and no domain has any.
pub(crate) fn refuse_dialin(
    state: &AppState,
    org: OrgId,
    body: &Body,
) -> Result<Infallible, Failure> {
    let wanted = CreateDialin::parse(body)?;
    let Some(number) = wanted.phone_number else {
        return Err(ApiError::not_implemented("dial-in").into());
    };
    let domain = state.cx.store.read(|c| orgs::find(c, org))?.map(|org| org.domain);
    let kind = if wanted.has_pin { "pin" } else { "pinless" };
    let domain = domain.unwrap_or_default();
    Err(ApiError::dialin_number_not_owned(kind, &number, &domain).into())
}

/// Why a dial-in configuration cannot be changed: there is none.
pub(crate) fn refuse_dialin_update(id: &str, body: &Body) -> ApiError {
    match UpdateDialinBody::SCHEMA.check(body) {
        Err(error) => error,
        Ok(()) => missing_dialin(id),
    }
}

/// Why there is no dial-in configuration of that id: there is none at all.
pub(crate) fn missing_dialin(id: &str) -> ApiError {
    ApiError::not_found("dial-in configuration", id)
}

/// Whether calling somebody may begin the call.
fn may_begin_with_a_telephone(properties: &PropertySet) -> bool {
    let config = properties.get("dialout_config");
    config.and_then(|config| config.get("allow_room_start")) == Some(&Value::Bool(true))
}
