"""What a provider says of itself: its endpoints (OpenID Connect Discovery 1.0) and its keys (RFC 7517)."""

import asyncio
import time
from typing import Annotated, Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet
from pydantic import AfterValidator, BaseModel, ValidationError

from opsconductor.errors import ProviderError
from opsconductor.identity.oidc.http import ProviderHttp

METADATA_LIFETIME_S = 3_600.0
KEYS_LIFETIME_S = 3_600.0
REFRESH_AFTER_S = 10.0
"""A token with an unknown key has the keys read again, at most this often."""
FAILURE_LIFETIME_S = 5.0
"""Any client can cause a read of the metadata: after a failure it is not repeated during this time."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
MOST_KEYS = 50


def _encrypted(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return url
    raise ValueError("an https URL")


Endpoint = Annotated[str, AfterValidator(_encrypted)]


class Metadata(BaseModel):
    """The part of a provider's metadata that is used."""

    issuer: str
    authorization_endpoint: Endpoint
    token_endpoint: Endpoint
    jwks_uri: Endpoint
    userinfo_endpoint: Endpoint | None = None
    end_session_endpoint: Endpoint | None = None
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


class ProviderFacts:
    """Metadata and keys of a provider, read when they are needed and kept for an hour."""

    def __init__(self, issuer: str, http: ProviderHttp) -> None:
        self._issuer = issuer
        self._http = http
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._failure: tuple[float, str] | None = None
        self._reading = asyncio.Lock()

    async def metadata(self) -> Metadata:
        """Return the metadata; calls at the same time share one request and its failure.

        Raises:
            ProviderError: The provider does not answer, or is another one.
        """
        async with self._reading:
            now_s = time.monotonic()
            if self._metadata is None or now_s - self._metadata[0] > METADATA_LIFETIME_S:
                if self._failure is not None and now_s - self._failure[0] < FAILURE_LIFETIME_S:
                    raise ProviderError(self._failure[1])
                try:
                    self._metadata = now_s, await self._read_metadata()
                except ProviderError as error:
                    self._failure = time.monotonic(), str(error)
                    raise
            return self._metadata[1]

    async def _read_metadata(self) -> Metadata:
        url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            found = Metadata.model_validate(await self._http.get(url))
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, fault["loc"]))
            raise ProviderError(f"{url} is no provider's metadata: {place}: {fault['msg']}") from error
        if found.issuer != self._issuer:
            raise ProviderError(
                f"{url} is of issuer {found.issuer!r}: write that one in accounts.oidc.issuer"
            )
        return found

    async def keys(self, *, is_key_unknown: bool = False) -> KeySet:
        """Return the public keys; read again if one is unknown, because providers change them.

        Raises:
            ProviderError: The provider does not answer, or has no keys.
        """
        now_s = time.monotonic()
        lifetime_s = REFRESH_AFTER_S if is_key_unknown else KEYS_LIFETIME_S
        if self._keys is None or now_s - self._keys[0] > lifetime_s:
            url = (await self.metadata()).jwks_uri
            found = (await self._http.get(url)).get("keys")
            keys = (
                [key for each in found[:MOST_KEYS] if (key := _key(each))] if isinstance(found, list) else []
            )
            if not keys:
                raise ProviderError(f"{url} has no key for signatures")
            self._keys = now_s, KeySet(keys)
        return self._keys[1]


def _key(given: Any) -> Any:
    """Return a public key for signatures, or None; keys of other kinds may stand beside them."""
    if not isinstance(given, dict) or given.get("use", "sig") != "sig" or given.get("kty") == "oct":
        return None
    try:
        return JWKRegistry.import_key(given)
    except (JoseError, ValueError, KeyError, TypeError):
        return None
