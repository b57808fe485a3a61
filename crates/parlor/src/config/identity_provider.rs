//! `[[identity_provider]]`: an OpenID provider that people may sign in through.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Longest name, in characters: it stands in addresses.
const MAX_NAME: usize = 40;

/// Longest title, in characters: it stands on a button.
const MAX_TITLE: usize = 40;

/// A provider, as the file names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentityProvider {
    /// In the addresses of this server.
    pub(crate) name: String,
    /// As people are shown it. Default: the name.
    #[serde(default)]
    pub(crate) title: Option<String>,
    /// Its issuer.
    pub(crate) issuer: String,
    /// What this server is called there.
    pub(crate) client_id: String,
    /// File with what this server proves itself with there.
    #[serde(default)]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// The same, from this variable of the environment.
    #[serde(default)]
    pub(crate) client_secret_env: Option<String>,
    /// Domains of addresses that may sign in, and for which it speaks.
    #[serde(default)]
    pub(crate) email_domains: Vec<String>,
    /// Whether whoever has no account gets one.
    #[serde(default)]
    pub(crate) create_accounts: bool,
}

impl IdentityProvider {
    /// Checks what the types cannot say.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let is_inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=MAX_NAME).contains(&self.name.len()) || !self.name.bytes().all(is_inner) {
            bail!("name was '{}' but should have 1 to {MAX_NAME} of a-z, 0-9 and '-'", self.name);
        }
        let title = self.title();
        if !(1..=MAX_TITLE).contains(&title.chars().count()) || title.contains(char::is_control) {
            bail!("title was '{title}' but should have 1 to {MAX_TITLE} characters on one line");
        }
        if !is_issuer(&self.issuer) {
            bail!(
                "issuer was '{}' but should be the address that the provider's own metadata name, \
                 https:// or on loopback http://, without '?' and '#'",
                self.issuer
            );
        }
        if self.client_id.is_empty() || self.client_id.contains(char::is_control) {
            bail!("client_id was empty but should be what this server is called there");
        }
        if self.client_secret_file.is_some() && self.client_secret_env.is_some() {
            bail!("client_secret_file and client_secret_env exclude each other: name one of them");
        }
        if let Some(name) = self.client_secret_env.as_ref().filter(|n| n.starts_with("PARLOR_")) {
            bail!(
                "client_secret_env was '{name}' but variables that begin with PARLOR_ are settings: \
                 choose another name"
            );
        }
        let is_domain = |domain: &&String| {
            let is_plain = |b: u8| is_inner(b) || b == b'.';
            domain.bytes().all(is_plain) && domain.split('.').all(|label| !label.is_empty())
        };
        match self.email_domains.iter().find(|domain| !is_domain(domain)) {
            None => Ok(()),
            Some(domain) => bail!(
                "email_domains had '{domain}' but should hold what stands after the @ of an \
                 address, in small letters: example.org"
            ),
        }
    }

    /// The provider, with its secret.
    pub(crate) fn provider(&self) -> anyhow::Result<parlor_server::IdentityProvider> {
        let secret =
            self.secret().with_context(|| format!("of the identity_provider '{}'", self.name))?;
        Ok(parlor_server::IdentityProvider {
            name: self.name.clone(),
            title: self.title().to_owned(),
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret: secret,
            email_domains: self.email_domains.clone(),
            creates_accounts: self.create_accounts,
        })
    }

    fn title(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }

    fn secret(&self) -> anyhow::Result<Option<SecretString>> {
        let (text, place) = match (&self.client_secret_file, &self.client_secret_env) {
            (Some(path), _) => {
                let place = path.display().to_string();
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("cannot read the client's secret in {place}"))?;
                (text, place)
            }
            (None, Some(name)) => {
                let text = std::env::var(name)
                    .with_context(|| format!("cannot read the client's secret in ${name}"))?;
                (text, format!("${name}"))
            }
            (None, None) => return Ok(None),
        };
        let text = text.trim();
        if text.is_empty() {
            bail!("the client's secret in {place} is empty: put it there, or name no place for it");
        }
        Ok(Some(SecretString::from(text)))
    }
}

/// Plain http would let anybody on the way sign in as anybody; on this very
/// machine nobody is on the way.
fn is_issuer(issuer: &str) -> bool {
    let rest = match issuer.strip_prefix("https://") {
        Some(rest) => rest,
        None => match issuer.strip_prefix("http://") {
            Some(rest) if is_loopback(rest) => rest,
            _ => return false,
        },
    };
    let is_plain = |b: u8| b.is_ascii_graphic() && !b"?#@\\\"<>".contains(&b);
    !rest.is_empty() && !rest.starts_with('/') && rest.bytes().all(is_plain)
}

fn is_loopback(rest: &str) -> bool {
    let authority = rest.split('/').next().unwrap_or_default();
    ["127.0.0.1", "[::1]", "localhost"].into_iter().any(|host| {
        let port = authority.strip_prefix(host);
        port.is_some_and(|port| port.is_empty() || port.starts_with(':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider() -> IdentityProvider {
        IdentityProvider {
            name: "corp".to_owned(),
            title: None,
            issuer: "https://id.example.org/realm".to_owned(),
            client_id: "parlor".to_owned(),
            client_secret_file: None,
            client_secret_env: None,
            email_domains: vec!["example.org".to_owned()],
            create_accounts: false,
        }
    }

    fn refusal(change: impl FnOnce(&mut IdentityProvider)) -> String {
        let mut changed = provider();
        change(&mut changed);
        changed.check().expect_err("should be refused").to_string()
    }

    #[test]
    fn a_provider_has_a_name_for_addresses_and_an_issuer_that_nobody_can_pose_as() {
        provider().check().unwrap();
        for name in ["", "Corp", "a/b", "a b", &"x".repeat(41)] {
            assert!(refusal(|p| p.name = name.to_owned()).contains("name was"), "{name}");
        }
        for issuer in [
            "id.example.org",
            "http://id.example.org",
            "http://localhost.example.org",
            "https://",
            "https:///x",
            "https://user@id.example.org",
            "https://id.example.org/?x",
        ] {
            assert!(refusal(|p| p.issuer = issuer.to_owned()).contains("issuer was"), "{issuer}");
        }
        for issuer in ["http://127.0.0.1:9000", "http://localhost:1/x", "https://id.example.org/"] {
            IdentityProvider { issuer: issuer.to_owned(), ..provider() }.check().unwrap();
        }
        for domain in ["", "@example.org", "Example.org", "a..b", "*.example.org"] {
            let text = refusal(|p| p.email_domains = vec![domain.to_owned()]);
            assert!(text.contains("email_domains"), "{domain}");
        }
    }

    #[test]
    fn a_secret_comes_from_one_place() {
        let text = refusal(|p| {
            p.client_secret_env = Some("CORP_SECRET".to_owned());
            p.client_secret_file = Some("secret".into());
        });
        assert!(text.contains("exclude each other"), "{text}");
        let text = refusal(|p| p.client_secret_env = Some("PARLOR_SECRET".to_owned()));
        assert!(text.contains("settings"), "{text}");
        let missing = IdentityProvider {
            client_secret_env: Some("NO_SUCH_VARIABLE_IS_SET".to_owned()),
            ..provider()
        };
        let text = format!("{:#}", missing.provider().unwrap_err());
        assert!(text.contains("'corp'") && text.contains("$NO_SUCH_VARIABLE_IS_SET"), "{text}");
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("secret");
        let with_file = IdentityProvider { client_secret_file: Some(path.clone()), ..provider() };
        std::fs::write(&path, "a secret\n").unwrap();
        let secret = with_file.provider().unwrap().client_secret.unwrap();
        assert_eq!(secrecy::ExposeSecret::expose_secret(&secret), "a secret");
        std::fs::write(&path, "\n").unwrap();
        assert!(format!("{:#}", with_file.provider().unwrap_err()).contains("is empty"));
    }
}
