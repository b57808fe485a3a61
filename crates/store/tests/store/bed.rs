//! A store of its own for each test, on either engine, and short ways to fill
//! it.

use std::sync::atomic::{AtomicU64, Ordering};

use parlor_model::id::{ApiKeyId, OrgId, RoomId};
use parlor_model::identity::limits::UsageLimits;
use parlor_model::key_permission::KeyPermissions;
use parlor_model::rest::rooms::Privacy;
use parlor_model::time::UnixMillis;
use parlor_store::api_keys::NewApiKey;
use parlor_store::orgs::{self, Org};
use parlor_store::page::{Cursor, Page, PageRequest};
use parlor_store::rooms::{self, Created, NewRoom, Room};
use parlor_store::{Connection, Store, StoreConfig, StoreError};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Noon of some day, with milliseconds.
pub(crate) const NOW: UnixMillis = UnixMillis::new(1_935_576_000_123);

/// A store in a folder that goes away with it.
pub(crate) struct Bed {
    pub(crate) store: Store,
    pub(crate) config: StoreConfig,
    runtime: Runtime,
    _folder: TempDir,
}

impl Bed {
    pub(crate) fn sqlite() -> Self {
        Self::open(|_| {})
    }

    pub(crate) fn open(change: impl FnOnce(&mut StoreConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = StoreConfig::in_folder(folder.path().join("data"));
        change(&mut config);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build();
        let store = Store::open(&config).unwrap();
        Self { store, config, runtime: runtime.unwrap(), _folder: folder }
    }

    /// Shuts the store down and opens the same one again.
    pub(crate) fn reopen(&mut self) {
        self.store.shutdown();
        self.store = Store::open(&self.config).unwrap();
    }

    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut dyn Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.wait(self.store.write(work))
    }

    pub(crate) fn org(&self, domain: &str) -> OrgId {
        let id = OrgId::from_random(random());
        let org = Org::new(id, domain, NOW, self.store.master_key()).unwrap();
        self.write(move |c| orgs::create(c, &org)).unwrap();
        id
    }

    pub(crate) fn create(&self, new: NewRoom, now: UnixMillis) -> Result<Created, StoreError> {
        self.write(move |c| rooms::create(c, &new, now))
    }

    pub(crate) fn room(&self, org: OrgId, name: &str) -> Room {
        self.create(new_room(org, name), NOW).unwrap().room
    }

    pub(crate) fn find(&self, org: OrgId, name: &str, now: UnixMillis) -> Option<Room> {
        self.store.read(|c| rooms::find(c, org, name, now)).unwrap()
    }

    pub(crate) fn page(
        &self,
        org: OrgId,
        limit: u32,
        cursor: Cursor,
    ) -> Result<Page<Room>, StoreError> {
        let request = PageRequest::new(limit, cursor);
        self.wait(self.store.scan(move |c| rooms::list(c, org, NOW, &request)))
    }

    pub(crate) fn names(&self, org: OrgId, limit: u32, cursor: Cursor) -> Vec<String> {
        let page = self.page(org, limit, cursor).unwrap();
        page.items.into_iter().map(|room| room.name).collect()
    }
}

pub(crate) fn new_room(org_id: OrgId, name: &str) -> NewRoom {
    NewRoom {
        id: RoomId::from_random(random()),
        org_id,
        name: name.to_owned(),
        privacy: Privacy::Public,
        properties: "{}".to_owned(),
        expires_at: None,
    }
}

pub(crate) fn new_key(org_id: OrgId, name: &str) -> NewApiKey {
    NewApiKey {
        id: ApiKeyId::from_random(random()),
        org_id,
        further_orgs: Vec::new(),
        user_id: None,
        name: name.to_owned(),
        permissions: KeyPermissions::admin(),
        created_at: NOW,
        expires_at: None,
        limits: UsageLimits::default(),
    }
}

pub(crate) fn secs(seconds: i64) -> UnixMillis {
    NOW.plus_seconds(seconds)
}

/// Different bytes at each call; ids need no more.
pub(crate) fn random() -> [u8; 16] {
    static DRAWN: AtomicU64 = AtomicU64::new(1);
    // An odd factor spreads the counter over the leading bytes, so that ids do
    // not grow with time.
    let drawn = DRAWN.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&drawn.to_be_bytes());
    bytes
}
