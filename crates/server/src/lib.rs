//! The HTTP side of Parlor: the REST API, the pages and the bundle, and the
//! way into a call.
//!
//! ```text
//! serve ─ App (edge: id, limits, address, CORS, log) ─ router ─ guard ─ handler ─ app ─ store, bus
//! ```
//! - [`build`] makes the application of a [`Cx`]; [`serve`] puts it on a socket.
//! - `http` parses and renders, `app` holds the use-cases, `identity` knows
//!   keys and meeting tokens.
//! - `jobs` is work that no request asks for.
//! - Time comes from a [`Clock`], so that a test can drive expiry and limits.

mod api_log;
mod app;
mod authorities;
mod calls_to_end;
mod clock;
mod cx;
mod dev;
mod failure;
mod http;
mod identity;
mod jobs;
mod oidc;
mod origin;
mod random;
mod recorder;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use api_log::{Actor, KEPT_BYTES, Noted, RequestLog, RequestLogWriter};
pub use app::accounts::{AccountError, NewPerson, account_exists, create_account};
pub use app::api_keys::{item as shown_key, shown_once as shown_new_key};
pub use calls_to_end::CallsToEnd;
pub use clock::{Clock, DevClock, SystemClock, sleep_until};
pub use cx::{Cx, Limits, Settings};
pub use dev::{Dev, FaultInjector, WebhookStrike};
pub use http::edge::App;
pub use http::identity::openapi::identity_document;
pub use http::identity::router::{Credentials, IdentityRoute, Need, Place, identity_routes};
pub use http::listen::{
    Doors, ListenLimits, MediaConnection, MediaDoor, MediaIo, MediaProtocol, PeerAddr, Tls,
    TlsError, TlsFiles,
};
pub use http::oauth::openapi::oauth_document;
pub use http::openapi::document as openapi_document;
pub use http::rate_limit::{Limit, LimitClass, RateLimits};
pub use http::router::{Route, RouteState, routes};
pub use identity::access_token::looks_like_jwt;
pub use identity::password::{PasswordError, Unfit, hash as hash_password};
pub use jobs::{Jobs, Retention};
pub use oidc::federation::IdentityProvider;
pub use oidc::redirect::fault_of as redirect_uri_fault;
pub use recorder::Recorder;
pub use webhooks::{Bell, Dispatcher, WebhookClientError, WebhookSettings, Webhooks};

use crate::cx::Shared;

/// Builds the application. `call_routes` are the media node's: the call socket
/// ends where the room lives.
#[must_use]
pub fn build(cx: Cx, call_routes: Router) -> App {
    let state = Arc::new(Shared::new(cx));
    // Request names only have to differ between processes; zero is no worse
    // than failing to start for want of randomness.
    let process = random::bytes().unwrap_or_default();
    App::new(http::router::router(&state, call_routes), &state, process)
}

/// Serves `app` on `listener` until `shutdown` is cancelled, and returns when
/// every connection has ended.
pub async fn serve(listener: TcpListener, app: App, doors: Doors, shutdown: CancellationToken) {
    http::listen::serve(listener, app, doors, shutdown).await;
}
