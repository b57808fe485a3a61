//! Which server's records a command at the machine is about.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use crate::config::Config;

/// Where the configuration is when nobody says otherwise.
const DEFAULT_CONFIG: &str = "parlor.toml";

/// Which server's records are meant.
#[derive(Args, Clone)]
pub(crate) struct Place {
    /// The server's configuration, which names its data folder [default: parlor.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder itself, e.g. of `parlor dev --data`
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Place {
    /// Whether the command line names it.
    pub(crate) fn is_given(&self) -> bool {
        self.config.is_some() || self.data.is_some()
    }

    /// Whether a server's configuration lies in this folder.
    pub(crate) fn is_here() -> bool {
        Path::new(DEFAULT_CONFIG).exists()
    }

    /// The configuration, or its defaults with that folder.
    pub(crate) fn config(self) -> anyhow::Result<Config> {
        if let Some(data) = self.data {
            return Ok(Config { data, ..Config::default() });
        }
        let file = self.config.unwrap_or_else(|| PathBuf::from(DEFAULT_CONFIG));
        Config::load(&file).context("--data DIR names a data folder without a configuration")
    }
}
