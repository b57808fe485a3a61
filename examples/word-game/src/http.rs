//! What browsers may ask of the app's server.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::games::{Game, Games, LASTS_SECS};
use crate::parlor::Parlor;

/// The longest name of a game, in characters.
const MAX_NAME: usize = 40;
const MAX_BODY_BYTES: usize = 4096;

/// What every request can use.
pub(crate) struct App {
    pub(crate) parlor: Parlor,
    pub(crate) games: Games,
    pub(crate) daily_js: String,
}

/// The pages, and three calls.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/api/games", get(list_games).post(create_game))
        .route("/api/games/{id}", get(get_game))
        .route("/daily.js", get(daily_js))
        .route("/", page("text/html; charset=utf-8", include_str!("../static/index.html")))
        .route("/style.css", page("text/css", include_str!("../static/style.css")))
        .route("/main.js", script(include_str!("../static/main.js")))
        .route("/lobby.js", script(include_str!("../static/lobby.js")))
        .route("/tiles.js", script(include_str!("../static/tiles.js")))
        .route("/table.js", script(include_str!("../static/table.js")))
        .route("/referee.js", script(include_str!("../static/referee.js")))
        .route("/words.js", script(include_str!("../static/words.js")))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(app)
}

fn script(body: &'static str) -> axum::routing::MethodRouter<Arc<App>> {
    page("text/javascript", body)
}

fn page(kind: &'static str, body: &'static str) -> axum::routing::MethodRouter<Arc<App>> {
    get(move || async move { ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], body) })
}

async fn daily_js(State(app): State<Arc<App>>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript")], app.daily_js.clone())
}

#[derive(Deserialize)]
struct NewGame {
    name: String,
}

/// What the host's browser gets: the room, and the token that makes it the host.
/// The token goes to nobody else, and the API key to no browser at all.
#[derive(Serialize)]
struct HostedGame {
    id: String,
    name: String,
    room_url: String,
    token: String,
}

async fn create_game(
    State(app): State<Arc<App>>,
    Json(wish): Json<NewGame>,
) -> Result<Json<HostedGame>, Problem> {
    let name = wish.name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME {
        return Err(Problem::BadName);
    }
    let now = unix_seconds();
    if !app.games.has_place(now) {
        return Err(Problem::TooManyGames);
    }
    let expires = now + LASTS_SECS;
    let room = app.parlor.create_room(expires).await?;
    let token = app.parlor.create_host_token(&room.name, expires).await?;
    let Game { id, name, room_url, .. } = app.games.add(name.to_owned(), room, expires);
    Ok(Json(HostedGame { id, name, room_url, token }))
}

#[derive(Serialize)]
struct ListedGame {
    id: String,
    name: String,
    players: usize,
}

async fn list_games(State(app): State<Arc<App>>) -> Result<Json<Vec<ListedGame>>, Problem> {
    let games = app.games.open(unix_seconds());
    let players = app.parlor.players().await?;
    let listed = games.into_iter().map(|Game { id, name, .. }| {
        let players = players.get(&id).copied().unwrap_or(0);
        ListedGame { id, name, players }
    });
    Ok(Json(listed.collect()))
}

#[derive(Serialize)]
struct JoinableGame {
    name: String,
    room_url: String,
}

/// What a player needs to join. No call to Parlor: daily-js does the rest.
async fn get_game(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<JoinableGame>, Problem> {
    let game = app.games.find(&id, unix_seconds()).ok_or(Problem::NoSuchGame)?;
    Ok(Json(JoinableGame { name: game.name, room_url: game.room_url }))
}

/// Why there is no answer, in words for the person at the browser.
enum Problem {
    BadName,
    NoSuchGame,
    TooManyGames,
    /// The text is for the log: it may tell more than a browser should know.
    Parlor(String),
}

impl From<String> for Problem {
    fn from(text: String) -> Self {
        Self::Parlor(text)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::BadName => {
                (StatusCode::BAD_REQUEST, format!("A game's name has 1 to {MAX_NAME} characters."))
            }
            Self::NoSuchGame => {
                (StatusCode::NOT_FOUND, "This game is over, or never was.".to_owned())
            }
            Self::TooManyGames => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many games are open. Join one of them.".to_owned(),
            ),
            Self::Parlor(cause) => {
                eprintln!("word-game: {cause}");
                (StatusCode::BAD_GATEWAY, "The video server did not answer. Try again.".to_owned())
            }
        };
        (status, Json(json!({ "error": text }))).into_response()
    }
}

fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
