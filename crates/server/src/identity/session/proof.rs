//! What lets somebody in, as it is asked again when their session begins.

use parlor_store::oauth::federation;
use parlor_store::secret_token::TokenHash;
use parlor_store::sessions::{self, Method, Session};
use parlor_store::{Connection, StoreError, passkeys, users};

/// What let somebody in. It must still open the account when the session begins:
/// between the two the account may have passed to somebody else.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    /// The password that has this hash.
    Password(String),
    /// The passkey of that id.
    Passkey(String),
    /// The word of a provider.
    Link {
        /// Whose word.
        issuer: String,
        /// Whom it names.
        subject: String,
    },
}

impl Proof {
    /// How the session begins.
    pub(super) const fn method(&self) -> Method {
        match self {
            Self::Password(_) => Method::Password,
            Self::Passkey(_) => Method::Passkey,
            Self::Link { .. } => Method::Federated,
        }
    }

    /// Adds a session, unless this opens its account no more. Whoever takes it away
    /// goes before or after, never at the same time.
    ///
    /// # Errors
    /// The engine's.
    pub(super) fn begin(
        &self,
        c: &mut dyn Connection,
        session: &Session,
        token: &TokenHash,
    ) -> Result<bool, StoreError> {
        let opens = match self {
            Self::Password(compared) => {
                return sessions::create_by_password(c, session, token, compared);
            }
            Self::Passkey(id) => {
                users::hold(c, session.user_id)?;
                passkeys::find(c, id)?.map(|passkey| passkey.user_id)
            }
            Self::Link { issuer, subject } => {
                users::hold(c, session.user_id)?;
                federation::find(c, issuer, subject)?
            }
        };
        if opens != Some(session.user_id) {
            return Ok(false);
        }
        sessions::create(c, session, token)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use parlor_model::id::{SessionId, UserId};
    use parlor_model::identity::Email;
    use parlor_model::time::UnixMillis;
    use parlor_store::accounts;
    use parlor_store::passkeys::Passkey;
    use parlor_store::secret_token::{SecretToken, TokenKind};
    use parlor_store::users::User;
    use parlor_store::{Store, StoreConfig};
    use tempfile::TempDir;

    use super::*;
    use crate::random;

    const NOW: UnixMillis = UnixMillis::new(1_893_456_000_000);

    /// Lets Ana in who proves herself with each; in how many sessions.
    async fn enter(store: &Store, ana: UserId) -> usize {
        let (issuer, subject) = ("https://idp.example".to_owned(), "ana".to_owned());
        let proofs = [
            Proof::Password("$old".to_owned()),
            Proof::Passkey("phone".to_owned()),
            Proof::Link { issuer, subject },
        ];
        let mut begun = 0;
        for proof in proofs {
            let session = Session {
                id: SessionId::from_random(random::bytes().unwrap()),
                user_id: ana,
                method: proof.method(),
                ip: String::new(),
                user_agent: String::new(),
                created_at: NOW,
                last_seen_at: NOW,
                expires_at: NOW.plus_millis(1000),
            };
            let hash = SecretToken::generate().unwrap().hash(TokenKind::Session);
            let work = move |c: &mut dyn Connection| proof.begin(c, &session, &hash);
            begun += usize::from(store.write(work).await.unwrap());
        }
        let there = store.read(|c| sessions::list_of_user(c, ana)).unwrap();
        assert_eq!(there.len(), begun);
        begun
    }

    #[tokio::test]
    async fn what_was_taken_away_begins_no_session() {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&StoreConfig::in_folder(folder.path())).unwrap();
        let ana = UserId::from_random([1; 16]);
        let add = move |c: &mut dyn Connection| {
            let email = Email::parse("ana@example.org").unwrap();
            let user = User::new(ana, email, "Ana", NOW);
            users::create(c, &user.with_password_hash(Some("$old".to_owned())))?;
            federation::link(c, "https://idp.example", "ana", ana, NOW)?;
            let passkey = Passkey {
                id: "phone".to_owned(),
                user_id: ana,
                name: "Phone".to_owned(),
                credential: "{}".to_owned(),
                created_at: NOW,
                last_used_at: None,
            };
            passkeys::create(c, &passkey)
        };
        store.write(add).await.unwrap();
        assert_eq!(enter(&store, ana).await, 3);
        let hand_over = move |c: &mut dyn Connection| {
            accounts::remove_other_ways(c, ana)?;
            accounts::replace_password(c, ana, "$new", NOW)
        };
        assert!(store.write(hand_over).await.unwrap());
        assert_eq!(enter(&store, ana).await, 0);
    }
}
