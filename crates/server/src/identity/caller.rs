//! Who calls, and for which organization: an API key selects its own, a person
//! with an access token names one of those they belong to.
//!
//! ```text
//! Authorization ─ authenticate ─ Who ─ choose (header, path) ─ Caller
//! ```

use std::fmt;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use parlor_model::error::ApiError;
use parlor_model::id::{ApiKeyId, OrgId, UserId};
use parlor_model::identity::limits::UsageLimits;
use parlor_model::key_permission::{KeyPermission, KeyPermissions};
use parlor_model::time::UnixMillis;
use parlor_store::api_keys::ApiKey;
use parlor_store::members;

use super::access_token::{self, Person, Refused};
use crate::app::quotas::RoomMaker;
use crate::cx::AppState;
use crate::failure::Failure;

/// The header that names an organization, by its id.
pub(crate) const ORGANIZATION_HEADER: &str = "x-daytona-organization-id";

/// Whose credential a request carries. It was found good.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    /// An API key.
    Key(Arc<ApiKey>),
    /// Somebody who signed in.
    Person(Person),
}

impl Who {
    /// Unknown, revoked and expired credentials get the same answer.
    ///
    /// # Errors
    /// The 401, or 400 for a header that is none.
    pub(crate) async fn authenticate(
        state: &AppState,
        headers: &HeaderMap,
    ) -> Result<Self, Failure> {
        let presented = bearer(headers)?;
        if access_token::looks_like_jwt(presented) {
            return match access_token::verify(state, presented).await {
                Ok(person) => Ok(Self::Person(person)),
                Err(Refused::NotGood) => Err(ApiError::invalid_api_key().into()),
                Err(Refused::Failed(failure)) => Err(failure),
            };
        }
        let keys = state.cx.store.api_keys();
        match keys.authenticate(presented, state.now()) {
            Ok(key) => Ok(Self::Key(key)),
            Err(_refusal) => Err(ApiError::invalid_api_key().into()),
        }
    }

    /// Names the credential in limits and logs.
    pub(crate) fn id(&self) -> CallerId {
        match self {
            Self::Key(key) => CallerId::Key(key.id),
            Self::Person(person) => CallerId::User(person.user),
        }
    }

    /// The account behind the credential; `None` for a key that was made at
    /// the server's machine.
    pub(crate) fn user(&self) -> Option<UserId> {
        match self {
            Self::Key(key) => key.user_id,
            Self::Person(person) => Some(person.user),
        }
    }
}

/// Names a credential: a key, or the person who signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum CallerId {
    Key(ApiKeyId),
    User(UserId),
}

impl fmt::Display for CallerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(id) => write!(f, "key {id}"),
            Self::User(id) => write!(f, "user {id}"),
        }
    }
}

/// Who calls, in one organization.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    org: OrgId,
    pub(crate) who: Who,
    /// What they hold there.
    pub(crate) permissions: KeyPermissions,
}

/// How a request names its organization.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Named<'a> {
    /// Not at all.
    Not,
    /// In the header.
    Header(&'a [u8]),
    /// In the path, which wins over the header.
    Path(&'a str),
}

impl<'a> Named<'a> {
    /// What the header says.
    pub(crate) fn in_header(headers: &'a HeaderMap) -> Self {
        let mut named = headers.get_all(ORGANIZATION_HEADER).iter();
        match (named.next(), named.next()) {
            (None, _) => Self::Not,
            (Some(value), None) => Self::Header(value.as_bytes()),
            // Two name none: nobody is of it.
            (Some(_), Some(_)) => Self::Header(b""),
        }
    }

    /// The organization that is named, and what to say to who is not of it.
    fn read(self) -> Option<(Option<OrgId>, ApiError)> {
        match self {
            Self::Not => None,
            Self::Header(value) => {
                let id = std::str::from_utf8(value).ok().and_then(|text| text.trim().parse().ok());
                Some((id, ApiError::foreign_organization()))
            }
            Self::Path(text) => {
                Some((text.parse().ok(), ApiError::not_found("organization", text)))
            }
        }
    }
}

impl Caller {
    /// `who`, in the organization that the request names or that is their only
    /// one.
    ///
    /// # Errors
    /// 400 when none is named and there are several, 403 for another one in the
    /// header, 404 for another one in the path.
    pub(crate) fn choose(state: &AppState, who: Who, named: Named<'_>) -> Result<Self, Failure> {
        let named = named.read();
        match who {
            Who::Key(key) => {
                let org = match named {
                    None if key.has_one_org() => key.org_id,
                    None => return Err(ApiError::organization_not_chosen().into()),
                    Some((id, refusal)) => id.filter(|id| key.is_of(*id)).ok_or(refusal)?,
                };
                let permissions = key.permissions.clone();
                Ok(Self { org, who: Who::Key(key), permissions })
            }
            Who::Person(person) => Self::choose_for_person(state, person, named),
        }
    }

    /// `who`, in that organization.
    ///
    /// # Errors
    /// 404 when they are not of it.
    pub(crate) fn in_organization(state: &AppState, who: Who, org: OrgId) -> Result<Self, Failure> {
        Self::choose(state, who, Named::Path(&org.to_string()))
    }

    fn choose_for_person(
        state: &AppState,
        person: Person,
        named: Option<(Option<OrgId>, ApiError)>,
    ) -> Result<Self, Failure> {
        let user = person.user;
        let (org, refusal) = match named {
            Some((id, refusal)) => (id, refusal),
            None => (only_org(state, user)?, ApiError::organization_not_chosen()),
        };
        let Some(org) = org else {
            return Err(refusal.into());
        };
        let held = state.cx.store.read(|c| members::permissions_of(c, org, user))?;
        let permissions = held.ok_or(refusal)?;
        Ok(Self { org, who: Who::Person(person), permissions })
    }

    /// The organization that the request is about.
    pub(crate) fn org(&self) -> OrgId {
        self.org
    }

    /// What their key is held to beside the organization.
    pub(crate) fn own_limits(&self) -> UsageLimits {
        match &self.who {
            Who::Key(key) => key.limits,
            Who::Person(_) => UsageLimits::default(),
        }
    }

    /// When their key ends, if it does. What it makes ends then, too.
    pub(crate) fn ends_at(&self) -> Option<UnixMillis> {
        match &self.who {
            Who::Key(key) => key.expires_at,
            Who::Person(_) => None,
        }
    }

    /// The caller as somebody who makes rooms.
    pub(crate) fn room_maker(&self) -> RoomMaker {
        RoomMaker { org: self.org, own: self.own_limits() }
    }

    /// Whether the caller holds `wanted`.
    ///
    /// # Errors
    /// The 403 that names it.
    pub(crate) fn demand(&self, wanted: KeyPermission) -> Result<(), ApiError> {
        if self.permissions.allow(wanted) {
            return Ok(());
        }
        Err(match self.who {
            Who::Key(_) => ApiError::missing_permission(wanted),
            Who::Person(_) => ApiError::missing_permission_of_person(wanted),
        })
    }

    /// Whether the caller administers the organization: an owner, or a classic
    /// key.
    pub(crate) fn administers(&self) -> bool {
        self.permissions.allow(KeyPermission::AdminOrganization)
    }

    /// Nobody gives more than they hold.
    ///
    /// # Errors
    /// The 403 that names what they lack.
    pub(crate) fn may_give(&self, permissions: &KeyPermissions) -> Result<(), ApiError> {
        permissions.iter().try_for_each(|permission| self.demand(permission))
    }
}

/// The organization of somebody who belongs to just one.
fn only_org(state: &AppState, user: UserId) -> Result<Option<OrgId>, Failure> {
    let memberships = state.cx.store.read(|c| members::list_of_user(c, user))?;
    Ok(match memberships.as_slice() {
        [only] => Some(only.org_id),
        _ => None,
    })
}

/// What the `Authorization` header presents. The scheme's case does not matter.
fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let mut presented = headers.get_all(AUTHORIZATION).iter();
    let header = presented.next().ok_or_else(ApiError::missing_authorization_header)?;
    // Of two, a proxy before us may have checked the other one.
    if presented.next().is_some() {
        return Err(ApiError::invalid_authorization_header());
    }
    // A key brought along may be any text, not only ASCII.
    let text = std::str::from_utf8(header.as_bytes())
        .map_err(|_| ApiError::invalid_authorization_header())?;
    let (scheme, key) =
        text.trim().split_once(' ').ok_or_else(ApiError::invalid_authorization_header)?;
    let key = key.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || key.is_empty() {
        return Err(ApiError::invalid_authorization_header());
    }
    Ok(key)
}
