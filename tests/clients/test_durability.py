"""A 200 means that the room is on disk, whatever happens to the process."""

import asyncio
import json
import resource
import shutil
import tempfile
import unittest

from parlor import Parlor

REQUESTS = 1_000
API_KEY = "durability-key"


class Durability(unittest.TestCase):
    """kill -9 in the middle of many concurrent creates."""

    def setUp(self) -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        self.data = tempfile.mkdtemp(prefix="parlor-durability-")
        self.addCleanup(shutil.rmtree, self.data, ignore_errors=True)

    def test_each_acknowledged_room_is_there_after_kill_9(self) -> None:
        acknowledged: set[str] = set()
        for round_number, kill_after in enumerate((1, 250, 600)):
            parlor = Parlor(data=self.data, api_key=API_KEY)
            try:
                acknowledged |= asyncio.run(create_until_killed(parlor, round_number, kill_after))
            finally:
                parlor.kill()
                parlor.stop()
            self.assert_all_there(acknowledged)
        self.assertGreaterEqual(len(acknowledged), 1 + 250 + 600)

    def assert_all_there(self, acknowledged: set[str]) -> None:
        parlor = Parlor(data=self.data, api_key=API_KEY)
        try:
            missing = [name for name in acknowledged if parlor.call("GET", f"/v1/rooms/{name}").status != 200]
            self.assertEqual(missing, [])
            listed = parlor.call("GET", "/v1/rooms?limit=1").json()["total_count"]
            self.assertGreaterEqual(listed, len(acknowledged))
            self.assertEqual(parlor.call("POST", "/v1/rooms", {}).status, 200)
        finally:
            parlor.kill()
            parlor.stop()


async def create_until_killed(parlor: Parlor, round_number: int, kill_after: int) -> set[str]:
    """All connections first, then all requests at once; the server dies after so many answers."""
    connections = await asyncio.gather(*(asyncio.open_connection(*parlor.address) for _ in range(REQUESTS)))
    acknowledged: set[str] = set()

    async def create(number: int) -> None:
        reader, writer = connections[number]
        name = f"round-{round_number}-room-{number}"
        try:
            writer.write(request(parlor.key, name))
            status = await asyncio.wait_for(reader.readline(), timeout=30)
        except OSError:
            return
        finally:
            writer.close()
        if b" 200 " in status:
            acknowledged.add(name)
            if len(acknowledged) == kill_after:
                parlor.process.kill()

    await asyncio.gather(*(create(number) for number in range(REQUESTS)))
    return acknowledged


def request(key: str, name: str) -> bytes:
    """A create as it goes over the wire."""
    body = json.dumps({"name": name}).encode()
    head = f"POST /v1/rooms HTTP/1.1\r\nHost: parlor\r\nAuthorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


if __name__ == "__main__":
    unittest.main()
