//! What an organization's administrators set, and what the operator of the
//! server decides about it.

use parlor_model::error::{ApiError, ErrorKind};
use parlor_model::id::OrgId;
use parlor_model::time::UnixMillis;
use parlor_store::Connection;
use parlor_store::orgs::{self, Org, Suspension};
use serde_json::{Map, Value};

use crate::cx::AppState;
use crate::failure::Failure;
use crate::identity::Caller;

/// Longest text of all settings of an organization, in bytes. They are opened
/// with each look at it.
const MAX_SETTINGS_BYTES: usize = 16 * 1024;

/// Longest reason of a suspension, in characters.
const MAX_REASON_CHARS: usize = 1000;

/// A setting of an organization: its name among those that are kept, and the
/// field of the request that says it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    /// `None`: the whole body.
    pub(crate) field: Option<&'static str>,
    pub(crate) kind: Kind,
}

/// What a setting may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Flag,
    Text,
    Object,
}

/// Whether new sandboxes reach only what they were allowed to.
pub(crate) const LIMITED_EGRESS: Setting = Setting {
    name: "sandboxLimitedNetworkEgress",
    field: Some("sandboxDefaultLimitedNetworkEgress"),
    kind: Kind::Flag,
};

/// Whether previews warn first.
pub(crate) const PREVIEW_WARNING: Setting =
    Setting { name: "previewWarningEnabled", field: Some("enabled"), kind: Kind::Flag };

/// Where sandboxes are made.
pub(crate) const DEFAULT_REGION: Setting =
    Setting { name: "defaultRegionId", field: Some("defaultRegionId"), kind: Kind::Text };

/// Where sandboxes send their telemetry.
pub(crate) const OTEL: Setting = Setting { name: "otelConfig", field: None, kind: Kind::Object };

/// Whatever is tried out.
pub(crate) const EXPERIMENTAL: Setting =
    Setting { name: "experimentalConfig", field: None, kind: Kind::Object };

/// Sets something.
pub(crate) async fn set(
    state: &AppState,
    caller: &Caller,
    setting: Setting,
    body: Map<String, Value>,
) -> Result<(), Failure> {
    let value = match setting.field {
        Some(field) => body.get(field).cloned().ok_or_else(|| ApiError::missing_field(field))?,
        None => Value::Object(body),
    };
    let (fits, expectation) = match setting.kind {
        Kind::Flag => (value.is_boolean(), "true or false"),
        Kind::Text => (value.as_str().is_some_and(|text| text.len() <= 200), "a short text"),
        Kind::Object => (value.is_object(), "an object"),
    };
    if !fits {
        let name = setting.field.unwrap_or(setting.name);
        return Err(ApiError::wrong_value(name, &value, expectation).into());
    }
    change(state, caller.org(), setting.name, Some(value)).await
}

/// Takes a setting back.
pub(crate) async fn clear(
    state: &AppState,
    caller: &Caller,
    setting: Setting,
) -> Result<(), Failure> {
    change(state, caller.org(), setting.name, None).await
}

/// A setting as it was given.
pub(crate) fn read(state: &AppState, caller: &Caller, setting: Setting) -> Result<Value, Failure> {
    let org = super::find(state, caller.org())?;
    let mut settings = org.settings(state.cx.store.master_key())?;
    let value = settings.remove(setting.name).filter(|value| !value.is_null());
    let not_found = || ApiError::not_found("setting", setting.name);
    Ok(value.ok_or_else(not_found)?)
}

/// Stops an organization, until a time or until it is taken back.
pub(crate) async fn suspend(
    state: &AppState,
    id: &str,
    body: &Map<String, Value>,
) -> Result<(), Failure> {
    let now = state.now();
    let reason = body.get("reason").and_then(Value::as_str).unwrap_or_default();
    if reason.chars().count() > MAX_REASON_CHARS {
        let expectation = format!("at most {MAX_REASON_CHARS} characters");
        return Err(ApiError::wrong_value("reason", &"…".into(), &expectation).into());
    }
    let until = match body.get("until") {
        None | Some(Value::Null) => None,
        Some(value) => {
            let at = value.as_str().and_then(UnixMillis::parse_rfc3339);
            let at = at.ok_or_else(|| ApiError::not_rfc3339("until", value))?;
            Some(at)
                .filter(|at| *at > now)
                .ok_or_else(|| ApiError::time_has_passed("until", value))?
                .into()
        }
    };
    let suspension = Suspension { at: now, until, reason: reason.to_owned() };
    let suspend = move |org: &mut Org| {
        org.suspension = Some(suspension.clone());
        Ok(())
    };
    update(state, parse(id)?, suspend).await
}

/// Lets an organization go on.
pub(crate) async fn unsuspend(state: &AppState, id: &str) -> Result<(), Failure> {
    let end = |org: &mut Org| {
        org.suspension = None;
        Ok(())
    };
    update(state, parse(id)?, end).await
}

/// Changes what an organization may use. What it uses already stays, even if it
/// is more.
pub(crate) async fn set_quota(
    state: &AppState,
    id: &str,
    body: &Map<String, Value>,
) -> Result<(), Failure> {
    let (id, body) = (parse(id)?, body.clone());
    update(state, id, move |org| Ok(org.limits.change(&body)?)).await?;
    state.known_limits.forget(id);
    Ok(())
}

fn parse(id: &str) -> Result<OrgId, ApiError> {
    id.parse().map_err(|_| ApiError::not_found("organization", id))
}

/// Sets or removes one setting. The others may be changed meanwhile.
async fn change(
    state: &AppState,
    org: OrgId,
    name: &'static str,
    value: Option<Value>,
) -> Result<(), Failure> {
    let master_key = state.cx.store.master_key().clone();
    let write = move |org: &mut Org| {
        let mut settings = org.settings(&master_key)?;
        match value.clone() {
            Some(value) => _ = settings.insert(name.to_owned(), value),
            None => _ = settings.remove(name),
        }
        if org.set_settings(&settings, &master_key)? > MAX_SETTINGS_BYTES {
            let info =
                format!("an organization's settings take at most {MAX_SETTINGS_BYTES} bytes");
            return Err(ApiError::new(ErrorKind::InvalidRequest, info).into());
        }
        Ok(())
    };
    update(state, org, write).await
}

/// Reads and writes an organization in one transaction.
async fn update(
    state: &AppState,
    id: OrgId,
    change: impl Fn(&mut Org) -> Result<(), Failure> + Send + 'static,
) -> Result<(), Failure> {
    let now = state.now();
    let write = move |c: &mut dyn Connection| {
        let not_found = || ApiError::not_found("organization", &id.to_string());
        let mut org = orgs::find(c, id)?.ok_or_else(not_found)?;
        change(&mut org)?;
        org.updated_at = now;
        orgs::update(c, &org)?;
        Ok::<_, Failure>(())
    };
    state.cx.store.write(write).await
}
