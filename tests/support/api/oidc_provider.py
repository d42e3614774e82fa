"""A small OpenID Connect provider: who comes is logged in; what it answers can be spoilt by a test."""

import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from opsconductor.config.sections.sign_in import OidcSettings
from opsconductor.identity.oidc.provider import basic

CLIENT, SECRET = "opsconductor", "client secret"


class Provider:
    """Issues codes and ID tokens, strictly as the standard says, but for what a test changes.

    Attributes:
        user: Claims of the user who logs in.
        spoilt: Claims of ID tokens that are changed; None: left out.
        header: Members of the header of ID tokens that are changed.
        key: Signs; not published while `is_key_hidden`.
        refuses: Error with which the browser is sent back; empty: none.
        userinfo: What the userinfo endpoint answers in addition.
        asked: Queries with which browsers came.
    """

    def __init__(self) -> None:
        self.issuer = ""
        self.user: dict[str, Any] = {
            "sub": "248289761001", "preferred_username": "anna", "groups": ["noc"], "name": "Anna Berg",
        }  # fmt: skip
        self.spoilt: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.refuses = ""
        self.userinfo: dict[str, Any] = {}
        self.asked: list[dict[str, str]] = []
        self.key: Any = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
        self._published = [self.key]
        self._codes: dict[str, dict[str, str]] = {}

    @property
    def settings(self) -> OidcSettings:
        """Return the settings of a client."""
        return OidcSettings.model_validate(
            {
                "issuer": self.issuer,
                "client_id": CLIENT,
                "client_secret": SECRET,
                "name": "Test ID",
                "group_roles": {"noc": "operator"},
            }
        )

    def rotate(self, *, publish: bool = True) -> None:
        """Sign with another key."""
        self.key = ECKey.generate_key("P-256", {"kid": secrets.token_hex(4), "use": "sig", "alg": "ES256"})
        self._published = [self.key] if publish else self._published

    def application(self) -> web.Application:
        """Build the server."""
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._metadata)
        app.router.add_get("/keys", self._keys)
        app.router.add_get("/authorize", self._authorize)
        app.router.add_post("/token", self._token)
        app.router.add_get("/userinfo", self._userinfo)
        app.router.add_get("/logout", self._logout)
        return app

    async def _metadata(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "end_session_endpoint": f"{self.issuer}/logout",
                "response_types_supported": ["code"],
            }
        )

    async def _keys(self, _request: web.Request) -> web.Response:
        unusable = {"kty": "RSA", "use": "enc", "kid": "enc", "n": "AQAB", "e": "AQAB"}
        return web.json_response(
            {"keys": [unusable, *KeySet(self._published).as_dict(private=False)["keys"]]}
        )

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        self.asked.append(asked)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert "openid" in asked["scope"].split()
        answer = {"state": asked["state"], "iss": self.issuer}
        if self.refuses:
            answer |= {"error": self.refuses, "error_description": "no <b>consent</b>"}
        else:
            code = answer["code"] = secrets.token_urlsafe()
            self._codes[code] = asked
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode(answer)}")

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if request.headers.get("Authorization") != basic(CLIENT, SECRET):
            return web.json_response({"error": "invalid_client"}, status=401)
        asked = self._codes.pop(str(form["code"]), None)
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or challenge != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({
            "access_token": "access", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"]),
        })  # fmt: skip

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        own = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        claims = {**self.user, **own, **self.spoilt}
        algorithm = self.key.get("alg", "RS256")
        header = {"alg": algorithm, "kid": self.key.kid, **self.header}
        wanted = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(header, wanted, self.key, algorithms=["RS256", "ES256", "HS256", "none"])

    async def _logout(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        raise web.HTTPFound(request.query["post_logout_redirect_uri"])

    async def _userinfo(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer access"
        return web.json_response({"sub": self.user["sub"], **self.userinfo})


@asynccontextmanager
async def running_provider(host: str = "127.0.0.1") -> AsyncIterator[Provider]:
    """Run a provider on loopback, under one of its names."""
    provider = Provider()
    server = TestServer(provider.application())
    await server.start_server()
    provider.issuer = f"http://{host}:{server.port}"
    try:
        yield provider
    finally:
        await server.close()
