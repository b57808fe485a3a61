//! The organization's own settings: Daily's domain configuration.

use parlor_model::error::ApiError;
use parlor_model::id::OrgId;
use parlor_model::property::Scope;
use parlor_model::rest::body::Present;
use parlor_model::rest::domain::{Domain, UpdateDomain};
use parlor_store::orgs::{self, Org};
use serde_json::{Map, Value};

use crate::app::rooms::{property_limits, stored_properties};
use crate::cx::AppState;
use crate::failure::Failure;
use crate::webhooks::WebhookSettings;

/// Reads the domain.
pub(crate) fn read(state: &AppState, org: OrgId) -> Result<Domain, Failure> {
    let found = state.cx.store.read(|c| orgs::find(c, org))?;
    shown(state, &found.ok_or_else(missing)?)
}

/// Changes the properties that the request names and keeps the rest.
pub(crate) async fn update(
    state: &AppState,
    org: OrgId,
    body: &Map<String, Value>,
) -> Result<Domain, Failure> {
    let limits = property_limits(state);
    let request = UpdateDomain::parse(body, Present { now: state.now(), limits: &limits })?;
    let changed = state
        .cx
        .store
        .write(move |c| -> Result<_, Failure> {
            let mut record = orgs::find(c, org)?.ok_or_else(missing)?;
            let mut properties = stored_properties(Scope::Domain, &record.properties)?;
            properties.apply(request.properties.clone());
            record.properties = properties.to_json();
            orgs::update_properties(c, org, &record.properties)?;
            Ok(record)
        })
        .await?;
    shown(state, &changed)
}

fn shown(state: &AppState, org: &Org) -> Result<Domain, Failure> {
    let properties = stored_properties(Scope::Domain, &org.properties)?;
    let settings = &state.cx.settings;
    let mut domain = Domain::new(&org.domain, org.id, &properties, settings.has_rate_limits);
    if settings.webhooks.max_count != WebhookSettings::default().max_count {
        let max_count = settings.webhooks.max_count.into();
        domain.config.insert("max_webhook_count".to_owned(), max_count);
    }
    Ok(domain)
}

/// A key outlives its organization only if somebody edits the database.
fn missing() -> ApiError {
    ApiError::unknown_route("the domain of this API key is")
}
