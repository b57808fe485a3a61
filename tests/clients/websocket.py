"""WebSocket frames by hand (RFC 6455), so that broken ones can be sent."""

import base64
import contextlib
import json
import os
import socket
import struct
from typing import Any

from parlor import Answer, Parlor, read_answer

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9


def frame(payload: bytes, opcode: int = TEXT, first: int = 0x80, masked: bool = True, length: int | None = None) -> bytes:
    """A frame; `first` holds FIN and the reserved bits, `length` may lie."""
    announced = len(payload) if length is None else length
    mask_bit = 0x80 if masked else 0
    if announced < 126:
        head = struct.pack("!BB", first | opcode, mask_bit | announced)
    elif announced < 65536:
        head = struct.pack("!BBH", first | opcode, mask_bit | 126, announced)
    else:
        head = struct.pack("!BBQ", first | opcode, mask_bit | 127, announced)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


class CallSocket:
    """A call socket after its handshake."""

    def __init__(self, parlor: Parlor, path: str = "/_parlor/call"):
        self.socket = socket.create_connection(parlor.address, timeout=10)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: parlor\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        self.answer: Answer = read_answer(self.socket)
        self.buffer = self.answer.body

    def send(self, data: bytes) -> None:
        """Raw bytes; a server that has hung up is fine."""
        with contextlib.suppress(OSError):
            self.socket.sendall(data)

    def say(self, message: Any) -> None:
        """A well-formed message."""
        self.send(frame(json.dumps(message).encode()))

    def hear(self) -> dict[str, Any] | None:
        """The next message, or None once the server has closed."""
        while True:
            opcode, payload = self._frame()
            if opcode in (None, CLOSE):
                return None
            if opcode == TEXT:
                return json.loads(payload)

    def hear_until(self, kind: str) -> dict[str, Any]:
        """Skips messages until one of this type."""
        while (message := self.hear()) is not None:
            if message["type"] == kind:
                return message
        raise AssertionError(f"the socket closed before {kind}")

    def close(self) -> None:
        self.socket.close()

    def _frame(self) -> tuple[int | None, bytes]:
        head = self._exactly(2)
        if head is None:
            return None, b""
        length = head[1] & 0x7F
        if length == 126:
            length = int.from_bytes(self._exactly(2) or b"", "big")
        elif length == 127:
            length = int.from_bytes(self._exactly(8) or b"", "big")
        payload = self._exactly(length)
        return (None, b"") if payload is None else (head[0] & 0x0F, payload)

    def _exactly(self, count: int) -> bytes | None:
        while len(self.buffer) < count:
            try:
                chunk = self.socket.recv(65536)
            except ConnectionError:
                return None
            if not chunk:
                return None
            self.buffer += chunk
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken


def enter(parlor: Parlor, room: str) -> CallSocket:
    """Joins a public room and stays."""
    join = parlor.call("POST", "/_parlor/join", {"room": room, "user_name": "Hand-made"}).json()
    call = CallSocket(parlor, join["call_url"])
    call.say({"type": "hello", "ticket": join["ticket"]})
    call.hear_until("welcome")
    return call
