//! What a configuration must satisfy beyond its types, and errors that say
//! the key, the limit and the way out.

use anyhow::{Context as _, anyhow, bail};
use figment::error::Kind;

use super::Config;
use crate::oauth_client;

/// Most participants an operator may allow in one room.
const MOST_PARTICIPANTS: u32 = 100_000;

/// Most days that anything may be kept.
const MOST_DAYS: u32 = 3650;

impl Config {
    /// Checks what the types cannot say.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        check_domain(&self.domain)?;
        if let Some(url) = &self.public_url {
            check_origin(url)?;
        }
        if !(1..=MOST_PARTICIPANTS).contains(&self.limits.max_participants) {
            bail!(
                "limits.max_participants was '{}' but should be an integer from 1 to {MOST_PARTICIPANTS}",
                self.limits.max_participants
            );
        }
        if !(1..=100).contains(&self.media.max_load) {
            bail!(
                "media.max_load was '{}' but should be an integer from 1 to 100",
                self.media.max_load
            );
        }
        if !(1..=MOST_DAYS).contains(&self.webhooks.kept_days) {
            bail!(
                "webhooks.kept_days was '{}' but should be an integer from 1 to {MOST_DAYS}",
                self.webhooks.kept_days
            );
        }
        self.check_oauth_clients()?;
        self.check_identity_providers()?;
        self.check_retention()?;
        self.check_tls()?;
        self.check_turn_urls()?;
        self.check_exposure()
    }

    fn check_oauth_clients(&self) -> anyhow::Result<()> {
        for (at, client) in self.oauth_client.iter().enumerate() {
            let of = || format!("of the oauth_client '{}'", client.id);
            oauth_client::check_free(&client.id)?;
            oauth_client::check_name(&client.name).with_context(of)?;
            oauth_client::check_redirects(client.redirect_uris.clone()).with_context(of)?;
            if self.oauth_client[..at].iter().any(|other| other.id == client.id) {
                bail!("two oauth_client have the id '{}': give one of them another", client.id);
            }
        }
        Ok(())
    }

    fn check_identity_providers(&self) -> anyhow::Result<()> {
        for (at, provider) in self.identity_provider.iter().enumerate() {
            let of = || format!("of the identity_provider '{}'", provider.name);
            provider.check().with_context(of)?;
            let before = &self.identity_provider[..at];
            if before.iter().any(|other| other.name == provider.name) {
                bail!(
                    "two identity_provider have the name '{}': give one of them another",
                    provider.name
                );
            }
            if before.iter().any(|other| other.issuer == provider.issuer) {
                bail!(
                    "two identity_provider have the issuer '{}': accounts are linked by it, so \
                     there can be one",
                    provider.issuer
                );
            }
        }
        Ok(())
    }

    fn check_retention(&self) -> anyhow::Result<()> {
        let days = [
            ("history_days", self.retention.history_days),
            ("logs_days", self.retention.logs_days),
            ("api_log_days", self.retention.api_log_days),
            ("audit_days", self.retention.audit_days),
        ];
        match days.iter().find(|(_, days)| !(1..=MOST_DAYS).contains(days)) {
            None => Ok(()),
            Some((key, days)) => {
                bail!("retention.{key} was '{days}' but should be an integer from 1 to {MOST_DAYS}")
            }
        }
    }

    fn check_turn_urls(&self) -> anyhow::Result<()> {
        let urls = self.media.turn_urls.iter().flatten();
        match urls.into_iter().find(|url| !(url.starts_with("turn:") || url.starts_with("turns:")))
        {
            None => Ok(()),
            Some(url) => bail!(
                "media.turn_urls had '{url}' but should hold addresses like \
                 turns:meet.example.com:443?transport=tcp, or be empty"
            ),
        }
    }

    fn check_tls(&self) -> anyhow::Result<()> {
        if self.tls.cert.is_some() != self.tls.key.is_some() {
            bail!("tls.cert and tls.key belong together: name both files, or neither");
        }
        let origin = self.origin();
        if self.tls.files().is_some() && !origin.starts_with("https://") {
            bail!(
                "public_url was '{origin}' but should begin with https://, since tls.cert is set"
            );
        }
        Ok(())
    }

    /// Plain http stays on this machine, or behind a proxy that ends TLS.
    fn check_exposure(&self) -> anyhow::Result<()> {
        if self.listen.ip().is_loopback() {
            return Ok(());
        }
        if !self.behind_proxy && self.tls.files().is_none() {
            bail!(
                "listen = \"{}\" would serve plain http to other machines: name a certificate with tls.cert \
                 and tls.key, or put a proxy that ends TLS in front and say behind_proxy = true, or listen \
                 on 127.0.0.1",
                self.listen
            );
        }
        if self.public_url.is_none() {
            bail!(
                "public_url is missing: listening on {}, the server cannot know the address people use; \
                 set public_url = \"https://…\"",
                self.listen
            );
        }
        Ok(())
    }
}

/// A domain's name is one DNS label (RFC 1035, lower case).
pub(crate) fn check_domain(domain: &str) -> anyhow::Result<()> {
    let is_inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let ok = (1..=63).contains(&domain.len())
        && domain.bytes().all(is_inner)
        && !domain.starts_with('-')
        && !domain.ends_with('-');
    if !ok {
        bail!(
            "domain was '{domain}' but should be one DNS label: 1 to 63 of a-z, 0-9 and '-', \
             not beginning or ending with '-'"
        );
    }
    Ok(())
}

fn check_origin(url: &str) -> anyhow::Result<()> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match rest {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => Ok(()),
        _ => bail!(
            "public_url was '{url}' but should be an origin: https://HOST or http://HOST, with an optional port \
             and nothing after it"
        ),
    }
}

/// Turns figment's first complaint into one sentence, with the nearest known
/// name beside an unknown one.
pub(super) fn explain(error: &figment::Error) -> anyhow::Error {
    let path = error.path.join(".");
    match &error.kind {
        Kind::UnknownField(name, known) => {
            let nearest = known.iter().max_by(|a, b| {
                strsim::jaro_winkler(name, a).total_cmp(&strsim::jaro_winkler(name, b))
            });
            match nearest {
                Some(nearest) => anyhow!("unknown key `{name}`: did you mean `{nearest}`?"),
                None => anyhow!("unknown key `{name}`"),
            }
        }
        kind if path.is_empty() => anyhow!("{kind}"),
        kind => anyhow!("{path}: {kind}"),
    }
}
