//! `parlor secret`: the master key, by who sits at the machine.

use clap::{Args, Subcommand};
use parlor_store::{StoreConfig, StoreError, forget_signing_keys, rotate_master_key};

use crate::banner;
use crate::noted::{self, Words};
use crate::place::Place;

/// Options of `parlor secret`.
#[derive(Args)]
pub(crate) struct SecretOptions {
    #[command(subcommand)]
    order: OrderOption,
}

#[derive(Subcommand)]
enum OrderOption {
    /// Replace the key that seals the secrets in the records, and seal them
    /// anew; the server must be stopped for these seconds
    Rotate {
        #[command(flatten)]
        place: Place,
    },
    /// Forget the keys that sign access and ID tokens, because somebody may know
    /// one; every such token ends. The server must be stopped for a moment
    ForgetSigningKeys {
        #[command(flatten)]
        place: Place,
    },
}

/// Carries out one command.
pub(crate) fn run(options: SecretOptions) -> anyhow::Result<()> {
    match options.order {
        OrderOption::Rotate { place } => rotate(place),
        OrderOption::ForgetSigningKeys { place } => forget(place),
    }
}

fn forget(place: Place) -> anyhow::Result<()> {
    let data = place.config()?.data;
    let forget = || Ok(forget_signing_keys(&StoreConfig::in_folder(&data))?);
    let forgotten = stopped(noted::around(&data, Words::signing_keys(), forget))?;
    banner::line(&format!(
        "{forgotten} signing keys are forgotten, and what they signed is refused; applications \
         get new tokens by their refresh tokens, and the next start draws new keys"
    ));
    Ok(())
}

/// What came of work on records that no server may hold meanwhile.
fn stopped<T>(outcome: anyhow::Result<T>) -> anyhow::Result<T> {
    outcome.map_err(|error| match error.downcast_ref() {
        Some(StoreError::InUse { .. }) => {
            error.context("the server must be stopped while its secrets are replaced")
        }
        _ => error,
    })
}

fn rotate(place: Place) -> anyhow::Result<()> {
    let config = place.config()?;
    let rotate = || Ok(rotate_master_key(&StoreConfig::in_folder(&config.data))?);
    let sealed = stopped(noted::around(&config.data, Words::master_key(), rotate))?;
    banner::line(&format!(
        "{sealed} secrets are sealed with a new {}; the old key is beside it, as secret.key.old: \
         keep it with the backups from before, elsewhere, and delete it here",
        config.data.join("secret.key").display()
    ));
    Ok(())
}
