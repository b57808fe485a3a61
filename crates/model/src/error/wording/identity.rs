//! What the identity face says: organizations, API keys, who may do what. Its
//! own envelope fixes the words of 401 and 403; these texts stand beside them.

use serde_json::Value;

use super::{ApiError, ErrorKind, echo, show};

/// Which organization.
impl ApiError {
    /// The caller belongs to several organizations and named none.
    #[must_use]
    pub fn organization_not_chosen() -> Self {
        Self::invalid(
            "you belong to several organizations: name one in the header X-Daytona-Organization-ID",
        )
    }

    /// The header names an organization that the caller is not of.
    #[must_use]
    pub fn foreign_organization() -> Self {
        let info =
            "you are not of the organization that the header X-Daytona-Organization-ID names";
        Self::new(ErrorKind::Forbidden, info)
    }

    /// Only API keys may do this.
    #[must_use]
    pub fn key_only() -> Self {
        Self::new(ErrorKind::Forbidden, "this is about the API key of the request: send one")
    }

    /// Only people may do this.
    #[must_use]
    pub fn person_only() -> Self {
        let info = "only somebody who is signed in may do this: send an access token, no API key";
        Self::new(ErrorKind::Forbidden, info)
    }

    /// The access token was not given for this.
    #[must_use]
    pub fn operator_only() -> Self {
        let info = "only who administers the server's first organization may do this";
        Self::new(ErrorKind::Forbidden, info)
    }

    /// The server's operator stopped the organization.
    #[must_use]
    pub fn suspended() -> Self {
        let info = "the organization is suspended and starts nothing: ask the server's operator";
        Self::new(ErrorKind::Forbidden, info)
    }

    /// Something that the contract forbids everybody; `info` says what.
    #[must_use]
    pub fn forbidden(info: &str) -> Self {
        Self::new(ErrorKind::Forbidden, info)
    }

    /// Something of that name is there; `info` says what and the way out.
    #[must_use]
    pub fn conflict(info: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, info)
    }
}

/// Bodies.
impl ApiError {
    /// A field is missing or of another kind; `detail` says which.
    #[must_use]
    pub fn wrong_body(detail: &str) -> Self {
        Self::invalid(format!("the body is not as it should be: {}", echo(detail)))
    }
}

/// API keys.
impl ApiError {
    /// No key of that name is the caller's to see.
    #[must_use]
    pub fn api_key_not_found(name: &str) -> Self {
        let info = format!("there is no API key named '{}'", echo(name));
        Self::new(ErrorKind::NotFound, info)
    }

    /// The name is taken.
    #[must_use]
    pub fn api_key_exists(name: &str) -> Self {
        Self::conflict(format!(
            "an API key named '{}' exists already: choose another name, or delete that one first",
            echo(name)
        ))
    }

    /// Several keys of other people have that name.
    #[must_use]
    pub fn api_key_ambiguous(name: &str) -> Self {
        Self::conflict(format!(
            "several people have an API key named '{}': say whose, as /api-keys/<userId>/<name>",
            echo(name)
        ))
    }

    /// A word that is no permission of a key.
    #[must_use]
    pub fn unknown_permission(word: &str) -> Self {
        Self::invalid(format!(
            "'{}' is no permission of an API key: permissions are words like read:rooms or \
             write:sandboxes, and admin:organization for all of them",
            echo(word)
        ))
    }

    /// A time that cannot be read.
    #[must_use]
    pub fn not_rfc3339(key: &str, value: &Value) -> Self {
        Self::wrong_value(key, value, "a time of RFC 3339 like 2030-12-31T23:59:59Z")
    }

    /// A time that has passed.
    #[must_use]
    pub fn time_has_passed(key: &str, value: &Value) -> Self {
        Self::invalid(format!("{key} was '{}' but should be in the future", show(key, value)))
    }
}
