//! What a provider says of itself: OpenID Connect Discovery 1.0, RFC 8414.

use serde::{Deserialize, Serialize};

use super::{DEVICE_CODE_GRANT, Scope, SigningAlg};

/// The document at `/.well-known/openid-configuration`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderMetadata {
    /// Where this document is, less its tail, character for character.
    pub issuer: String,
    /// Where people are sent to sign in.
    pub authorization_endpoint: String,
    /// Where codes become tokens.
    pub token_endpoint: String,
    /// Who a token speaks for.
    pub userinfo_endpoint: String,
    /// The public keys of signatures.
    pub jwks_uri: String,
    /// Where people are sent to sign out.
    pub end_session_endpoint: String,
    /// Where tokens are given back.
    pub revocation_endpoint: String,
    /// Where devices without a browser begin.
    pub device_authorization_endpoint: String,
    /// Scopes there are.
    pub scopes_supported: Vec<String>,
    /// `code` alone.
    pub response_types_supported: Vec<String>,
    /// `query` alone.
    pub response_modes_supported: Vec<String>,
    /// Ways to a token.
    pub grant_types_supported: Vec<String>,
    /// `public`: everybody is told the same `sub`.
    pub subject_types_supported: Vec<String>,
    /// RS256, and what clients may ask for instead.
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// How clients prove who they are.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// The same for giving tokens back.
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// `S256` alone; every client must use it.
    pub code_challenge_methods_supported: Vec<String>,
    /// Claims there are.
    pub claims_supported: Vec<String>,
    /// Answers of the authorization endpoint name their issuer (RFC 9207).
    pub authorization_response_iss_parameter_supported: bool,
    /// Request objects are not read.
    pub request_parameter_supported: bool,
    /// Request objects are not fetched.
    pub request_uri_parameter_supported: bool,
}

impl ProviderMetadata {
    /// The document of the provider at `issuer`, which has no slash at its end.
    #[must_use]
    pub fn of(issuer: &str) -> Self {
        let at = |path: &str| format!("{issuer}{path}");
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let methods = words(&["none", "client_secret_basic", "client_secret_post"]);
        Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: at("/oauth/authorize"),
            token_endpoint: at("/oauth/token"),
            userinfo_endpoint: at("/oauth/userinfo"),
            jwks_uri: at("/.well-known/jwks.json"),
            end_session_endpoint: at("/oauth/logout"),
            revocation_endpoint: at("/oauth/revoke"),
            device_authorization_endpoint: at("/oauth/device"),
            scopes_supported: Scope::ALL.iter().map(|scope| scope.word().to_owned()).collect(),
            response_types_supported: words(&["code"]),
            response_modes_supported: words(&["query"]),
            grant_types_supported: words(&[
                "authorization_code",
                "refresh_token",
                DEVICE_CODE_GRANT,
            ]),
            subject_types_supported: words(&["public"]),
            id_token_signing_alg_values_supported: SigningAlg::ALL
                .iter()
                .map(|alg| alg.word().to_owned())
                .collect(),
            revocation_endpoint_auth_methods_supported: Vec::clone(&methods),
            token_endpoint_auth_methods_supported: methods,
            code_challenge_methods_supported: words(&["S256"]),
            claims_supported: words(&[
                "iss",
                "sub",
                "aud",
                "exp",
                "iat",
                "auth_time",
                "nonce",
                "name",
                "email",
                "email_verified",
            ]),
            authorization_response_iss_parameter_supported: true,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
        }
    }
}
