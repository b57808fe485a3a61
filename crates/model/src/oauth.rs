//! OAuth 2.0 and OpenID Connect on the wire: what this server says as a
//! provider. Names are those of the standards, RFC 6749, 8414, 8628 and OpenID
//! Connect Core and Discovery.

mod alg;
mod client_id;
mod error;
mod metadata;
mod scope;
mod token;

pub use alg::SigningAlg;
pub use client_id::{ClientIdError, OauthClientId};
pub use error::{OauthError, OauthErrorBody, OauthErrorCode};
pub use metadata::ProviderMetadata;
pub use scope::{Scope, Scopes};
pub use token::{AccessTokenClaims, DeviceAuthorization, IdTokenClaims, TokenAnswer, UserInfo};

/// What the grant of a device is called on the wire (RFC 8628, section 3.4).
pub const DEVICE_CODE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
