//! Tokens: what they hold, and how they are handed out.

use serde::{Deserialize, Serialize};

use super::{OauthClientId, Scopes};
use crate::id::{GrantId, SessionId, UserId};

/// What an access token says (RFC 9068).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// Who made it.
    pub iss: String,
    /// Whose door it opens: this server's API.
    pub aud: String,
    /// Whom it speaks for.
    pub sub: UserId,
    /// Who was given it.
    pub client_id: OauthClientId,
    /// What for.
    pub scope: Scopes,
    /// When it was made, in unix seconds.
    pub iat: i64,
    /// From then on it is refused.
    pub exp: i64,
    /// Its own name.
    pub jti: String,
    /// What the person agreed to: its end is the token's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantId>,
    /// The browser session it was made in, if it lives no longer than that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<SessionId>,
}

/// What an ID token says (OpenID Connect Core, section 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdTokenClaims {
    /// Who made it.
    pub iss: String,
    /// Who the person is.
    pub sub: UserId,
    /// The client it is for.
    pub aud: OauthClientId,
    /// From then on it proves nothing.
    pub exp: i64,
    /// When it was made, in unix seconds.
    pub iat: i64,
    /// When the person signed in.
    pub auth_time: i64,
    /// As the client gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// With `profile`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// With `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// With `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
}

/// The answer of the token endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenAnswer {
    /// For `Authorization: Bearer`.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds until it expires.
    pub expires_in: i64,
    /// What it is good for.
    pub scope: String,
    /// With `offline_access`: good for one use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// With `openid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
}

/// Who a token speaks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserInfo {
    /// Who, for good.
    pub sub: String,
    /// With `profile`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// With `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// With `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
}

/// What a device is told (RFC 8628, section 3.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceAuthorization {
    /// What the device asks with.
    pub device_code: String,
    /// What the person types.
    pub user_code: String,
    /// Where they type it.
    pub verification_uri: String,
    /// The same with the code in it.
    pub verification_uri_complete: String,
    /// Seconds until both codes expire.
    pub expires_in: i64,
    /// Seconds between two questions.
    pub interval: i64,
}
