//! `parlor api-key`: keys made, listed, rotated and deleted, by who sits at the
//! machine or over the API.
//!
//! At the machine ([`order`]) no key is needed: with a server running on the
//! data folder the order goes through its control socket, so that it takes
//! effect at once; without one, straight to the records. Anywhere else
//! ([`remote`]) a key that may manage keys is.

mod order;
mod remote;

use std::io::{IsTerminal as _, Read as _};
use std::time::Duration;

use anyhow::bail;
use clap::{Args, Subcommand};
use parlor_model::identity::api_key::MAX_OVERLAP_SECONDS;
use parlor_model::key_permission::KeyPermission;
use parlor_model::time::{UnixMillis, parse_span};
use serde_json::{Map, Value};

use crate::banner;
use crate::cli::{Output, ServerOptions};
use crate::control::{self, Order};
use crate::place::Place;

pub(crate) use order::{KeyContent, KeyOrder, carry_out, generate, import, refuse_token_form};

/// Longest value that is imported, in bytes. No header carries a longer one.
const MAX_VALUE: u64 = 4096;

/// Options of `parlor api-key`.
#[derive(Args)]
pub(crate) struct ApiKeyOptions {
    #[command(flatten)]
    server: ServerOptions,
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
        content: Content,
        #[command(flatten)]
        place: Place,
    },
    /// List the keys: how they begin and end, what they are for, when they end
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Delete a key: requests with it fail from now on
    #[command(alias = "revoke")]
    Delete {
        /// The name it was made with
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Take over a key that was made elsewhere; its value is read from standard
    /// input. At the machine only
    Import {
        /// What the key is for
        name: String,
        #[command(flatten)]
        content: Content,
        #[command(flatten)]
        place: Place,
    },
    /// Change what a key is held to beside its organization
    Limit {
        /// The name it was made with
        name: String,
        #[command(flatten)]
        limits: Limits,
        #[command(flatten)]
        place: Place,
    },
    /// Make a key's successor and show it, once; the old one works on for a while
    Rotate {
        /// The name it was made with, which the successor takes
        name: String,
        /// How long the old one works on, such as 30m or 7d
        #[arg(long, value_name = "TIME", default_value = "24h", value_parser = overlap)]
        overlap: i64,
        #[command(flatten)]
        place: Place,
    },
}

/// What a new key is.
#[derive(Args, Clone)]
struct Content {
    /// What it may do, with commas between [default: admin:organization, which
    /// is everything]
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    permissions: Vec<KeyPermission>,
    /// From when on it is refused, such as 2030-12-31T23:59:59Z [default: never]
    #[arg(long, value_name = "TIME", value_parser = rfc3339)]
    expires_at: Option<UnixMillis>,
    /// Further organizations that it is granted, by id, with commas between;
    /// its requests must name one then. At the machine a domain will do
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    organizations: Vec<String>,
    #[command(flatten)]
    limits: Limits,
}

/// What a key is held to beside its organization.
#[derive(Args, Clone)]
struct Limits {
    /// Most rooms of the organization with which it still makes one
    #[arg(long, value_name = "N|none", value_parser = limit)]
    rooms: Option<Limit>,
    /// Most requests to /v1 in five seconds
    #[arg(long, value_name = "N|none", value_parser = limit)]
    requests_per_5s: Option<Limit>,
    /// Most requests to /api in a minute
    #[arg(long, value_name = "N|none", value_parser = limit)]
    requests_per_minute: Option<Limit>,
}

/// A number, or none.
#[derive(Clone, Copy)]
struct Limit(Option<u32>);

fn limit(text: &str) -> Result<Limit, String> {
    match text {
        "none" => Ok(Limit(None)),
        number => number
            .parse()
            .map(|number| Limit(Some(number)))
            .map_err(|_| "should be a whole number, or none".to_owned()),
    }
}

impl Limits {
    /// As the API takes them.
    fn to_body(&self) -> Map<String, Value> {
        let named = [
            ("rooms", self.rooms),
            ("requestsPer5s", self.requests_per_5s),
            ("authenticatedRateLimit", self.requests_per_minute),
        ];
        let given = named.into_iter().filter_map(|(name, limit)| Some((name, limit?)));
        given.map(|(name, Limit(number))| (name.to_owned(), number.into())).collect()
    }
}

impl Content {
    /// The permissions, those of the classic key when none were named.
    fn permissions(&self) -> Vec<KeyPermission> {
        match self.permissions.is_empty() {
            true => vec![KeyPermission::AdminOrganization],
            false => self.permissions.clone(),
        }
    }

    fn of_key(self, name: String) -> KeyContent {
        let permissions = self.permissions();
        let limits = self.limits.to_body();
        let Self { expires_at, organizations, .. } = self;
        KeyContent { name, permissions, expires_at, organizations, limits }
    }
}

/// Carries out one command.
pub(crate) fn run(options: ApiKeyOptions) -> anyhow::Result<()> {
    let ApiKeyOptions { server, order } = options;
    if is_remote(&server, order.place()) {
        return remote::run(&server, order);
    }
    let (order, place) = order.into_order()?;
    let mut output = Output::new(&server);
    match control::carry_out(&place.config()?, Order::Key(order))? {
        order::KeyOutcome::Created(key) => remote::new_key(&server, &mut output, &key)?,
        order::KeyOutcome::Listed(keys) => remote::list(&mut output, &keys)?,
        order::KeyOutcome::Revoked => banner::line("deleted"),
        order::KeyOutcome::Imported => banner::line("imported"),
        order::KeyOutcome::Limited => banner::line("changed"),
    }
    Ok(())
}

/// Who names records means them; who names a server means that; else it is
/// the server whose configuration lies here, or the one that every command asks.
fn is_remote(server: &ServerOptions, place: &Place) -> bool {
    !place.is_given() && (server.names_a_server() || !Place::is_here())
}

impl OrderOption {
    fn place(&self) -> &Place {
        match self {
            Self::Create { place, .. }
            | Self::List { place }
            | Self::Delete { place, .. }
            | Self::Import { place, .. }
            | Self::Limit { place, .. }
            | Self::Rotate { place, .. } => place,
        }
    }

    fn into_order(self) -> anyhow::Result<(KeyOrder, Place)> {
        Ok(match self {
            Self::Create { name, content, place } => {
                (KeyOrder::CreateApiKey(content.of_key(name)), place)
            }
            Self::List { place } => (KeyOrder::ListApiKeys, place),
            Self::Delete { name, place } => (KeyOrder::RevokeApiKey { name }, place),
            Self::Import { name, content, place } => {
                let value = read_value()?;
                (KeyOrder::ImportApiKey { value, key: content.of_key(name) }, place)
            }
            Self::Limit { name, limits, place } => {
                (KeyOrder::LimitApiKey { name, limits: limits.to_body() }, place)
            }
            Self::Rotate { name, overlap, place } => {
                (KeyOrder::RotateApiKey { name, overlap_seconds: overlap }, place)
            }
        })
    }
}

/// One line from standard input: a command line would show the key to every
/// user of the machine.
fn read_value() -> anyhow::Result<String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        banner::line("Paste the key and press Enter and Ctrl+D:");
    }
    let mut text = String::new();
    input.take(MAX_VALUE + 1).read_to_string(&mut text)?;
    let value = text.trim();
    if value.is_empty() || value.len() as u64 > MAX_VALUE || value.contains(char::is_control) {
        bail!("the key should be one line of 1 to {MAX_VALUE} bytes on standard input");
    }
    Ok(value.to_owned())
}

fn rfc3339(text: &str) -> Result<UnixMillis, String> {
    UnixMillis::parse_rfc3339(text)
        .ok_or_else(|| "should be a time such as 2030-12-31T23:59:59Z".to_owned())
}

fn overlap(text: &str) -> Result<i64, String> {
    let seconds = parse_span(text).as_ref().map(Duration::as_secs);
    seconds
        .and_then(|seconds| i64::try_from(seconds).ok())
        .filter(|seconds| *seconds <= MAX_OVERLAP_SECONDS)
        .ok_or_else(|| "should be a length of time such as 30m or 7d, at most 31d".to_owned())
}
