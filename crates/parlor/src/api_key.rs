//! `parlor api-key`: keys made by who sits at the machine. With a server
//! running on the data folder the order goes through its control socket, so
//! that it takes effect at once; without one, straight to the records.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use parlor_model::id::{ApiKeyId, OrgId};
use parlor_model::key_permission::KeyPermissions;
use parlor_server::{Clock, SystemClock};
use parlor_store::api_keys::NewApiKey;
use parlor_store::key::KeyValue;
use parlor_store::{Store, StoreError, Unique};
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::{banner, control, node, organization, random};

/// Longest name of a key, in characters.
const MAX_NAME: usize = 128;

/// Options of `parlor api-key`.
#[derive(Args)]
pub(crate) struct ApiKeyOptions {
    #[command(subcommand)]
    order: OrderOption,
}

#[derive(Subcommand)]
enum OrderOption {
    /// Make a key and show it, once
    Create {
        /// What the key is for
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// List the keys: what they are for, how they begin and end
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Revoke a key: requests with it fail from now on
    Revoke {
        /// The name it was made with
        name: String,
        #[command(flatten)]
        place: Place,
    },
}

/// Which server's records are meant.
#[derive(Args)]
struct Place {
    /// The server's configuration, which names its data folder
    #[arg(long, value_name = "FILE", default_value = "parlor.toml")]
    config: PathBuf,
    /// The data folder itself, e.g. of `parlor dev --data`
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// An order, as it goes over the control socket.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "order")]
pub(crate) enum KeyOrder {
    /// Make one.
    CreateApiKey {
        /// What it is for.
        name: String,
    },
    /// List them.
    ListApiKeys,
    /// Revoke one.
    RevokeApiKey {
        /// Which.
        name: String,
    },
}

/// What came of an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyOutcome {
    /// The new key, to be shown once.
    Created(String),
    /// One line per key.
    Listed(Vec<String>),
    /// It is revoked.
    Revoked,
}

/// Carries out one command.
pub(crate) fn run(options: ApiKeyOptions) -> anyhow::Result<()> {
    let (order, place) = match options.order {
        OrderOption::Create { name, place } => (KeyOrder::CreateApiKey { name }, place),
        OrderOption::List { place } => (KeyOrder::ListApiKeys, place),
        OrderOption::Revoke { name, place } => (KeyOrder::RevokeApiKey { name }, place),
    };
    let config = place.config()?;
    let outcome = match control::ask(&config.data, &order)? {
        Some(outcome) => outcome,
        None => carry_out_alone(&config, order)?,
    };
    match outcome {
        KeyOutcome::Created(key) => banner::line(&key),
        KeyOutcome::Listed(lines) => lines.iter().for_each(|line| banner::line(line)),
        KeyOutcome::Revoked => banner::line("revoked"),
    }
    Ok(())
}

impl Place {
    fn config(self) -> anyhow::Result<Config> {
        match self.data {
            Some(data) => Ok(Config { data, ..Config::default() }),
            None => Config::load(&self.config)
                .context("--data DIR names a data folder without a configuration"),
        }
    }
}

/// Opens the records, which no server holds, for this one order.
fn carry_out_alone(config: &Config, order: KeyOrder) -> anyhow::Result<KeyOutcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = node::open_store(&config.data)?;
        organization::ensure(&store, &config.domain, &SystemClock).await?;
        let outcome = carry_out(&store, order, &SystemClock).await;
        store.shutdown();
        outcome
    })
}

/// Carries out `order` on the records of the first organization.
pub(crate) async fn carry_out(
    store: &Store,
    order: KeyOrder,
    clock: &dyn Clock,
) -> anyhow::Result<KeyOutcome> {
    let org = organization::first(store)
        .await?
        .context("there is no organization yet: start the server once")?;
    match order {
        KeyOrder::CreateApiKey { name } => {
            let value = KeyValue::generate()?;
            create(store, org.id, &name, &value, clock).await?;
            Ok(KeyOutcome::Created(value.expose().to_owned()))
        }
        KeyOrder::ListApiKeys => Ok(KeyOutcome::Listed(list(store, org.id))),
        KeyOrder::RevokeApiKey { name } => {
            let Some(key) = store.api_keys().find_by_name(org.id, &name) else {
                bail!("no API key is named '{name}'; `parlor api-key list` shows those there are");
            };
            store.api_keys().revoke(&key, clock.now()).await?;
            Ok(KeyOutcome::Revoked)
        }
    }
}

/// Makes `value` a key of the first organization, if it is none yet. A key of
/// the same name and another value is revoked: this one takes its place.
pub(crate) async fn import(
    store: &Store,
    name: &str,
    value: &str,
    clock: &dyn Clock,
) -> anyhow::Result<()> {
    if store.api_keys().find(value).is_some() {
        return Ok(());
    }
    let org = organization::first(store).await?.context("there is no organization yet")?;
    if let Some(older) = store.api_keys().find_by_name(org.id, name) {
        store.api_keys().revoke(&older, clock.now()).await?;
    }
    create(store, org.id, name, &KeyValue::unchecked(value), clock).await
}

/// A fresh key value of our own form.
pub(crate) fn generate() -> anyhow::Result<String> {
    Ok(KeyValue::generate()?.expose().to_owned())
}

async fn create(
    store: &Store,
    org_id: OrgId,
    name: &str,
    value: &KeyValue,
    clock: &dyn Clock,
) -> anyhow::Result<()> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.contains(char::is_control) {
        bail!(
            "the key's name was '{name}' but should say what the key is for, in 1 to {MAX_NAME} characters"
        );
    }
    let new = NewApiKey {
        id: ApiKeyId::from_random(random::bytes()?),
        org_id,
        name: name.to_owned(),
        permissions: KeyPermissions::admin(),
        created_at: clock.now(),
        expires_at: None,
    };
    match store.api_keys().create(new, value).await {
        Ok(_) => Ok(()),
        Err(StoreError::Conflict(Unique::ApiKeyName)) => {
            bail!(
                "an API key named '{name}' exists already: choose another name, or revoke that one first"
            )
        }
        Err(error) => Err(error.into()),
    }
}

fn list(store: &Store, org: OrgId) -> Vec<String> {
    let keys = store.api_keys().list(org);
    keys.iter()
        .map(|key| format!("{}…{}  {}", key.display.prefix, key.display.suffix, key.name))
        .collect()
}
