//! What every handler is given: the records, the live rooms, the clock and the
//! settings.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::HOST;
use parlor_bus::{Bus, TicketKey};
use parlor_model::id::{ApiKeyId, OrgId};
use parlor_model::time::UnixMillis;
use parlor_store::{Store, StoreError, orgs};

use crate::clock::Clock;
use crate::http::listen::ListenLimits;
use crate::http::rate_limit::{LimitClass, RateLimiter, RateLimits};

/// The parts that the HTTP side is built from.
pub struct Cx {
    /// The records.
    pub store: Store,
    /// The live rooms.
    pub bus: Bus,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What the operator chose.
    pub settings: Settings,
    /// Seals admission tickets; the media node holds the same one.
    pub ticket_key: TicketKey,
}

/// What the operator chose.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The origin clients use, without a slash at its end:
    /// `https://meet.example.org`. Room URLs are made of it.
    pub public_url: String,
    /// The organization that lives at the bare origin.
    pub org: OrgId,
    /// Highest `max_participants` a room may ask for.
    pub max_participants: u32,
    /// Whether requests are counted and refused.
    pub has_rate_limits: bool,
    /// Bounds of requests and connections.
    pub limits: Limits,
}

/// Bounds of requests and connections; the defaults are the documented ones.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Largest request body, in bytes.
    pub body_bytes: usize,
    /// How long a body may take to arrive.
    pub body_time: Duration,
    /// Largest request line and headers, in bytes.
    pub head_bytes: usize,
    /// The rate limits, where they are counted.
    pub rate: RateLimits,
    /// Pace and number of connections.
    pub listen: ListenLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            body_time: Duration::from_secs(30),
            head_bytes: 32 * 1024,
            rate: RateLimits::default(),
            listen: ListenLimits::default(),
        }
    }
}

/// [`Cx`] as handlers hold it, with what belongs to this process alone.
pub(crate) struct Shared {
    pub(crate) cx: Cx,
    pub(crate) by_key: RateLimiter<(ApiKeyId, LimitClass)>,
    pub(crate) by_address: RateLimiter<IpAddr>,
}

/// The state of every router.
pub(crate) type AppState = Arc<Shared>;

impl Shared {
    pub(crate) fn new(cx: Cx) -> Self {
        Self {
            cx,
            by_key: RateLimiter::default(),
            by_address: RateLimiter::default(),
        }
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.cx.clock.now()
    }

    /// Whose rooms a browser's request is about: `<domain>.<host>` names a
    /// further organization, anything else is the first one. The `Host` header
    /// chooses among organizations and decides nothing else.
    pub(crate) fn org_of_host(&self, headers: &HeaderMap) -> Result<OrgId, StoreError> {
        let settings = &self.cx.settings;
        let own = settings
            .public_url
            .split_once("://")
            .map_or("", |(_, host)| host);
        let asked = headers
            .get(HOST)
            .and_then(|host| host.to_str().ok())
            .unwrap_or_default();
        let domain = asked
            .strip_suffix(own)
            .and_then(|before| before.strip_suffix('.'));
        let Some(domain) = domain.filter(|domain| !domain.is_empty()) else {
            return Ok(settings.org);
        };
        let found = self.cx.store.read(|c| orgs::find_by_domain(c, domain))?;
        Ok(found.map_or(settings.org, |org| org.id))
    }
}
