//! OAuth clients: the applications that may ask people to sign in.

use aws_lc_rs::constant_time;
use parlor_model::oauth::{OauthClientId, SigningAlg};
use parlor_model::time::UnixMillis;

use crate::engine::{Connection, Row, statements};
use crate::error::{StoreError, Unique};
use crate::secret_token::{TokenHash, TokenKind};

/// A client, wherever it was registered.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its id.
    pub id: OauthClientId,
    /// As people are shown it.
    pub name: String,
    /// The labelled hash of what it proves itself with. A public client has
    /// nothing.
    pub secret_hash: Option<String>,
    /// Where people may be sent back to, character for character.
    pub redirect_uris: Vec<String>,
    /// How its tokens are signed.
    pub alg: SigningAlg,
    /// Whether it is the operator's own: people are not asked whether they
    /// agree.
    pub is_own: bool,
    /// When it was made.
    pub created_at: UnixMillis,
}

impl Client {
    /// Under which hash the secret of a client is stored.
    #[must_use]
    pub fn hash_of(secret: &str) -> String {
        TokenHash::of(TokenKind::ClientSecret, secret).as_str().to_owned()
    }

    /// Whether `presented` is its secret, in a time that does not depend on
    /// where they differ.
    #[must_use]
    pub fn is_secret(&self, presented: &str) -> bool {
        let presented = Self::hash_of(presented);
        let stored = self.secret_hash.as_deref().unwrap_or_default();
        constant_time::verify_slices_are_equal(presented.as_bytes(), stored.as_bytes()).is_ok()
    }
}

statements! {
    INSERT = "INSERT INTO oauth_clients (id, name, secret_hash, redirect_uris, alg, is_own, \
        created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    FIND = "SELECT id, name, secret_hash, redirect_uris, alg, is_own, created_at \
        FROM oauth_clients WHERE id = $1";
    LIST = "SELECT id, name, secret_hash, redirect_uris, alg, is_own, created_at \
        FROM oauth_clients ORDER BY created_at, id";
    DELETE = "DELETE FROM oauth_clients WHERE id = $1";
    FORGET_CONSENTS = "DELETE FROM oauth_consents WHERE client_id = $1";
    REVOKE_GRANTS = "UPDATE oauth_grants SET revoked_at = $1 \
        WHERE client_id = $2 AND revoked_at IS NULL";
    FORGET_DEVICE_CODES = "DELETE FROM oauth_device_codes WHERE client_id = $1";
}

/// Adds a client.
///
/// # Errors
/// [`Unique::Constraint`] when the id is taken.
pub fn create(connection: &mut dyn Connection, client: &Client) -> Result<(), StoreError> {
    let redirect_uris = serde_json::to_string(&client.redirect_uris)
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let inserted = connection.execute(
        &INSERT,
        &[
            client.id.as_str().into(),
            client.name.as_str().into(),
            client.secret_hash.as_deref().into(),
            redirect_uris.as_str().into(),
            client.alg.word().into(),
            i64::from(client.is_own).into(),
            client.created_at.into(),
        ],
    )?;
    if inserted == 0 {
        return Err(StoreError::Conflict(Unique::Constraint("the client id".into())));
    }
    Ok(())
}

/// The client with that id.
///
/// # Errors
/// The engine's.
pub fn find(
    connection: &mut dyn Connection,
    id: &OauthClientId,
) -> Result<Option<Client>, StoreError> {
    connection.find(&FIND, &[id.as_str().into()], client)
}

/// Every client that was made at the machine, oldest first.
///
/// # Errors
/// The engine's.
pub fn list(connection: &mut dyn Connection) -> Result<Vec<Client>, StoreError> {
    connection.list(&LIST, &[], client)
}

/// Removes a client, and revokes all that people granted it. `false` when there
/// is no such client.
///
/// # Errors
/// The engine's.
pub fn delete(
    connection: &mut dyn Connection,
    id: &OauthClientId,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let removed = connection.execute(&DELETE, &[id.as_str().into()])?;
    if removed == 0 {
        return Ok(false);
    }
    connection.execute(&REVOKE_GRANTS, &[now.into(), id.as_str().into()])?;
    connection.execute(&FORGET_CONSENTS, &[id.as_str().into()])?;
    connection.execute(&FORGET_DEVICE_CODES, &[id.as_str().into()])?;
    Ok(true)
}

fn client(row: &dyn Row) -> Result<Client, StoreError> {
    let redirect_uris = serde_json::from_str(row.text(3)?)
        .map_err(|_| StoreError::Corrupt("a client's redirect addresses are no list".into()))?;
    Ok(Client {
        id: row.parsed(0)?,
        name: row.text(1)?.to_owned(),
        secret_hash: row.optional_text(2)?.map(str::to_owned),
        redirect_uris,
        alg: row.parsed(4)?,
        is_own: row.int(5)? == 1,
        created_at: row.millis(6)?,
    })
}
