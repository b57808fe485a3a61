//! `parlor oauth-client`: applications that may ask people to sign in, by who
//! sits at the machine.

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use parlor_model::oauth::{OauthClientId, SigningAlg};
use parlor_server::{Clock, redirect_uri_fault};
use parlor_store::oauth::clients::{self, Client};
use parlor_store::secret_token::SecretToken;
use parlor_store::{Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::control::{self, Order};
use crate::place::Place;
use crate::{banner, random};

/// Longest name of an application, in characters: people read it in a sentence.
const MAX_NAME: usize = 60;

/// Most addresses of an application. All of them are compared with each
/// request.
const MAX_REDIRECTS: usize = 20;

/// Options of `parlor oauth-client`.
#[derive(Args)]
pub(crate) struct OauthClientOptions {
    #[command(subcommand)]
    order: OrderOption,
}

#[derive(Subcommand)]
enum OrderOption {
    /// Register an application; its id and, unless it is public, its secret are
    /// shown, the secret once
    Create {
        /// As people are shown it
        name: String,
        /// Where people are sent back to, character for character; on loopback
        /// any port will do. May be given several times
        #[arg(long = "redirect-uri", value_name = "URL", required = true)]
        redirect_uris: Vec<String>,
        /// Its id [default: made up]
        #[arg(long)]
        id: Option<String>,
        /// It runs on people's own devices and can keep no secret
        #[arg(long)]
        public: bool,
        /// It is your own: people are not asked whether they agree, unless it is a public one on their device
        #[arg(long)]
        own: bool,
        /// How its tokens are signed: RS256, ES256 or EdDSA
        #[arg(long, default_value = "RS256")]
        alg: String,
        #[command(flatten)]
        place: Place,
    },
    /// List the applications that were registered here
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Remove an application; its tokens end now
    Delete {
        /// The id that it was given
        id: String,
        #[command(flatten)]
        place: Place,
    },
}

/// An order, as it goes over the control socket.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "order")]
pub(crate) enum OauthClientOrder {
    /// Register one.
    CreateOauthClient(NewClient),
    /// List them.
    ListOauthClients,
    /// Remove one.
    DeleteOauthClient {
        /// Which.
        id: OauthClientId,
    },
}

/// An application to be registered.
#[derive(Serialize, Deserialize)]
pub(crate) struct NewClient {
    pub(crate) id: OauthClientId,
    name: String,
    redirect_uris: Vec<String>,
    is_public: bool,
    is_own: bool,
    alg: SigningAlg,
}

/// What came of an order.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OauthClientOutcome {
    /// What to put into the application.
    Created(Vec<String>),
    /// One line per application.
    Listed(Vec<String>),
    /// It is gone.
    Deleted,
}

/// Carries out one command.
pub(crate) fn run(options: OauthClientOptions) -> anyhow::Result<()> {
    let (order, place) = match options.order {
        OrderOption::Create { name, redirect_uris, id, public, own, alg, place } => {
            let new = NewClient {
                id: parse_id(id)?,
                name: check_name(&name)?,
                redirect_uris: check_redirects(redirect_uris)?,
                is_public: public,
                is_own: own,
                alg: parse_alg(&alg)?,
            };
            (OauthClientOrder::CreateOauthClient(new), place)
        }
        OrderOption::List { place } => (OauthClientOrder::ListOauthClients, place),
        OrderOption::Delete { id, place } => {
            (OauthClientOrder::DeleteOauthClient { id: id.parse()? }, place)
        }
    };
    match control::carry_out(&place.config()?, Order::OauthClient(order))? {
        OauthClientOutcome::Created(lines) | OauthClientOutcome::Listed(lines) => {
            lines.iter().for_each(|line| banner::line(line));
        }
        OauthClientOutcome::Deleted => banner::line("deleted"),
    }
    Ok(())
}

fn parse_id(id: Option<String>) -> anyhow::Result<OauthClientId> {
    let id = match id {
        Some(id) => id,
        None => format!("client-{:016x}", u64::from_be_bytes(random::bytes()?)),
    };
    let id: OauthClientId = id.parse().with_context(|| format!("the id was '{id}'"))?;
    check_free(&id)?;
    Ok(id)
}

/// The two that are built in.
pub(crate) fn check_free(id: &OauthClientId) -> anyhow::Result<()> {
    if *id == OauthClientId::cli() || *id == OauthClientId::dashboard() {
        bail!("the client id '{id}' is built in: choose another one");
    }
    Ok(())
}

/// A name that people can read in a sentence.
pub(crate) fn check_name(name: &str) -> anyhow::Result<String> {
    let name = name.trim();
    let length = name.chars().count();
    if !(1..=MAX_NAME).contains(&length) || name.contains(char::is_control) {
        bail!("the name was '{name}' but should have 1 to {MAX_NAME} characters on one line");
    }
    Ok(name.to_owned())
}

/// Addresses that nobody can misread.
pub(crate) fn check_redirects(uris: Vec<String>) -> anyhow::Result<Vec<String>> {
    if uris.is_empty() || uris.len() > MAX_REDIRECTS {
        bail!("an application has 1 to {MAX_REDIRECTS} addresses to go back to");
    }
    for uri in &uris {
        if let Some(why) = redirect_uri_fault(uri) {
            bail!("nobody can be sent back to '{uri}': {why}");
        }
    }
    Ok(uris)
}

fn parse_alg(word: &str) -> anyhow::Result<SigningAlg> {
    let parsed = word.parse().ok();
    parsed.with_context(|| format!("--alg was '{word}' but should be RS256, ES256 or EdDSA"))
}

/// Carries out `order` on the records.
pub(crate) async fn carry_out(
    store: &Store,
    order: OauthClientOrder,
    clock: &dyn Clock,
) -> anyhow::Result<OauthClientOutcome> {
    let now = clock.now();
    match order {
        OauthClientOrder::CreateOauthClient(new) => create(store, new, clock).await,
        OauthClientOrder::ListOauthClients => {
            let all = store.scan(|c| clients::list(c)).await?;
            Ok(OauthClientOutcome::Listed(all.iter().map(line_of).collect()))
        }
        OauthClientOrder::DeleteOauthClient { id } => {
            let wanted = id.clone();
            if !store.write(move |c| clients::delete(c, &wanted, now)).await? {
                bail!(
                    "no application has the id '{id}'; `parlor oauth-client list` shows those there are"
                );
            }
            Ok(OauthClientOutcome::Deleted)
        }
    }
}

async fn create(
    store: &Store,
    new: NewClient,
    clock: &dyn Clock,
) -> anyhow::Result<OauthClientOutcome> {
    check_free(&new.id)?;
    let secret = if new.is_public { None } else { Some(SecretToken::generate()?) };
    let client = Client {
        id: new.id.clone(),
        name: check_name(&new.name)?,
        secret_hash: secret.as_ref().map(|secret| Client::hash_of(secret.expose())),
        redirect_uris: check_redirects(new.redirect_uris)?,
        alg: new.alg,
        is_own: new.is_own,
        created_at: clock.now(),
    };
    match store.write(move |c| clients::create(c, &client)).await {
        Ok(()) => {}
        Err(StoreError::Conflict(_)) => bail!(
            "an application has the id '{}' already: choose another one, or delete that one first",
            new.id
        ),
        Err(error) => return Err(error.into()),
    }
    let mut lines = vec![format!("client_id      {}", new.id)];
    lines.extend(secret.map(|secret| format!("client_secret  {}", secret.expose())));
    Ok(OauthClientOutcome::Created(lines))
}

fn line_of(client: &Client) -> String {
    let kind = match (&client.secret_hash, client.is_own) {
        (None, false) => "public",
        (None, true) => "public, own",
        (Some(_), false) => "secret",
        (Some(_), true) => "secret, own",
    };
    let redirects = client.redirect_uris.join(" ");
    format!("{}  {}  ({kind}, {})  {redirects}", client.id, client.name, client.alg.word())
}
