//! Reading an organization's audit log.

use parlor_model::id::OrgId;
use parlor_model::identity::audit::AuditPage;
use parlor_store::audit::{self, AuditSlice};

use crate::cx::AppState;
use crate::failure::Failure;

mod query;

pub(crate) use query::AuditQuery;

/// A page of the log of `org`. Who may read it is for the guard to know.
pub(crate) async fn list(
    state: &AppState,
    org: OrgId,
    query: AuditQuery,
) -> Result<AuditPage, Failure> {
    let AuditQuery { page, limit, before, filter } = query;
    // A token says where to go on; a page number counts from the newest.
    let skip = if before.is_some() { 0 } else { (page - 1) * u64::from(limit) };
    let slice = AuditSlice { before, skip, limit };
    let store = &state.cx.store;
    let shown = store.scan(move |c| audit::list(c, Some(org), &filter, slice)).await?;
    let is_full = shown.items.len() == limit as usize;
    Ok(AuditPage {
        total: shown.total,
        page,
        total_pages: shown.total.div_ceil(u64::from(limit)),
        next_token: shown.last.filter(|seq| is_full && *seq > 1).map(|seq| seq.to_string()),
        items: shown.items,
    })
}
