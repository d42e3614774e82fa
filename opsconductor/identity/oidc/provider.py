"""Log-in with an OpenID Connect provider: where to send the browser, and who comes back."""

import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from pydantic import HttpUrl

from opsconductor.config.sections.sign_in import OidcSettings
from opsconductor.connector.destinations import Destinations
from opsconductor.errors import ProviderError, SignInRefused
from opsconductor.identity.oidc.http import ProviderHttp
from opsconductor.identity.oidc.metadata import Metadata, ProviderFacts
from opsconductor.model.outside_account import AccountOrigin, OutsideAccount

ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip
"""Signatures with public keys only: a secret that both sides know proves nothing about who has signed."""
LONGEST_TOKEN = 64 * 1024
LONGEST_CODE = 4_096
MOST_GROUPS = 1_000
LOGIN = "/login/oidc"
"""Path that sends the browser to the provider."""
CALLBACK = f"{LOGIN}/callback"
"""Path to which the provider sends it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLogin:
    """A log-in for which the browser has been sent to the provider.

    Attributes:
        state: Comes back with the browser.
        nonce: Must be in the ID token.
        verifier: Proves to the provider that the code is used by who has asked for it.
    """

    state: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)


class OidcProvider:
    """Authenticates by a provider.

    Attributes:
        home: Address of the page.
    """

    def __init__(self, settings: OidcSettings, public_url: str, destinations: Destinations) -> None:
        """Use the provider of the settings.

        Args:
            public_url: Address of the page; the provider sends browsers back to `CALLBACK` below it alone.
        """
        assert settings.issuer is not None
        self._settings = settings
        self.home = f"{public_url.rstrip('/')}/"
        self._redirect_url = f"{public_url.rstrip('/')}{CALLBACK}"
        self._http = ProviderHttp(settings.ca_file, destinations)
        self._facts = ProviderFacts(settings.issuer, self._http)

    @property
    def settings(self) -> OidcSettings:
        """Return the settings, with the roles of groups."""
        return self._settings

    async def address(self, login: PendingLogin) -> str:
        """Return where to send the browser.

        Raises:
            ProviderError: The provider cannot be used.
        """
        metadata = await self._facts.metadata()
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._redirect_url,
            "scope": " ".join(dict.fromkeys(("openid", *self._settings.scopes))),
            "state": login.state,
            "nonce": login.nonce,
            "code_challenge": create_s256_code_challenge(login.verifier),
            "code_challenge_method": "S256",
        }
        return _with_query(metadata.authorization_endpoint, asked)

    async def account(self, login: PendingLogin, code: str) -> OutsideAccount:
        """Return the account that a code stands for.

        Raises:
            ProviderError: The provider cannot be used, or its answer is not valid.
            SignInRefused: The code is not, or the account has no name.
        """
        metadata = await self._facts.metadata()
        tokens = await self._tokens(metadata, login, code)
        claims = await self._claims(metadata, login, tokens)
        access_token, endpoint = tokens.get("access_token"), metadata.userinfo_endpoint
        if endpoint and isinstance(access_token, str) and not self._has_all(claims):
            more = await self._http.get(endpoint, {"Authorization": f"Bearer {access_token}"})
            if more.get("sub") != claims["sub"]:
                raise ProviderError(f"{endpoint} answers about another user than the ID token")
            claims = {**more, **claims}
        return self._account_of(claims)

    async def logout_address(self) -> str | None:
        """Return where the browser logs out at the provider, too; None: it cannot, or is not to.

        Raises:
            ProviderError: The provider cannot be used.
        """
        endpoint = (await self._facts.metadata()).end_session_endpoint
        if not self._settings.logout or endpoint is None:
            return None
        asked = {"client_id": self._settings.client_id, "post_logout_redirect_uri": self.home}
        return _with_query(endpoint, asked)

    async def check(self) -> str:
        """Return what the provider answers.

        Raises:
            ProviderError: It does not answer, or cannot be used.
        """
        metadata = await self._facts.metadata()
        keys = len((await self._facts.keys()).keys)
        return f"{metadata.issuer} answers, {keys} keys; register {self._redirect_url} there"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _tokens(self, metadata: Metadata, login: PendingLogin, code: str) -> Mapping[str, Any]:
        """Exchange the code."""
        if not 0 < len(code) <= LONGEST_CODE:
            raise SignInRefused("the provider sent no code; log in again")
        secret, headers = self._settings.client_secret, dict[str, str]()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_url,
            "client_id": self._settings.client_id,
            "code_verifier": login.verifier,
        }
        if secret and "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            headers["Authorization"] = basic(self._settings.client_id, secret.get_secret_value())
        elif secret:
            form["client_secret"] = secret.get_secret_value()
        status, answer = await self._http.post(metadata.token_endpoint, form, headers)
        fault = answer.get("error")
        if fault == "invalid_grant":
            raise SignInRefused("the code of the provider has been used or is too old; log in again")
        if status != 200 or fault:  # noqa: PLR2004 - OK, RFC 9110
            remedy = "correct accounts.oidc.client_id and client_secret" if fault == "invalid_client" else ""
            raise ProviderError(
                f"{metadata.token_endpoint} answers HTTP {status}: {fault}. {remedy}".rstrip()
            )
        return answer

    async def _claims(
        self, metadata: Metadata, login: PendingLogin, tokens: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return the claims of the ID token once everything about it has been checked."""
        token = tokens.get("id_token")
        if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
            raise ProviderError("no ID token comes: is the scope openid permitted to this client?")
        try:
            decoded = await self._decoded(token)
            options = {
                "iss": {"essential": True, "value": metadata.issuer},
                "aud": {"essential": True, "value": self._settings.client_id},
            }
            params = {
                "nonce": login.nonce,
                "client_id": self._settings.client_id,
                "access_token": tokens.get("access_token"),
            }
            claims = CodeIDToken(decoded.claims, decoded.header, options, params)
            claims.validate(leeway=int(self._settings.clock_skew.total_seconds()))
        except (JoseError, ValueError, TypeError, KeyError) as error:
            text = f"the ID token is not valid: {error}. {_remedy_of(error)}"
            raise ProviderError(text.rstrip()) from error
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise ProviderError("the ID token is not valid: sub is no text")
        return dict(claims)

    async def _decoded(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, await self._facts.keys(), algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            return jwt.decode(token, await self._facts.keys(is_key_unknown=True), algorithms=ALGORITHMS)

    def _has_all(self, claims: Mapping[str, Any]) -> bool:
        settings = self._settings
        return all(_at(claims, path) is not None for path in (settings.username_claim, settings.groups_claim))

    def _account_of(self, claims: Mapping[str, Any]) -> OutsideAccount:
        settings = self._settings
        username = _at(claims, settings.username_claim)
        if not isinstance(username, str) or not username:
            raise SignInRefused(
                f"the provider sends no {settings.username_claim}; an administrator corrects "
                "accounts.oidc.username_claim or scopes"
            )
        groups = _at(claims, settings.groups_claim)
        listed = groups if isinstance(groups, list) else [groups]
        return OutsideAccount(
            origin=AccountOrigin.OIDC,
            id=claims["sub"],
            username=username,
            display_name=_text(claims.get("name")),
            email=_text(claims.get("email")),
            groups=tuple(each for each in listed[:MOST_GROUPS] if isinstance(each, str)),
        )


def provider_of(
    settings: OidcSettings, public_url: HttpUrl | None, destinations: Destinations
) -> OidcProvider | None:
    """Return the provider of the settings; None: there is none, or browsers could not come back from it."""
    if settings.issuer is None or public_url is None:
        return None
    return OidcProvider(settings, str(public_url), destinations)


def basic(client_id: str, secret: str) -> str:
    """Return the header by which a client authenticates (RFC 6749 section 2.3.1)."""
    return f"Basic {b64encode(f'{quote_plus(client_id)}:{quote_plus(secret)}'.encode()).decode()}"


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """Return the claim at a path such as `realm_access.roles`; a claim of the whole name comes first."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _text(value: object) -> str | None:
    return value[:255] if isinstance(value, str) and value else None


def _with_query(endpoint: str, asked: Mapping[str, str]) -> str:
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def _remedy_of(error: Exception) -> str:
    """Return what an administrator does about an ID token that is not valid; empty: nothing helps here."""
    about = str(error)
    if "aud" in about or "azp" in about:
        return "It is for another client: correct accounts.oidc.client_id"
    if any(word in about for word in ("expired", "exp", "future", "iat", "nbf")):
        return "Compare the clocks of this machine and of the provider (opsconductor doctor)"
    return ""
