//! Meeting tokens: made with the calling key's secret, or in a person's name,
//! and checked.

use parlor_model::error::ApiError;
use parlor_model::rest::body::Present;
use parlor_model::rest::meeting_tokens::CreateMeetingToken;
use parlor_model::token::TokenClaims;
use serde_json::{Map, Value};

use crate::app::rooms::property_limits;
use crate::cx::AppState;
use crate::failure::Failure;
use crate::identity::meeting_token::{self, NotBefore};
use crate::identity::{Caller, Who};

/// Makes a token. The room it names need not exist, and nothing is stored.
pub(crate) fn create(
    state: &AppState,
    caller: &Caller,
    body: &Map<String, Value>,
) -> Result<String, Failure> {
    let now = state.now();
    let limits = property_limits(state);
    let request = CreateMeetingToken::parse(body, Present { now, limits: &limits })?;
    let claims = TokenClaims::new(request.properties, caller.org().to_string(), now);
    match &caller.who {
        Who::Key(key) => meeting_token::sign(&claims.to_claims(), key.token_secret()),
        // Whoever signed in has no secret of their own: it is good while they are.
        Who::Person(person) => {
            let secret = meeting_token::secret_of_org(&state.cx.store, caller.org())?;
            let secret = secret
                .ok_or_else(|| ApiError::not_found("organization", &caller.org().to_string()))?;
            meeting_token::sign(&claims.with_maker(person.user).to_claims(), &secret)
        }
    }
}

/// The properties of a token of the caller's domain, under their long names,
/// if it is good now.
pub(crate) fn read(
    state: &AppState,
    caller: &Caller,
    token: &str,
    nbf: NotBefore,
) -> Result<Map<String, Value>, Failure> {
    let now = state.now();
    let claims = meeting_token::read(&state.cx.store, caller.org(), token, now)?
        .and_then(|claims| meeting_token::check_times(&claims, nbf, now).map(|()| claims))
        .map_err(|fault| ApiError::invalid_token(&fault.to_string()))?;
    Ok(claims.properties.as_map().clone())
}
