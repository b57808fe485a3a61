//! Whether a token would open a door now: what the token itself says, and
//! what the server adds.

use parlor_model::time::UnixMillis;
use parlor_model::token::{TokenClaims, check_window};
use serde::Serialize;
use serde_json::{Map, Value};

use super::jwt::Jwt;
use crate::cli::server::{Server, ServerError};
use crate::cli::when::point;

/// One thing that must hold.
#[derive(Serialize)]
pub(crate) struct Check {
    /// What is looked at.
    pub(crate) check: &'static str,
    /// How it stands.
    pub(crate) result: Outcome,
    /// In words.
    pub(crate) info: String,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// It holds.
    Ok,
    /// It does not: the token is refused.
    Refused,
    /// Nobody could be asked.
    Unknown,
}

impl Check {
    fn new(check: &'static str, result: Outcome, info: impl Into<String>) -> Self {
        Self { check, result, info: info.into() }
    }
}

/// What the token itself says.
pub(crate) fn offline(jwt: &Jwt, wanted: Option<&str>, now: UnixMillis) -> Vec<Check> {
    let mut checks = vec![algorithm(jwt)];
    match TokenClaims::from_claims(&jwt.claims) {
        Err(error) => checks.push(Check::new("claims", Outcome::Refused, error.info)),
        Ok(claims) => {
            checks.push(Check::new("claims", Outcome::Ok, "every known claim has a good value"));
            checks.push(times(&claims, now));
            checks.extend(room_of_token(&claims, wanted));
        }
    }
    checks
}

fn algorithm(jwt: &Jwt) -> Check {
    match jwt.header.get("alg").and_then(Value::as_str) {
        Some("HS256") => Check::new("algorithm", Outcome::Ok, "HS256, as it must be"),
        other => {
            let found = other.unwrap_or("none");
            Check::new(
                "algorithm",
                Outcome::Refused,
                format!("it is {found}, but only HS256 counts"),
            )
        }
    }
}

fn times(claims: &TokenClaims, now: UnixMillis) -> Check {
    let (nbf, exp) = (claims.properties.nbf(), claims.properties.exp());
    match check_window(nbf, exp, now) {
        Ok(()) => {
            let until = exp
                .map_or_else(|| "for ever".to_owned(), |exp| format!("until {}", point(exp, now)));
            Check::new("time", Outcome::Ok, format!("valid now, {until}"))
        }
        Err(_) if exp.is_some_and(|exp| UnixMillis::from_seconds(exp) <= now) => {
            let info = format!("it expired at {}", point(exp.unwrap_or_default(), now));
            Check::new("time", Outcome::Refused, info)
        }
        Err(_) => {
            let info = format!("it is not valid before {}", point(nbf.unwrap_or_default(), now));
            Check::new("time", Outcome::Refused, info)
        }
    }
}

fn room_of_token(claims: &TokenClaims, wanted: Option<&str>) -> Option<Check> {
    let (own, wanted) = (claims.room_name()?, wanted?);
    let check = match own == wanted {
        true => Check::new("room claim", Outcome::Ok, format!("it is for the room '{own}'")),
        false => {
            let info = format!("it is for the room '{own}', not for '{wanted}'");
            Check::new("room claim", Outcome::Refused, info)
        }
    };
    Some(check)
}

/// What the server adds: the domain, the signature, the room.
pub(crate) async fn online(
    server: &Server,
    token: &str,
    jwt: &Jwt,
    wanted: Option<&str>,
    now: UnixMillis,
) -> Vec<Check> {
    let domain = match server.get(&[], &[]).await {
        Ok(domain) => domain,
        Err(error) => return vec![Check::new("server", Outcome::Unknown, format!("{error:#}"))],
    };
    let claims = TokenClaims::from_claims(&jwt.claims).ok();
    let room = wanted.or_else(|| claims.as_ref()?.room_name());
    let mut checks = vec![domain_of_token(jwt, &domain), signature(server, token).await];
    match room {
        Some(room) => checks.push(state_of_room(server, room, now).await),
        None => {
            let info = "it is for every room of the domain; --room NAME looks at one";
            checks.push(Check::new("room", Outcome::Ok, info));
        }
    }
    checks
}

fn domain_of_token(jwt: &Jwt, domain: &Value) -> Check {
    let own = jwt.claims.get("d").or_else(|| jwt.claims.get("domain_id")).and_then(Value::as_str);
    let text = |name: &str| domain.get(name).and_then(Value::as_str).unwrap_or_default();
    let (id, name) = (text("domain_id"), text("domain_name"));
    match own {
        Some(own) if own.eq_ignore_ascii_case(id) => {
            Check::new("domain", Outcome::Ok, format!("it belongs to the domain '{name}'"))
        }
        Some(own) => {
            let info = format!(
                "it belongs to another domain: its claim d is {own}, and the domain '{name}' of this API key is {id}"
            );
            Check::new("domain", Outcome::Refused, info)
        }
        None => {
            let info = format!("it names no domain: the claim d must be {id}");
            Check::new("domain", Outcome::Refused, info)
        }
    }
}

/// The server says first whether the signature is good, and then whether the
/// rest is.
async fn signature(server: &Server, token: &str) -> Check {
    const BAD: [&str; 3] = ["not signed", "JSON Web Token", "algorithm"];
    let refusal = match server.get(&["meeting-tokens", token], &[]).await {
        Ok(_) => None,
        Err(error) => match error.downcast_ref::<ServerError>() {
            Some(ServerError::Refused { info, .. }) => Some(info.clone()),
            _ => return Check::new("signature", Outcome::Unknown, format!("{error:#}")),
        },
    };
    match refusal {
        Some(info) if BAD.iter().any(|words| info.contains(words)) => {
            Check::new("signature", Outcome::Refused, info)
        }
        _ => Check::new("signature", Outcome::Ok, "signed with an API key of this domain"),
    }
}

async fn state_of_room(server: &Server, name: &str, now: UnixMillis) -> Check {
    let room = match server.get(&["rooms", name], &[]).await {
        Ok(room) => room,
        Err(error) => {
            let is_missing = matches!(
                error.downcast_ref::<ServerError>(),
                Some(ServerError::Refused { status, .. }) if status.as_u16() == 404
            );
            let (result, info) = match is_missing {
                true => {
                    (Outcome::Refused, format!("the room '{name}' does not exist, or has expired"))
                }
                false => (Outcome::Unknown, format!("{error:#}")),
            };
            return Check::new("room", result, info);
        }
    };
    let none = Map::new();
    let config = room.get("config").and_then(Value::as_object).unwrap_or(&none);
    let opens = config.get("nbf").and_then(Value::as_f64);
    match opens.filter(|opens| UnixMillis::from_seconds(*opens) > now) {
        Some(opens) => {
            let info = format!("the room '{name}' lets nobody in before {}", point(opens, now));
            Check::new("room", Outcome::Refused, info)
        }
        None => place_in(server, name, config).await,
    }
}

/// Whether there is a place left, where the room says how many there are.
async fn place_in(server: &Server, name: &str, config: &Map<String, Value>) -> Check {
    let places = config.get("max_participants").and_then(Value::as_u64);
    let people = server.get(&["rooms", name, "presence"], &[("limit", "1")]).await.ok();
    let count = people.and_then(|people| people.get("total_count")?.as_u64()).unwrap_or(0);
    match places {
        Some(places) if count >= places => {
            let info = format!("the room '{name}' is full: {count} of {places} places are taken");
            Check::new("room", Outcome::Refused, info)
        }
        _ => Check::new(
            "room",
            Outcome::Ok,
            format!("the room '{name}' is open, with {count} inside"),
        ),
    }
}
