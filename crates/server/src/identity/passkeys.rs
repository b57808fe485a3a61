//! Passkeys: what a browser is asked for, and whether what it brings is what
//! was asked for. The checking is the library's; ours are the origin (the
//! configured one, never a request's), and that a ceremony is used once, soon,
//! and by the browser that began it.

mod ceremonies;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parlor_model::error::{ApiError, ErrorKind};
use parlor_model::id::UserId;
use parlor_model::time::UnixMillis;
use parlor_store::Connection;
use parlor_store::oauth::grants;
use parlor_store::passkeys::{self, MAX_OF_USER, Passkey};
use parlor_store::users::{self, User};
use serde_json::Value;
use webauthn_rs::prelude::{
    CreationChallengeResponse, DiscoverableAuthentication, Passkey as Credential,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    RequestChallengeResponse, Url, Webauthn, WebauthnBuilder,
};

use crate::cx::AppState;
use crate::failure::Failure;
use crate::identity::session::SignedIn;
use crate::origin::Origin;
use crate::random;
use ceremonies::Ceremonies;

/// What people see of us in their browser's dialog.
const OUR_NAME: &str = "Parlor";

/// Longest name of a passkey, in characters: what fits a line of the list.
pub(crate) const MAX_NAME_CHARS: usize = 60;

/// Passkeys of this server, and the ceremonies that run.
#[derive(Debug)]
pub(crate) struct Passkeys {
    /// Absent where the public address has no name: a browser binds passkeys to
    /// a name, and refuses bare addresses.
    verifier: Option<Webauthn>,
    registrations: Ceremonies<(UserId, PasskeyRegistration)>,
    sign_ins: Ceremonies<DiscoverableAuthentication>,
}

/// A ceremony that began: what the browser brings back with its answer, and
/// what it is asked.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) ceremony: String,
    pub(crate) options: Value,
}

impl Passkeys {
    /// Passkeys for `https://name`, or for `http://localhost`.
    pub(crate) fn of(public_url: &str) -> Self {
        Self {
            verifier: verifier(public_url),
            registrations: Ceremonies::default(),
            sign_ins: Ceremonies::default(),
        }
    }

    /// The one origin whose pages browsers let use passkeys of this server;
    /// none where there is no such.
    pub(crate) fn origin(&self) -> Option<String> {
        let origins = self.verifier.as_ref()?.get_allowed_origins();
        origins.first().map(|origin| origin.origin().ascii_serialization())
    }

    fn verifier(&self) -> Result<&Webauthn, ApiError> {
        self.verifier.as_ref().ok_or_else(|| {
            refused(
                "passkeys need a server with a name and https: this one's public_url has an \
                 address only, or plain http",
            )
        })
    }
}

/// Browsers offer passkeys on https, and on `localhost`, which is how a server
/// on a loopback address is called by its name.
fn verifier(public_url: &str) -> Option<Webauthn> {
    let mut origin = Url::parse(public_url).ok()?;
    if Origin::of(public_url).is_loopback_address() {
        origin.set_host(Some("localhost")).ok()?;
    }
    let name = origin.domain()?;
    let is_local = name == "localhost" || name.ends_with(".localhost");
    if origin.scheme() != "https" && !is_local {
        return None;
    }
    WebauthnBuilder::new(name, &origin).ok()?.rp_name(OUR_NAME).build().ok()
}

/// Begins to register a passkey of `user`, in the browser that holds `browser`.
pub(crate) fn begin_registration(
    state: &AppState,
    user: &User,
    browser: &str,
) -> Result<Begun, Failure> {
    let verifier = state.passkeys.verifier()?;
    let id = user.id;
    let own = state.cx.store.read(|c| passkeys::list_of_user(c, id))?;
    if own.len() >= MAX_OF_USER {
        return Err(too_many().into());
    }
    // Devices that hold one already say so themselves.
    let known = own.iter().filter_map(|one| URL_SAFE_NO_PAD.decode(&one.id).ok());
    let (asked, pending) = verifier
        .start_passkey_registration(
            id.as_uuid(),
            user.email.as_str(),
            &user.name,
            Some(known.collect()),
        )
        .map_err(|error| failed("begin", &error))?;
    let options = registration_options(&asked)?;
    let ceremony =
        state.passkeys.registrations.begin(browser, (id, pending), random::bytes()?, state.now());
    Ok(Begun { ceremony, options })
}

/// The library leaves it to the device whether it keeps the account beside the
/// key. Here it must: nobody types an address before using a passkey.
fn registration_options(asked: &CreationChallengeResponse) -> Result<Value, Failure> {
    let mut options = json(asked)?;
    if let Some(selection) = options.pointer_mut("/publicKey/authenticatorSelection") {
        selection["residentKey"] = "required".into();
        selection["requireResidentKey"] = true.into();
    }
    Ok(options)
}

/// Registers what the browser made.
pub(crate) async fn finish_registration(
    state: &AppState,
    signed_in: &SignedIn,
    ceremony: &str,
    name: &str,
    made: Value,
) -> Result<(), Failure> {
    let (user, session, now) = (signed_in.user, signed_in.session, state.now());
    let begun = state.passkeys.registrations.take(signed_in.csrf(), ceremony, now);
    let Some((_, pending)) = begun.filter(|(begun_by, _)| *begun_by == user) else {
        return Err(over().into());
    };
    let made = serde_json::from_value::<RegisterPublicKeyCredential>(made)
        .map_err(|_| refused("this is not what a browser makes of a passkey"))?;
    let credential = state
        .passkeys
        .verifier()?
        .finish_passkey_registration(&made, &pending)
        .map_err(|error| failed("registration", &error))?;
    let passkey = Passkey {
        id: URL_SAFE_NO_PAD.encode(credential.cred_id()),
        user_id: user,
        name: named(name),
        credential: text(&credential)?,
        created_at: now,
        last_used_at: None,
    };
    let add = move |c: &mut dyn Connection| {
        users::hold(c, user)?;
        // Whoever ended the session meanwhile has looked through the passkeys.
        if !grants::backs(c, user, None, Some(session), now)? {
            return Ok(Some(over()));
        }
        if passkeys::list_of_user(c, user)?.len() >= MAX_OF_USER {
            return Ok(Some(too_many()));
        }
        passkeys::create(c, &passkey)?;
        Ok::<_, parlor_store::StoreError>(None)
    };
    match state.cx.store.write(add).await {
        Ok(None) => Ok(()),
        Ok(Some(refusal)) => Err(refusal.into()),
        Err(parlor_store::StoreError::Conflict(_)) => {
            Err(refused("this passkey is registered already").into())
        }
        Err(error) => Err(error.into()),
    }
}

fn too_many() -> ApiError {
    refused(&format!("an account has at most {MAX_OF_USER} passkeys: remove one first"))
}

/// What to call it, if anything was said.
fn named(name: &str) -> String {
    let name: String = name.trim().chars().filter(|c| !c.is_control()).collect();
    let name: String = name.chars().take(MAX_NAME_CHARS).collect();
    if name.is_empty() { "Passkey".to_owned() } else { name }
}

/// Begins a sign-in: whoever's passkey the person chooses.
pub(crate) fn begin_sign_in(state: &AppState, browser: &str) -> Result<Begun, Failure> {
    let begun = state.passkeys.verifier()?.start_discoverable_authentication();
    let (asked, pending) = begun.map_err(|error| failed("begin", &error))?;
    let ceremony = state.passkeys.sign_ins.begin(browser, pending, random::bytes()?, state.now());
    Ok(Begun { ceremony, options: sign_in_options(asked)? })
}

/// Whoever asks has pressed a button: the browser shows its dialog at once
/// instead of waiting behind a field.
fn sign_in_options(mut asked: RequestChallengeResponse) -> Result<Value, Failure> {
    asked.mediation = None;
    json(&asked)
}

/// A sign-in that was begun here and is answered now.
#[derive(Debug)]
pub(crate) struct Answered(DiscoverableAuthentication);

/// The sign-in that `browser` answers; it is over with that. Whoever answers
/// what was never begun leaves no trace: beginnings are counted, and answers
/// are no more than those.
pub(crate) fn answered(
    state: &AppState,
    browser: &str,
    ceremony: &str,
) -> Result<Answered, ApiError> {
    let pending = state.passkeys.sign_ins.take(browser, ceremony, state.now());
    pending.map(Answered).ok_or_else(over)
}

/// A passkey that somebody has proven to hold.
#[derive(Debug)]
pub(crate) struct Held {
    /// Whose account it opens.
    pub(crate) user: UserId,
    /// Its id.
    pub(crate) id: String,
}

/// Whose passkey the browser presents. Every reason why not looks the same.
pub(crate) async fn finish_sign_in(
    state: &AppState,
    Answered(pending): Answered,
    presented: Value,
) -> Result<Held, Failure> {
    let now = state.now();
    let Ok(presented) = serde_json::from_value::<PublicKeyCredential>(presented) else {
        return Err(unknown().into());
    };
    let verifier = state.passkeys.verifier()?;
    let Ok((user, id)) = verifier.identify_discoverable_authentication(&presented) else {
        return Err(unknown().into());
    };
    let id = URL_SAFE_NO_PAD.encode(id);
    let found = state.cx.store.read(|c| passkeys::find(c, &id))?;
    let Some(found) = found.filter(|one| one.user_id.as_uuid() == user) else {
        return Err(unknown().into());
    };
    let mut credential = parse(&found)?;
    let proven = verifier
        .finish_discoverable_authentication_v2(&presented, pending, &credential)
        .map_err(|error| failed("sign-in", &error))?;
    credential.update_credential(&proven);
    note_use(state, found.id.clone(), &credential, now).await?;
    Ok(Held { user: found.user_id, id: found.id })
}

/// `false` of the store: it was removed while it was being used.
async fn note_use(
    state: &AppState,
    id: String,
    credential: &Credential,
    now: UnixMillis,
) -> Result<(), Failure> {
    let known = text(credential)?;
    let is_there = state.cx.store.write(move |c| passkeys::note_use(c, &id, &known, now)).await?;
    if is_there { Ok(()) } else { Err(unknown().into()) }
}

fn parse(passkey: &Passkey) -> Result<Credential, Failure> {
    serde_json::from_str(&passkey.credential)
        .map_err(|source| Failure::Record { what: "passkey", source })
}

fn text(credential: &Credential) -> Result<String, Failure> {
    serde_json::to_string(credential).map_err(|source| Failure::Record { what: "passkey", source })
}

fn json(options: &impl serde::Serialize) -> Result<Value, Failure> {
    serde_json::to_value(options)
        .map_err(|source| Failure::Record { what: "passkey ceremony", source })
}

fn refused(info: &str) -> ApiError {
    ApiError::new(ErrorKind::InvalidRequest, info.to_owned())
}

fn over() -> ApiError {
    refused("this took too long, or was answered already: try again")
}

/// What is said of a passkey that opens nothing, or no more.
pub(crate) fn unknown() -> ApiError {
    ApiError::new(
        ErrorKind::Forbidden,
        "this passkey opens no account here: use another one, or your password".to_owned(),
    )
}

/// What the library says is for the log: it may help whoever tries.
fn failed(what: &str, error: &webauthn_rs::prelude::WebauthnError) -> ApiError {
    tracing::info!(%error, ceremony = what, "a passkey was not accepted");
    unknown()
}

#[cfg(test)]
mod tests {
    use super::{Passkeys, named};

    #[test]
    fn passkeys_need_a_name_and_a_secure_page() {
        let origin = |public_url| Passkeys::of(public_url).origin();
        for good in ["https://meet.example.org", "http://localhost:7880", "https://a.b:8443"] {
            assert_eq!(origin(good).as_deref(), Some(good));
        }
        for loopback in ["http://127.0.0.1:7880", "http://[::1]:7880"] {
            assert_eq!(origin(loopback).as_deref(), Some("http://localhost:7880"));
        }
        for bad in ["http://192.0.2.1:7880", "https://192.0.2.1", "http://meet.example.org", "x"] {
            assert_eq!(origin(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_passkey_has_a_name_that_fits_a_line() {
        assert_eq!(named("  Laptop\r\n "), "Laptop");
        assert_eq!(named("\u{7}"), "Passkey");
        assert_eq!(named(&"ü".repeat(90)).chars().count(), 60);
    }
}
