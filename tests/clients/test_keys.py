"""API keys at the program itself: where a value never appears, and keys of several organizations."""

import json
import os
import pathlib
import subprocess
import unittest
import urllib.parse

from identity import access_token, without_test_settings
from parlor import BINARY, Parlor

ORGANIZATION = "X-Daytona-Organization-ID"


class Secrecy(unittest.TestCase):
    """A server that logs all it can."""

    @classmethod
    def setUpClass(cls) -> None:
        os.environ["PARLOR_LOG"] = "trace"
        try:
            cls.parlor = Parlor()
        finally:
            del os.environ["PARLOR_LOG"]
        cls.addClassCleanup(cls.parlor.stop)

    def request(self, path: str, *headers: str) -> int:
        lines = "".join(f"{header}\r\n" for header in headers)
        head = f"GET {path} HTTP/1.1\r\nHost: parlor\r\n{lines}Connection: close\r\n\r\n"
        answer = self.parlor.send(head.encode())
        self.assertNotIn(self.parlor.key.encode(), answer.body)
        return answer.status

    def test_a_key_is_neither_taken_from_an_address_nor_written_anywhere(self) -> None:
        key = self.parlor.key
        for path in ("/api-keys", "/api/sandbox", "/users/me", "/v1/rooms", "/v1/logs/api", "/oauth/userinfo"):
            for name in ("api_key", "apiKey", "access_token", "token", "authorization", "Authorization"):
                with self.subTest(path=path, name=name):
                    self.assertIn(self.request(f"{path}?{name}={key}"), (400, 401))
                    self.assertIn(self.request(f"{path}?{name}=Bearer%20{key}"), (400, 401))
        for header in (f"Cookie: api_key={key}", f"X-API-Key: {key}", f"Proxy-Authorization: Bearer {key}"):
            self.assertIn(self.request("/v1/rooms", header), (400, 401))
        # In the right place it works, and with it the log of requests is read.
        made = self.parlor.call("POST", "/v1/rooms", {"name": "kept"})
        self.assertEqual(made.status, 200)
        asked = self.parlor.call("GET", f"/v1/rooms?limit={key}")
        self.assertEqual(asked.status, 400)
        logged = self.parlor.call("GET", "/v1/logs/api")
        self.assertEqual(logged.status, 200, logged.body)
        self.assertNotIn(key, logged.body.decode())
        log = self.parlor.read_log()
        self.assertTrue("create_room answered 200" in log, "requests are logged at this level")
        for form in (key, urllib.parse.quote(key), key[10:40]):
            self.assertFalse(form in log, "the log shows the key")
        for path in pathlib.Path(self.parlor.data).rglob("*"):
            # The key of the emulator lies in a file of its own, for its owner alone.
            if path.is_file() and path.name != "dev-api-key":
                self.assertNotIn(key.encode(), path.read_bytes(), path)

    def test_a_name_cannot_steer_a_header_or_a_terminal(self) -> None:
        for name in ("a\r\nSet-Cookie: x=y", "a\nb", "a\x00b", "a\x1b[2J", "<script>", "a\u0085b"):
            with self.subTest(name=name):
                made = self.parlor.call("POST", "/api-keys", {"name": name, "permissions": []})
                self.assertEqual(made.status, 400, made.body)
                self.assertNotIn("set-cookie", made.headers)
                asked = self.parlor.call("GET", f"/api-keys/{urllib.parse.quote(name)}")
                self.assertEqual(asked.status, 404, asked.body)
                self.assertNotIn("set-cookie", asked.headers)

    def test_two_credentials_or_two_organizations_are_none(self) -> None:
        good = f"Authorization: Bearer {self.parlor.key}"
        self.assertEqual(self.request("/v1/rooms", good), 200)
        self.assertEqual(self.request("/v1/rooms", good, "Authorization: Bearer other"), 400)
        self.assertEqual(self.request("/api-keys", "Authorization: Bearer other", good), 401)
        own = self.parlor.call("GET", "/organizations").json()[0]["id"]
        self.assertEqual(self.request("/v1/rooms", good, f"{ORGANIZATION}: {own}"), 200)
        self.assertEqual(self.request("/v1/rooms", good, f"{ORGANIZATION}: {own}", f"{ORGANIZATION}: {own}"), 403)

    def test_headers_that_are_too_large_are_refused_in_both_envelopes(self) -> None:
        large = f"X-Big: {'x' * 40 * 1024}\r\n"
        answer = self.parlor.call("GET", "/api-keys", headers=large)
        self.assertEqual((answer.status, answer.json()["code"]), (431, "HEADERS_TOO_LARGE"))
        answer = self.parlor.call("GET", "/v1/rooms", headers=large)
        self.assertEqual((answer.status, answer.json()["error"]), (431, "invalid-request-error"))
        self.assertEqual(self.request("/api-keys", f"Authorization: Bearer {'x' * 30_000}"), 401)


class SeveralOrganizations(unittest.TestCase):
    """A key that is made on the server's machine for two organizations."""

    def test_its_requests_name_one(self) -> None:
        parlor = Parlor()
        self.addCleanup(parlor.stop)
        access_token(parlor)  # The first account takes over the first organization.
        token = access_token(parlor, "bo@example.org")
        head = f"GET /organizations HTTP/1.1\r\nHost: parlor\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        (second,) = parlor.send(head.encode()).json()
        (first,) = parlor.call("GET", "/organizations").json()
        line = [BINARY, "api-key", "create", "both", "--permissions", "write:rooms", "--organizations"]
        line += [second["domain"], "--data", parlor.data]
        done = subprocess.run(line, capture_output=True, text=True, check=True, env=without_test_settings())
        parlor.key = done.stdout.strip()
        silent = parlor.call("GET", "/v1/rooms")
        self.assertEqual(silent.status, 400)
        self.assertIn(ORGANIZATION, silent.json()["info"])
        made = parlor.call("POST", "/v1/rooms", {"name": "theirs"}, f"{ORGANIZATION}: {second['id']}\r\n")
        self.assertEqual(made.status, 200, made.body)
        for organization, count in ((first, 0), (second, 1)):
            rooms = parlor.call("GET", "/v1/rooms", headers=f"{ORGANIZATION}: {organization['id']}\r\n")
            self.assertEqual(rooms.json()["total_count"], count, json.dumps(rooms.json()))
        # A command says which there are, by the option that names one.
        line = [BINARY, "room", "list", "--url", parlor.url, "--api-key", parlor.key]
        silent = subprocess.run(line, capture_output=True, text=True, env=without_test_settings())
        self.assertNotEqual(silent.returncode, 0)
        self.assertIn("--organization", silent.stderr)
        for organization in (first, second):
            self.assertIn(f"{organization['id']}  {organization['name']}", silent.stderr)
        line += ["--organization", second["id"]]
        listed = subprocess.run(line, capture_output=True, text=True, check=True, env=without_test_settings())
        self.assertEqual([room["name"] for room in json.loads(listed.stdout)], ["theirs"])


if __name__ == "__main__":
    unittest.main()
