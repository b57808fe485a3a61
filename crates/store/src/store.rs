//! The store as the server holds it: one handle, opened once, cloned freely.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::api_keys::Directory;
use crate::audit::{AuditKey, key};
use crate::engine::postgres::Postgres;
use crate::engine::sqlite::{Sqlite, SqliteConfig};
use crate::engine::{Connection, Engine, Schema, Task, statements};
use crate::error::StoreError;
use crate::folder::Folder;
use crate::migrations;
use crate::seal::{MasterKey, Sealed};

/// Where the records are.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// Holds the lock, the master key and, without `url`, the database. Made
    /// when missing.
    pub data_dir: PathBuf,
    /// `postgres://…`, or `None` for SQLite in the data folder.
    pub url: Option<String>,
    /// The master key, when it does not lie in the data folder.
    pub master_key: Option<Zeroizing<[u8; 32]>>,
    /// Most bytes the SQLite file may take. `None` is as many as the disk has.
    pub max_database_bytes: Option<u64>,
}

impl StoreConfig {
    /// SQLite and the master key in `data_dir`.
    #[must_use]
    pub fn in_folder(data_dir: impl Into<PathBuf>) -> Self {
        Self { data_dir: data_dir.into(), url: None, master_key: None, max_database_bytes: None }
    }
}

/// The records of this server. Clones share it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Arc<Engine>,
    master_key: MasterKey,
    api_keys: Directory,
    audit_key: AuditKey,
    folder: Folder,
}

/// The fact that names the master key.
pub(crate) const MASTER_KEY_ID: &str = "master_key_id";

statements! {
    RECORD_FACT = "INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    FIND_FACT = "SELECT value FROM facts WHERE name = $1";
}

impl Store {
    /// Takes the data folder, brings the tables up to date and starts the
    /// threads. Blocks for some milliseconds.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process holds the folder;
    /// [`StoreError::WrongMasterKey`] when the key is not the database's.
    pub fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let folder = Folder::take(&config.data_dir)?;
        let (mut master_key, next_key) = match &config.master_key {
            Some(bytes) => (MasterKey::from_bytes(bytes), None),
            None => (folder.master_key()?, folder.next_key()?),
        };
        let mut is_rotated = false;
        let engine = open_engine(config, &folder, |schema: &mut dyn Schema| {
            migrations::apply(schema)?;
            let own = master_key_id(schema.connection(), &master_key)?;
            // A rotation that was cut off after its commit is finished here;
            // before it, nothing had happened.
            if let Some(next) = next_key.filter(|next| next.id() == own) {
                master_key = next;
                is_rotated = true;
            } else if master_key.id() != own {
                return Err(StoreError::WrongMasterKey);
            }
            draw_audit_key(schema.connection(), &master_key)
        })?;
        if is_rotated {
            folder.promote_next_key()?;
        }
        let engine = Arc::new(engine);
        let api_keys = Directory::load(Arc::clone(&engine), master_key.clone())?;
        let audit_key = AuditKey::open(&engine.read(sealed_audit_key)?, &master_key)?;
        Ok(Self { inner: Arc::new(Inner { engine, master_key, api_keys, audit_key, folder }) })
    }

    /// Runs a point read on the calling thread: some microseconds on SQLite, a
    /// round trip on PostgreSQL. What scans belongs into [`Store::scan`].
    ///
    /// # Errors
    /// The closure's, or the engine's.
    pub fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Connection) -> Result<T, E> + Send,
        T: Send,
        E: From<StoreError> + Send,
    {
        self.inner.engine.read(work)
    }

    /// Runs a read on a reader thread, all its statements on the same state.
    ///
    /// # Errors
    /// The closure's, or the engine's; [`StoreError::Busy`] when too many wait.
    pub async fn scan<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnMut(&mut dyn Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (task, receiver) = answered(work);
        self.inner.engine.submit_scan(task)?;
        receiver.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// Runs a change in a transaction and answers when it is on disk. When the
    /// closure fails, everything it wrote is undone.
    ///
    /// The closure may run more than once, so it must only depend on what it
    /// was given and what it reads. It goes on when its caller hangs up.
    ///
    /// # Errors
    /// The closure's, or the engine's; [`StoreError::Busy`] when too many
    /// wait, [`StoreError::Full`] when the disk is full.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnMut(&mut dyn Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (task, receiver) = answered(work);
        self.inner.engine.submit_write(task)?;
        receiver.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// The API keys, in memory.
    #[must_use]
    pub fn api_keys(&self) -> &Directory {
        &self.inner.api_keys
    }

    /// What seals secrets, and gives keys for other purposes.
    #[must_use]
    pub fn master_key(&self) -> &MasterKey {
        &self.inner.master_key
    }

    /// What binds the entries of the audit log together.
    #[must_use]
    pub fn audit_key(&self) -> &AuditKey {
        &self.inner.audit_key
    }

    /// Answers what is queued, writes down what was only noted, and joins the
    /// threads. Later calls are refused, and another process may take the
    /// folder. Blocks until done.
    pub fn shutdown(&self) {
        self.inner.shutdown();
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

impl Inner {
    fn shutdown(&self) {
        self.api_keys.flush();
        self.engine.shutdown();
        self.folder.release();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shutdown();
    }
}

type Answer<T, E> = oneshot::Receiver<Result<T, E>>;

fn answered<T, E, F>(work: F) -> (Box<dyn crate::engine::Job>, Answer<T, E>)
where
    F: FnMut(&mut dyn Connection) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    // An error means that the caller hung up.
    let finish = Box::new(move |outcome| drop(sender.send(outcome)));
    (Task::boxed(work, finish), receiver)
}

pub(crate) fn open_engine(
    config: &StoreConfig,
    folder: &Folder,
    prepare: impl FnOnce(&mut dyn Schema) -> Result<(), StoreError> + Send,
) -> Result<Engine, StoreError> {
    Ok(match &config.url {
        None => Engine::Sqlite(Sqlite::open(
            &SqliteConfig { path: folder.database()?, max_bytes: config.max_database_bytes },
            prepare,
        )?),
        Some(url) => Engine::Postgres(Box::new(Postgres::open(url, prepare)?)),
    })
}

/// Which master key the database's secrets are sealed with. The first one it
/// sees is its own until a rotation: another could open none of its secrets,
/// and would seal new ones that the right key cannot.
fn master_key_id(
    connection: &mut dyn Connection,
    master_key: &MasterKey,
) -> Result<String, StoreError> {
    connection.execute(&RECORD_FACT, &[MASTER_KEY_ID.into(), master_key.id().into()])?;
    let own =
        connection.find(&FIND_FACT, &[MASTER_KEY_ID.into()], |row| Ok(row.text(0)?.to_owned()))?;
    own.ok_or(StoreError::WrongMasterKey)
}

/// The audit log's key is drawn once, and outlives the master key that seals
/// it.
fn draw_audit_key(
    connection: &mut dyn Connection,
    master_key: &MasterKey,
) -> Result<(), StoreError> {
    let found = connection.find(&FIND_FACT, &[key::FACT.into()], |row| row.text(0).map(drop))?;
    if found.is_some() {
        return Ok(());
    }
    let sealed = AuditKey::draw(master_key)?;
    connection.execute(&RECORD_FACT, &[key::FACT.into(), sealed.0.as_str().into()]).map(drop)
}

fn sealed_audit_key(connection: &mut dyn Connection) -> Result<Sealed, StoreError> {
    let found =
        connection.find(&FIND_FACT, &[key::FACT.into()], |row| Ok(Sealed(row.text(0)?.into())))?;
    found.ok_or_else(|| StoreError::Corrupt("the audit log has no key".into()))
}
