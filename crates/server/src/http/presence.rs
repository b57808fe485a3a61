//! `/v1/presence` and `/v1/rooms/:name/presence`.

use axum::extract::State;
use parlor_model::rest::presence::{Presence, PresentParticipant, RoomPresence};

use crate::app::presence::{self, PresenceQuery};
use crate::app::rooms::parse_limit;
use crate::cx::AppState;
use crate::http::error::{Answer, Refusal};
use crate::http::extract::{QueryPairs, Segment};
use crate::http::openapi::Errors;
use crate::identity::Caller;

/// List who is in any room of the domain, by room name. Rooms without people
/// do not appear.
#[utoipa::path(
    get, path = "/presence", tag = "presence",
    responses((status = 200, description = "Who is where", body = BTreeMap<String, Vec<PresentParticipant>>, example = json!({"standup": [{"room": "standup", "id": "7c1e5a94-6f0d-4a5e-9a7a-0d3b6a2f7d11", "userId": "ana-1", "userName": "Ana", "mtgSessionId": "3f0c9a52-8f5b-4b6e-8d6b-6b1f8f1f3a77", "joinTime": "2031-05-04T10:20:30.000Z", "duration": 42}]})), Errors),
)]
pub(crate) async fn list_presence(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Answer<Presence>, Refusal> {
    Ok(Answer(presence::of_org(&state, caller.org()).await?))
}

/// List who is in one room.
#[utoipa::path(
    get, path = "/rooms/{name}/presence", tag = "presence",
    params(
        ("name" = String, Path, description = "The room's name", example = "standup"),
        ("limit" = Option<u32>, Query, minimum = 1, description = "Most participants to list; all when absent"),
        ("userId" = Option<String>, Query, description = "Only those with this user id"),
        ("userName" = Option<String>, Query, description = "Only those with this display name"),
    ),
    responses((status = 200, description = "Who is in the room", body = RoomPresence), Errors),
)]
pub(crate) async fn list_room_presence(
    State(state): State<AppState>,
    caller: Caller,
    Segment(name): Segment,
    query: QueryPairs,
) -> Result<Answer<RoomPresence>, Refusal> {
    let wanted = PresenceQuery {
        limit: query.given("limit").map(parse_limit).transpose()?,
        user_id: query.given("userId").map(str::to_owned),
        user_name: query.given("userName").map(str::to_owned),
    };
    Ok(Answer(presence::of_room(&state, caller.org(), &name, wanted).await?))
}
