//! What an organization or a key may use: rates beside the server's own, and
//! quotas. What is absent is as the server's configuration says.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::ApiError;

/// Most requests that a rate may allow in its window. Each is remembered until
/// the window has passed, at 8 bytes.
pub const MAX_RATE: u32 = 100_000;

/// Most rooms, people or minutes that a quota may allow; more is no quota.
pub const MAX_QUOTA: u32 = 1_000_000_000;

/// Limits of one organization or one key. A key's hold beside those of its
/// organization; the narrower one decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UsageLimits {
    /// Requests of the default class to `/v1` in five seconds, for each key or
    /// person.
    #[serde(rename = "requestsPer5s", skip_serializing_if = "Option::is_none")]
    pub requests_per_5s: Option<u32>,
    /// Requests to the identity face in a minute.
    #[serde(rename = "authenticatedRateLimit", skip_serializing_if = "Option::is_none")]
    pub authenticated_per_minute: Option<u32>,
    /// Most rooms that are not expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rooms: Option<u32>,
    /// Most people in all rooms together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_participants: Option<u32>,
    /// Most recorded minutes in a calendar month, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recording_minutes: Option<u32>,
}

impl UsageLimits {
    /// Takes over what `body` names: a number sets a limit, `null` takes it
    /// back, and what is not named stays. Other fields are ignored.
    ///
    /// # Errors
    /// `invalid-request-error`, which names the field and its range.
    pub fn change(&mut self, body: &Map<String, Value>) -> Result<(), ApiError> {
        self.change_rates_and_rooms(body)?;
        set(&mut self.concurrent_participants, body, "concurrentParticipants", (0, MAX_QUOTA))?;
        set(&mut self.recording_minutes, body, "recordingMinutes", (0, MAX_QUOTA))
    }

    /// The same for a key, which can be held to less than its organization in
    /// what is done with it. Who joins a call does not do so with a key.
    ///
    /// # Errors
    /// The same; and when a limit is named that no key has.
    pub fn change_of_key(&mut self, body: &Map<String, Value>) -> Result<(), ApiError> {
        for name in ["concurrentParticipants", "recordingMinutes"] {
            if let Some(value) = body.get(name) {
                let expectation = "absent: it is a limit of organizations, not of keys";
                return Err(ApiError::wrong_value(&format!("limits.{name}"), value, expectation));
            }
        }
        self.change_rates_and_rooms(body)
    }

    fn change_rates_and_rooms(&mut self, body: &Map<String, Value>) -> Result<(), ApiError> {
        // Nobody could ever take a limit of no requests back again.
        set(&mut self.requests_per_5s, body, "requestsPer5s", (1, MAX_RATE))?;
        set(&mut self.authenticated_per_minute, body, "authenticatedRateLimit", (1, MAX_RATE))?;
        set(&mut self.rooms, body, "rooms", (0, MAX_QUOTA))
    }

    /// What holds where both hold: of each limit the narrower one.
    #[must_use]
    pub fn narrowed_by(self, other: Self) -> Self {
        let narrower = |one: Option<u32>, other: Option<u32>| match (one, other) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Self {
            requests_per_5s: narrower(self.requests_per_5s, other.requests_per_5s),
            authenticated_per_minute: narrower(
                self.authenticated_per_minute,
                other.authenticated_per_minute,
            ),
            rooms: narrower(self.rooms, other.rooms),
            concurrent_participants: narrower(
                self.concurrent_participants,
                other.concurrent_participants,
            ),
            recording_minutes: narrower(self.recording_minutes, other.recording_minutes),
        }
    }

    /// Whether nothing is limited beside the server's configuration.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn set(
    limit: &mut Option<u32>,
    body: &Map<String, Value>,
    name: &str,
    (least, most): (u32, u32),
) -> Result<(), ApiError> {
    *limit = match body.get(name) {
        None => *limit,
        Some(Value::Null) => None,
        Some(value) => {
            let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
            let number = number.filter(|number| (least..=most).contains(number));
            Some(number.ok_or_else(|| {
                let expectation =
                    format!("a whole number from {least} to {most}, or null for none");
                ApiError::wrong_value(name, value, &expectation)
            })?)
        }
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::UsageLimits;

    fn changed(mut limits: UsageLimits, body: &Value) -> Result<UsageLimits, String> {
        limits.change(body.as_object().unwrap()).map_err(|error| error.info)?;
        Ok(limits)
    }

    #[test]
    fn what_is_named_changes_and_the_rest_stays() {
        let body = json!({"rooms": 3, "requestsPer5s": 10, "totalCpuQuota": 4});
        let limits = changed(UsageLimits::default(), &body).unwrap();
        assert_eq!((limits.rooms, limits.requests_per_5s), (Some(3), Some(10)));
        let limits = changed(limits, &json!({"rooms": null})).unwrap();
        assert_eq!((limits.rooms, limits.requests_per_5s), (None, Some(10)));
    }

    #[test]
    fn what_is_no_limit_is_refused_by_name() {
        for (name, value) in [
            ("rooms", json!(-1)),
            ("rooms", json!(1.5)),
            ("concurrentParticipants", json!("3")),
            ("recordingMinutes", json!(5_000_000_000_u64)),
            ("requestsPer5s", json!(0)),
            ("authenticatedRateLimit", json!(100_001)),
        ] {
            let info = changed(UsageLimits::default(), &json!({ name: value })).unwrap_err();
            assert!(info.contains(name) && info.contains("null for none"), "{info}");
        }
    }

    #[test]
    fn the_narrower_limit_decides() {
        let org = UsageLimits { rooms: Some(9), requests_per_5s: Some(5), ..Default::default() };
        let key = UsageLimits { rooms: Some(2), recording_minutes: Some(1), ..Default::default() };
        let both = org.narrowed_by(key);
        assert_eq!((both.rooms, both.requests_per_5s), (Some(2), Some(5)));
        assert_eq!(both.recording_minutes, Some(1));
    }
}
