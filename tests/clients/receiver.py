"""A receiver of webhooks that behaves as its path says: well, badly or not at all."""

import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import socketserver
import threading
import time
from dataclasses import dataclass, field
from typing import Any

SECRET = base64.b64encode(b"a secret of the receiver").decode()
HANG_SECONDS = 30


@dataclass
class Post:
    """One post as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Box:
    """What came in, by path; the test messages are left out."""

    posts: dict[str, list[Post]] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, post: Post) -> None:
        with self.changed:
            self.posts.setdefault(post.path, []).append(post)
            self.changed.notify_all()

    def events(self, path: str) -> list[Any]:
        with self.changed:
            return [post.json() for post in self.posts.get(path, [])]

    def wait(self, path: str, count: int, seconds: float = 30) -> list[Post]:
        """The posts at a path, once there are so many."""
        with self.changed:
            arrived = self.changed.wait_for(lambda: len(self.posts.get(path, [])) >= count, seconds)
            assert arrived, f"{path}: {len(self.posts.get(path, []))} of {count} posts came in"
            return list(self.posts[path])


class Handler(http.server.BaseHTTPRequestHandler):
    """`/ok…` answers 200; the other paths say what they do."""

    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_test = body == b'{"test":"test"}'
        if not is_test:
            self.server.box.add(Post(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        conduct = getattr(self, self.path.strip("/").split("-")[0], self.ok)
        with contextlib.suppress(OSError):
            self.ok() if is_test else conduct()

    def ok(self) -> None:
        if self.path.startswith("/ok-slow"):
            time.sleep(0.01)
        self._answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    def fails(self) -> None:
        self._answer(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")

    def redirects(self) -> None:
        location = f"http://127.0.0.1:{self.server.server_address[1]}/redirected"
        self._answer(f"HTTP/1.1 307 There\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())

    def hangs(self) -> None:
        self.server.stopping.wait(HANG_SECONDS)
        self.close_connection = True

    def short(self) -> None:
        self._answer(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort", close=True)

    def long(self) -> None:
        self._answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + b"more" * 1000, close=True)

    def nonsense(self) -> None:
        self._answer(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", close=True)

    def endless(self) -> None:
        self._answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", close=True)
        while not self.server.stopping.is_set():
            self.wfile.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")

    def _answer(self, data: bytes, close: bool = False) -> None:
        self.close_connection = close
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


class Receiver(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Listens on loopback until it is stopped."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.box = Box()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.shutdown()
        self.thread.join()
        self.socket.close()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


def signature(timestamp: str, body: bytes) -> str:
    """As a receiver computes it."""
    message = timestamp.encode() + b"." + body
    return base64.b64encode(hmac.new(base64.b64decode(SECRET), message, hashlib.sha256).digest()).decode()
