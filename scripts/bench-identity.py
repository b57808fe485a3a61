#!/usr/bin/env python3
"""What signing in and being refused costs, over HTTP, for docs/performance.md.

Usage: scripts/bench-identity.py [rounds]. PARLOR_BIN names the binary (default
target/release/parlor). Prints the time of each kind of 401 and how much it
differs from the others and from itself, how soon a deleted key is refused, and
how many people can sign in at once.
"""

import concurrent.futures
import http.client
import json
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[1]
BINARY = os.environ.get("PARLOR_BIN", str(ROOT / "target/release/parlor"))
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
REVOCATIONS = 100
# More of one account at once are refused: each counts as failed until it is good.
SIGN_INS = 10
PASSWORD = "a long enough passphrase"
EMAIL = "ana@example.org"


class Client:
    """One kept-alive connection."""

    def __init__(self, url: str) -> None:
        self.connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> http.client.HTTPResponse:
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        answer.text = answer.read().decode()
        return answer

    def with_key(self, key: str, method: str, path: str, body: object = None) -> http.client.HTTPResponse:
        return self.ask(method, path, json.dumps(body or {}), Authorization=f"Bearer {key}")


def refusals(client: Client, admin: str) -> None:
    def make(name: str, **more: str) -> str:
        body = {"name": name, "permissions": ["read:rooms"], **more}
        return json.loads(client.with_key(admin, "POST", "/api-keys", body).text)["value"]

    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
    keys = {"unknown": other_servers_key(), "expired": make("expired", expiresAt=ends), "revoked": make("revoked")}
    client.with_key(admin, "DELETE", "/api-keys/revoked")
    client.with_key(admin, "POST", "/_dev/clock", {"advance": "2m"})
    times: dict[str, list[float]] = {kind: [] for kind in keys}
    for _ in range(ROUNDS):
        for kind in random.sample(list(keys), len(keys)):
            started = time.perf_counter()
            answer = client.ask("GET", "/api/sandbox", Authorization=f"Bearer {keys[kind]}")
            times[kind].append((time.perf_counter() - started) * 1e6)
            assert answer.status == 401, (kind, answer.status, answer.text)
    medians = {kind: statistics.median(taken) for kind, taken in times.items()}
    for kind, taken in times.items():
        halves = abs(statistics.median(taken[::2]) - statistics.median(taken[1::2]))
        print(f"401 {kind:8} median {medians[kind]:6.1f} µs, itself again {halves:4.1f} µs apart")
    print(f"401 kinds differ by {max(medians.values()) - min(medians.values()):.1f} µs at most")


def other_servers_key() -> str:
    with tempfile.TemporaryDirectory() as folder:
        run = [BINARY, "api-key", "create", "other", "--data", folder]
        return subprocess.run(run, capture_output=True, text=True, check=True, env=environment()).stdout.split()[-1]


def revocations(client: Client, admin: str) -> None:
    slowest = 0.0
    for number in range(REVOCATIONS):
        made = client.with_key(admin, "POST", "/api-keys", {"name": f"r{number}", "permissions": ["read:rooms"]})
        key = json.loads(made.text)["value"]
        started = time.perf_counter()
        client.with_key(admin, "DELETE", f"/api-keys/r{number}")
        assert client.ask("GET", "/v1/rooms", Authorization=f"Bearer {key}").status == 401
        slowest = max(slowest, time.perf_counter() - started)
    print(f"a deleted key is refused {slowest * 1000:.1f} ms after the request at most, of {REVOCATIONS}")


def sign_in(url: str) -> int:
    client = Client(url)
    page = client.ask("GET", "/account/sign-in")
    cookie = page.headers["Set-Cookie"].split(";")[0]
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)[1]
    form = urllib.parse.urlencode({"csrf": csrf, "email": EMAIL, "password": PASSWORD})
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    return client.ask("POST", "/account/sign-in", form, **headers).status


def sign_ins(url: str) -> None:
    started = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(SIGN_INS) as pool:
        statuses = list(pool.map(lambda _: sign_in(url), range(SIGN_INS)))
    taken = time.perf_counter() - started
    assert set(statuses) == {303}, statuses
    print(f"{SIGN_INS} sign-ins at once: {SIGN_INS / taken:.1f} a second")


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PARLOR_")}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = [BINARY, "dev", "--json", "--listen", "127.0.0.1:0", "--data", folder, "--udp-port", "0"]
        server = subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment())
        try:
            ready = json.loads(server.stdout.readline())
            run = [BINARY, "user", "create", EMAIL, "--password-stdin", "--data", folder]
            subprocess.run(run, input=PASSWORD, text=True, check=True, capture_output=True, env=environment())
            client = Client(ready["url"])
            revocations(client, ready["api_key"])
            sign_ins(ready["url"])
            refusals(client, ready["api_key"])
        finally:
            server.terminate()
            server.wait(20)


if __name__ == "__main__":
    main()
