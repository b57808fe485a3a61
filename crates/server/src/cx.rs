//! What every handler is given: the records, the live rooms, the clock and the
//! settings.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderValue};
use parlor_bus::{Bus, TicketKey};
use parlor_model::id::{ApiKeyId, OrgId, ParticipantId};
use parlor_model::time::UnixMillis;
use parlor_store::{Store, StoreError, orgs};

use crate::api_log::RequestLog;
use crate::app::logs::LogBytes;
use crate::calls_to_end::CallsToEnd;
use crate::clock::Clock;
use crate::dev::Dev;
use crate::http::health::LastReadiness;
use crate::http::listen::ListenLimits;
use crate::http::pages::policy;
use crate::http::rate_limit::{Door, LimitClass, RateLimiter, RateLimits};
use crate::origin::Origin;
use crate::webhooks::{WebhookSettings, Webhooks};

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
    /// The calls of deleted rooms; the [`Jobs`](crate::Jobs) hold the same list.
    pub calls_to_end: CallsToEnd,
    /// What tells webhooks of what happens.
    pub webhooks: Webhooks,
    /// Seals admission tickets; the media node holds the same one.
    pub ticket_key: TicketKey,
    /// Where requests are noted for `GET /logs/api`.
    pub request_log: RequestLog,
    /// What the routes under `/_dev` work on. `None`: there are none.
    pub dev: Option<Dev>,
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
    /// Whether every request comes through a proxy, whose `X-Forwarded-For`
    /// then names the client.
    pub is_behind_proxy: bool,
    /// Addresses of the built-in relay, as browsers are given them; none, if
    /// clients cannot reach it.
    pub turn_urls: Vec<String>,
    /// Whether requests are counted and refused.
    pub has_rate_limits: bool,
    /// Webhooks.
    pub webhooks: WebhookSettings,
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
    pub(crate) by_address: RateLimiter<(IpAddr, Door)>,
    /// Log reports, by the stay they are about.
    pub(crate) by_stay: RateLimiter<ParticipantId>,
    /// Bytes of log reports.
    pub(crate) log_bytes: LogBytes,
    pub(crate) readiness: LastReadiness,
    pub(crate) page_policy: HeaderValue,
}

/// The state of every router.
pub(crate) type AppState = Arc<Shared>;

impl Shared {
    pub(crate) fn new(cx: Cx) -> Self {
        let page_policy = policy::of_pages(Origin::of(&cx.settings.public_url));
        Self {
            cx,
            page_policy,
            readiness: LastReadiness::default(),
            by_key: RateLimiter::default(),
            by_address: RateLimiter::default(),
            by_stay: RateLimiter::default(),
            log_bytes: LogBytes::default(),
        }
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.cx.clock.now()
    }

    pub(crate) fn origin(&self) -> Origin<'_> {
        Origin::of(&self.cx.settings.public_url)
    }

    /// Whose rooms a browser's request is about: `<domain>.<host>` names a
    /// further organization, or nobody; anything else is the first one. The
    /// `Host` header chooses among organizations and decides nothing else.
    pub(crate) fn org_of_host(&self, headers: &HeaderMap) -> Result<Option<OrgId>, StoreError> {
        let asked = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let Some(domain) = self.origin().domain_in(asked) else {
            return Ok(Some(self.cx.settings.org));
        };
        let found = self.cx.store.read(|c| orgs::find_by_domain(c, &domain))?;
        Ok(found.map(|org| org.id))
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Limits};

    #[test]
    fn limits_are_the_documented_ones() {
        let limits = Limits::default();
        assert_eq!((limits.body_bytes, limits.head_bytes), (1024 * 1024, 32 * 1024));
        assert_eq!(limits.body_time, Duration::from_secs(30));
        assert_eq!(limits.listen.head, Duration::from_secs(10));
        assert_eq!(limits.listen.idle, Duration::from_secs(75));
        let rate = limits.rate;
        let class = |limit: crate::Limit| (limit.requests, limit.window.as_secs());
        assert_eq!((class(rate.standard), class(rate.heavy)), ((100, 5), (50, 30)));
        assert_eq!((class(rate.start), class(rate.batch)), ((5, 5), (10, 30)));
    }
}
