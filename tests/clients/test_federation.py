"""People sign in through a provider that Authlib is, unmodified and over TLS."""

import unittest

import requests

from identity import EMAIL, Browser, SecureParlor, trust
from provider import CLIENT_ID, CLIENT_SECRET, Person, Provider

SETTINGS = """
[[identity_provider]]
name = "{name}"
title = "Corp"
issuer = "{issuer}"
client_id = "{client}"
client_secret_env = "CORP_SECRET"
email_domains = ["example.org"]
create_accounts = true
"""

NO_AUTHORITIES = {"SSL_CERT_FILE": "/dev/null", "SSL_CERT_DIR": "/dev/null"}


def settings(name: str, provider: Provider) -> str:
    """The provider, as the server's configuration names it."""
    return SETTINGS.format(name=name, issuer=provider.issuer, client=CLIENT_ID)


class Through(unittest.TestCase):
    """What a browser does that signs in through the provider `corp`."""

    provider: Provider
    server: SecureParlor

    def browser(self) -> Browser:
        """A browser that trusts the server, and has been nowhere."""
        return Browser(self.server.url, self.server.certificate)

    def at_provider(self, person: Person, sent: requests.Response) -> requests.Response:
        """What the provider says to a browser in which `person` is signed in."""
        self.provider.person = person
        with requests.Session() as session:
            is_secure = self.provider.issuer.startswith("https:")
            trust(session, self.provider.certificate if is_secure else None)
            return session.get(sent.headers["Location"], allow_redirects=False, timeout=20)

    def sign_in(self, person: Person) -> tuple[Browser, requests.Response]:
        """The whole way of a browser, to the page where it ends."""
        browser = self.browser()
        page = browser.open(f"{self.server.url}/account/sign-in?continue=/account/sessions")
        self.assertIn("Continue with Corp", page.text)
        sent = browser.open(f"{self.server.url}/account/sign-in/corp?continue=/account/sessions")
        self.assertTrue(sent.headers["Location"].startswith(f"{self.provider.issuer}/authorize?"))
        back = self.at_provider(person, sent)
        self.assertEqual(back.status_code, 302, back.text)
        return browser, browser.open(back.headers["Location"])


class FederationTest(Through):
    """One provider, and a server whose people may sign in through it."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.provider = Provider()
        cls.addClassCleanup(cls.provider.stop)
        # The provider's certificate is the one authority that the server knows.
        known = {"SSL_CERT_FILE": str(cls.provider.certificate), "SSL_CERT_DIR": "/dev/null"}
        cls.server = SecureParlor(settings("corp", cls.provider), known | {"CORP_SECRET": CLIENT_SECRET})
        cls.addClassCleanup(cls.server.stop)
        cls.provider.client.redirect_uri = f"{cls.server.url}/account/sign-in/corp/callback"

    def test_somebody_new_gets_an_account_and_is_known_again(self) -> None:
        for _ in range(2):
            _, page = self.sign_in(Person("s-bo", "bo@example.org"))
            self.assertEqual(page.url, f"{self.server.url}/account/sessions", page.text)
            self.assertIn("<b>bo@example.org</b>", page.text)
        self.assertEqual(self.server.command("user", "list").count("bo@example.org"), 1)

    def test_account_of_the_operator_is_linked_by_an_address_that_everybody_vouched_for(self) -> None:
        _, page = self.sign_in(Person("s-ana", EMAIL))
        self.assertIn(f"<b>{EMAIL}</b>", page.text)

    def test_address_that_nobody_looked_at_opens_nothing(self) -> None:
        person = Person("s-eve", EMAIL)
        person.email_verified = False
        _, page = self.sign_in(person)
        self.assertEqual(page.status_code, 403, page.text)
        self.assertIn("is not confirmed", page.text)

    def test_code_is_spent_by_its_first_use(self) -> None:
        browser = self.browser()
        sent = browser.open(f"{self.server.url}/account/sign-in/corp")
        cookies = browser.session.cookies.copy()
        back = self.at_provider(Person("s-bo", "bo@example.org"), sent).headers["Location"]
        browser.open(back)
        thief = self.browser()
        thief.session.cookies = cookies
        self.assertEqual(thief.open(back).status_code, 502)


class WithoutAuthoritiesTest(Through):
    """A server on a machine that has no certificates of authorities, as small images have none."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.provider = Provider(is_secure=False)
        cls.addClassCleanup(cls.provider.stop)
        cls.elsewhere = Provider()
        cls.addClassCleanup(cls.elsewhere.stop)
        both = settings("corp", cls.provider) + settings("far", cls.elsewhere)
        cls.server = SecureParlor(both, NO_AUTHORITIES | {"CORP_SECRET": CLIENT_SECRET})
        cls.addClassCleanup(cls.server.stop)
        cls.provider.client.redirect_uri = f"{cls.server.url}/account/sign-in/corp/callback"

    def test_provider_on_this_machine_needs_none(self) -> None:
        _, page = self.sign_in(Person("s-bo", "bo@example.org"))
        self.assertIn("<b>bo@example.org</b>", page.text)

    def test_log_says_what_is_missing_for_one_elsewhere(self) -> None:
        page = self.browser().open(f"{self.server.url}/account/sign-in/far")
        self.assertEqual(page.status_code, 502, page.text)
        log = (self.server.folder / "log").read_text()
        self.assertIn("this machine has no certificates of authorities", log)
        self.assertIn("ca-certificates", log)


if __name__ == "__main__":
    unittest.main()
