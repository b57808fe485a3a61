//! Starting over: every record goes, apart from the organizations, their keys,
//! people and their accounts, the audit log, and what the database knows of
//! itself. Only `parlor dev` does this.

use parlor_model::id::RoomId;

use crate::engine::{Connection, Sql, statements};
use crate::error::StoreError;

statements! {
    ROOMS_AFTER = "SELECT id FROM rooms WHERE id > $1 ORDER BY id LIMIT $2";
    CLEAR_WEBHOOK_ATTEMPTS = "DELETE FROM webhook_attempts";
    CLEAR_WEBHOOK_DELIVERIES = "DELETE FROM webhook_deliveries";
    CLEAR_WEBHOOK_EVENTS = "DELETE FROM webhook_events";
    CLEAR_WEBHOOK_JOINS = "DELETE FROM webhook_joins";
    CLEAR_WEBHOOKS = "DELETE FROM webhooks";
    CLEAR_CALL_LOG = "DELETE FROM call_log";
    CLEAR_API_LOG = "DELETE FROM api_log";
    CLEAR_STAYS = "DELETE FROM stays";
    CLEAR_MEETINGS = "DELETE FROM meetings";
    CLEAR_MEETING_COUNTS = "DELETE FROM meeting_counts";
    CLEAR_ROOMS = "DELETE FROM rooms RETURNING id";
    CLEAR_ROOM_COUNTS = "DELETE FROM room_counts";
    CLEAR_PROPERTIES = "UPDATE orgs SET properties = '{}'";
}

/// What makes everything empty: rows before those that they refer to.
const CLEAR: &[&Sql] = &[
    &CLEAR_WEBHOOK_ATTEMPTS,
    &CLEAR_WEBHOOK_DELIVERIES,
    &CLEAR_WEBHOOK_EVENTS,
    &CLEAR_WEBHOOK_JOINS,
    &CLEAR_WEBHOOKS,
    &CLEAR_CALL_LOG,
    &CLEAR_API_LOG,
    &CLEAR_STAYS,
    &CLEAR_MEETINGS,
    &CLEAR_MEETING_COUNTS,
    &CLEAR_ROOM_COUNTS,
    &CLEAR_PROPERTIES,
];

/// The ids of every room of every organization, expired ones included, in
/// their order. `after` is the last one of the page before.
///
/// # Errors
/// The engine's.
pub fn room_ids(
    connection: &mut dyn Connection,
    after: Option<RoomId>,
    limit: u32,
) -> Result<Vec<RoomId>, StoreError> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let params = [after.as_str().into(), i64::from(limit).into()];
    connection.list(&ROOMS_AFTER, &params, |row| row.parsed(0))
}

/// Deletes everything but organizations, API keys, people and the audit log,
/// and puts the organizations' properties back to their defaults. Gives the rooms that are
/// gone: one may have been made, and joined, since their calls were ended.
///
/// # Errors
/// The engine's.
pub fn everything(connection: &mut dyn Connection) -> Result<Vec<RoomId>, StoreError> {
    for statement in CLEAR {
        connection.execute(statement, &[])?;
    }
    connection.list(&CLEAR_ROOMS, &[], |row| row.parsed(0))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{CLEAR, CLEAR_ROOMS};
    use crate::migrations;

    /// What stays. `orgs` loses its properties all the same; events go on
    /// counting where they were.
    const KEPT: [&str; 21] = [
        "orgs",
        "api_keys",
        "api_key_orgs",
        "facts",
        "webhook_seq",
        "users",
        "org_members",
        "roles",
        "invitations",
        "sessions",
        "passkeys",
        "audit_log",
        "audit_chains",
        "oauth_clients",
        "oauth_consents",
        "oauth_grants",
        "oauth_codes",
        "oauth_refresh_tokens",
        "oauth_device_codes",
        "oauth_signing_keys",
        "federated_identities",
    ];

    fn words_after<'a>(text: &'a str, lead: &'a str) -> impl Iterator<Item = &'a str> {
        text.split(lead).skip(1).filter_map(|rest| rest.split_whitespace().next())
    }

    #[test]
    fn every_table_is_either_kept_or_cleared() {
        let tables: BTreeSet<&str> =
            migrations::texts().flat_map(|text| words_after(text, "CREATE TABLE ")).collect();
        let all = CLEAR.iter().copied().chain([&CLEAR_ROOMS]);
        let cleared = all.flat_map(|one| words_after(one.text(), "DELETE FROM "));
        assert_eq!(tables, cleared.chain(KEPT).collect());
    }
}
