//! Who asks: the client built in, those of the configuration, and those made at
//! the machine; and how one proves at the token endpoint that it is who it says.

use parlor_model::oauth::{OauthClientId, OauthErrorCode, SigningAlg};
use parlor_model::time::UnixMillis;
use parlor_store::oauth::clients::{self, Client};

use super::{Fault, Form, redirect};
use crate::cx::Shared;
use crate::failure::Failure;

/// The client with that id, if there is one that others may use.
pub(crate) fn find(state: &Shared, id: &OauthClientId) -> Result<Option<Client>, Failure> {
    if *id == OauthClientId::dashboard() {
        return Ok(None);
    }
    if *id == OauthClientId::cli() {
        return Ok(Some(cli()));
    }
    if let Some(client) = state.cx.settings.oauth_clients.iter().find(|client| client.id == *id) {
        return Ok(Some(client.clone()));
    }
    Ok(state.cx.store.read(|c| clients::find(c, id))?)
}

/// The command line: public, on any loopback address, and of the house. People
/// are asked all the same: any program on their device can say that it is this.
fn cli() -> Client {
    Client {
        id: OauthClientId::cli(),
        name: "Parlor command line".to_owned(),
        secret_hash: None,
        redirect_uris: Vec::new(),
        alg: SigningAlg::default(),
        is_own: true,
        created_at: UnixMillis::new(0),
    }
}

/// Whether people may be sent back to `asked` for `client`.
pub(crate) fn may_redirect_to(client: &Client, asked: &str) -> bool {
    if client.id == OauthClientId::cli() {
        return redirect::is_loopback(asked);
    }
    client.redirect_uris.iter().any(|registered| redirect::is_registered(registered, asked))
}

/// What the `Authorization` header of a client says: its id and its secret.
#[derive(Clone, Debug)]
pub(crate) struct BasicAuth {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// The client that a request is from. A client with a secret proves it, in the
/// header or in the form but not in both; one without has nothing to prove, and
/// PKCE ties the code to whoever asked for it.
///
/// # Errors
/// `invalid_client`, the same for an unknown client and a wrong secret.
pub(crate) fn authenticate(
    state: &Shared,
    basic: Option<BasicAuth>,
    form: &Form,
) -> Result<Client, Fault> {
    let (id, secret) = match (basic, form.get("client_secret")) {
        (Some(_), Some(_)) => {
            return Err(Fault::new(
                OauthErrorCode::InvalidRequest,
                "the client proves itself twice: in the header and in the form",
            ));
        }
        (Some(basic), None) => {
            if form.get("client_id").is_some_and(|id| id != basic.id) {
                return Err(unknown());
            }
            (basic.id, Some(basic.secret))
        }
        (None, secret) => (form.require("client_id")?.to_owned(), secret.map(str::to_owned)),
    };
    let client = match id.parse() {
        Ok(id) => find(state, &id)?,
        Err(_) => None,
    };
    let client = client.ok_or_else(unknown)?;
    let secret = secret.filter(|secret| !secret.is_empty());
    let is_proved = match (&client.secret_hash, secret) {
        (None, None) => true,
        (Some(_), Some(secret)) => client.is_secret(&secret),
        _ => false,
    };
    if is_proved { Ok(client) } else { Err(unknown()) }
}

fn unknown() -> Fault {
    Fault::new(OauthErrorCode::InvalidClient, "the client is unknown, or its secret is wrong")
}
