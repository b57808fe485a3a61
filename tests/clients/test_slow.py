"""Clients that take their time are cut off, and nobody else waits for them."""

import contextlib
import select
import socket
import time
import unittest

from parlor import ParlorTestCase

HALF_OPEN = 300
# The server gives a head 10 seconds and a body 30. A client that goes on saying
# something would stay for ever without these limits; a busy machine may take
# twice as long.
GONE_WITHIN_SECONDS = 60
# Asking more often would end at the rate limit.
ASK_EVERY_SECONDS = 0.5


class SlowClients(ParlorTestCase):
    """Slow headers, slow bodies, and connections on which nothing comes."""

    def test_half_open_slow_headers_and_slow_bodies_end_in_time_and_hold_up_nobody(self) -> None:
        started = time.monotonic()
        head = f"POST /v1/rooms HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.parlor.key}\r\n"
        slow_headers = self.open(head, b"X")
        slow_body = self.open(f"{head}Content-Length: 1000000\r\n\r\n", b"x")
        silent = [self.open("", b"") for _ in range(HALF_OPEN)]
        half = [self.open("GET /v1/rooms HTT", b"") for _ in range(HALF_OPEN)]
        clients = dict([slow_headers, slow_body, *silent, *half])
        # A connection on which nothing ever came counts as idle and has longer.
        waiting = set(clients) - {connection for connection, _ in silent}
        ended: list[socket.socket] = []
        while waiting and time.monotonic() - started < GONE_WITHIN_SECONDS:
            asked = time.monotonic()
            self.assertEqual(self.parlor.call("GET", "/v1/rooms?limit=1").status, 200)
            for connection in waiting:
                with contextlib.suppress(OSError):
                    connection.sendall(clients[connection])
            while (left := asked + ASK_EVERY_SECONDS - time.monotonic()) > 0 and waiting:
                for connection in self.ended(waiting, left):
                    waiting.remove(connection)
                    ended.append(connection)
        self.assertEqual(len(waiting), 0, "clients that were not cut off")
        self.assertIs(ended[-1], slow_body[0], "a body has longer than a head")

    def open(self, head: str, drip: bytes) -> tuple[socket.socket, bytes]:
        """A connection that has said this much, and what it goes on saying."""
        connection = socket.create_connection(self.parlor.address, timeout=10)
        self.addCleanup(connection.close)
        connection.sendall(head.encode())
        return connection, drip

    def ended(self, waiting: set[socket.socket], seconds: float) -> list[socket.socket]:
        """Those that the server has ended, when something comes or the time is over."""
        ended = []
        for connection in select.select(list(waiting), [], [], seconds)[0]:
            said = b""
            with contextlib.suppress(ConnectionError):
                said = connection.recv(4096)
            if not said:
                ended.append(connection)
        return ended


if __name__ == "__main__":
    unittest.main()
