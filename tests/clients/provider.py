"""An OpenID provider made of Authlib's server side and Flask, over TLS.

Authlib checks the client, its secret, the redirect address, PKCE and the code,
and makes the ID token; what is here is the records that it asks for.
"""

import logging
import pathlib
import ssl
import subprocess
import tempfile
import threading
import time

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin, OpenIDCode, UserInfo
from flask import Flask, jsonify, request
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

CLIENT_ID = "parlor"
CLIENT_SECRET = "9f1c5f0c6e3a9d1b7a42d0e8b6c4"


class Client(ClientMixin):
    """This server, as it is registered there."""

    redirect_uri = ""

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        return " ".join(word for word in scope.split() if word in ("openid", "email", "profile"))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class Person:
    """Whoever is signed in there."""

    def __init__(self, subject: str, email: str) -> None:
        self.id = subject
        self.email = email
        self.email_verified = True


class Code(AuthorizationCodeMixin):
    """A code that was handed out."""

    def __init__(self, code: str, asked, user: Person) -> None:
        self.code, self.user, self.made_at = code, user, int(time.time())
        self.redirect_uri, self.scope = asked.payload.redirect_uri, asked.payload.scope
        data = asked.payload.data
        self.nonce = data.get("nonce")
        self.code_challenge = data.get("code_challenge")
        self.code_challenge_method = data.get("code_challenge_method")

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.made_at


class Provider:
    """The provider, in a thread, with one client and whoever is signed in.

    On this very machine it may also do without TLS.
    """

    def __init__(self, is_secure: bool = True) -> None:
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="provider-"))
        self.certificate = self.folder / "cert.pem"
        context = self._certified() if is_secure else None
        self.client = Client()
        self.person = Person("s-1", "bo@example.org")
        self.codes: dict[str, Code] = {}
        self.key = RSAKey.generate_key(2048, parameters={"kid": "k-1", "use": "sig", "alg": "RS256"})
        self.app = Flask("provider")
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.server = make_server("127.0.0.1", 0, self.app, threaded=True, ssl_context=context)
        self.issuer = f"http{'s' if is_secure else ''}://localhost:{self.server.port}"
        self._routes()
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def _certified(self) -> ssl.SSLContext:
        # No authority, so that a client that trusts it takes it for a server's.
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
            + ["-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
            + ["-addext", "basicConstraints=critical,CA:FALSE"]
            + ["-keyout", str(self.folder / "key.pem"), "-out", str(self.certificate)],
            check=True,
            capture_output=True,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.folder / "key.pem")
        return context

    def _routes(self) -> None:
        oauth = AuthorizationServer(self.app, lambda _id: self.client, lambda _token, _request: None)
        oauth.register_grant(code_grant(self), [id_tokens(self)(require_nonce=True), CodeChallenge(required=True)])

        @self.app.get("/.well-known/openid-configuration")
        def metadata():
            at = self.issuer
            return jsonify(
                issuer=at,
                authorization_endpoint=f"{at}/authorize",
                token_endpoint=f"{at}/token",
                jwks_uri=f"{at}/keys",
                response_types_supported=["code"],
                subject_types_supported=["public"],
                id_token_signing_alg_values_supported=["RS256"],
                token_endpoint_auth_methods_supported=["client_secret_basic"],
            )

        @self.app.get("/keys")
        def keys():
            return jsonify(KeySet([self.key]).as_dict(private=False))

        @self.app.get("/authorize")
        def authorize():
            grant = oauth.get_consent_grant(end_user=self.person)
            return oauth.create_authorization_response(request, grant_user=self.person, grant=grant)

        @self.app.post("/token")
        def token():
            return oauth.create_token_response()

    def stop(self) -> None:
        """Ends the thread."""
        self.server.shutdown()
        self.thread.join()


def code_grant(provider: Provider) -> type:
    """Authlib's grant, on the provider's records."""

    class CodeGrant(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]

        def save_authorization_code(self, code, request):
            provider.codes[code] = Code(code, request, request.user)

        def query_authorization_code(self, code, client):
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code):
            del provider.codes[authorization_code.code]

        def authenticate_user(self, authorization_code):
            return authorization_code.user

    return CodeGrant


def id_tokens(provider: Provider) -> type:
    """Authlib's ID tokens, with the provider's key."""

    class IdTokens(OpenIDCode):
        def exists_nonce(self, nonce, request):
            return any(code.nonce == nonce for code in provider.codes.values())

        def resolve_client_private_key(self, client):
            return provider.key

        def get_client_claims(self, client):
            return {"iss": provider.issuer, "aud": [CLIENT_ID]}

        def get_encode_header(self, client):
            return {"alg": "RS256", "kid": provider.key.kid}

        def generate_user_info(self, user, scope):
            person = UserInfo(sub=user.id, email=user.email, email_verified=user.email_verified)
            return person | {"name": "Bo"}

    return IdTokens
