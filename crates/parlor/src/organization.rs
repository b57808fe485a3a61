//! The first organization: the one at the bare origin, made at the first
//! start. Its public name follows the configuration.

use parlor_model::id::OrgId;
use parlor_server::Clock;
use parlor_store::orgs::{self, Org};
use parlor_store::{Store, StoreError};

use crate::random;

/// The first organization, if the records have one.
pub(crate) async fn first(store: &Store) -> Result<Option<Org>, StoreError> {
    store.scan(|connection| orgs::find_first(connection)).await
}

/// The first organization, made or renamed as needed.
pub(crate) async fn ensure(store: &Store, domain: &str, clock: &dyn Clock) -> anyhow::Result<Org> {
    if let Some(mut org) = first(store).await? {
        if org.domain != domain {
            let (id, name) = (org.id, domain.to_owned());
            store.write(move |connection| orgs::rename(connection, id, &name)).await?;
            domain.clone_into(&mut org.domain);
        }
        return Ok(org);
    }
    let id = OrgId::from_random(random::bytes()?);
    let org = Org::new(id, domain, clock.now(), store.master_key())?;
    let row = org.clone();
    store.write(move |connection| orgs::create(connection, &row)).await?;
    Ok(org)
}
