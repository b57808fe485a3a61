//! The data folder: its lock, its key, and files that are not what they should
//! be.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use parlor_store::{Connection, Store, StoreConfig, StoreError, orgs, rotate_master_key};
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
    bed.store.read(orgs::list).unwrap();
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

/// Telemetry's credentials of the bed's only organization.
const SETTINGS: &str = r#"{"otelConfig":{"headers":{"authorization":"Bearer seen-by-nobody"}}}"#;

fn set_settings(bed: &Bed) {
    let key = bed.store.master_key().clone();
    let write = move |c: &mut dyn Connection| {
        let mut org = orgs::list(c)?.remove(0);
        let length = org.set_settings(&serde_json::from_str(SETTINGS).unwrap(), &key)?;
        assert_eq!(length, SETTINGS.len());
        orgs::update(c, &org)
    };
    assert!(bed.write(write).unwrap());
}

fn settings(bed: &Bed) -> String {
    let org = bed.store.read(orgs::list).unwrap().remove(0);
    serde_json::to_string(&org.settings(bed.store.master_key()).unwrap()).unwrap()
}

#[test]
fn no_file_shows_where_telemetry_goes_with_which_credentials() {
    let mut bed = Bed::sqlite();
    bed.org("local");
    assert_eq!(settings(&bed), "{}");
    set_settings(&bed);
    bed.store.shutdown();
    for file in fs::read_dir(&bed.config.data_dir).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(14).any(|part| part == b"seen-by-nobody"));
    }
    bed.reopen();
    assert_eq!(settings(&bed), SETTINGS);
}

fn org_secret(bed: &Bed) -> Vec<u8> {
    let org = bed.store.read(orgs::list).unwrap().remove(0);
    org.token_secret(bed.store.master_key()).unwrap().as_bytes().to_vec()
}

#[test]
fn a_rotated_master_key_opens_everything_and_the_old_one_nothing() {
    let mut bed = Bed::sqlite();
    let org = bed.org("local");
    let value = parlor_store::key::KeyValue::generate().unwrap();
    let new = crate::bed::new_key(org, "ci");
    bed.wait(bed.store.api_keys().create(new, &value)).unwrap();
    set_settings(&bed);
    let (before, id) = (org_secret(&bed), bed.store.master_key().id().to_owned());
    assert!(matches!(rotate_master_key(&bed.config), Err(StoreError::InUse { .. })));
    bed.store.shutdown();
    // The organization's secret and settings, the key's secret, and the audit log's.
    assert_eq!(rotate_master_key(&bed.config).unwrap(), 4);
    bed.reopen();
    assert_ne!(bed.store.master_key().id(), id);
    assert_eq!((org_secret(&bed), settings(&bed).as_str()), (before, SETTINGS));
    let key = bed.store.api_keys().authenticate(value.expose(), crate::bed::NOW).unwrap();
    assert_eq!(key.token_secret(), &value.token_secret());

    let path = |name: &str| bed.config.data_dir.join(name);
    for name in ["secret.key", "secret.key.old"] {
        let mode = fs::metadata(path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(!path("secret.key.next").exists());
    bed.store.shutdown();
    fs::rename(path("secret.key.old"), path("secret.key")).unwrap();
    let refused = Store::open(&bed.config).unwrap_err();
    assert!(matches!(refused, StoreError::WrongMasterKey), "{refused:?}");
}

#[test]
fn a_rotation_that_was_cut_off_is_finished_or_has_not_happened() {
    let mut bed = Bed::sqlite();
    bed.org("local");
    let before = org_secret(&bed);
    let path = |bed: &Bed, name: &str| bed.config.data_dir.join(name);
    // Cut off before the commit: a key was drawn, and nothing sealed with it.
    bed.store.shutdown();
    fs::copy(path(&bed, "secret.key"), path(&bed, "kept")).unwrap();
    rotate_master_key(&bed.config).unwrap();
    // Cut off after it: the keys are as they were while the transaction ran.
    fs::rename(path(&bed, "secret.key"), path(&bed, "secret.key.next")).unwrap();
    fs::rename(path(&bed, "kept"), path(&bed, "secret.key")).unwrap();
    bed.reopen();
    assert_eq!(org_secret(&bed), before);
    assert!(!path(&bed, "secret.key.next").exists());
    bed.store.shutdown();
    fs::write(path(&bed, "secret.key.next"), "A".repeat(43)).unwrap();
    bed.reopen();
    assert_eq!(org_secret(&bed), before);
    bed.store.shutdown();
    rotate_master_key(&bed.config).unwrap();
    bed.reopen();
    assert_eq!(org_secret(&bed), before);
}
