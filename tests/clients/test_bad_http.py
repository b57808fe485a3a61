"""HTTP requests that are wrong in every way we could think of."""

import json
import socket
import unittest

from parlor import Answer, ParlorTestCase

MIB = 1024 * 1024


class BadJson(ParlorTestCase):
    """Bodies that are not what the contract wants."""

    def test_malformed_json_is_a_parsing_error(self) -> None:
        for body in (b"{", b'{"name":', b"}", b"{'name': 'x'}", b"nope", b'{"name": "a",}', b"\x00", b'{"a": 1e999999}'):
            with self.subTest(body=body):
                answer = self.parlor.call("POST", "/v1/rooms", body)
                self.assertEqual(answer.status, 400, answer.body)
                self.assertIn(answer.json()["error"], ("json-parsing-error", "invalid-request-error"))
        self.assert_error(self.parlor.call("POST", "/v1/rooms", b"{"), 400, "json-parsing-error")

    def test_invalid_utf_8_is_a_parsing_error(self) -> None:
        body = b'{"name": "\xff\xfe"}'
        self.assert_error(self.parlor.call("POST", "/v1/rooms", body), 400, "json-parsing-error")
        self.assert_error(self.parlor.call("POST", "/v1/rooms", b'{"name": "\\ud800"}'), 400, "json-parsing-error")

    def test_json_that_is_no_object_is_an_invalid_request(self) -> None:
        for body in (b"[]", b'"room"', b"5", b"true"):
            with self.subTest(body=body):
                self.assert_error(self.parlor.call("POST", "/v1/rooms", body), 400, "invalid-request-error")

    def test_very_deep_json_is_refused_and_not_followed(self) -> None:
        for body in (b"[" * 100_000, b'{"properties":' * 50_000, b'{"name":' + b"[" * 200 + b"]" * 200 + b"}"):
            with self.subTest(size=len(body)):
                answer = self.parlor.call("POST", "/v1/rooms", body)
                self.assertEqual(answer.status, 400, answer.body[:200])

    def test_wrong_types_name_the_property(self) -> None:
        for properties, name in (
            ({"max_participants": "many"}, "max_participants"),
            ({"max_participants": -1}, "max_participants"),
            ({"max_participants": 1.5}, "max_participants"),
            ({"enable_chat": "yes"}, "enable_chat"),
            ({"exp": "soon"}, "exp"),
            ({"exp": True}, "exp"),
            ({"lang": 5}, "lang"),
            ({"permissions": {"canSend": 7}}, "permissions"),
        ):
            with self.subTest(properties=properties):
                answer = self.parlor.call("POST", "/v1/rooms", {"properties": properties})
                self.assertIn(name, self.assert_error(answer, 400, "invalid-request-error"))
        for body in ({"name": 5}, {"privacy": "secret"}, {"properties": []}, {"properties": "x"}, {"privacy": 1}):
            with self.subTest(body=body):
                self.assert_error(self.parlor.call("POST", "/v1/rooms", body), 400, "invalid-request-error")

    def test_unknown_properties_are_named(self) -> None:
        for path, body in (
            ("/v1/rooms", {"foobar": 1}),
            ("/v1/rooms", {"properties": {"foobar": 1}}),
            ("/v1/meeting-tokens", {"foobar": 1}),
            ("/v1/meeting-tokens", {"properties": {"foobar": 1}}),
        ):
            with self.subTest(path=path, body=body):
                answer = self.parlor.call("POST", path, body)
                info = self.assert_error(answer, 400, "invalid-request-error")
                self.assertIn("unknown parameter 'foobar'", info)

    def test_over_long_and_odd_names_are_refused(self) -> None:
        self.assertEqual(self.parlor.call("POST", "/v1/rooms", {"name": "n" * 128}).status, 200)
        for name in ("n" * 129, "n" * 100_000, "a b", "a/b", "ä", "a\u0000b", "../etc", "😀"):
            with self.subTest(name=name[:20]):
                answer = self.parlor.call("POST", "/v1/rooms", {"name": name})
                info = self.assert_error(answer, 400, "invalid-request-error")
                self.assertLess(len(info), 2_000)

    def test_garbage_at_the_door_is_refused(self) -> None:
        for body in (b"", b"{", b"[]", b"{}", b'{"room": 5}', b'{"room": "a", "token": 5}', b"\xff"):
            with self.subTest(body=body):
                answer = self.parlor.call("POST", "/_parlor/join", body)
                self.assertIn(answer.status, (400, 404), answer.body)
                self.assertIn("error", answer.json())
        room = self.parlor.call("POST", "/v1/rooms", {}).json()["name"]
        for token in ("x", "a.b.c", "....", "é", "e30.e30.", "A" * 20_000):
            with self.subTest(token=token[:10]):
                answer = self.parlor.call("POST", "/_parlor/join", {"room": room, "token": token})
                self.assertEqual(answer.status, 403, answer.body)
                self.assertEqual(answer.json()["reason"], "not-allowed")


class BadHttp(ParlorTestCase):
    """Requests that are wrong below the JSON."""

    def test_two_mebibytes_are_too_large(self) -> None:
        body = json.dumps({"name": "x" * 2 * MIB}).encode()
        self.assert_error(self.parlor.call("POST", "/v1/rooms", body), 413, "invalid-request-error")

    def test_two_mebibytes_in_chunks_are_too_large(self) -> None:
        head = (
            f"POST /v1/rooms HTTP/1.1\r\nHost: parlor\r\nAuthorization: Bearer {self.parlor.key}\r\n"
            "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        )
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        self.assertEqual(self.parlor.send(head.encode() + chunk * 32 + b"0\r\n\r\n").status, 413)

    def test_forty_kibibytes_of_headers_are_too_large(self) -> None:
        self.assertEqual(self.parlor.call("GET", "/v1/rooms", headers=f"X-Big: {'x' * 40 * 1024}\r\n").status, 431)
        many = "".join(f"X-{number}: value\r\n" for number in range(3_000))
        self.assertEqual(self.parlor.call("GET", "/v1/rooms", headers=many).status, 431)

    def test_an_endless_request_line_is_cut_off(self) -> None:
        answer = self.parlor.send(b"GET /" + b"a" * 200_000)
        self.assertIn(answer.status, (0, 400, 414, 431))

    def test_bad_percent_encoding_is_an_error_of_the_right_envelope(self) -> None:
        for segment in ("%zz", "%", "%2", "%ff", "%c3%28", "%00", "a%2fb", "%2e%2e"):
            for prefix in ("/v1/rooms/", "/v1/meeting-tokens/", "/api/v1/rooms/"):
                with self.subTest(path=prefix + segment):
                    answer = self.parlor.call("GET", prefix + segment)
                    self.assertIn(answer.status, (400, 404), answer.body)
                    self.assertIn("error", answer.json())

    def test_bad_queries_are_refused(self) -> None:
        for query in ("limit=x", "limit=0", "limit=-1", "limit=1.5", "starting_after=nobody", "limit=%ff", "limit=1&limit=%"):
            with self.subTest(query=query):
                answer = self.parlor.call("GET", f"/v1/rooms?{query}")
                self.assert_error(answer, 400, "invalid-request-error")

    def test_broken_authorization_headers_are_errors(self) -> None:
        for header, status, kind in (
            ("", 400, "authorization-header-error"),
            ("Authorization: Bearer\r\n", 400, "authorization-header-error"),
            ("Authorization: Basic eDp5\r\n", 400, "authorization-header-error"),
            (f"Authorization: {self.parlor.key}\r\n", 400, "authorization-header-error"),
            ("Authorization: Bearer \xff\xfe\r\n", None, None),
            (f"Authorization: Bearer {'x' * 10_000}\r\n", 401, "authentication-error"),
            ("Authorization: Bearer wrong\r\n", 401, "authentication-error"),
        ):
            with self.subTest(header=header[:30]):
                request = f"GET /v1/rooms HTTP/1.1\r\nHost: parlor\r\n{header}Connection: close\r\n\r\n"
                answer = self.parlor.send(request.encode("latin-1"))
                if status is None:
                    self.assertIn(answer.status, (400, 401), answer.body)
                else:
                    self.assert_error(answer, status, kind)

    def test_what_is_no_http_is_answered_or_closed(self) -> None:
        for garbage in (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200 + b"\r\n\r\n",
            b"\x00" * 1_000 + b"\r\n\r\n",
            b"GET\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"G\xc3\x89T / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
            b"POST /v1/rooms HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            b"POST /v1/rooms HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nBad Header\r\n\r\n",
        ):
            with self.subTest(garbage=garbage[:40]):
                self.assertIn(self.parlor.send(garbage).status, (0, 400, 413, 505))

    def test_wrong_methods_and_unknown_routes_answer_in_the_envelope(self) -> None:
        answer = self.parlor.call("PATCH", "/v1/rooms")
        self.assert_error(answer, 405, "invalid-request-error")
        self.assertIn("POST", answer.headers["allow"])
        self.assert_error(self.parlor.call("GET", "/v1/there-is-nothing-here"), 404, "not-found")
        self.assertIn(self.parlor.call("BREW", "/v1/rooms").status, (400, 405, 501))

    def test_a_body_that_stops_half_way_is_no_request(self) -> None:
        head = f"POST /v1/rooms HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.parlor.key}\r\nContent-Length: 100\r\n\r\n"
        with socket.create_connection(self.parlor.address, timeout=10) as connection:
            connection.sendall(head.encode() + b'{"name": "half')
            connection.shutdown(socket.SHUT_WR)
            self.assertNotIn(b" 200 ", connection.recv(4096)[:15])
        self.assertEqual(self.parlor.call("GET", "/v1/rooms/half").status, 404)

    def test_memory_does_not_grow_with_bad_requests(self) -> None:
        self.assert_memory_settles(self.flood, rounds=10, most_kib=16 * 1024)

    def flood(self) -> list[Answer]:
        """A few of each expensive kind."""
        large = json.dumps({"name": "x" * 2 * MIB}).encode()
        deep = b"[" * 500_000
        return [
            self.parlor.call("POST", "/v1/rooms", body, headers)
            for body in (large, deep, b"{" * 1_000, {"properties": {f"p{number}": 1 for number in range(20_000)}})
            for headers in ("", f"X-Big: {'x' * 40 * 1024}\r\n")
        ]


if __name__ == "__main__":
    unittest.main()
