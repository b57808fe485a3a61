"""The lines of the source document word for word: host, placeholders, program name and the date, now past, replaced."""

import ast
import datetime
import json
import os
import subprocess
import sys
import unittest

from identity import EMAIL, access_token
from parlor import BINARY, Parlor

CREATE = """curl -X POST https://api.daytona.io/api-keys \\
  -H "Authorization: Bearer YOUR_EXISTING_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{
    "name": "My API Key",
    "permissions": ["write:sandboxes", "read:snapshots"],
    "expiresAt": "2025-12-31T23:59:59Z"
  }'"""
SANDBOXES = """curl -X GET https://api.daytona.io/sandbox \\
  -H "Authorization: Bearer YOUR_API_KEY\""""
LIST = """curl -X GET https://api.daytona.io/api-keys \\
  -H "Authorization: Bearer YOUR_TOKEN\""""
CURRENT = """curl -X GET https://api.daytona.io/api-keys/current \\
  -H "Authorization: Bearer YOUR_API_KEY\""""
DELETE = """curl -X DELETE https://api.daytona.io/api-keys/my-key-name \\
  -H "Authorization: Bearer YOUR_TOKEN\""""
ME = """curl -X GET https://api.daytona.io/users/me \\
  -H "Authorization: Bearer YOUR_JWT_TOKEN\""""
OF_ONE = """curl -X GET https://api.daytona.io/sandbox \\
  -H "Authorization: Bearer YOUR_JWT_TOKEN" \\
  -H "X-Daytona-Organization-ID: org_abc123\""""
PYTHON = """import requests

url = "https://api.daytona.io/sandbox"
headers = {
    "Authorization": "Bearer dta_1234567890abcdef",
    "Content-Type": "application/json"
}
payload = {
    "alias": "python-sandbox",
    "snapshot": "python:3.11"
}

response = requests.post(url, json=payload, headers=headers)
print(response.json())"""
DISCOVERY = {
    "issuer": "https://api.daytona.io",
    "authorization_endpoint": "https://api.daytona.io/oauth/authorize",
    "token_endpoint": "https://api.daytona.io/oauth/token",
    "userinfo_endpoint": "https://api.daytona.io/oauth/userinfo",
    "jwks_uri": "https://api.daytona.io/.well-known/jwks.json",
}
PERMISSIONS = (
    "read:sandboxes write:sandboxes read:snapshots write:snapshots read:volumes write:volumes "
    "read:registries write:registries admin:organization"
)
CLI = """daytona api-key create "My API Key" \\
  --permissions write:sandboxes,read:snapshots \\
  --expires-at 2025-12-31T23:59:59Z"""


class Lines(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.parlor = Parlor()
        cls.addClassCleanup(cls.parlor.stop)

    def shell(self, line: str, **placeholders: str) -> tuple[int, str]:
        """Runs a line of the document; the status of its answer and the answer."""
        line = line.replace("https://api.daytona.io", self.parlor.url).replace("2025-12-31", "2040-12-31")
        line = line.replace("daytona api-key", f"{BINARY} api-key")
        for name, value in placeholders.items():
            self.assertIn(name, line)
            line = line.replace(name, value)
        line = line.replace("curl ", "curl -sS --noproxy '*' -w '\\n%{http_code}' ", 1)
        environment = {**os.environ, "PARLOR_URL": self.parlor.url, "PARLOR_API_KEY": self.parlor.key}
        done = subprocess.run(
            ["sh", "-c", line], capture_output=True, text=True, check=True, env=environment, cwd=self.parlor.data
        )
        if "curl" not in line:
            return 0, done.stdout
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def test_the_lines(self) -> None:
        status, body = self.shell(CREATE, YOUR_EXISTING_TOKEN=self.parlor.key)
        self.assertEqual(status, 201, body)
        made = json.loads(body)
        key = made["value"]
        self.assertEqual(made["expiresAt"], "2040-12-31T23:59:59.000Z")
        status, body = self.shell(SANDBOXES, YOUR_API_KEY=key)
        self.assertEqual((status, json.loads(body)["items"]), (200, []))
        status, body = self.shell(LIST, YOUR_TOKEN=self.parlor.key)
        self.assertEqual(status, 200, body)
        self.assertIn("My API Key", [item["name"] for item in json.loads(body)])
        status, body = self.shell(CURRENT, YOUR_API_KEY=key)
        self.assertEqual((status, json.loads(body)["name"]), (200, "My API Key"))

    def test_the_lines_of_whoever_signed_in(self) -> None:
        token = access_token(self.parlor)
        status, body = self.shell(ME, YOUR_JWT_TOKEN=token)
        self.assertEqual((status, json.loads(body)["email"]), (200, EMAIL))
        status, body = self.shell(LIST, YOUR_TOKEN=token)
        self.assertEqual(status, 200, body)
        organization = self.parlor.call("GET", "/organizations").json()[0]["id"]
        status, body = self.shell(OF_ONE, YOUR_JWT_TOKEN=token, org_abc123=organization)
        self.assertEqual((status, json.loads(body)["items"]), (200, []))
        # Left as it is, the line names an organization of others.
        status, body = self.shell(OF_ONE, YOUR_JWT_TOKEN=token)
        self.assert_body(status, body, 403, "Forbidden", "Insufficient permissions")
        status, body = self.shell(CREATE.replace("My API Key", "Hers"), YOUR_EXISTING_TOKEN=token)
        self.assertEqual(status, 201, body)

    def test_the_discovery_document(self) -> None:
        answer = self.parlor.call("GET", "/.well-known/openid-configuration").json()
        for name, value in DISCOVERY.items():
            self.assertEqual(answer[name], value.replace("https://api.daytona.io", self.parlor.url))
        self.assertLessEqual({"openid", "profile", "email"}, set(answer["scopes_supported"]))

    def test_every_permission_of_the_list_is_one(self) -> None:
        for word in PERMISSIONS.split():
            with self.subTest(word):
                made = self.parlor.call("POST", "/api-keys", {"name": word, "permissions": [word]})
                self.assertEqual((made.status, made.json()["permissions"]), (201, [word]))

    def test_an_expired_key_is_refused_everywhere_and_marked_inactive(self) -> None:
        ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=2)
        wanted = {"name": "short", "permissions": ["admin:organization"], "expiresAt": ends.isoformat()}
        key = self.parlor.call("POST", "/api-keys", wanted).json()["value"]
        moved = self.parlor.call("POST", "/_dev/clock", {"advance": "3s"})
        self.assertEqual(moved.status, 200, moved.body)
        for line, placeholder in ((SANDBOXES, "YOUR_API_KEY"), (CURRENT, "YOUR_API_KEY"), (LIST, "YOUR_TOKEN")):
            status, body = self.shell(line, **{placeholder: key})
            self.assert_body(status, body, 401, "Unauthorized", "Invalid or expired API key")
        self.assertFalse(self.parlor.call("GET", "/api-keys/short").json()["active"])

    def test_the_program_of_the_page(self) -> None:
        program = PYTHON.replace("https://api.daytona.io", self.parlor.url)
        unknown = self.python(program)
        self.assert_body(unknown["statusCode"], json.dumps(unknown), 401, "Unauthorized", "Invalid or expired API key")
        # There are no sandboxes yet, and the answer says so.
        known = self.python(program.replace("dta_1234567890abcdef", self.parlor.key))
        self.assertEqual((known["statusCode"], known["code"]), (501, "NOT_IMPLEMENTED"), known)

    def python(self, program: str) -> dict:
        """What a Python program prints of an answer."""
        environment = {**os.environ, "NO_PROXY": "*"}
        run = [sys.executable, "-c", program]
        done = subprocess.run(run, capture_output=True, text=True, check=True, env=environment)
        return ast.literal_eval(done.stdout)

    def test_deleting(self) -> None:
        made = self.parlor.call("POST", "/api-keys", {"name": "my-key-name", "permissions": ["read:volumes"]})
        self.assertEqual(made.status, 201)
        status, body = self.shell(DELETE, YOUR_TOKEN=self.parlor.key)
        self.assertEqual((status, body), (204, ""))
        status, body = self.shell(CURRENT, YOUR_API_KEY=made.json()["value"])
        self.assert_body(status, body, 401, "Unauthorized", "Invalid or expired API key")

    def test_error_bodies_are_exact(self) -> None:
        status, body = self.shell(SANDBOXES, YOUR_API_KEY="dta_1234567890abcdef")
        self.assert_body(status, body, 401, "Unauthorized", "Invalid or expired API key")
        made = self.parlor.call("POST", "/api-keys", {"name": "narrow", "permissions": ["read:volumes"]})
        status, body = self.shell(SANDBOXES, YOUR_API_KEY=made.json()["value"])
        self.assert_body(status, body, 403, "Forbidden", "Insufficient permissions")
        self.assertEqual(json.loads(body)["requiredPermission"], "read:sandboxes")

    def assert_body(self, status: int, body: str, code: int, message: str, error: str) -> None:
        answer = json.loads(body)
        self.assertEqual(status, code)
        self.assertEqual((answer["statusCode"], answer["message"], answer["error"]), (code, message, error))

    def test_the_command_line(self) -> None:
        status, said = self.shell(CLI.replace("My API Key", "From the shell"))
        self.assertEqual(status, 0)
        key = said.strip()
        status, body = self.shell(CURRENT, YOUR_API_KEY=key)
        self.assertEqual((status, json.loads(body)["permissions"]), (200, ["write:sandboxes", "read:snapshots"]))


if __name__ == "__main__":
    unittest.main()
