"""A server with TLS and a person, and that person's browser, for OpenID clients.

Clients of OpenID want https, and check it: so `parlor serve` has a certificate
of its own here, and the clients are told to trust that one.
"""

import base64
import hashlib
import html.parser
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

import requests

from parlor import BINARY, Parlor

EMAIL = "ana@example.org"
PASSWORD = "a long enough passphrase"
READY_WITHIN_SECONDS = 30


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class SecureParlor:
    """`parlor serve` with TLS on loopback, with one account.

    `settings` go to the end of its configuration, `variables` to its environment.
    """

    def __init__(self, settings: str = "", variables: dict[str, str] | None = None) -> None:
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="parlor-identity-"))
        self.certificate = self.folder / "cert.pem"
        self._certify()
        port = free_port()
        self.url = f"https://localhost:{port}"
        config = self.folder / "parlor.toml"
        config.write_text(
            f'listen = "127.0.0.1:{port}"\npublic_url = "{self.url}"\n'
            f'data = "{self.folder / "data"}"\n[tls]\ncert = "{self.certificate}"\n'
            f'key = "{self.folder / "key.pem"}"\n[media]\nudp_port = 0\nips = ["127.0.0.1"]\n'
            + settings
        )
        self.config = str(config)
        admin = {"PARLOR_ADMIN_EMAIL": EMAIL, "PARLOR_ADMIN_PASSWORD": PASSWORD}
        self.environment = environment = without_test_settings() | admin | (variables or {})
        self.log = (self.folder / "log").open("w")
        self.process = subprocess.Popen(
            [BINARY, "serve", "--config", self.config], env=environment, stdout=self.log, stderr=self.log
        )
        self._wait()

    def _certify(self) -> None:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
            + ["-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
            + ["-keyout", str(self.folder / "key.pem"), "-out", str(self.certificate)],
            check=True,
            capture_output=True,
        )

    def _wait(self) -> None:
        trusting = ssl.create_default_context(cafile=str(self.certificate))
        ends = time.monotonic() + READY_WITHIN_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/healthz", context=trusting, timeout=5).close()
                return
            except OSError:
                if time.monotonic() > ends or self.process.poll() is not None:
                    raise RuntimeError((self.folder / "log").read_text()) from None
                time.sleep(0.1)

    def command(self, *words: str) -> str:
        """What `parlor` says at this machine."""
        run = [BINARY, *words, "--config", self.config]
        done = subprocess.run(run, check=True, capture_output=True, text=True, env=self.environment)
        return done.stdout

    def register(self, *words: str) -> dict[str, str]:
        """The id, and the secret, of a new application."""
        lines = self.command("oauth-client", "create", *words).splitlines()
        return dict(line.split(maxsplit=1) for line in lines)

    def stop(self) -> None:
        """Ends the process and forgets its folder."""
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class FormReader(html.parser.HTMLParser):
    """The fields and the address of the first form of a page that posts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.is_open = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form" and self.action is None and values.get("method") == "post":
            self.action, self.is_open = values.get("action"), True
        if tag == "input" and self.is_open and values.get("name"):
            self.fields[str(values["name"])] = values.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        self.is_open = self.is_open and tag != "form"


def trust(session: requests.Session, certificate: pathlib.Path | None) -> None:
    """Checks certificates against this one alone, whatever the environment says of proxies and authorities."""
    session.trust_env = False
    if certificate:
        session.verify = str(certificate)


class Browser:
    """A cookie jar that fills in forms, and follows redirects on one server alone."""

    def __init__(self, origin: str, certificate: pathlib.Path | None = None) -> None:
        self.origin = origin
        self.session = requests.Session()
        trust(self.session, certificate)

    def open(self, url: str) -> requests.Response:
        """The page at the end of our own redirects, or the redirect that leads away."""
        return self._follow(self.session.get(url, allow_redirects=False))

    def submit(self, page: requests.Response, **fields: str) -> requests.Response:
        """Sends the form of a page with these values in it."""
        form = FormReader(page.text)
        assert form.action is not None, page.text
        url = requests.compat.urljoin(page.url, form.action)
        sent = self.session.post(url, data=form.fields | fields, allow_redirects=False)
        return self._follow(sent)

    def sign_in(self, page: requests.Response, email: str = EMAIL) -> requests.Response:
        """From the sign-in page to where it leads."""
        assert "/account/sign-in" in page.url, page.url
        return self.submit(page, email=email, password=PASSWORD)

    def _follow(self, answer: requests.Response) -> requests.Response:
        while answer.is_redirect:
            target = requests.compat.urljoin(answer.url, answer.headers["Location"])
            if not target.startswith(self.origin + "/"):
                return answer
            answer = self.session.get(target, allow_redirects=False)
        return answer


def without_test_settings() -> dict[str, str]:
    """The environment less what is for these tests, as PARLOR_BIN: the program would take it for a setting."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PARLOR_")}


def access_token(parlor: Parlor, email: str = EMAIL) -> str:
    """An account at `parlor dev`, and the token of whoever signed in to it with an application of this machine."""
    subprocess.run(
        [BINARY, "user", "create", email, "--password-stdin", "--data", parlor.data],
        input=PASSWORD,
        text=True,
        check=True,
        capture_output=True,
        env=without_test_settings(),
    )
    verifier = "v" * 64
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    callback = "http://127.0.0.1:1/callback"
    asked = {
        "response_type": "code",
        "client_id": "cli",
        "redirect_uri": callback,
        "scope": "openid profile email",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    browser = Browser(parlor.url)
    page = browser.open(f"{parlor.url}/oauth/authorize?{urllib.parse.urlencode(asked)}")
    page = browser.submit(browser.sign_in(page, email), decision="allow")
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(page.headers["Location"]).query)["code"][0]
    form = {
        "grant_type": "authorization_code",
        "client_id": "cli",
        "redirect_uri": callback,
        "code": code,
        "code_verifier": verifier,
    }
    answer = browser.session.post(f"{parlor.url}/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]
