//! Organizations, their members, roles, invitations and settings.

use axum::http::Method;
use parlor_model::key_permission::KeyPermission::{AdminOrganization, ManageSso};

use super::Credentials::Person;
use super::Need::{Holds, Membership, Operator};
use super::{DELETE, GET, Operation, PATCH, POST, op};
use crate::http::identity::organizations::{
    self as on, identity_providers, invitations, members, settings,
};

const ADMIN: super::Need = Holds(AdminOrganization);

macro_rules! at {
    ($rest:literal) => {
        concat!("/organizations/{organizationId}", $rest)
    };
}

/// In the order of the contract.
pub(super) fn operations() -> Vec<Operation> {
    let mut all = vec![
        op(GET, "/organizations", "list_organizations", Membership, on::list_organizations)
            .about_nobody(),
        op(POST, "/organizations", "create_organization", Membership, on::create_organization)
            .about_nobody()
            .takes(Person),
        op(GET, at!(""), "read_organization", Membership, on::read_organization),
        op(DELETE, at!(""), "delete_organization", ADMIN, on::delete_organization),
        op(POST, at!("/leave"), "leave_organization", Membership, on::leave_organization)
            .takes(Person),
        op(GET, at!("/usage"), "read_organization_usage", Membership, on::read_organization_usage),
    ];
    all.extend(of_people());
    all.extend(of_invitations());
    all.extend(of_settings());
    all.extend(of_identity_providers());
    all
}

fn of_people() -> Vec<Operation> {
    const PUT: Method = Method::PUT;
    vec![
        op(GET, at!("/users"), "list_members", Membership, members::list_members),
        op(
            POST,
            at!("/users/{userId}/access"),
            "set_member_access",
            ADMIN,
            members::set_member_access,
        ),
        op(DELETE, at!("/users/{userId}"), "remove_member", ADMIN, members::remove_member),
        op(GET, at!("/roles"), "list_roles", Membership, members::list_roles),
        op(POST, at!("/roles"), "create_role", ADMIN, members::create_role),
        op(PUT, at!("/roles/{roleId}"), "update_role", ADMIN, members::update_role),
        op(DELETE, at!("/roles/{roleId}"), "delete_role", ADMIN, members::delete_role),
    ]
}

fn of_identity_providers() -> Vec<Operation> {
    use identity_providers as on;
    let sso = Holds(ManageSso);
    let one = at!("/identity-providers/{identityProviderId}");
    let test = at!("/identity-providers/test-connection");
    let all = at!("/identity-providers");
    vec![
        op(GET, all, "list_identity_providers", sso, on::list_identity_providers),
        op(POST, all, "create_identity_provider", sso, on::create_identity_provider),
        op(POST, test, "test_identity_provider", sso, on::test_identity_provider),
        op(GET, one, "read_identity_provider", sso, on::read_identity_provider),
        op(PATCH, one, "update_identity_provider", sso, on::update_identity_provider),
        op(DELETE, one, "delete_identity_provider", sso, on::delete_identity_provider),
    ]
}

fn of_invitations() -> Vec<Operation> {
    const PUT: Method = Method::PUT;
    let mine = |operation: Operation| operation.about_nobody().takes(Person);
    vec![
        op(GET, at!("/invitations"), "list_invitations", ADMIN, invitations::list_invitations),
        op(POST, at!("/invitations"), "create_invitation", ADMIN, invitations::create_invitation),
        op(
            PUT,
            at!("/invitations/{invitationId}"),
            "update_invitation",
            ADMIN,
            invitations::update_invitation,
        ),
        op(
            POST,
            at!("/invitations/{invitationId}/cancel"),
            "cancel_invitation",
            ADMIN,
            invitations::cancel_invitation,
        ),
        mine(op(
            GET,
            "/organizations/invitations",
            "list_my_invitations",
            Membership,
            invitations::list_my_invitations,
        )),
        mine(op(
            GET,
            "/organizations/invitations/count",
            "count_my_invitations",
            Membership,
            invitations::count_my_invitations,
        )),
        mine(op(
            POST,
            "/organizations/invitations/{invitationId}/accept",
            "accept_invitation",
            Membership,
            invitations::accept_invitation,
        )),
        mine(op(
            POST,
            "/organizations/invitations/{invitationId}/decline",
            "decline_invitation",
            Membership,
            invitations::decline_invitation,
        )),
    ]
}

fn of_settings() -> Vec<Operation> {
    const PUT: Method = Method::PUT;
    vec![
        op(
            POST,
            at!("/sandbox-default-limited-network-egress"),
            "set_limited_egress",
            ADMIN,
            settings::set_limited_egress,
        ),
        op(
            POST,
            at!("/preview-warning"),
            "set_preview_warning",
            ADMIN,
            settings::set_preview_warning,
        ),
        op(
            PATCH,
            at!("/default-region"),
            "set_default_region",
            ADMIN,
            settings::set_default_region,
        ),
        op(GET, at!("/otel-config"), "read_otel_config", ADMIN, settings::read_otel_config),
        op(PUT, at!("/otel-config"), "set_otel_config", ADMIN, settings::set_otel_config),
        op(DELETE, at!("/otel-config"), "delete_otel_config", ADMIN, settings::delete_otel_config),
        op(
            PUT,
            at!("/experimental-config"),
            "set_experimental_config",
            ADMIN,
            settings::set_experimental_config,
        ),
        op(PATCH, at!("/quota"), "set_quota", Operator, settings::set_quota).in_own_organization(),
        op(
            PATCH,
            at!("/quota/{regionId}"),
            "set_region_quota",
            Operator,
            settings::set_region_quota,
        )
        .in_own_organization(),
        op(POST, at!("/suspend"), "suspend_organization", Operator, settings::suspend_organization)
            .in_own_organization(),
        op(
            POST,
            at!("/unsuspend"),
            "unsuspend_organization",
            Operator,
            settings::unsuspend_organization,
        )
        .in_own_organization(),
    ]
}
