//! Who is signed in on this machine, for each server: what `parlor login` left,
//! in a file that its owner alone can read.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

/// How long before its end an access token is renewed, in seconds: a request
/// under way should not outlive it.
const EARLY_SECONDS: i64 = 30;

/// A person at a server. Holds tokens: not to be printed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Login {
    /// Who, for people.
    pub(crate) email: String,
    /// For requests.
    pub(crate) access_token: String,
    /// When that ends, in unix seconds.
    pub(crate) expires_at: i64,
    /// For the next one; good once.
    pub(crate) refresh_token: String,
}

impl Login {
    /// Whether it is time for another access token.
    pub(crate) fn is_stale(&self, now: i64) -> bool {
        self.expires_at - EARLY_SECONDS <= now
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Content {
    servers: BTreeMap<String, Login>,
}

/// The file, which one process at a time may change: a refresh token that two
/// use ends both sign-ins.
pub(crate) struct Credentials {
    path: PathBuf,
    _lock: Option<File>,
}

impl Credentials {
    /// The file as it is, to be read alone. `None`: this user has no folder for
    /// configuration.
    pub(crate) fn read_only() -> Option<Self> {
        Some(Self { path: path()?, _lock: None })
    }

    /// The file for whoever changes it; waits for others who do.
    pub(crate) fn locked() -> anyhow::Result<Self> {
        let path = path().context(
            "this user has no folder for configuration: set HOME, or XDG_CONFIG_HOME to one",
        )?;
        let folder = path.parent().context("the credentials need a folder")?;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        let lock = path.with_extension("lock");
        let lock = fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&lock)
            .with_context(|| format!("cannot open {}", lock.display()))?;
        flock(&lock, FlockOperation::LockExclusive).context("cannot lock the credentials")?;
        Ok(Self { path, _lock: Some(lock) })
    }

    /// Who is signed in at `server`.
    pub(crate) fn find(&self, server: &str) -> anyhow::Result<Option<Login>> {
        Ok(self.content()?.servers.remove(server))
    }

    /// Writes down who is, or with `None` that nobody is any more.
    pub(crate) fn set(&self, server: &str, login: Option<Login>) -> anyhow::Result<()> {
        let mut content = self.content()?;
        match login {
            Some(login) => content.servers.insert(server.to_owned(), login),
            None => content.servers.remove(server),
        };
        let folder = self.path.parent().context("the credentials need a folder")?;
        // A new file takes the old one's place: nobody reads a half of one.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(&serde_json::to_vec_pretty(&content)?)?;
        file.as_file().sync_all()?;
        file.persist(&self.path)
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        Ok(())
    }

    fn content(&self) -> anyhow::Result<Content> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Content::default());
            }
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", self.path.display()));
            }
        };
        let mode = fs::metadata(&self.path)?.permissions().mode();
        if mode & 0o077 != 0 {
            bail!(
                "{} can be read by others: `chmod 600` it, and sign in again if somebody may have",
                self.path.display()
            );
        }
        serde_json::from_slice(&text).with_context(|| {
            format!("{} cannot be read: delete it and `parlor login` again", self.path.display())
        })
    }
}

fn path() -> Option<PathBuf> {
    let given = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = given("XDG_CONFIG_HOME").or_else(|| Some(given("HOME")?.join(".config")))?;
    Some(folder.join("parlor").join("credentials.json"))
}
