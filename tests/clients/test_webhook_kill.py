"""kill -9 at random points of a thousand deliveries: each fact arrives, at least once."""

import concurrent.futures
import contextlib
import random
import shutil
import tempfile
import time
import unittest
from typing import Any

from parlor import Parlor
from receiver import SECRET, Receiver
from websocket import enter

API_KEY = "webhook-kill-key"
WEBHOOKS = 5
MOST_ROUNDS = 60
CALLS_A_ROUND = 10
CALM_CALLS = 5
DELIVERIES = 1000
EVENTS = ["meeting.started", "participant.joined", "participant.left", "meeting.ended"]
PATIENCE_SECONDS = 40
ROUND_SECONDS = 5


class Kills(unittest.TestCase):
    """Four facts a call, each to every webhook, and a server that dies again and again."""

    def setUp(self) -> None:
        self.data = tempfile.mkdtemp(prefix="parlor-webhooks-")
        self.addCleanup(shutil.rmtree, self.data, ignore_errors=True)
        self.receiver = Receiver()
        self.addCleanup(self.receiver.stop)

    def test_each_fact_arrives_at_least_once_with_one_id(self) -> None:
        chance = random.Random(7)
        parlor = Parlor(data=self.data, api_key=API_KEY)
        paths = [f"/ok-slow-{number}" for number in range(WEBHOOKS)]
        webhooks = {path: self._webhook(parlor, path) for path in paths}
        contributed: list[int] = []
        while sum(contributed) < DELIVERIES and len(contributed) < MOST_ROUNDS:
            with concurrent.futures.ThreadPoolExecutor(CALLS_A_ROUND) as pool:
                calls = [pool.submit(meet, parlor, chance.random() * 0.3) for _ in range(CALLS_A_ROUND)]
                # Some kills before the first delivery, most in the middle of them.
                self._until_posts(chance.randint(0, CALLS_A_ROUND * len(EVENTS) * WEBHOOKS // 2))
                parlor.kill()
                concurrent.futures.wait(calls)
            parlor.stop()
            parlor = Parlor(data=self.data, api_key=API_KEY)
            contributed.append(len(facts_on_record(parlor)) * WEBHOOKS - sum(contributed))
        self.addCleanup(parlor.stop)
        self.assertGreaterEqual(sum(contributed), DELIVERIES, contributed)
        self.assertGreater(sum(count > 0 for count in contributed), 3, contributed)
        # Nothing hinders what comes afterwards.
        with concurrent.futures.ThreadPoolExecutor(CALLS_A_ROUND) as pool:
            list(pool.map(lambda _: meet(parlor, 0), range(CALM_CALLS)))
        self._assert_all_arrived(parlor, webhooks)
        print(f"kill by kill: {contributed}")

    def _until_posts(self, more: int) -> None:
        """Waits for so many posts more, for a while."""
        box = self.receiver.box
        with box.changed:
            wanted = more + sum(map(len, box.posts.values()))
            box.changed.wait_for(lambda: sum(map(len, box.posts.values())) >= wanted, ROUND_SECONDS)

    def _webhook(self, parlor: Parlor, path: str) -> str:
        body = {"url": self.receiver.url(path), "eventTypes": EVENTS, "hmac": SECRET}
        answer = parlor.call("POST", "/v1/webhooks", body)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()["uuid"]

    def _assert_all_arrived(self, parlor: Parlor, webhooks: dict[str, str]) -> None:
        facts = facts_on_record(parlor)
        total = 0
        for path, webhook in webhooks.items():
            log = self._settled(parlor, webhook)
            total += len(log)
            arrived: dict[str, bytes] = {}
            for post in self.receiver.box.wait(path, 1):
                self.assertEqual(arrived.setdefault(post.json()["id"], post.body), post.body)
            self.assertEqual({delivery["event"]["id"] for delivery in log} - set(arrived), set())
            subjects = {"-".join(event.split("-")[:-2]) for event in arrived}
            self.assertEqual(facts - subjects, set(), "each fact on record has arrived")
            attempts = [attempt["status"] for delivery in log for attempt in delivery["attempts"]]
            self.assertEqual(set(attempts), {200}, "what a kill cuts off is no failure")
            state = parlor.call("GET", f"/v1/webhooks/{webhook}").json()
            self.assertEqual((state["state"], state["failedCount"]), ("ACTIVE", 0))
        self.assertGreaterEqual(total, DELIVERIES)
        print(f"{total} deliveries of {total // len(webhooks)} events")

    def _settled(self, parlor: Parlor, webhook: str) -> list[Any]:
        """Every delivery, once none is pending."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            log = pages(parlor, f"/v1/parlor/webhooks/{webhook}/deliveries")
            if all(delivery["state"] == "delivered" for delivery in log):
                return log
            self.assertLess(time.monotonic(), end, {delivery["state"] for delivery in log})
            time.sleep(0.1)


def meet(parlor: Parlor, seconds: float) -> None:
    """A short call of one; the server may die in the middle of it."""
    with contextlib.suppress(OSError, ValueError, KeyError, AssertionError):
        room = parlor.call("POST", "/v1/rooms", {}).json()["name"]
        call = enter(parlor, room)
        time.sleep(seconds)
        call.say({"type": "leave"})
        while call.hear() is not None:
            pass
        call.close()


def pages(parlor: Parlor, path: str) -> list[Any]:
    """A whole list."""
    items: list[Any] = []
    while True:
        cursor = f"?starting_after={items[-1]['id']}" if items else ""
        page = parlor.call("GET", path + cursor).json()["data"]
        if not page:
            return items
        items += page


def facts_on_record(parlor: Parlor) -> set[str]:
    """What the history knows of, as the events' ids begin."""
    facts = set()
    for meeting in pages(parlor, "/v1/meetings"):
        facts |= {f"mtg-start-{meeting['id']}", f"mtg-end-{meeting['id']}"}
        for participant in meeting["participants"]:
            facts |= {f"ptcp-join-{participant['participant_id']}", f"ptcp-left-{participant['participant_id']}"}
    return facts


if __name__ == "__main__":
    unittest.main()
