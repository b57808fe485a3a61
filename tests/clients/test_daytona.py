"""The published `daytona` SDK and its generated API client, unmodified: what they do with keys and organizations."""

import datetime
import unittest

import daytona
import daytona_api_client as generated
from daytona_api_client.exceptions import (
    ConflictException,
    ForbiddenException,
    NotFoundException,
    UnauthorizedException,
)
from parlor import Parlor

EXPIRES = datetime.datetime(2040, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)


class GeneratedClient(unittest.TestCase):
    """Each call of its identity modules that a key may make."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.parlor = Parlor()
        cls.addClassCleanup(cls.parlor.stop)

    def client(self, key: str, base: str = "/api") -> generated.ApiClient:
        configuration = generated.Configuration(host=f"{self.parlor.url}{base}", access_token=key)
        client = generated.ApiClient(configuration)
        self.addCleanup(client.rest_client.pool_manager.clear)
        return client

    def keys(self, key: str | None = None, base: str = "/api") -> generated.ApiKeysApi:
        return generated.ApiKeysApi(self.client(key or self.parlor.key, base))

    def test_a_key_lives_and_dies(self) -> None:
        for base in ("/api", ""):
            with self.subTest(base=base):
                keys = self.keys(base=base)
                wanted = generated.CreateApiKey(
                    name="My API Key",
                    permissions=["write:sandboxes", "read:snapshots", "manage:api_keys"],
                    expires_at=EXPIRES,
                )
                made = keys.create_api_key(wanted)
                self.assertEqual(made.name, "My API Key")
                self.assertEqual(made.expires_at, EXPIRES)
                self.assertEqual(len(made.value), 73)
                current = self.keys(made.value, base).get_current_api_key()
                self.assertEqual(current.name, "My API Key")
                self.assertIsNotNone(current.last_used_at)
                listed = {item.name: item for item in keys.list_api_keys()}
                self.assertNotEqual(listed["My API Key"].value, made.value)
                self.assertEqual(keys.get_api_key("My API Key").permissions, made.permissions)
                with self.assertRaises(ConflictException):
                    keys.create_api_key(wanted)
                keys.delete_api_key("My API Key")
                with self.assertRaises(NotFoundException):
                    keys.get_api_key("My API Key")
                with self.assertRaises(UnauthorizedException) as refused:
                    self.keys(made.value, base).get_current_api_key()
                self.assertIn("Invalid or expired API key", str(refused.exception))

    def test_nobody_gives_more_than_they_hold(self) -> None:
        maker = self.keys().create_api_key(
            generated.CreateApiKey(name="maker", permissions=["manage:api_keys", "read:snapshots"])
        )
        with self.assertRaises(ForbiddenException) as refused:
            self.keys(maker.value).create_api_key(
                generated.CreateApiKey(name="more", permissions=["write:snapshots"])
            )
        self.assertIn("write:snapshots", str(refused.exception))

    def test_a_key_of_somebody_is_deleted_by_whose_it_is(self) -> None:
        keys = self.keys()
        keys.create_api_key(generated.CreateApiKey(name="theirs", permissions=["read:volumes"]))
        user = keys.get_api_key("theirs").user_id
        keys.delete_api_key_for_user(user, "theirs")
        with self.assertRaises(NotFoundException):
            keys.get_api_key("theirs")

    def test_the_organization_is_the_keys_own(self) -> None:
        api = generated.OrganizationsApi(self.client(self.parlor.key))
        (organization,) = api.list_organizations()
        self.assertFalse(organization.suspended)
        # What the client's model calls required is there, if only as null.
        (shown,) = self.parlor.call("GET", "/organizations").json()
        fields = generated.Organization.model_fields.items()
        required = {field.serialization_alias or field.alias or name for name, field in fields if field.is_required()}
        self.assertEqual(required - shown.keys(), set())
        self.assertEqual(api.get_organization(organization.id), organization)
        self.assertEqual(api.list_organization_members(organization.id), [])
        self.assertIn("Developer", {role.name for role in api.list_organization_roles(organization.id)})
        self.assertEqual(api.get_organization_usage_overview(organization.id).region_usage, [])
        # The header that SDKs send beside a key.
        keys = self.keys()
        self.assertTrue(keys.list_api_keys(x_daytona_organization_id=organization.id))
        with self.assertRaises(ForbiddenException):
            keys.list_api_keys(x_daytona_organization_id="00000000-0000-4000-8000-000000000000")
        with self.assertRaises(NotFoundException):
            api.get_organization("00000000-0000-4000-8000-000000000000")

    def test_roles_are_made_and_changed(self) -> None:
        api = generated.OrganizationsApi(self.client(self.parlor.key))
        (organization,) = api.list_organizations()
        made = api.create_organization_role(
            organization.id,
            generated.CreateOrganizationRole(name="Reader", description="Reads", permissions=["delete:volumes"]),
        )
        self.assertFalse(made.is_global)
        changed = api.update_organization_role(
            organization.id,
            made.id,
            generated.UpdateOrganizationRole(name="Writer", description="", permissions=["write:volumes"]),
        )
        self.assertEqual(changed.name, "Writer")
        api.delete_organization_role(organization.id, made.id)

    def test_the_audit_log_is_narrowed_with_the_clients_own_filters(self) -> None:
        client = self.client(self.parlor.key)
        (organization,) = generated.OrganizationsApi(client).list_organizations()
        keys = self.keys()
        keys.create_api_key(generated.CreateApiKey(name="audited", permissions=["read:rooms"]))
        keys.delete_api_key("audited")
        log = generated.AuditApi(client)
        about = {"target_id": generated.StringFilter(eq="audited")}
        later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
        for narrowed, actions in (
            ({}, ["delete", "create"]),
            ({"action": generated.StringFilter(eq="create")}, ["create"]),
            ({"action": generated.StringFilter(var_not="create")}, ["delete"]),
            ({"action": generated.StringFilter(var_in=["create", "fork"])}, ["create"]),
            ({"target_type": generated.StringFilter(not_in=["room", "api_key"])}, []),
            ({"status_code": generated.IntFilter(gt=201, lte=204)}, ["delete"]),
            ({"created_at": generated.DateFilter(lt=later)}, ["delete", "create"]),
            ({"created_at": generated.DateFilter(gte=later)}, []),
        ):
            with self.subTest(narrowed=narrowed):
                page = log.get_organization_audit_logs(organization.id, **about, **narrowed)
                self.assertEqual([entry.action for entry in page.items], actions)

    def test_the_account_behind_a_key_and_the_configuration(self) -> None:
        client = self.client(self.parlor.key)
        self.assertEqual(generated.UsersApi(client).get_authenticated_user().id, "operator")
        config = generated.ConfigApi(self.client("")).config_controller_get_config()
        self.assertEqual(config.oidc.issuer, self.parlor.url)
        self.assertEqual(generated.HealthApi(self.client("")).health_controller_check_without_preload_content().status, 200)


class Sdk(unittest.TestCase):
    """The SDK itself, as far as it needs no sandbox."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.parlor = Parlor()
        cls.addClassCleanup(cls.parlor.stop)

    def sdk(self, key: str) -> daytona.Daytona:
        return daytona.Daytona(daytona.DaytonaConfig(api_key=key, api_url=f"{self.parlor.url}/api"))

    def test_a_good_key_lists_sandboxes_and_a_bad_one_does_not(self) -> None:
        self.assertEqual(list(self.sdk(self.parlor.key).list()), [])
        with self.assertRaises(daytona.DaytonaAuthenticationError) as refused:
            list(self.sdk("dta_1234567890abcdef").list())
        self.assertIn("Unauthorized", str(refused.exception))

    def test_a_key_that_lacks_the_permission_is_told_so(self) -> None:
        configuration = generated.Configuration(host=f"{self.parlor.url}/api", access_token=self.parlor.key)
        with generated.ApiClient(configuration) as client:
            made = generated.ApiKeysApi(client).create_api_key(
                generated.CreateApiKey(name="volumes", permissions=["read:volumes"])
            )
        with self.assertRaises(daytona.DaytonaAuthorizationError) as refused:
            list(self.sdk(made.value).list())
        self.assertIn("Forbidden", str(refused.exception))


if __name__ == "__main__":
    unittest.main()
