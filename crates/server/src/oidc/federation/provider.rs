//! One provider: the way to it, and what its answer vouches for.
//!
//! The library checks signature, algorithm, issuer, audience and nonce; the
//! clock is ours, and so are the checks that need it.

use std::error::Error;
use std::sync::Arc;

use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken,
    CoreIdTokenClaims, CoreIdTokenVerifier, CoreJwsSigningAlgorithm, CoreTokenResponse,
    CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, SignatureVerificationError,
    TokenResponse as _,
};
use parlor_model::time::UnixMillis;
use secrecy::ExposeSecret as _;
use thiserror::Error;

use super::IdentityProvider;
use super::attempt::Attempt;
use super::discovered::{Discovered, Metadata};
use super::outside::{Caller, Outside};
use crate::oidc::redirect;

/// How far the clocks of two machines may differ, in seconds. More lets a token
/// be used for longer than its maker wanted.
const SKEW_SECONDS: i64 = 60;

/// Longest subject, in bytes (OpenID Connect Core, section 2).
const MAX_SUBJECT: usize = 255;

/// How ID tokens may be signed: with a key that the provider alone has. What it
/// announces beyond that, `none` and shared secrets among it, is not accepted.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// A provider, and what is known of it.
#[derive(Debug)]
pub(crate) struct Provider {
    settings: IdentityProvider,
    caller: Caller,
    discovered: Discovered,
}

/// What a provider vouches for.
#[derive(Clone, Debug)]
pub(crate) struct Vouched {
    /// Whom, for ever.
    pub(crate) subject: String,
    /// Their address now, if the provider says that it looked.
    pub(crate) verified_email: Option<String>,
    /// What they are called there.
    pub(crate) name: Option<String>,
}

/// Why a provider vouches for nobody.
#[derive(Debug, Error)]
pub(crate) enum ProviderError {
    /// It did not answer a moment ago, and is not asked again so soon.
    #[error("it did not answer a moment ago")]
    Unavailable,
    /// Something is wrong with what it said, or with the way to it.
    #[error("{what}: {why}")]
    Wrong {
        /// Which step.
        what: &'static str,
        /// For the operator. It may hold the provider's own words.
        why: String,
    },
}

impl ProviderError {
    pub(super) fn wrong(what: &'static str, error: &(dyn Error + 'static)) -> Self {
        let mut why = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            why = format!("{why}: {cause}");
            source = cause.source();
        }
        Self::because(what, &why)
    }

    /// The provider's own words stay on one line of the log, and short.
    fn because(what: &'static str, why: &str) -> Self {
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        Self::Wrong { what, why: why.chars().take(300).map(plain).collect() }
    }
}

/// The library's client, knowing where to send people and their codes.
type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl Provider {
    pub(super) fn new(settings: IdentityProvider, outside: &Arc<Outside>) -> Self {
        let is_secure = settings.issuer.starts_with("https://");
        let caller = Caller { outside: Arc::clone(outside), is_secure };
        Self { settings, caller, discovered: Discovered::default() }
    }

    /// What the operator says of it.
    pub(crate) fn settings(&self) -> &IdentityProvider {
        &self.settings
    }

    /// Where people are sent for `attempt`. `here`: our own origin; `again`:
    /// they must prove who they are although they may be signed in there.
    pub(crate) async fn way_out(
        &self,
        attempt: &Attempt,
        here: &str,
        again: bool,
        now: UnixMillis,
    ) -> Result<String, ProviderError> {
        let client = self.client(&*self.metadata(now).await?, here)?;
        let verifier = PkceCodeVerifier::new(attempt.verifier());
        let (state, nonce) = (CsrfToken::new(attempt.state()), Nonce::new(attempt.nonce()));
        let request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        let request = if again { request.add_prompt(CoreAuthPrompt::Login) } else { request };
        let (url, _, _) = request.url();
        let schemes: &[&str] = if self.caller.is_secure { &["https"] } else { &["https", "http"] };
        if !schemes.contains(&url.scheme()) {
            let why = format!("{} has another scheme than {schemes:?}", url.scheme());
            return Err(ProviderError::because("its authorization endpoint cannot be used", &why));
        }
        Ok(url.into())
    }

    /// Where people are sent, for the policy of a page whose form leads there.
    pub(crate) async fn origin(&self, now: UnixMillis) -> Option<String> {
        let metadata = self.metadata(now).await.ok()?;
        redirect::origin_of(metadata.authorization_endpoint().as_str())
    }

    /// Whether an answer with this `iss` may come from it (RFC 9207): one that
    /// names its issuer names this one, and one that always does is not without.
    pub(crate) async fn may_have_answered(
        &self,
        iss: Option<&str>,
        now: UnixMillis,
    ) -> Result<bool, ProviderError> {
        let metadata = self.metadata(now).await?;
        let more = metadata.additional_metadata();
        Ok(match iss {
            Some(iss) => iss == self.settings.issuer,
            None => !more.authorization_response_iss_parameter_supported,
        })
    }

    /// Whom a code stands for.
    pub(crate) async fn exchange(
        &self,
        attempt: &Attempt,
        code: &str,
        here: &str,
        now: UnixMillis,
    ) -> Result<Vouched, ProviderError> {
        let mut metadata = self.metadata(now).await?;
        let mut client = self.client(&metadata, here)?;
        let tokens = self.tokens(&client, attempt, code).await?;
        let id_token = tokens.id_token().ok_or_else(|| {
            ProviderError::because("its answer is not OpenID Connect", "there is no ID token in it")
        })?;
        let nonce = Nonce::new(attempt.nonce());
        let mut checked = id_token.claims(&verifier(&client), &nonce);
        if matches!(
            &checked,
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            ))
        ) {
            let newer =
                self.discovered.newer(&metadata, &self.settings.issuer, &self.caller, now).await?;
            if let Some(newer) = newer {
                metadata = newer;
                client = self.client(&metadata, here)?;
                checked = id_token.claims(&verifier(&client), &nonce);
            }
        }
        let claims =
            checked.map_err(|error| ProviderError::wrong("its ID token is not good", &error))?;
        self.check(&client, id_token, claims, &tokens, now)
            .map_err(|why| ProviderError::because("its ID token is not good", &why))?;
        self.vouched(&client, claims, &tokens).await
    }

    async fn metadata(&self, now: UnixMillis) -> Result<Arc<Metadata>, ProviderError> {
        self.discovered.get(&self.settings.issuer, &self.caller, now).await
    }

    fn client(&self, metadata: &Metadata, here: &str) -> Result<Client, ProviderError> {
        let callback = RedirectUrl::new(format!("{here}{}", self.settings.callback()))
            .map_err(|error| ProviderError::wrong("our own address is none", &error))?;
        let secret = self.settings.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let id = ClientId::new(self.settings.client_id.clone());
        let methods = metadata.token_endpoint_auth_methods_supported();
        // The header is what a provider takes that says nothing (OpenID Connect
        // Discovery, section 3).
        let takes_header =
            methods.is_none_or(|all| all.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let auth = if takes_header { AuthType::BasicAuth } else { AuthType::RequestBody };
        let client = CoreClient::from_provider_metadata(metadata.clone(), id, secret);
        Ok(client.set_redirect_uri(callback).set_auth_type(auth))
    }

    async fn tokens(
        &self,
        client: &Client,
        attempt: &Attempt,
        code: &str,
    ) -> Result<CoreTokenResponse, ProviderError> {
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| ProviderError::wrong("it has no token endpoint", &error))?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier()));
        let answered = request.request_async(&self.caller).await;
        answered.map_err(|error| ProviderError::wrong("it gave no tokens for the code", &error))
    }

    /// What the library leaves to its users: times, the party that the token was
    /// made for, and that both tokens belong together.
    fn check(
        &self,
        client: &Client,
        id_token: &CoreIdToken,
        claims: &CoreIdTokenClaims,
        tokens: &CoreTokenResponse,
        now: UnixMillis,
    ) -> Result<(), String> {
        let now = now.as_seconds();
        let (issued, expires) = (claims.issue_time().timestamp(), claims.expiration().timestamp());
        if now >= expires {
            return Err(format!("it expired {} seconds ago", now - expires));
        }
        if issued > now + SKEW_SECONDS {
            return Err(format!("it was issued {} seconds from now", issued - now));
        }
        if let Some(begins) = not_before(id_token).filter(|begins| *begins > now + SKEW_SECONDS) {
            return Err(format!("it is good only in {} seconds", begins - now));
        }
        let party = claims.authorized_party();
        if party.is_some_and(|party| party.as_str() != self.settings.client_id) {
            return Err("it was made for another client".to_owned());
        }
        let subject = claims.subject().as_str();
        if !(1..=MAX_SUBJECT).contains(&subject.len()) || subject.contains(char::is_control) {
            return Err(format!(
                "its subject should have 1 to {MAX_SUBJECT} bytes and no control characters"
            ));
        }
        let Some(hash) = claims.access_token_hash() else {
            return Ok(());
        };
        let verifier = verifier(client);
        let own = id_token.signing_alg().ok().zip(id_token.signing_key(&verifier).ok());
        let own = own.and_then(|(alg, key)| {
            AccessTokenHash::from_token(tokens.access_token(), alg, key).ok()
        });
        match own {
            Some(own) if own == *hash => Ok(()),
            _ => Err("it belongs to another access token".to_owned()),
        }
    }

    /// What it says of the person: in the ID token, or where it says so only
    /// when it is asked.
    async fn vouched(
        &self,
        client: &Client,
        claims: &CoreIdTokenClaims,
        tokens: &CoreTokenResponse,
    ) -> Result<Vouched, ProviderError> {
        let mut vouched = Vouched {
            subject: claims.subject().as_str().to_owned(),
            verified_email: None,
            name: claims.name().and_then(|names| names.get(None)).map(|name| name.to_string()),
        };
        if let Some(email) = claims.email() {
            let is_verified = claims.email_verified() == Some(true);
            vouched.verified_email = is_verified.then(|| email.to_string());
            return Ok(vouched);
        }
        // The library takes a token that fits into no header for its own fault.
        let is_plain = tokens.access_token().secret().bytes().all(|byte| byte.is_ascii_graphic());
        if client.user_info_url().is_none() || !is_plain {
            return Ok(vouched);
        }
        let subject = claims.subject().clone();
        let request = client
            .user_info(tokens.access_token().clone(), Some(subject))
            .map_err(|error| ProviderError::wrong("it has no userinfo endpoint", &error))?;
        let info: CoreUserInfoClaims = request
            .request_async(&self.caller)
            .await
            .map_err(|error| ProviderError::wrong("its userinfo cannot be had", &error))?;
        let is_verified = info.email_verified() == Some(true);
        let email = info.email().filter(|_| is_verified);
        vouched.verified_email = email.map(|email| email.to_string());
        let name = info.name().and_then(|names| names.get(None)).map(|name| name.to_string());
        vouched.name = vouched.name.or(name);
        Ok(vouched)
    }
}

/// Checks everything but times, which are compared with our own clock.
fn verifier(client: &Client) -> CoreIdTokenVerifier<'_> {
    client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(Default::default)
}

/// A claim that the library does not know, of a token that it checked.
fn not_before(id_token: &CoreIdToken) -> Option<i64> {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let text = id_token.to_string();
    let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<serde_json::Value>(&payload).ok()?.get("nbf")?.as_i64()
}
