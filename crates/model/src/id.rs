//! Typed identifiers. Every id is its own type, so that a room's id cannot be
//! passed where a participant's is wanted. On the wire each is a lower-case
//! UUID. Randomness is an input: ids are made from 16 bytes that the caller
//! drew, never by this crate.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a version 4 UUID of 16 random bytes.
            #[must_use]
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }

            /// The id of this number, for what is built in.
            #[must_use]
            pub const fn from_number(number: u128) -> Self {
                Self(Uuid::from_u128(number))
            }

            /// The value as a UUID.
            #[must_use]
            pub fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )*};
}

// Append only: the order is the order of introduction.
ids! {
    /// An organization; Daily calls it a domain, and this is its `domain_id`.
    OrgId,
    /// A room's record. Stays with the record, not with the name.
    RoomId,
    /// An API key's record.
    ApiKeyId,
    /// One stay of one person in a room: Daily's `session_id`.
    ParticipantId,
    /// A span in which a room had people: Daily's `mtgSessionId`.
    MeetingId,
    /// A webhook.
    WebhookId,
    /// One event on its way to one webhook.
    DeliveryId,
    /// One request in an organization's log.
    ApiLogId,
    /// A person's account.
    UserId,
    /// A role: what a member may do.
    RoleId,
    /// An invitation into an organization.
    InvitationId,
    /// A browser that somebody signed in with.
    SessionId,
    /// One action in the audit log.
    AuditId,
    /// What a person granted to an OAuth client, once.
    GrantId,
    /// A key that signs tokens: `kid`.
    SigningKeyId,
}
