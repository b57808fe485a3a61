//! The data folder: its lock, its key, and files that are not what they should
//! be.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use parlor_store::{Store, StoreConfig, StoreError};
use zeroize::Zeroizing;

use crate::bed::Bed;

#[test]
fn a_second_store_on_the_same_folder_is_refused_in_one_line() {
    let bed = Bed::sqlite();
    let error = Store::open(&bed.config).unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("in use by another parlor process") && !text.contains('\n'), "{text}");
}

#[test]
fn the_folder_is_free_after_shutdown() {
    let bed = Bed::sqlite();
    bed.store.shutdown();
    Store::open(&bed.config).unwrap();
}

#[test]
fn an_orderly_end_leaves_no_write_ahead_log() {
    let bed = Bed::sqlite();
    bed.org("local");
    bed.store.read(parlor_store::orgs::list).unwrap();
    bed.store.shutdown();
    assert!(!bed.config.data_dir.join("parlor.sqlite-wal").exists());
}

#[test]
fn the_master_key_is_made_once_and_for_its_owner_only() {
    let mut bed = Bed::sqlite();
    let path = bed.config.data_dir.join("secret.key");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read(&path).unwrap();
    bed.reopen();
    assert_eq!(fs::read(&path).unwrap(), text);
}

#[test]
fn the_database_is_for_its_owner_only() {
    let bed = Bed::sqlite();
    bed.org("local");
    for name in ["parlor.sqlite", "parlor.sqlite-wal", "parlor.sqlite-shm"] {
        let mode = fs::metadata(bed.config.data_dir.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_database_is_not_opened_with_another_master_key() {
    let bed = Bed::sqlite();
    bed.store.shutdown();
    let key = Some(Zeroizing::new([7; 32]));
    let other = Store::open(&StoreConfig { master_key: key, ..bed.config.clone() });
    assert!(matches!(other, Err(StoreError::WrongMasterKey)), "{other:?}");
    fs::remove_file(bed.config.data_dir.join("secret.key")).unwrap();
    let lost = Store::open(&bed.config);
    assert!(matches!(lost, Err(StoreError::WrongMasterKey)), "{lost:?}");
}

#[test]
fn a_damaged_key_file_is_named() {
    let bed = Bed::sqlite();
    bed.store.shutdown();
    let path = bed.config.data_dir.join("secret.key");
    fs::write(&path, "half a key").unwrap();
    let error = Store::open(&bed.config).unwrap_err();
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
}

#[test]
fn a_file_that_is_no_database_is_reported_as_damaged() {
    let bed = Bed::sqlite();
    bed.store.shutdown();
    fs::write(bed.config.data_dir.join("parlor.sqlite"), [b'x'; 8192]).unwrap();
    let error = Store::open(&bed.config).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
}
