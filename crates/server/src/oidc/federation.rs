//! Signing in through somebody else: this server as the client of other OpenID
//! providers, which the operator names in the configuration.
//!
//! ```text
//! sign-in page ─► Attempt (a cookie) ─► the provider ─► code ─► Provider::exchange ─► Vouched
//!                                                              account::plan ─► a session
//! ```
//! What a browser brings back is believed only if it was sent out from here
//! ([`attempt`]); what a provider says only if it signed it ([`provider`]); and
//! which account that opens is decided in one place ([`account`]). Everything
//! that goes out is bounded in time and size ([`outside`]).

pub(crate) mod account;
pub(crate) mod attempt;
mod discovered;
mod outside;
mod provider;

use std::sync::Arc;

use secrecy::SecretString;

use crate::cx::{AppState, Settings};
use outside::Outside;
pub(crate) use provider::{Provider, ProviderError, Vouched};

/// A provider that people may sign in through, as the operator names it.
#[derive(Clone, Debug)]
pub struct IdentityProvider {
    /// In addresses of ours: small letters, digits and hyphens.
    pub name: String,
    /// As people are shown it.
    pub title: String,
    /// Its issuer, character for character as its own metadata say.
    pub issuer: String,
    /// What this server is called there.
    pub client_id: String,
    /// What it proves itself with there; without one it is a public client.
    pub client_secret: Option<SecretString>,
    /// Domains of addresses, in small letters, that may sign in, and for which
    /// the provider speaks. Empty: everybody it knows may, and it speaks for
    /// nobody's address.
    pub email_domains: Vec<String>,
    /// Whether whoever has no account here gets one.
    pub creates_accounts: bool,
}

impl IdentityProvider {
    /// Whether people with an address at `domain` may sign in.
    pub(crate) fn admits(&self, domain: &str) -> bool {
        self.email_domains.is_empty() || self.speaks_for(domain)
    }

    /// Whether its word about an address at `domain` is as good as that of
    /// whoever runs this server.
    pub(crate) fn speaks_for(&self, domain: &str) -> bool {
        self.email_domains.iter().any(|own| own == domain)
    }

    /// Where people begin.
    pub(crate) fn path(&self) -> String {
        format!("/account/sign-in/{}", self.name)
    }

    /// Where the provider sends them back to. Each has an address of its own,
    /// so that the answer of one is never taken for another's.
    pub(crate) fn callback(&self) -> String {
        format!("{}/callback", self.path())
    }
}

/// The providers of this process, and what it knows of them.
#[derive(Debug)]
pub(crate) struct Federation {
    providers: Vec<Provider>,
}

impl Federation {
    pub(crate) fn of(settings: &Settings) -> Self {
        let outside = Arc::<Outside>::default();
        let known = |settings: &IdentityProvider| Provider::new(settings.clone(), &outside);
        Self { providers: settings.identity_providers.iter().map(known).collect() }
    }

    /// The provider of that name.
    pub(crate) fn find(&self, name: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.settings().name == name)
    }
}

/// What the sign-in page offers: what each provider is called, and the link
/// that begins there.
pub(crate) fn providers(state: &AppState) -> Vec<(String, String)> {
    let all = state.cx.settings.identity_providers.iter();
    all.map(|provider| (provider.title.clone(), provider.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::IdentityProvider;

    #[test]
    fn a_provider_speaks_for_whole_domains_alone() {
        let mut provider = IdentityProvider {
            name: "corp".into(),
            title: "Corp".into(),
            issuer: "https://id.example.org".into(),
            client_id: "parlor".into(),
            client_secret: None,
            email_domains: vec!["example.org".into()],
            creates_accounts: false,
        };
        assert!(provider.admits("example.org") && provider.speaks_for("example.org"));
        for other in ["evil-example.org", "a.example.org", "example.org.evil.example", "org", ""] {
            assert!(!provider.admits(other), "{other}");
        }
        provider.email_domains.clear();
        assert!(provider.admits("anywhere.example") && !provider.speaks_for("anywhere.example"));
    }
}
