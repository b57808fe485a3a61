//! Sandboxes and what they are made of.

use parlor_model::key_permission::KeyPermission::{
    DeleteRegistries, DeleteSandboxes, DeleteSnapshots, DeleteVolumes, ReadRegistries,
    ReadSandboxes, ReadSnapshots, ReadVolumes, WriteRegistries, WriteSandboxes, WriteSnapshots,
    WriteVolumes,
};

use super::Need::Holds;
use super::{DELETE, GET, Operation, POST, op};
use crate::http::identity::sandboxes as on;

/// In the order of the contract.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        op(GET, "/sandbox", "list_sandboxes", Holds(ReadSandboxes), on::list_sandboxes),
        op(POST, "/sandbox", "create_sandbox", Holds(WriteSandboxes), on::create_sandbox),
        op(GET, "/sandbox/{id}", "read_sandbox", Holds(ReadSandboxes), on::read_sandbox),
        op(DELETE, "/sandbox/{id}", "delete_sandbox", Holds(DeleteSandboxes), on::delete_sandbox),
        op(GET, "/snapshots", "list_snapshots", Holds(ReadSnapshots), on::list_snapshots),
        op(POST, "/snapshots", "create_snapshot", Holds(WriteSnapshots), on::create_snapshot),
        op(GET, "/snapshots/{id}", "read_snapshot", Holds(ReadSnapshots), on::read_snapshot),
        op(
            DELETE,
            "/snapshots/{id}",
            "delete_snapshot",
            Holds(DeleteSnapshots),
            on::delete_snapshot,
        ),
        op(GET, "/volumes", "list_volumes", Holds(ReadVolumes), on::list_volumes),
        op(POST, "/volumes", "create_volume", Holds(WriteVolumes), on::create_volume),
        op(GET, "/volumes/{id}", "read_volume", Holds(ReadVolumes), on::read_volume),
        op(DELETE, "/volumes/{id}", "delete_volume", Holds(DeleteVolumes), on::delete_volume),
        op(GET, "/docker-registry", "list_registries", Holds(ReadRegistries), on::list_registries),
        op(
            POST,
            "/docker-registry",
            "create_registry",
            Holds(WriteRegistries),
            on::create_registry,
        ),
        op(GET, "/docker-registry/{id}", "read_registry", Holds(ReadRegistries), on::read_registry),
        op(
            DELETE,
            "/docker-registry/{id}",
            "delete_registry",
            Holds(DeleteRegistries),
            on::delete_registry,
        ),
    ]
}
