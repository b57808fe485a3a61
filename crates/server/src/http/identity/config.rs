//! `/config`: what clients must know of this server before they sign in.

use axum::extract::State;
use serde_json::{Value, json};

use crate::cx::AppState;
use crate::http::error::Answer;
use crate::http::rate_limit::Limit;

/// Longest time after which a stopped sandbox is archived, in minutes: 30 days.
const MAX_AUTO_ARCHIVE_MINUTES: u32 = 43_200;

/// What a sandbox is made of when nobody says.
const DEFAULT_SNAPSHOT: &str = "python:3.11";

/// Read the server's configuration: where people sign in, and its limits.
/// Needs no credential.
#[utoipa::path(
    get, path = "/config",
    responses((status = 200, description = "The configuration", body = Object)),
)]
pub(crate) async fn read_config(State(state): State<AppState>) -> Answer<Value> {
    let settings = &state.cx.settings;
    let url = &settings.public_url;
    let mut config = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "oidc": {"issuer": url, "clientId": "cli", "audience": url, "provider": "parlor"},
        "linkedAccountsEnabled": false,
        "announcements": {},
        "proxyTemplateUrl": proxy_template(url),
        "proxyToolboxUrl": format!("{url}/api/toolbox"),
        "defaultSnapshot": DEFAULT_SNAPSHOT,
        "dashboardUrl": format!("{url}/dashboard"),
        "maxAutoArchiveInterval": MAX_AUTO_ARCHIVE_MINUTES,
        // The name is spelled so.
        "maintananceMode": false,
        "environment": if state.cx.dev.is_some() { "development" } else { "production" },
    });
    if settings.has_rate_limits {
        let rate = &settings.limits.rate;
        config["rateLimit"] = json!({
            "anonymous": shown(rate.anonymous),
            "failedAuth": shown(rate.failed_auth),
            "authenticated": shown(rate.authenticated),
        });
    }
    Answer(config)
}

/// Where a sandbox's ports will be.
fn proxy_template(url: &str) -> String {
    let (scheme, host) = url.split_once("://").unwrap_or(("http", url));
    format!("{scheme}://{{{{PORT}}}}-{{{{sandboxId}}}}.sandbox.{host}")
}

fn shown(limit: Limit) -> Value {
    json!({"ttl": limit.window.as_secs(), "limit": limit.requests})
}
