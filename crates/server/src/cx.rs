//! What every handler is given: the records, the live rooms, the clock and the
//! settings.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderValue};
use parlor_bus::{Bus, TicketKey};
use parlor_model::id::{OrgId, ParticipantId, UserId};
use parlor_model::identity::limits::UsageLimits;
use parlor_model::time::UnixMillis;
use parlor_store::oauth::clients::Client as OauthClient;
use parlor_store::{Store, StoreError, orgs};

use crate::api_log::RequestLog;
use crate::app::logs::LogBytes;
use crate::app::quotas::KnownLimits;
use crate::calls_to_end::CallsToEnd;
use crate::clock::Clock;
use crate::dev::Dev;
use crate::http::health::LastReadiness;
use crate::http::listen::ListenLimits;
use crate::http::pages::policy;
use crate::http::rate_limit::{Door, LimitClass, RateLimiter, RateLimits};
use crate::identity::attempts::Attempts;
use crate::identity::passkeys::Passkeys;
use crate::identity::signing_keys::SigningKeys;
use crate::identity::{Caller, CallerId};
use crate::oidc::federation::{Federation, IdentityProvider};
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
    /// OAuth clients of the configuration.
    pub oauth_clients: Vec<OauthClient>,
    /// Providers that people may sign in through.
    pub identity_providers: Vec<IdentityProvider>,
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
    /// Requests to `/v1`, by credential.
    pub(crate) by_caller: RateLimiter<(CallerId, LimitClass)>,
    /// Requests to the identity face, by organization.
    pub(crate) by_org: RateLimiter<OrgId>,
    /// The same, by credential: what is about no organization, and all of keys
    /// with a limit of their own.
    pub(crate) by_credential: RateLimiter<CallerId>,
    /// What organizations are held to.
    pub(crate) known_limits: KnownLimits,
    pub(crate) by_address: RateLimiter<(IpAddr, Door)>,
    /// Log reports, by the stay they are about.
    pub(crate) by_stay: RateLimiter<ParticipantId>,
    /// Bytes of log reports.
    pub(crate) log_bytes: LogBytes,
    /// Codes of devices that people try.
    pub(crate) device_codes: RateLimiter<UserId>,
    /// Who tries to sign in.
    pub(crate) sign_ins: Attempts,
    /// Passkeys, and the ceremonies that run.
    pub(crate) passkeys: Passkeys,
    pub(crate) readiness: LastReadiness,
    pub(crate) page_policy: HeaderValue,
    /// What signs access and ID tokens.
    pub(crate) signing_keys: SigningKeys,
    /// What is known of other providers.
    pub(crate) federation: Federation,
}

/// The state of every router.
pub(crate) type AppState = Arc<Shared>;

impl Shared {
    pub(crate) fn new(cx: Cx) -> Self {
        let page_policy = policy::of_pages(Origin::of(&cx.settings.public_url));
        let passkeys = Passkeys::of(&cx.settings.public_url);
        let federation = Federation::of(&cx.settings);
        Self {
            cx,
            federation,
            page_policy,
            passkeys,
            readiness: LastReadiness::default(),
            signing_keys: SigningKeys::default(),
            by_caller: RateLimiter::default(),
            by_org: RateLimiter::default(),
            by_credential: RateLimiter::default(),
            known_limits: KnownLimits::default(),
            by_address: RateLimiter::default(),
            by_stay: RateLimiter::default(),
            log_bytes: LogBytes::default(),
            device_codes: RateLimiter::default(),
            sign_ins: Attempts::default(),
        }
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.cx.clock.now()
    }

    /// What a caller is held to: by their organization, and by their key.
    pub(crate) fn limits_of(&self, caller: &Caller) -> UsageLimits {
        let of_org = self.known_limits.of(&self.cx.store, caller.org(), self.now());
        let of_org = of_org.unwrap_or_else(|_| {
            // Whatever the request is about cannot be read either, which its
            // answer says. Until then the server's own limits hold.
            UsageLimits::default()
        });
        of_org.narrowed_by(caller.own_limits())
    }

    pub(crate) fn origin(&self) -> Origin<'_> {
        Origin::of(&self.cx.settings.public_url)
    }

    /// What this server is called as an OpenID provider, and whom its access
    /// tokens are for: its origin.
    pub(crate) fn issuer(&self) -> String {
        self.origin().own()
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
