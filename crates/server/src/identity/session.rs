//! Browser sessions: the cookie, who it stands for, and the value that proves a
//! form to be ours.
//!
//! The cookie is a secret of 256 bits, drawn anew at every sign-in, so that
//! whatever a browser brought along before is worth nothing after. The value
//! in forms is made of it by a hash: it needs no place of its own, ends with
//! the session, and tells nothing of the cookie.

mod proof;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use parlor_model::error::ApiError;
use parlor_model::id::{SessionId, UserId};
use parlor_model::time::UnixMillis;
use parlor_store::oauth::grants;
use parlor_store::secret_token::{SecretToken, TokenHash, TokenKind};
use parlor_store::sessions::{self, LIFE_MILLIS, Method, Session};
use parlor_store::{Connection, accounts};

use crate::cx::AppState;
use crate::failure::Failure;
use crate::random;
pub(crate) use proof::Proof;

/// The cookie of somebody who is signed in.
const SESSION: &str = "parlor_session";

/// The cookie of a browser that looks at a form before it is signed in.
const VISIT: &str = "parlor_visit";

/// Longest `User-Agent` that is kept, in characters. What is longer says no
/// more to the person who looks at the list.
const USER_AGENT_CHARS: usize = 200;

/// Somebody who is signed in with this browser.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    /// Who.
    pub(crate) user: UserId,
    /// With which session.
    pub(crate) session: SessionId,
    /// Since when.
    pub(crate) signed_in_at: UnixMillis,
    csrf: TokenHash,
}

impl SignedIn {
    /// What a form of theirs carries in its field `csrf`.
    pub(crate) fn csrf(&self) -> &str {
        self.csrf.as_str()
    }

    /// Whether a form that carried `value` was given to this session.
    pub(crate) fn csrf_matches(&self, _: &AppState, value: &str) -> bool {
        is_same(self.csrf.as_str(), value)
    }
}

/// From where somebody signs in, for the list of their sessions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whence {
    /// The address, as far as it is known.
    pub(crate) ip: String,
    /// What the browser calls itself.
    pub(crate) user_agent: String,
}

/// Who is signed in with the browser that sends `headers`. Once in a minute
/// that notes that the session was used.
pub(crate) async fn current(
    state: &AppState,
    headers: &HeaderMap,
) -> Result<Option<SignedIn>, Failure> {
    let Some(token) = cookie(headers, &name(state, SESSION)) else {
        return Ok(None);
    };
    let hash = TokenHash::of(TokenKind::Session, token);
    let now = state.now();
    let found = state.cx.store.read(|c| sessions::find_by_hash(c, &hash))?;
    let Some(session) = found.filter(|session| session.is_active(now)) else {
        return Ok(None);
    };
    if session.is_due_for_touch(now) {
        let noted = state.cx.store.write(move |c| sessions::touch(c, session.id, now)).await;
        // The next request notes it again. Nobody is locked out for it.
        if let Err(error) = noted {
            tracing::warn!(%error, "the use of a session was not noted");
        }
    }
    Ok(Some(SignedIn {
        user: session.user_id,
        session: session.id,
        signed_in_at: session.created_at,
        csrf: TokenHash::of(TokenKind::Csrf, token),
    }))
}

/// Begins a session of somebody whom `proof` let in. The `Set-Cookie` that gives
/// it to the browser; `None`: the proof was taken away while they were being let
/// in.
pub(crate) async fn begin(
    state: &AppState,
    user: UserId,
    proof: Proof,
    whence: Whence,
) -> Result<Option<HeaderValue>, Failure> {
    let token = SecretToken::generate()?;
    let hash = token.hash(TokenKind::Session);
    let session = drawn(state, user, proof.method(), whence)?;
    let work = move |c: &mut dyn Connection| proof.begin(c, &session, &hash);
    let is_begun = state.cx.store.write(work).await?;
    let cookie = || set_cookie(state, SESSION, token.expose(), Some(LIFE_MILLIS / 1000));
    Ok(is_begun.then(cookie))
}

/// Gives the account of `signed_in` another password
/// ([`accounts::replace_password`]), and begins one session anew, unless theirs
/// has ended meanwhile: whoever was put out stays out.
pub(crate) async fn begin_alone(
    state: &AppState,
    signed_in: &SignedIn,
    whence: Whence,
    password_hash: String,
) -> Result<HeaderValue, Failure> {
    let token = SecretToken::generate()?;
    let hash = token.hash(TokenKind::Session);
    let (user, own) = (signed_in.user, signed_in.session);
    let session = drawn(state, user, Method::Password, whence)?;
    let work = move |c: &mut dyn Connection| {
        if !grants::backs(c, user, None, Some(own), session.created_at)? {
            return Err(ApiError::session_ended().into());
        }
        accounts::replace_password(c, user, &password_hash, session.created_at)?;
        Ok::<_, Failure>(sessions::create(c, &session, &hash)?)
    };
    state.cx.store.write(work).await?;
    Ok(set_cookie(state, SESSION, token.expose(), Some(LIFE_MILLIS / 1000)))
}

fn drawn(
    state: &AppState,
    user: UserId,
    method: Method,
    whence: Whence,
) -> Result<Session, Failure> {
    let now = state.now();
    Ok(Session {
        id: SessionId::from_random(random::bytes()?),
        user_id: user,
        method,
        ip: whence.ip,
        user_agent: whence.user_agent.chars().take(USER_AGENT_CHARS).collect(),
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus_millis(LIFE_MILLIS),
    })
}

/// Ends a session. The `Set-Cookie` that takes it from the browser.
pub(crate) async fn end(state: &AppState, signed_in: &SignedIn) -> Result<HeaderValue, Failure> {
    let (user, session) = (signed_in.user, signed_in.session);
    state.cx.store.write(move |c| sessions::revoke(c, user, session)).await?;
    Ok(set_cookie(state, SESSION, "", Some(0)))
}

/// A browser that is not signed in and looks at a form.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    csrf: TokenHash,
    /// Gives the browser its cookie, if it had none.
    pub(crate) set_cookie: Option<HeaderValue>,
}

impl Visit {
    /// The visit of whoever asks; a new one where the browser has none.
    pub(crate) fn of(state: &AppState, headers: &HeaderMap) -> Result<Self, Failure> {
        if let Some(token) = cookie(headers, &name(state, VISIT)) {
            return Ok(Self { csrf: TokenHash::of(TokenKind::Csrf, token), set_cookie: None });
        }
        let token = SecretToken::generate()?;
        let set = set_cookie(state, VISIT, token.expose(), None);
        Ok(Self { csrf: token.hash(TokenKind::Csrf), set_cookie: Some(set) })
    }

    /// What a form of this visit carries in its field `csrf`.
    pub(crate) fn csrf(&self) -> &str {
        self.csrf.as_str()
    }

    /// Whether a form that carried `value` was given to this browser.
    pub(crate) fn csrf_matches(&self, value: &str) -> bool {
        self.set_cookie.is_none() && is_same(self.csrf.as_str(), value)
    }
}

fn is_same(own: &str, presented: &str) -> bool {
    verify_slices_are_equal(own.as_bytes(), presented.as_bytes()).is_ok()
}

/// On https the prefix keeps neighbours (other hosts of the same site, other
/// paths, plain http) from planting a cookie of that name.
fn name(state: &AppState, base: &str) -> String {
    let prefix = if is_https(state) { "__Host-" } else { "" };
    format!("{prefix}{base}")
}

fn is_https(state: &AppState) -> bool {
    state.cx.settings.public_url.starts_with("https://")
}

/// `life` is in seconds; without it the cookie lives as long as the browser.
/// The value is of characters that a cookie may have.
pub(crate) fn set_cookie(
    state: &AppState,
    base: &str,
    value: &str,
    life: Option<i64>,
) -> HeaderValue {
    let name = name(state, base);
    let secure = if is_https(state) { "; Secure" } else { "" };
    let life = life.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{life}");
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

/// The value of the cookie of that name, if the browser sent one.
pub(crate) fn cookie_of<'a>(
    state: &AppState,
    headers: &'a HeaderMap,
    base: &str,
) -> Option<&'a str> {
    cookie(headers, &name(state, base))
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lists = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = lists.flat_map(|list| list.split(';')).filter_map(|pair| pair.split_once('='));
    let mut named = pairs.filter(|(key, _)| key.trim() == name);
    named.next().map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{COOKIE, HeaderMap, HeaderValue, cookie, is_same};

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; xparlor_session=no"));
        headers.append(COOKIE, HeaderValue::from_static("parlor_session=yes; b=2"));
        assert_eq!(cookie(&headers, "parlor_session"), Some("yes"));
        assert_eq!(cookie(&headers, "__Host-parlor_session"), None);
    }

    #[test]
    fn values_are_compared_whole() {
        assert!(is_same("abc", "abc"));
        for other in ["", "ab", "abcd", "abd"] {
            assert!(!is_same("abc", other), "{other}");
        }
    }
}
