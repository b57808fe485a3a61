"""A server process for the tests, and plain HTTP/1.1 over sockets to talk to it.

Nothing here knows how to be polite: requests are bytes, so that broken ones
can be sent as well as good ones.
"""

import contextlib
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("PARLOR_BIN", str(ROOT / "target/debug/parlor"))
READY_WITHIN_SECONDS = 20
MOST_SPANS = 8
STOPS_WITHIN_SECONDS = 10


@dataclass
class Answer:
    """An HTTP answer; status 0 when the server just closed the connection."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Parlor:
    """`parlor dev` on a folder and a free port; `within` is a command that runs it."""

    def __init__(
        self,
        data: str | None = None,
        listen: str = "127.0.0.1:0",
        api_key: str | None = None,
        within: tuple[str, ...] = (),
    ):
        self.temporary = None if data else tempfile.mkdtemp(prefix="parlor-clients-")
        self.data = data or str(self.temporary)
        self.log = tempfile.TemporaryFile()
        environment = dict(os.environ)
        if api_key:
            environment["PARLOR_API_KEY"] = api_key
        self.process = subprocess.Popen(
            [*within, BINARY, "dev", "--json", "--listen", listen, "--data", self.data, "--udp-port", "0"],
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=environment,
        )
        ready = self._ready()
        self.url: str = ready["url"]
        self.key: str = ready["api_key"]
        host, port = self.url.removeprefix("http://").split(":")
        self.address = (host, int(port))

    def _ready(self) -> dict[str, str]:
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], READY_WITHIN_SECONDS)
        line = self.process.stdout.readline() if readable else b""
        if not line:
            self.process.kill()
            raise RuntimeError(f"the server did not become ready: {self.read_log()}")
        return json.loads(line)

    def read_log(self) -> str:
        """What the server wrote on stderr so far."""
        size = os.fstat(self.log.fileno()).st_size
        return os.pread(self.log.fileno(), size, 0).decode(errors="replace")

    def kill(self) -> None:
        """kill -9; the data folder stays as it is."""
        self.process.send_signal(signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        """A polite stop, then everything of it is removed."""
        if self.process.poll() is None:
            self.process.terminate()
        self._wait()
        self.log.close()
        if self.temporary:
            shutil.rmtree(self.temporary, ignore_errors=True)

    def _wait(self) -> None:
        try:
            self.process.wait(STOPS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def resident_kib(self) -> int:
        """Resident memory now."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1])

    def udp_ports(self) -> list[int]:
        """The media ports: UDP sockets that belong to the process."""
        pid = self.process.pid
        links = []
        for descriptor in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(FileNotFoundError):
                links.append(os.readlink(f"/proc/{pid}/fd/{descriptor}"))
        ports = []
        for line in pathlib.Path(f"/proc/{pid}/net/udp").read_text().splitlines()[1:]:
            columns = line.split()
            if f"socket:[{columns[9]}]" in links:
                ports.append(int(columns[1].split(":")[1], 16))
        return ports

    def send(self, request: bytes, timeout: float = 10) -> Answer:
        """Sends raw bytes and reads one answer."""
        with socket.create_connection(self.address, timeout=timeout) as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall(request)
            return read_answer(connection)

    def call(self, method: str, path: str, body: Any = None, headers: str = "") -> Answer:
        """A well-formed request with the key; a body that is not bytes becomes JSON."""
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: parlor\r\nAuthorization: Bearer {self.key}\r\n"
            f"{headers}Connection: close\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        return self.send(head.encode() + content)


def read_answer(connection: socket.socket) -> Answer:
    """Reads until the announced length is there or the connection ends."""
    data = b""
    with contextlib.suppress(ConnectionError):
        while b"\r\n\r\n" not in data:
            chunk = connection.recv(65536)
            if not chunk:
                return Answer(0, {}, data)
            data += chunk
        head, body = data.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        length = int(headers.get("content-length", 0))
        while len(body) < length:
            chunk = connection.recv(65536)
            if not chunk:
                break
            body += chunk
        return Answer(int(lines[0].split(" ")[1]), headers, body)
    return Answer(0, {}, data)


class ParlorTestCase(unittest.TestCase):
    """One server for the class, which must be well after each test."""

    parlor: Parlor

    @classmethod
    def setUpClass(cls) -> None:
        cls.parlor = Parlor()
        cls.addClassCleanup(cls.parlor.stop)

    def tearDown(self) -> None:
        self.assertIsNone(self.parlor.process.poll(), self.parlor.read_log())
        answer = self.parlor.call("POST", "/v1/rooms", {})
        self.assertEqual(answer.status, 200, answer.body)
        self.assertNotIn("panicked", self.parlor.read_log())

    def assert_error(self, answer: Answer, status: int, kind: str) -> str:
        """The envelope of the API; returns its `info`."""
        self.assertEqual(answer.status, status, answer.body[:500])
        self.assertIn("application/json", answer.headers.get("content-type", ""))
        body = answer.json()
        self.assertEqual(body["error"], kind, body)
        return body.get("info", "")

    def assert_memory_settles(self, work: Callable[[], object], rounds: int, most_kib: int) -> None:
        """A span of `rounds` of `work` ends with resident memory where it began.

        An allocator keeps what each thread once needed, so memory grows until
        every thread has seen the worst of it; how long that takes depends on
        the number of cores. A leak grows in every span.
        """
        grown = []
        for _ in range(MOST_SPANS):
            before = self.parlor.resident_kib()
            for _ in range(rounds):
                work()
            grown.append(self.parlor.resident_kib() - before)
            if grown[-1] < most_kib:
                return
        self.fail(f"resident memory grew in every span of {rounds} rounds, by {grown} KiB")
