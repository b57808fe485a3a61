"""The OpenAPI document against itself, and the server against the document."""

import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from parlor import Parlor

HERE = pathlib.Path(__file__).parent
SECONDS = int(os.environ.get("PARLOR_SCHEMATHESIS_SECONDS", "50"))
SEED = os.environ.get("PARLOR_SCHEMATHESIS_SEED", "1")
METHODS = ("get", "post", "put", "delete")


class Document(unittest.TestCase):
    """What the document of the REST API shows is what it says."""

    address = "/v1/openapi.json"

    @classmethod
    def setUpClass(cls) -> None:
        parlor = Parlor()
        cls.addClassCleanup(parlor.stop)
        with urllib.request.urlopen(parlor.url + cls.address, timeout=10) as answer:
            cls.document = json.load(answer)

    def test_examples_are_as_their_schemas_say(self) -> None:
        for name, schema, example in self.examples():
            with self.subTest(name):
                # References are resolved within the document, which is the root.
                root = {"components": self.document["components"], "allOf": [schema]}
                errors = [
                    f"{'/'.join(map(str, error.instance_path))}: {error.message}"
                    for error in jsonschema_rs.Draft202012Validator(root).iter_errors(example)
                ]
                self.assertEqual(errors, [], json.dumps(example))

    def test_schemas_are_schemas(self) -> None:
        for name, schema in self.document["components"]["schemas"].items():
            with self.subTest(name):
                self.assertTrue(jsonschema_rs.meta.is_valid(schema))

    def examples(self) -> Iterator[tuple[str, Any, Any]]:
        """Every example: its name, its schema, itself."""
        for name, schema in self.document["components"]["schemas"].items():
            yield from of_schema(name, schema)
        for name, response in self.document["components"]["responses"].items():
            yield from of_content(name, response)
        for path, operations in self.document["paths"].items():
            for method in METHODS:
                operation = operations.get(method)
                if operation is None:
                    continue
                name = f"{method.upper()} {path}"
                yield from of_content(name, operation.get("requestBody", {}))
                for status, response in operation["responses"].items():
                    yield from of_content(f"{name} {status}", response)
                for parameter in operation.get("parameters", []):
                    if "example" in parameter:
                        yield f"{name} {parameter['name']}", parameter["schema"], parameter["example"]


class IdentityDocument(Document):
    """The same of the identity face."""

    address = "/api/openapi.json"


def of_schema(name: str, schema: Any) -> Iterator[tuple[str, Any, Any]]:
    if not isinstance(schema, dict):
        return
    for example in schema.get("examples", []) + ([schema["example"]] if "example" in schema else []):
        yield name, schema, example
    for field, inner in schema.get("properties", {}).items():
        yield from of_schema(f"{name}.{field}", inner)
    yield from of_schema(f"{name}[]", schema.get("items"))


def of_content(name: str, body: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for media in body.get("content", {}).values():
        if "example" in media:
            yield name, media["schema"], media["example"]
        for title, example in media.get("examples", {}).items():
            yield f"{name} {title}", media["schema"], example["value"]


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes every webhook."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class Schemathesis(unittest.TestCase):
    """Requests made from the document find no 5xx and nothing undocumented."""

    def test_the_server_is_as_the_document_says(self) -> None:
        self.ask_from("/v1/openapi.json")

    def test_the_identity_face_is_as_its_document_says(self) -> None:
        self.ask_from("/api/openapi.json")

    def ask_from(self, document: str) -> None:
        """Requests made from one document for half of the time."""
        receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        self.addCleanup(receiver.server_close)
        self.addCleanup(receiver.shutdown)
        parlor = Parlor()
        self.addCleanup(parlor.stop)
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")),
            *("run", parlor.url + document, "--max-time", str(SECONDS // 2), "--seed", SEED),
        ]
        receives_at = f"http://127.0.0.1:{receiver.server_address[1]}/"
        more = {
            "PARLOR_API_KEY": parlor.key,
            "PARLOR_TEST_RECEIVER": receives_at,
            "SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py"),
        }
        # It keeps what it found where it runs, and begins with that the next time.
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        done = subprocess.run(
            command,
            cwd=folder.name,
            env=os.environ | more,
            capture_output=True,
            text=True,
            timeout=SECONDS + 120,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout[-20_000:] + done.stderr[-4_000:])
        self.assertIsNone(parlor.process.poll(), parlor.read_log())
        self.assertNotIn("panicked", parlor.read_log())


if __name__ == "__main__":
    unittest.main()
