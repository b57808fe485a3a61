//! Credentials of the built-in relay (TURN). They are made of the key that
//! seals tickets, so neither side keeps a list: the name says whose they are
//! and until when a stay may begin with them, the password proves the name.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use parlor_model::id::ParticipantId;
use parlor_model::time::UnixMillis;

use crate::TicketKey;

/// Parts this use of the key from any other.
const LABEL: &[u8] = b"parlor relay 1\0";

/// Whose credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayUser {
    /// The stay. While it lasts, the credentials are good.
    pub participant: ParticipantId,
    /// Until then they are good without it: it has yet to begin.
    pub begins_by: UnixMillis,
}

/// What a client shows the relay.
#[derive(Clone, PartialEq, Eq)]
pub struct RelayCredentials {
    /// Says who.
    pub username: String,
    /// Proves it.
    pub password: String,
}

impl std::fmt::Debug for RelayCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelayCredentials").field("username", &self.username).finish_non_exhaustive()
    }
}

impl TicketKey {
    /// The credentials of a stay.
    #[must_use]
    pub fn relay_credentials(&self, user: RelayUser) -> RelayCredentials {
        let username = user.to_name();
        let password = self.relay_password(&username);
        RelayCredentials { username, password }
    }

    /// What a name says, and the password that proves it. `None`: no name of
    /// ours. Whether the password was right is for the caller to check.
    #[must_use]
    pub fn relay_user(&self, username: &str) -> Option<(RelayUser, String)> {
        let user = RelayUser::from_name(username)?;
        Some((user, self.relay_password(username)))
    }

    fn relay_password(&self, username: &str) -> String {
        BASE64.encode(self.sign(&[LABEL, username.as_bytes()].concat()))
    }
}

impl RelayUser {
    fn to_name(self) -> String {
        format!("{}:{}", self.begins_by.as_millis(), self.participant)
    }

    /// Reads a name in exactly the form in which it is written.
    fn from_name(name: &str) -> Option<Self> {
        let (millis, participant) = name.split_once(':')?;
        let begins_by = UnixMillis::new(millis.parse().ok()?);
        let user = Self { begins_by, participant: participant.parse().ok()? };
        (user.to_name() == name).then_some(user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> RelayUser {
        let participant = ParticipantId::from_random([5; 16]);
        RelayUser { participant, begins_by: UnixMillis::new(1_800_000_000_123) }
    }

    #[test]
    fn a_name_is_read_back_with_its_password() {
        let key = TicketKey::from_bytes([1; 32]);
        let RelayCredentials { username, password } = key.relay_credentials(user());
        assert_eq!(key.relay_user(&username), Some((user(), password.clone())));
        let other = TicketKey::from_bytes([2; 32]);
        assert_ne!(other.relay_user(&username).unwrap().1, password);
    }

    #[test]
    fn names_of_others_are_none() {
        let key = TicketKey::from_bytes([1; 32]);
        let name = key.relay_credentials(user()).username;
        for foreign in ["", "a:b", &name[1..], &format!("+{name}"), &format!("{name} ")] {
            let read = key.relay_user(foreign);
            assert!(read.is_none_or(|(read, _)| read != user()), "{foreign}");
        }
    }
}
