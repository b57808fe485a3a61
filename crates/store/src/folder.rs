//! The data folder: one process at a time, and the master key in it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::seal::MasterKey;

const LOCK_FILE: &str = "parlor.lock";
const KEY_FILE: &str = "secret.key";
/// The key that a rotation seals with, until it takes the place of the other.
const NEXT_KEY_FILE: &str = "secret.key.next";
/// The key before the last rotation: backups from before it need it.
const OLD_KEY_FILE: &str = "secret.key.old";
const DATABASE_FILE: &str = "parlor.sqlite";

/// A data folder that this process holds. The system frees it when the process
/// ends, however it ends.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    lock: File,
}

impl Folder {
    /// Creates the folder when it is missing, and takes it.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|source| StoreError::file(path, source))?;
        let lock_path = path.join(LOCK_FILE);
        let lock = private()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(|source| StoreError::file(&lock_path, source))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), lock }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(StoreError::file(lock_path, source)),
        }
    }

    /// Lets another process take the folder.
    pub(crate) fn release(&self) {
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(error = %error, "the data folder's lock was not released");
        }
    }

    /// Where the database lies. Made empty, so that it is nobody else's to
    /// read from the start; its log takes over the mode.
    pub(crate) fn database(&self) -> Result<PathBuf, StoreError> {
        let path = self.path.join(DATABASE_FILE);
        match private().write(true).create(true).truncate(false).open(&path) {
            Ok(_) => Ok(path),
            Err(source) => Err(StoreError::file(path, source)),
        }
    }

    /// The master key of this folder, made at the first start.
    pub(crate) fn master_key(&self) -> Result<MasterKey, StoreError> {
        let path = self.path.join(KEY_FILE);
        match read_key(&path) {
            Err(source) if source.kind() == io::ErrorKind::NotFound => self.create_key(&path),
            read => read,
        }
        .map(|bytes| MasterKey::from_bytes(&bytes))
        .map_err(|source| StoreError::file(path, source))
    }

    /// The key of a rotation that was begun and not finished, if there is one.
    pub(crate) fn next_key(&self) -> Result<Option<MasterKey>, StoreError> {
        let path = self.path.join(NEXT_KEY_FILE);
        match read_key(&path) {
            Ok(bytes) => Ok(Some(MasterKey::from_bytes(&bytes))),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StoreError::file(path, source)),
        }
    }

    /// Draws the key of a rotation. It is on disk before anything is sealed
    /// with it.
    pub(crate) fn draw_next_key(&self) -> Result<MasterKey, StoreError> {
        let path = self.path.join(NEXT_KEY_FILE);
        let key = self.create_key(&path).map(|bytes| MasterKey::from_bytes(&bytes));
        key.map_err(|source| StoreError::file(path, source))
    }

    /// Puts the key of a rotation into its place. At no moment is there no key
    /// there.
    pub(crate) fn promote_next_key(&self) -> Result<(), StoreError> {
        let path = |name| self.path.join(name);
        let promote = || {
            match fs::remove_file(path(OLD_KEY_FILE)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            fs::hard_link(path(KEY_FILE), path(OLD_KEY_FILE))?;
            fs::rename(path(NEXT_KEY_FILE), path(KEY_FILE))?;
            File::open(&self.path)?.sync_all()
        };
        promote().map_err(|source| StoreError::file(path(KEY_FILE), source))
    }

    /// Written whole under another name first: a crash leaves a complete key
    /// or none, never half of one.
    fn create_key(&self, path: &Path) -> io::Result<Zeroizing<[u8; 32]>> {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(bytes.as_mut_slice()).map_err(|_| io::Error::other("no random bytes"))?;
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()) + "\n");
        let draft = self.path.join("secret.key.draft");
        let mut file = private().write(true).create(true).truncate(true).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        File::open(&self.path)?.sync_all()?;
        Ok(bytes)
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

fn read_key(path: &Path) -> io::Result<Zeroizing<[u8; 32]>> {
    let mut text = Zeroizing::new(String::new());
    File::open(path)?.read_to_string(&mut text)?;
    let decoded = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.trim_end()).unwrap_or_default());
    let mut bytes = Zeroizing::new([0; 32]);
    if decoded.len() != bytes.len() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it should hold 32 bytes in base64url, as it was created",
        ));
    }
    bytes.copy_from_slice(&decoded);
    Ok(bytes)
}
