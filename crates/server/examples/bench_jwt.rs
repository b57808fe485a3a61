//! What it costs to find out whom an access token speaks for: the same request
//! with a token of each signature and with an API key, in this process and
//! without a network. The difference is what a token costs more than a key.
//!
//! ```sh
//! cargo run --release -p parlor-server --example bench_jwt -- 20000
//! ```

use std::error::Error;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION};
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use parlor_bus::{Bus, TicketKey};
use parlor_model::id::{ApiKeyId, OrgId, SessionId, UserId};
use parlor_model::identity::limits::UsageLimits;
use parlor_model::key_permission::KeyPermissions;
use parlor_model::oauth::SigningAlg;
use parlor_model::time::UnixMillis;
use parlor_server::{
    App, CallsToEnd, Clock as _, Cx, FaultInjector, Limits, RequestLog, Settings, SystemClock,
    WebhookSettings, Webhooks, build,
};
use parlor_store::api_keys::NewApiKey;
use parlor_store::key::KeyValue;
use parlor_store::oauth::clients::{self, Client};
use parlor_store::secret_token::{SecretToken, TokenKind};
use parlor_store::sessions::{self, Method, Session};
use parlor_store::users::{self, User};
use parlor_store::{Store, StoreConfig, members, orgs};
use serde_json::Value;
use tower::ServiceExt as _;

type Outcome<T> = Result<T, Box<dyn Error>>;

const ORIGIN: &str = "http://127.0.0.1:8080";
const CALLBACK: &str = "https://app.example/cb";

/// The verifier and challenge of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let rounds: u32 = std::env::args().nth(1).map_or(Ok(20_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let store = Store::open(&StoreConfig::in_folder(folder.path()))?;
    let (org, user) = (OrgId::from_random([1; 16]), UserId::from_random([2; 16]));
    let (cookie, key) = fill(&store, org, user).await?;
    let app = app(&store, org)?;
    let mut out = io::stdout();
    let none = time(&app, "/healthz", "", rounds).await?;
    writeln!(out, "nothing  {none:>8.1} µs a request")?;
    let base = time(&app, "/users/me", &format!("Bearer {}", key.expose()), rounds).await?;
    writeln!(out, "API key  {base:>8.1} µs a request")?;
    for alg in SigningAlg::ALL {
        let token = token(&app, &cookie, alg).await?;
        let one = time(&app, "/users/me", &format!("Bearer {token}"), rounds).await?;
        writeln!(out, "{:8} {one:>8.1} µs a request, {:.1} more", alg.word(), one - base)?;
    }
    Ok(())
}

/// The time of one request, in microseconds: the fastest of several spans,
/// which is the one that others disturbed least.
async fn time(app: &App, path: &str, header: &str, rounds: u32) -> Outcome<f64> {
    let mut best = f64::MAX;
    for _ in 0..5 {
        let started = Instant::now();
        for _ in 0..rounds / 5 {
            let mut request = Request::get(path);
            if !header.is_empty() {
                request = request.header(AUTHORIZATION, header);
            }
            let response = app.clone().oneshot(request.body(Body::empty())?).await?;
            if response.status() != StatusCode::OK {
                return Err(format!("{path}: {}", response.status()).into());
            }
        }
        best = best.min(started.elapsed().as_secs_f64() * 1e6 / f64::from(rounds / 5));
    }
    Ok(best)
}

/// The access token of a whole flow, signed so.
async fn token(app: &App, cookie: &str, alg: SigningAlg) -> Outcome<String> {
    let id = alg.word();
    let callback = CALLBACK.replace(':', "%3A").replace('/', "%2F");
    let path = format!(
        "/oauth/authorize?response_type=code&client_id={id}&redirect_uri={callback}&scope=openid\
         &code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let request = Request::get(path).header(COOKIE, cookie).body(Body::empty())?;
    let sent = app.clone().oneshot(request).await?;
    let location = sent.headers().get(LOCATION).ok_or("no redirect")?.to_str()?;
    let code = location.split("code=").nth(1).and_then(|rest| rest.split('&').next());
    let form = format!(
        "grant_type=authorization_code&client_id={id}&redirect_uri={callback}\
         &code_verifier={VERIFIER}&code={}",
        code.ok_or("no code")?
    );
    let request = Request::post("/oauth/token")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))?;
    let answer = app.clone().oneshot(request).await?.into_body().collect().await?.to_bytes();
    let answer: Value = serde_json::from_slice(&answer)?;
    Ok(answer["access_token"].as_str().ok_or("no token")?.to_owned())
}

/// Somebody signed in, an API key, and a client for each signature. What
/// belongs into the cookie, and the key.
async fn fill(store: &Store, org: OrgId, user: UserId) -> Outcome<(String, KeyValue)> {
    let now = SystemClock.now();
    let record = orgs::Org::new(org, "bench", now, store.master_key())?;
    let row = User::new(user, "ana@example.org".parse()?, "Ana", now);
    let secret = SecretToken::generate()?;
    let hash = secret.hash(TokenKind::Session);
    let session = Session {
        id: SessionId::from_random([3; 16]),
        user_id: user,
        method: Method::Password,
        ip: String::new(),
        user_agent: String::new(),
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus_seconds(86_400),
    };
    let member = parlor_store::accounts::owner(org, user, now);
    store
        .write(move |c| {
            orgs::create(c, &record)?;
            users::create(c, &row)?;
            members::add(c, &member)?;
            sessions::create(c, &session, &hash)?;
            SigningAlg::ALL.into_iter().try_for_each(|alg| clients::create(c, &client(alg, now)))
        })
        .await?;
    let value = KeyValue::generate()?;
    let new = NewApiKey {
        id: ApiKeyId::from_random([4; 16]),
        org_id: org,
        further_orgs: Vec::new(),
        user_id: Some(user),
        name: "bench".to_owned(),
        permissions: KeyPermissions::admin(),
        created_at: now,
        expires_at: None,
        limits: UsageLimits::default(),
    };
    store.api_keys().create(new, &value).await?;
    Ok((format!("parlor_session={}", secret.expose()), value))
}

fn client(alg: SigningAlg, now: UnixMillis) -> Client {
    Client {
        // The words of algorithms are ids of clients.
        id: alg.word().parse().unwrap_or_else(|_| parlor_model::oauth::OauthClientId::cli()),
        name: alg.word().to_owned(),
        secret_hash: None,
        redirect_uris: vec![CALLBACK.to_owned()],
        alg,
        is_own: true,
        created_at: now,
    }
}

fn app(store: &Store, org: OrgId) -> Outcome<App> {
    let (bus, _requests) = Bus::local();
    let log = RequestLog::off();
    let settings = Settings {
        public_url: ORIGIN.to_owned(),
        org,
        max_participants: 200,
        is_behind_proxy: false,
        turn_urls: Vec::new(),
        has_rate_limits: false,
        webhooks: WebhookSettings::default(),
        oauth_clients: Vec::new(),
        identity_providers: Vec::new(),
        limits: Limits::default(),
    };
    let cx = Cx {
        store: store.clone(),
        bus,
        clock: Arc::new(SystemClock),
        settings,
        calls_to_end: CallsToEnd::default(),
        webhooks: Webhooks::new(WebhookSettings::default(), FaultInjector::default(), log.clone())?,
        ticket_key: TicketKey::from_bytes([7; 32]),
        request_log: log,
        dev: None,
    };
    Ok(build(cx, Router::new()))
}
