//! The REST calls to Parlor. They are Daily's: against Daily itself, only the
//! address would differ.

use std::collections::HashMap;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::json;

/// The most people in one game, host included.
const MAX_PLAYERS: u32 = 16;
/// A server that does not answer must not hold ours up.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client that holds the API key.
pub(crate) struct Parlor {
    http: Client,
    base: String,
}

/// What we need of a room; the answer has more.
#[derive(Deserialize)]
pub(crate) struct Room {
    /// Drawn by Parlor: nobody guesses it.
    pub(crate) name: String,
    /// Where players join.
    pub(crate) url: String,
}

#[derive(Deserialize)]
struct MeetingToken {
    token: String,
}

impl Parlor {
    pub(crate) fn new(url: &str, api_key: &str) -> Result<Self, String> {
        let mut authorization = HeaderValue::from_str(&format!("Bearer {api_key}"))
            .map_err(|_| "PARLOR_API_KEY has characters that no key has")?;
        authorization.set_sensitive(true);
        let http = Client::builder()
            .timeout(PATIENCE)
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, authorization)]))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { http, base: format!("{url}/v1") })
    }

    /// A room of its own for a game: it closes by itself at `expires`, in unix
    /// seconds, and takes whoever is still there out.
    pub(crate) async fn create_room(&self, expires: u64) -> Result<Room, String> {
        let body = json!({ "properties": {
            "exp": expires,
            "eject_at_room_exp": true,
            "max_participants": MAX_PLAYERS,
        }});
        answer(self.http.post(format!("{}/rooms", self.base)).json(&body)).await
    }

    /// A token that makes whoever joins with it the owner of the room.
    pub(crate) async fn create_host_token(
        &self,
        room_name: &str,
        expires: u64,
    ) -> Result<String, String> {
        let body = json!({ "properties": {
            "room_name": room_name,
            "is_owner": true,
            "exp": expires,
        }});
        let request = self.http.post(format!("{}/meeting-tokens", self.base)).json(&body);
        answer::<MeetingToken>(request).await.map(|answer| answer.token)
    }

    /// How many people are in which room now; rooms without people are not in it.
    pub(crate) async fn players(&self) -> Result<HashMap<String, usize>, String> {
        let request = self.http.get(format!("{}/presence", self.base));
        let rooms = answer::<HashMap<String, Vec<IgnoredAny>>>(request).await?;
        Ok(rooms.into_iter().map(|(name, people)| (name, people.len())).collect())
    }
}

/// Sends a request and reads what it brings, or what is wrong with it.
async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, String> {
    let response = request.send().await.map_err(|error| error.to_string())?;
    let status = response.status();
    if !status.is_success() {
        let body = response.text().await.unwrap_or_default();
        return Err(format!("Parlor answered {status}: {body}"));
    }
    response.json().await.map_err(|error| error.to_string())
}
