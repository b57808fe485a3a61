//! Forgetting.

use parlor_model::time::UnixMillis;

use crate::engine::{Connection, statements};
use crate::error::StoreError;
use crate::history::{count, meeting};

statements! {
    DUE = select_meetings!("WHERE ended_at IS NOT NULL AND ended_at < $1 \
        ORDER BY ended_at, id LIMIT $2");
    DELETE_STAYS = "DELETE FROM stays WHERE meeting_id = $1";
    DELETE = "DELETE FROM meetings WHERE id = $1";
}

/// Forgets meetings that ended before `cutoff`, with everybody who was in
/// them; at most `limit`, the longest ended first. Says how many.
///
/// # Errors
/// The engine's.
pub fn purge(
    connection: &mut dyn Connection,
    cutoff: UnixMillis,
    limit: u32,
) -> Result<usize, StoreError> {
    let due = connection.list(&DUE, &[cutoff.into(), i64::from(limit).into()], meeting)?;
    for meeting in &due {
        let id = meeting.id.to_string();
        connection.execute(&DELETE_STAYS, &[id.as_str().into()])?;
        connection.execute(&DELETE, &[id.as_str().into()])?;
        count::subtract(connection, meeting)?;
    }
    Ok(due.len())
}
