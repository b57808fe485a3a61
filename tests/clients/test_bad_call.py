"""Garbage on the call socket and at the media ports."""

import contextlib
import json
import os
import random
import socket
import struct
import unittest

from parlor import ParlorTestCase
from websocket import BINARY, CLOSE, PING, TEXT, CallSocket, enter, frame

KIB = 1024
DATAGRAMS = 20_000


def text(message: object) -> bytes:
    return frame(json.dumps(message).encode())


class BadCallSocket(ParlorTestCase):
    """Each bad socket is closed or told, and the good ones go on."""

    def test_a_plain_request_at_the_call_socket_is_an_error(self) -> None:
        self.assertIn(self.parlor.call("GET", "/_parlor/call").status, (400, 405, 426))
        self.assertIn(self.parlor.call("POST", "/_parlor/call", {}).status, (400, 404, 405, 426))

    def test_a_socket_that_does_not_say_hello_properly_is_closed(self) -> None:
        for name, garbage in (
            ("no json", frame(b"hello")),
            ("binary", frame(os.urandom(200), BINARY)),
            ("invalid utf-8", frame(b"\xff\xfe\xfd")),
            ("no type", text({})),
            ("unknown type", text({"type": "sesame"})),
            ("not hello", text({"type": "leave"})),
            ("no ticket", text({"type": "hello"})),
            ("a wrong ticket", text({"type": "hello", "ticket": "a.b"})),
            ("a very long ticket", text({"type": "hello", "ticket": "x" * 200 * KIB})),
            ("a stay that never was", text({"type": "resume", "participant": "x", "secret": "y"})),
            ("deep json", frame(b"[" * 100 * KIB)),
            ("an oversized message", frame(b"x" * 300 * KIB)),
            ("a length of exabytes", frame(b"x", length=2**62)),
            ("an unmasked frame", frame(b"{}", masked=False)),
            ("reserved bits", frame(b"{}", first=0xF0)),
            ("a reserved opcode", frame(b"{}", 5)),
            ("a fragmented ping", frame(b"x", PING, first=0)),
            ("a close of one byte", frame(b"x", CLOSE)),
            ("no frame at all", os.urandom(500)),
        ):
            with self.subTest(name):
                call = CallSocket(self.parlor)
                self.assertEqual(call.answer.status, 101, call.answer.body)
                call.send(garbage)
                call.socket.shutdown(socket.SHUT_WR)
                while (message := call.hear()) is not None:
                    self.assertIn(message["type"], ("refused", "rejected"))
                call.close()

    def test_a_truncated_frame_holds_nothing_open(self) -> None:
        for cut in (1, 3, 7, 20):
            call = CallSocket(self.parlor)
            call.send(text({"type": "hello", "ticket": "x" * 100})[:cut])
            call.socket.shutdown(socket.SHUT_WR)
            self.assertIsNone(call.hear())
            call.close()

    def test_a_socket_that_never_says_hello_is_closed(self) -> None:
        call = CallSocket(self.parlor)
        call.socket.settimeout(20)
        while call.hear() is not None:
            pass
        call.close()

    def test_bad_messages_of_a_participant_leave_the_others_in_peace(self) -> None:
        room = self.parlor.call("POST", "/v1/rooms", {}).json()["name"]
        witness = enter(self.parlor, room)
        for name, garbage in (
            ("an offer that is no sdp", text({"type": "offer", "sdp": "v=nonsense", "sends": [], "slots": []})),
            ("an empty offer", text({"type": "offer", "sdp": "", "sends": [], "slots": []})),
            ("an offer of 200 KiB", text({"type": "offer", "sdp": "v=0\r\n" * 40 * KIB, "sends": [], "slots": []})),
            ("an offer with foreign mids", text({"type": "offer", "sdp": MINIMAL_OFFER, "sends": [{"mid": "99", "source": "cam-video"}], "slots": ["7", "7"]})),
            ("unknown source", text({"type": "publish", "source": "smell", "state": "sending"})),
            ("a long app message", text({"type": "app_message", "to": "*", "data": "x" * 5_000})),
            ("an app message to nobody", text({"type": "app_message", "to": ["nobody", "x" * 10_000], "data": 1})),
            ("long user data", text({"type": "set_user_data", "data": "x" * 5_000})),
            ("deep user data", text({"type": "set_user_data", "data": nested(200)})),
            ("a long name", text({"type": "set_user_name", "name": "n" * 100_000})),
            ("an odd name", text({"type": "set_user_name", "name": "\u0000\u202e\ud83d"})),
            ("a keyframe of no slot", text({"type": "request_keyframe", "mid": "nothing"})),
            ("hello again", text({"type": "hello", "ticket": "x"})),
            ("no json", frame(b"}{")),
            ("binary", frame(os.urandom(100), BINARY)),
            ("unknown fields", text({"type": "ping", "extra": 1})),
            ("too large", frame(b" " * 300 * KIB)),
        ):
            with self.subTest(name):
                call = enter(self.parlor, room)
                call.send(garbage)
                call.say({"type": "ping"})
                while (message := call.hear()) is not None and message["type"] != "pong":
                    pass
                call.say({"type": "leave"})
                call.close()
        witness.say({"type": "ping"})
        witness.hear_until("pong")
        witness.close()

    def test_a_flood_of_messages_does_not_grow_the_memory(self) -> None:
        room = self.parlor.call("POST", "/v1/rooms", {}).json()["name"]
        self.assert_memory_settles(lambda: self.flood(room), rounds=5, most_kib=24 * KIB)

    def flood(self, room: str) -> None:
        """Large and many messages, to one who never reads, until the server stops reading."""
        deaf = enter(self.parlor, room)
        loud = enter(self.parlor, room)
        loud.socket.settimeout(1)
        offer = text({"type": "offer", "sdp": "v=0\r\n" * 20 * KIB, "sends": [], "slots": []})
        message = text({"type": "app_message", "to": "*", "data": "x" * 4_000})
        with contextlib.suppress(TimeoutError, ConnectionError):
            loud.socket.sendall(message * 250 + offer * 20)
        loud.close()
        deaf.close()


class BadDatagrams(ParlorTestCase):
    """Whatever comes by UDP is counted and dropped."""

    def test_garbage_at_the_media_ports_is_dropped_and_memory_stays(self) -> None:
        ports = self.parlor.udp_ports()
        self.assertNotEqual(ports, [])
        room = self.parlor.call("POST", "/v1/rooms", {}).json()["name"]
        witness = enter(self.parlor, room)
        self.assert_memory_settles(lambda: self.spray(ports), rounds=1, most_kib=16 * KIB)
        witness.say({"type": "ping"})
        witness.hear_until("pong")
        witness.close()

    def spray(self, ports: list[int]) -> None:
        """Many kinds from many source ports, repeatably."""
        chance = random.Random(7)
        sources = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(50)]
        for number in range(DATAGRAMS):
            datagram = DATAGRAM_KINDS[number % len(DATAGRAM_KINDS)](chance)
            chance.choice(sources).sendto(datagram, ("127.0.0.1", chance.choice(ports)))
        for source in sources:
            source.close()


def stun(chance: random.Random, attributes: bytes, announced: int | None = None) -> bytes:
    """A binding request with these attributes; the length may lie."""
    length = len(attributes) if announced is None else announced
    return struct.pack("!HHI", 1, length, 0x2112A442) + chance.randbytes(12) + attributes


DATAGRAM_KINDS = (
    lambda chance: b"",
    lambda chance: chance.randbytes(1),
    lambda chance: chance.randbytes(chance.randrange(2, 1_400)),
    lambda chance: chance.randbytes(9_000),
    lambda chance: stun(chance, b""),
    lambda chance: stun(chance, b"", 60_000),
    lambda chance: stun(chance, struct.pack("!HH", 6, 65_535)),
    lambda chance: stun(chance, struct.pack("!HH", 6, 12) + b"nobody:never"),
    lambda chance: stun(chance, struct.pack("!HH", 6, 8) + b"\xff\xfe:\xff\x00\x01\x02\x03"),
    lambda chance: b"\x16\xfe\xfd" + chance.randbytes(100),
    lambda chance: b"\x17\xfe\xfd\x00\x01" + chance.randbytes(20),
    lambda chance: b"\x80\x60" + chance.randbytes(200),
    lambda chance: b"\xbf\xe0" + b"\xff" * 10,
    lambda chance: b"\x81\xc9" + chance.randbytes(6),
)

MINIMAL_OFFER = "\r\n".join(
    (
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        "a=fingerprint:sha-256 " + ":".join(["00"] * 32),
        "a=setup:actpass",
        "a=sendonly",
        "a=rtcp-mux",
        "a=rtpmap:96 VP8/90000",
        "",
    )
)


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


if __name__ == "__main__":
    unittest.main()
