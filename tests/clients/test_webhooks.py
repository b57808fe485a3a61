"""Webhooks of real calls: exact, signed, and unimpressed by bad receivers."""

import contextlib
import json
import time
import unittest
import uuid
from typing import Any

from parlor import ParlorTestCase
from receiver import SECRET, Receiver, signature
from websocket import enter

EVENTS = ["meeting.started", "participant.joined", "participant.left", "meeting.ended"]
PARTICIPANT = [
    "room", "user_id", "user_name", "session_id", "joined_at", "will_eject_at", "owner", "permissions",
    "networkQualityState",
]  # fmt: skip
KEYS = {
    "meeting.started": ["start_ts", "meeting_id", "room"],
    "participant.joined": PARTICIPANT,
    "participant.left": [*PARTICIPANT, "duration"],
    "meeting.ended": ["start_ts", "end_ts", "meeting_id", "room"],
}


class Webhooks(ParlorTestCase):
    """A call is what events come from; each test has a receiver of its own."""

    def setUp(self) -> None:
        self.receiver = Receiver()
        self.addCleanup(self.receiver.stop)
        self.addCleanup(self._remove_webhooks)

    def _remove_webhooks(self) -> None:
        for webhook in self.parlor.call("GET", "/v1/webhooks").json():
            self.parlor.call("DELETE", f"/v1/webhooks/{webhook['uuid']}")

    def _webhook(self, path: str, **more: Any) -> str:
        body = {"url": self.receiver.url(path), "eventTypes": EVENTS, "hmac": SECRET, **more}
        answer = self.parlor.call("POST", "/v1/webhooks", body)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()["uuid"]

    def _meet(self, room: str) -> None:
        call = enter(self.parlor, room)
        call.say({"type": "leave"})
        with contextlib.suppress(OSError):
            while call.hear() is not None:
                pass
        call.close()

    def _room(self, **more: Any) -> str:
        return self.parlor.call("POST", "/v1/rooms", more).json()["name"]

    def _deliveries(self, webhook: str, until: set[str], count: int = 4) -> list[Any]:
        """The log, once there are so many deliveries and each is in one of these states."""
        end = time.monotonic() + 40
        while True:
            log = self.parlor.call("GET", f"/v1/parlor/webhooks/{webhook}/deliveries").json()["data"]
            if len(log) == count and {delivery["state"] for delivery in log} <= until:
                return log
            self.assertLess(time.monotonic(), end, [delivery["state"] for delivery in log])
            time.sleep(0.05)

    def test_a_call_is_told_signed_in_order_and_as_documented(self) -> None:
        webhook = self._webhook("/ok", basicAuth="dXNlcjpwYXNz")
        room = self._room()
        self._meet(room)
        posts = self.receiver.box.wait("/ok", 4)
        for post, event_type in zip(posts, EVENTS, strict=True):
            event = post.json()
            self.assertEqual(list(event), ["version", "type", "id", "payload", "event_ts"])
            self.assertEqual((event["version"], event["type"]), ("1.0.0", event_type))
            self.assertEqual(list(event["payload"]), KEYS[event_type])
            self.assertEqual(event["payload"]["room"], room)
            self.assertAlmostEqual(event["event_ts"], time.time(), delta=60)
            self.assertEqual(post.headers["authorization"], "Basic dXNlcjpwYXNz")
            timestamp, signed = post.headers["x-webhook-timestamp"], post.headers["x-webhook-signature"]
            self.assertEqual(signed, signature(timestamp, post.body))
            again = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
            self.assertEqual(post.body, again, "parsed and written again it is the same")
        joined, left = posts[1].json()["payload"], posts[2].json()["payload"]
        self.assertEqual(left["joined_at"], joined["joined_at"])
        self.assertGreaterEqual(left["duration"], 0)
        self.assertEqual(joined["permissions"]["hasPresence"], True)
        log = self._deliveries(webhook, {"delivered"})
        self.assertEqual([one["event"]["type"] for one in log], EVENTS[::-1])
        self.assertNotIn("authorization", log[0]["attempts"][0]["request"]["headers"])

    def test_a_receiver_that_misbehaves_harms_only_itself(self) -> None:
        expected = {
            "/fails": {"failed", "skipped"},
            "/redirects": {"failed", "skipped"},
            "/hangs": {"failed", "skipped"},
            "/nonsense": {"failed", "skipped"},
            "/short": {"delivered"},
            "/long": {"delivered"},
            "/endless": {"delivered"},
        }
        webhooks = {path: self._webhook(path) for path in expected}
        good = self._webhook("/ok")
        room = self._room()
        for _ in range(3):
            self._meet(room)
        # Nobody waits for the one that hangs: its twelve attempts take 8 seconds each.
        self.receiver.box.wait("/ok", 12)
        self._deliveries(good, {"delivered"}, 12)
        for path, states in expected.items():
            with self.subTest(path):
                self._deliveries(webhooks[path], states, 12)
                state = self.parlor.call("GET", f"/v1/webhooks/{webhooks[path]}").json()["state"]
                self.assertEqual(state, "FAILED" if "failed" in states else "ACTIVE")
        self.assertEqual(self.receiver.box.events("/redirected"), [])
        self.assertEqual(len(self.receiver.box.events("/fails")), 3, "nothing after the third failure")

    def test_a_join_hook_is_posted_to_for_each_join(self) -> None:
        hook = self.receiver.url("/ok-join")
        self._meet(self._room(properties={"meeting_join_hook": hook}))
        self._meet(self._room())
        posts = self.receiver.box.wait("/ok-join", 1)
        event = posts[0].json()
        self.assertEqual((event["type"], len(posts)), ("participant.joined", 1))
        self.assertEqual(self.parlor.call("GET", "/v1/webhooks").json(), [])

    def test_a_failed_webhook_is_started_again_and_replayed(self) -> None:
        webhook = self._webhook("/fails")
        began = time.time() - 1
        self._meet(self._room())
        self._deliveries(webhook, {"failed", "skipped"})
        answer = self.parlor.call("POST", f"/v1/webhooks/{webhook}", {"url": self.receiver.url("/ok-again")})
        self.assertEqual((answer.status, answer.json()["state"]), (200, "ACTIVE"))
        answer = self.parlor.call("POST", f"/v1/parlor/webhooks/{webhook}/replay", {"since": began})
        self.assertEqual(answer.json(), {"queued": 4})
        self.receiver.box.wait("/ok-again", 4)
        before = {event["id"] for event in self.receiver.box.events("/fails")}
        after = {event["id"] for event in self.receiver.box.events("/ok-again")}
        self.assertLessEqual(before, after, "the events keep their ids")

    def test_bad_input_is_refused_in_the_envelope(self) -> None:
        webhook = self._webhook("/ok")
        for path in ("/v1/webhooks", f"/v1/webhooks/{webhook}", f"/v1/parlor/webhooks/{webhook}/replay"):
            for body in (b"{", b"[]", b'"x"', b"\xff", b'{"a":' * 200, b"[" * 100_000):
                answer = self.parlor.call("POST", path, body)
                self.assertEqual(answer.status, 400, (path, body[:20], answer.body))
        for bad in ({"url": "http://x\x00y"}, {"url": "http://" + "x" * 5000}, {"url": {"a": 1}}, {"hmac": ""}):
            self.assert_error(self.parlor.call("POST", "/v1/webhooks", bad), 400, "invalid-request-error")
        for path in (f"/v1/webhooks/{uuid.uuid4()}", "/v1/webhooks/%00", "/v1/parlor/webhooks/x/deliveries"):
            self.assert_error(self.parlor.call("GET", path), 404, "not-found")


if __name__ == "__main__":
    unittest.main()
