//! Device codes (RFC 8628): a device without a browser asks with one, while a
//! person types the other.

use parlor_model::id::GrantId;
use parlor_model::oauth::{OauthClientId, Scopes};
use parlor_model::time::UnixMillis;

use super::grants::{self, Grant};
use crate::engine::{Connection, Row, statements};
use crate::error::{StoreError, Unique};
use crate::secret_token::TokenHash;

/// By how much the interval grows each time a device asks too early (RFC 8628,
/// section 3.5).
const SLOWER_MS: i64 = 5_000;

/// Codes to be handed out.
#[derive(Clone, Debug)]
pub struct NewDeviceCode {
    /// Of what the device asks with.
    pub hash: TokenHash,
    /// Of what the person types.
    pub user_code_hash: TokenHash,
    /// Who asks.
    pub client: OauthClientId,
    /// For what.
    pub scopes: Scopes,
    /// When they are made.
    pub created_at: UnixMillis,
    /// When they end.
    pub expires_at: UnixMillis,
    /// How long the device waits between two questions.
    pub interval_ms: i64,
}

/// What waits for a person's decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Who asks.
    pub client: OauthClientId,
    /// For what.
    pub scopes: Scopes,
    /// Since when.
    pub created_at: UnixMillis,
}

/// What a device is told when it asks.
#[derive(Clone, Debug)]
pub enum Answer {
    /// There is no such code, it is another client's, or it was spent.
    Unknown,
    /// It came too late.
    Expired,
    /// It came too early; from now on the interval is longer.
    TooEarly,
    /// The person has not decided.
    Pending,
    /// The person said no.
    Denied,
    /// The person said yes; the code is spent.
    Allowed(Grant),
}

statements! {
    INSERT = "INSERT INTO oauth_device_codes (hash, user_code_hash, client_id, scopes, state, \
        grant_id, created_at, expires_at, polled_at, interval_ms) \
        VALUES ($1, $2, $3, $4, 'pending', NULL, $5, $6, NULL, $7) ON CONFLICT DO NOTHING";
    FIND_WAITING = "SELECT client_id, scopes, created_at FROM oauth_device_codes \
        WHERE user_code_hash = $1 AND state = 'pending' AND expires_at > $2";
    DECIDE = "UPDATE oauth_device_codes SET state = $1, grant_id = $2 \
        WHERE user_code_hash = $3 AND state = 'pending' AND expires_at > $4";
    FIND = "SELECT client_id, state, grant_id, expires_at, polled_at, interval_ms \
        FROM oauth_device_codes WHERE hash = $1";
    POLLED = "UPDATE oauth_device_codes SET polled_at = $1, interval_ms = $2 WHERE hash = $3";
    SPEND = "UPDATE oauth_device_codes SET state = 'spent' WHERE hash = $1 AND state = 'allowed'";
}

struct DeviceRow {
    client: OauthClientId,
    state: String,
    grant: Option<GrantId>,
    expires_at: UnixMillis,
    polled_at: Option<UnixMillis>,
    interval_ms: i64,
}

/// Adds a pair of codes.
///
/// # Errors
/// A conflict when one is taken, which for the short one happens.
pub fn create(connection: &mut dyn Connection, new: &NewDeviceCode) -> Result<(), StoreError> {
    let scopes = new.scopes.to_string();
    let params = [
        new.hash.as_str().into(),
        new.user_code_hash.as_str().into(),
        new.client.as_str().into(),
        (&scopes).into(),
        new.created_at.into(),
        new.expires_at.into(),
        new.interval_ms.into(),
    ];
    match connection.execute(&INSERT, &params)? {
        0 => Err(StoreError::Conflict(Unique::Constraint("the user code".into()))),
        _ => Ok(()),
    }
}

/// What waits under a code that a person typed.
///
/// # Errors
/// The engine's.
pub fn find_waiting(
    connection: &mut dyn Connection,
    user_code: &TokenHash,
    now: UnixMillis,
) -> Result<Option<Waiting>, StoreError> {
    connection.find(&FIND_WAITING, &[user_code.as_str().into(), now.into()], waiting)
}

/// Allows what waits: `grant` is made for it. `false` when nothing waits any
/// more.
///
/// # Errors
/// The engine's.
pub fn allow(
    connection: &mut dyn Connection,
    user_code: &TokenHash,
    grant: &Grant,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    if find_waiting(connection, user_code, now)?.is_none() {
        return Ok(false);
    }
    grants::create(connection, grant)?;
    let id = grant.id.to_string();
    let params = ["allowed".into(), (&id).into(), user_code.as_str().into(), now.into()];
    Ok(connection.execute(&DECIDE, &params)? == 1)
}

/// Denies what waits. `false` when nothing waits any more.
///
/// # Errors
/// The engine's.
pub fn deny(
    connection: &mut dyn Connection,
    user_code: &TokenHash,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let none: Option<&str> = None;
    let params = ["denied".into(), none.into(), user_code.as_str().into(), now.into()];
    Ok(connection.execute(&DECIDE, &params)? == 1)
}

/// Answers a device.
///
/// # Errors
/// The engine's.
pub fn poll(
    connection: &mut dyn Connection,
    hash: &TokenHash,
    client: &OauthClientId,
    now: UnixMillis,
) -> Result<Answer, StoreError> {
    let found = connection.find(&FIND, &[hash.as_str().into()], device)?;
    let Some(device) = found.filter(|device| device.client == *client && device.state != "spent")
    else {
        return Ok(Answer::Unknown);
    };
    if now >= device.expires_at {
        return Ok(Answer::Expired);
    }
    let since = device.polled_at.map(|at| now.millis_since(at));
    let is_early = since.is_some_and(|since| since < device.interval_ms);
    let interval = if is_early { device.interval_ms + SLOWER_MS } else { device.interval_ms };
    connection.execute(&POLLED, &[now.into(), interval.into(), hash.as_str().into()])?;
    match (device.state.as_str(), device.grant) {
        _ if is_early => Ok(Answer::TooEarly),
        ("denied", _) => Ok(Answer::Denied),
        ("allowed", Some(grant)) => spend(connection, hash, grant, now),
        _ => Ok(Answer::Pending),
    }
}

fn spend(
    connection: &mut dyn Connection,
    hash: &TokenHash,
    grant: GrantId,
    now: UnixMillis,
) -> Result<Answer, StoreError> {
    if connection.execute(&SPEND, &[hash.as_str().into()])? == 0 {
        return Ok(Answer::Unknown);
    }
    let grant = grants::find(connection, grant)?.filter(|grant| grant.is_good(now));
    Ok(grant.map_or(Answer::Unknown, Answer::Allowed))
}

fn waiting(row: &dyn Row) -> Result<Waiting, StoreError> {
    Ok(Waiting {
        client: row.parsed(0)?,
        scopes: Scopes::known_in(row.text(1)?),
        created_at: row.millis(2)?,
    })
}

fn device(row: &dyn Row) -> Result<DeviceRow, StoreError> {
    let grant = row.optional_text(2)?.map(str::parse).transpose();
    Ok(DeviceRow {
        client: row.parsed(0)?,
        state: row.text(1)?.to_owned(),
        grant: grant.map_err(|_| StoreError::column(2, "a grant's id"))?,
        expires_at: row.millis(3)?,
        polled_at: row.optional_millis(4)?,
        interval_ms: row.int(5)?,
    })
}
