"""Clients that take their time are cut off, and nobody else waits for them."""

import contextlib
import select
import socket
import time
import unittest

from parlor import ParlorTestCase

HALF_OPEN = 300
HEADERS_WITHIN_SECONDS = 10
BODY_WITHIN_SECONDS = 30
SLACK_SECONDS = 4


class SlowClients(ParlorTestCase):
    """Slow headers, slow bodies, and connections on which nothing comes."""

    def test_half_open_slow_headers_and_slow_bodies_end_in_time_and_hold_up_nobody(self) -> None:
        started = time.monotonic()
        head = f"POST /v1/rooms HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.parlor.key}\r\n"
        slow_headers = self.open(head, b"X")
        slow_body = self.open(f"{head}Content-Length: 1000000\r\n\r\n", b"x")
        silent = [self.open("", b"") for _ in range(HALF_OPEN)]
        half = [self.open("GET /v1/rooms HTT", b"") for _ in range(HALF_OPEN)]
        waiting = {connection: drip for connection, drip in (slow_headers, slow_body, *silent, *half)}
        ends: dict[socket.socket, float] = {}
        while waiting and time.monotonic() - started < BODY_WITHIN_SECONDS + SLACK_SECONDS:
            self.drip(waiting, ends, started)
            answered = time.monotonic()
            self.assertEqual(self.parlor.call("GET", "/v1/rooms?limit=1").status, 200)
            self.assertLess(time.monotonic() - answered, 1)
        for connection in (slow_headers[0], *(connection for connection, _ in half)):
            self.assertLess(ends.get(connection, 1e9), HEADERS_WITHIN_SECONDS + SLACK_SECONDS)
        self.assertLess(ends.get(slow_body[0], 1e9), BODY_WITHIN_SECONDS + SLACK_SECONDS)
        # A connection on which nothing ever came counts as idle and has longer.
        self.assertEqual(set(waiting) - {connection for connection, _ in silent}, set())

    def open(self, head: str, drip: bytes) -> tuple[socket.socket, bytes]:
        """A connection that has said this much, and what it goes on saying."""
        connection = socket.create_connection(self.parlor.address, timeout=10)
        self.addCleanup(connection.close)
        connection.sendall(head.encode())
        return connection, drip

    def drip(self, waiting: dict[socket.socket, bytes], ends: dict[socket.socket, float], started: float) -> None:
        """One more byte on each connection; notes those that the server has ended."""
        for connection, drip in waiting.items():
            with contextlib.suppress(OSError):
                connection.sendall(drip)
        readable, _, _ = select.select(list(waiting), [], [], 0.5)
        for connection in readable:
            with contextlib.suppress(ConnectionError):
                if connection.recv(4096):
                    continue
            ends[connection] = time.monotonic() - started
            del waiting[connection]


if __name__ == "__main__":
    unittest.main()
