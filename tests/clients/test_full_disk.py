"""A full disk: writes fail with a reason, reads go on, nothing acknowledged is lost."""

import shutil
import subprocess
import tempfile
import unittest

from parlor import Parlor

API_KEY = "full-disk-key"
DISK_KIB = 3 * 1024
MANY = 20_000
# About two kilobytes, so that the disk is full soon.
LARGE_PROPERTIES = {
    "permissions": {"canReceive": {"byUserId": {f"somebody-with-the-number-{number}": False for number in range(60)}}}
}


class SmallDisk:
    """A tmpfs in a mount namespace of its own, so that no real disk is filled."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="parlor-full-disk-")
        mount = f"mount -t tmpfs -o size={DISK_KIB}k parlor-test {self.folder} && echo mounted && exec sleep 600"
        self.holder = subprocess.Popen(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.holder.stdout is not None
        self.is_mounted = self.holder.stdout.readline() == "mounted\n"

    def start(self) -> Parlor:
        """A server whose data folder is the small disk."""
        enter = ("nsenter", f"--target={self.holder.pid}", "--user", "--mount", "--preserve-credentials")
        return Parlor(data=self.folder, api_key=API_KEY, within=enter)

    def close(self) -> None:
        """The disk goes with its last process."""
        self.holder.kill()
        self.holder.wait()
        if self.holder.stdout:
            self.holder.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class FullDisk(unittest.TestCase):
    """Rooms until nothing fits any more."""

    def setUp(self) -> None:
        self.disk = SmallDisk()
        self.addCleanup(self.disk.close)
        if not self.disk.is_mounted:
            self.skipTest("this kernel allows no mount namespace (unshare --user --mount)")

    def test_writes_answer_5xx_with_a_reason_and_acknowledged_rooms_survive(self) -> None:
        parlor = self.disk.start()
        try:
            acknowledged = self.fill(parlor)
            for name in acknowledged[:: max(1, len(acknowledged) // 50)]:
                self.assertEqual(parlor.call("GET", f"/v1/rooms/{name}").status, 200)
            self.assertNotIn("panicked", parlor.read_log())
        finally:
            parlor.kill()
            parlor.stop()
        again = self.disk.start()
        try:
            missing = [name for name in acknowledged if again.call("GET", f"/v1/rooms/{name}").status != 200]
            self.assertEqual(missing, [])
        finally:
            again.kill()
            again.stop()

    def fill(self, parlor: Parlor) -> list[str]:
        """Creates rooms until the disk is full; checks how that is said."""
        acknowledged = []
        for number in range(MANY):
            name = f"room-{number}"
            answer = parlor.call("POST", "/v1/rooms", {"name": name, "properties": LARGE_PROPERTIES})
            if answer.status == 200:
                acknowledged.append(name)
                continue
            self.assertEqual(answer.status, 503, answer.body)
            self.assertEqual(answer.json()["error"], "server-error")
            self.assertIn("full", answer.json()["info"])
            return acknowledged
        self.fail("the disk never became full")


if __name__ == "__main__":
    unittest.main()
