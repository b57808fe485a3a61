//! Replacing the master key. Everything that is sealed is opened with the old
//! key and sealed with the new one, in one transaction; the database then says
//! that the new one is its own.
//!
//! The new key is on disk before that, and takes the old one's place after it.
//! So a rotation that is cut off has either not happened, or is finished by
//! the next start.

use crate::audit::key as audit_key;
use crate::engine::{Connection, Schema, Sql, statements};
use crate::error::StoreError;
use crate::folder::Folder;
use crate::oauth::signing_keys;
use crate::seal::{MasterKey, SealPlace, Sealed};
use crate::store::{MASTER_KEY_ID, Store, StoreConfig, open_engine};

statements! {
    ORGS = "SELECT id, sealed_secret FROM orgs ORDER BY id";
    SEAL_ORG = "UPDATE orgs SET sealed_secret = $1 WHERE id = $2";
    SETTINGS = "SELECT id, sealed_settings FROM orgs \
        WHERE sealed_settings IS NOT NULL ORDER BY id";
    SEAL_SETTINGS = "UPDATE orgs SET sealed_settings = $1 WHERE id = $2";
    // A revoked key has no secret any more.
    API_KEYS = "SELECT id, sealed_secret FROM api_keys WHERE sealed_secret <> '' ORDER BY id";
    SEAL_API_KEY = "UPDATE api_keys SET sealed_secret = $1 WHERE id = $2";
    HMACS = "SELECT id, sealed_hmac FROM webhooks ORDER BY id";
    SEAL_HMAC = "UPDATE webhooks SET sealed_hmac = $1 WHERE id = $2";
    BASIC_AUTHS = "SELECT id, sealed_basic_auth FROM webhooks \
        WHERE sealed_basic_auth IS NOT NULL ORDER BY id";
    SEAL_BASIC_AUTH = "UPDATE webhooks SET sealed_basic_auth = $1 WHERE id = $2";
    SIGNING_KEYS = "SELECT id, sealed_key FROM oauth_signing_keys ORDER BY id";
    SEAL_SIGNING_KEY = "UPDATE oauth_signing_keys SET sealed_key = $1 WHERE id = $2";
    FACT = "SELECT name, value FROM facts WHERE name = $1";
    SET_FACT = "UPDATE facts SET value = $1 WHERE name = $2";
}

/// A column of sealed values: in which place they are sealed, how they are
/// read, and how one is replaced.
struct Column {
    place: &'static str,
    read: Sql,
    write: Sql,
}

/// Every column of sealed values, but the facts.
const COLUMNS: [Column; 6] = [
    Column { place: "orgs", read: ORGS, write: SEAL_ORG },
    Column { place: "orgs.settings", read: SETTINGS, write: SEAL_SETTINGS },
    Column { place: "api_keys", read: API_KEYS, write: SEAL_API_KEY },
    Column { place: "webhooks.hmac", read: HMACS, write: SEAL_HMAC },
    Column { place: "webhooks.basic_auth", read: BASIC_AUTHS, write: SEAL_BASIC_AUTH },
    Column { place: "oauth_signing_keys", read: SIGNING_KEYS, write: SEAL_SIGNING_KEY },
];

/// Replaces the master key of a data folder that no server holds, and says how
/// many secrets were sealed anew. The old key stays beside the new one, as
/// `secret.key.old`: backups from before need it.
///
/// # Errors
/// [`StoreError::InUse`] when a server runs on the folder;
/// [`StoreError::MasterKeyElsewhere`] when the key does not lie in it.
pub fn rotate_master_key(config: &StoreConfig) -> Result<usize, StoreError> {
    if config.master_key.is_some() {
        return Err(StoreError::MasterKeyElsewhere);
    }
    // Finishes a rotation that was cut off, and brings the tables up to date.
    Store::open(config)?.shutdown();
    let folder = Folder::take(&config.data_dir)?;
    let (old, new) = (folder.master_key()?, folder.draw_next_key()?);
    let mut sealed = 0;
    let engine = open_engine(config, &folder, |schema: &mut dyn Schema| {
        schema.begin_exclusive()?;
        match seal_anew(schema.connection(), &old, &new) {
            Ok(count) => {
                sealed = count;
                schema.batch("COMMIT")
            }
            Err(error) => {
                // The first error is the one worth reporting.
                if let Err(second) = schema.batch("ROLLBACK") {
                    tracing::debug!(error = %second, "rollback after a failed rotation");
                }
                Err(error)
            }
        }
    })?;
    engine.shutdown();
    folder.promote_next_key()?;
    Ok(sealed)
}

/// Forgets every key that signs access and ID tokens, of a data folder that no
/// server holds, and says how many there were. All tokens that they signed end;
/// the next start draws others. For when one of them is known to somebody: in
/// quiet times they change by themselves, and nothing ends.
///
/// # Errors
/// [`StoreError::InUse`] when a server runs on the folder.
pub fn forget_signing_keys(config: &StoreConfig) -> Result<u64, StoreError> {
    Store::open(config)?.shutdown();
    let folder = Folder::take(&config.data_dir)?;
    let mut forgotten = 0;
    let engine = open_engine(config, &folder, |schema: &mut dyn Schema| {
        forgotten = signing_keys::forget_all(schema.connection())?;
        Ok(())
    })?;
    engine.shutdown();
    Ok(forgotten)
}

fn seal_anew(
    connection: &mut dyn Connection,
    old: &MasterKey,
    new: &MasterKey,
) -> Result<usize, StoreError> {
    let mut count = 0;
    for column in &COLUMNS {
        for (row, sealed) in pairs(connection, &column.read, &[])? {
            let place = SealPlace { table: column.place, row: &row };
            let secret = old.open(&place, &sealed)?;
            let sealed = new.seal(&place, &secret)?;
            let params = [sealed.0.as_str().into(), row.as_str().into()];
            connection.execute(&column.write, &params)?;
            count += 1;
        }
    }
    for (name, sealed) in pairs(connection, &FACT, &[audit_key::FACT.into()])? {
        let secret = old.open(&audit_key::place(), &sealed)?;
        let sealed = new.seal(&audit_key::place(), &secret)?;
        connection.execute(&SET_FACT, &[sealed.0.as_str().into(), name.as_str().into()])?;
        count += 1;
    }
    connection.execute(&SET_FACT, &[new.id().into(), MASTER_KEY_ID.into()])?;
    Ok(count)
}

/// Rows of a name and a sealed value.
fn pairs(
    connection: &mut dyn Connection,
    read: &Sql,
    params: &[crate::engine::Param<'_>],
) -> Result<Vec<(String, Sealed)>, StoreError> {
    connection
        .list(read, params, |row| Ok((row.text(0)?.to_owned(), Sealed(row.text(1)?.to_owned()))))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::COLUMNS;
    use crate::migrations;

    /// A sealed column that is forgotten here would be lost by a rotation.
    #[test]
    fn every_sealed_column_is_sealed_anew() {
        let mut declared = BTreeSet::new();
        for text in migrations::texts() {
            let mut table = "";
            for line in text.lines().map(str::trim) {
                if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                    table = rest.split_whitespace().next().unwrap();
                }
                let mut words = line.split_whitespace();
                if let Some(rest) = line.strip_prefix("ALTER TABLE ") {
                    let (name, rest) = rest.split_once(" ADD COLUMN ").unwrap_or_default();
                    (table, words) = (name, rest.split_whitespace());
                }
                let column = words.next().unwrap_or_default();
                if column.starts_with("sealed_") {
                    declared.insert(format!("{column} FROM {table} "));
                }
            }
        }
        for column in &declared {
            assert!(COLUMNS.iter().any(|one| one.read.text().contains(column)), "{column}");
        }
        assert_eq!(declared.len(), COLUMNS.len());
    }
}
