"""Authlib as a client of ours: discovery, the code flow with PKCE, ID token,
userinfo, refresh and revocation, with none of its checks relaxed."""

import unittest

from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, JsonWebToken
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url

from identity import EMAIL, Browser, SecureParlor, trust

CALLBACK = "https://app.example/cb"
SCOPE = "openid profile email offline_access"


class AuthlibTest(unittest.TestCase):
    """One server, and an application of others on it."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = SecureParlor()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.server.stop()

    def setUp(self) -> None:
        self.browser = Browser(self.server.url, self.server.certificate)
        url = get_well_known_url(self.server.url, external=True)
        self.metadata = OpenIDProviderMetadata(self.browser.session.get(url).json())
        self.metadata.validate()

    def client(self, registered: dict[str, str], method: str) -> OAuth2Session:
        """Authlib's client for a registered application."""
        client = OAuth2Session(
            registered["client_id"],
            registered.get("client_secret"),
            scope=SCOPE,
            redirect_uri=CALLBACK,
            token_endpoint_auth_method=method,
            revocation_endpoint_auth_method=method,
            code_challenge_method="S256",
        )
        trust(client, self.server.certificate)
        return client

    def sign_in(self, client: OAuth2Session, nonce: str) -> dict:
        """The whole way from the application's link to its tokens."""
        verifier = generate_token(48)
        address, _ = client.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
        )
        page = self.browser.open(address)
        if "/account/sign-in" in page.url:
            page = self.browser.sign_in(page)
        if not page.is_redirect:
            page = self.browser.submit(page, decision="allow")
        return client.fetch_token(
            self.metadata["token_endpoint"],
            authorization_response=page.headers["Location"],
            code_verifier=verifier,
        )

    def claims(self, token: dict, client_id: str, nonce: str) -> CodeIDToken:
        """The ID token, checked against the published keys."""
        keys = self.browser.session.get(self.metadata["jwks_uri"]).json()
        claims = JsonWebToken(["RS256", "ES256", "EdDSA"]).decode(
            token["id_token"],
            JsonWebKey.import_key_set(keys),
            claims_cls=CodeIDToken,
            claims_options={
                "iss": {"essential": True, "value": self.metadata["issuer"]},
                "aud": {"essential": True, "value": client_id},
            },
            claims_params={"client_id": client_id, "nonce": nonce, "access_token": token["access_token"]},
        )
        claims.validate()
        return claims

    def test_every_kind_of_client_signs_a_person_in(self) -> None:
        kinds = [
            (["--public"], "none"),
            ([], "client_secret_basic"),
            ([], "client_secret_post"),
            (["--own", "--alg", "ES256"], "client_secret_basic"),
            (["--own", "--alg", "EdDSA"], "client_secret_basic"),
        ]
        for number, (words, method) in enumerate(kinds):
            with self.subTest(words=words, method=method):
                registered = self.server.register(f"App {number}", "--redirect-uri", CALLBACK, *words)
                client = self.client(registered, method)
                token = self.sign_in(client, f"nonce-{number}")
                claims = self.claims(token, registered["client_id"], f"nonce-{number}")
                self.assertEqual(claims["email"], EMAIL)
                info = client.get(self.metadata["userinfo_endpoint"]).json()
                self.assertEqual((info["sub"], info["email"]), (claims["sub"], EMAIL))

    def test_refresh_tokens_rotate_and_reuse_ends_the_sign_in(self) -> None:
        registered = self.server.register("Refreshing", "--redirect-uri", CALLBACK)
        client = self.client(registered, "client_secret_basic")
        first = self.sign_in(client, "n")
        second = client.refresh_token(self.metadata["token_endpoint"], first["refresh_token"])
        self.assertNotEqual(first["refresh_token"], second["refresh_token"])
        for old in (first, second):
            with self.assertRaises(OAuthError) as refused:
                client.refresh_token(self.metadata["token_endpoint"], old["refresh_token"])
            self.assertEqual(refused.exception.error, "invalid_grant")

    def test_token_that_is_given_back_is_good_no_more(self) -> None:
        registered = self.server.register("Revoking", "--redirect-uri", CALLBACK)
        client = self.client(registered, "client_secret_basic")
        token = self.sign_in(client, "n")
        userinfo = self.metadata["userinfo_endpoint"]
        self.assertEqual(client.get(userinfo).status_code, 200)
        answer = client.revoke_token(self.metadata["revocation_endpoint"], token["refresh_token"])
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(client.get(userinfo).status_code, 401)


if __name__ == "__main__":
    unittest.main()
