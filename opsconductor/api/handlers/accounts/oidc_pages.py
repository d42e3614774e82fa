"""Log-in with an identity provider: the browser is sent there, and comes back with a code.

What must be known when it comes back travels in a cookie, encrypted with the vault's key: it survives a
restart, and log-ins that are only begun use no memory.
"""

import hmac
import json
import logging
import time
from dataclasses import asdict, dataclass

from aiohttp import web

from opsconductor.api.auth.authenticator import Authenticator
from opsconductor.api.auth.outside import admitted
from opsconductor.api.auth.rows import AlertRows
from opsconductor.api.auth.sessions import signed_in
from opsconductor.api.dependencies import Dependencies
from opsconductor.api.http.clients import clients
from opsconductor.api.http.endpoint import Call
from opsconductor.config.vault import Vault
from opsconductor.errors import ProviderError, SecretError, SignInRefused, StoreUnavailable
from opsconductor.identity.oidc.provider import CALLBACK, LOGIN, OidcProvider, PendingLogin
from opsconductor.model.text import one_line
from opsconductor.web.templating import page_template

log = logging.getLogger(__name__)

COOKIE = "opsconductor_login"
VALID_S = 600
"""Time that a log-in at the provider may take."""
LONGEST_COOKIE = 4_096
LONGEST_REASON = 200
AWAY = "The database, which holds the accounts, is away. Try again in a moment."
HEADERS = {"X-Robots-Tag": "noindex", "Cache-Control": "no-store"}
UNAVAILABLE = (
    "The log-in with {} does not work now. Try again in a moment. Administrators find the reason in the "
    "daemon's log and by: opsconductor doctor"
)


@dataclass(frozen=True, slots=True)
class _Failure:
    """The reason why a log-in failed."""

    status: int
    text: str


class OidcPages:
    """Sends browsers to the provider, and logs in who comes back."""

    def __init__(self, parts: Dependencies, gate: Authenticator, provider: OidcProvider) -> None:
        self._parts = parts
        self._gate = gate
        self._provider = provider

    async def begin(self, request: web.Request) -> web.Response:
        """Send the browser to the provider."""
        login = PendingLogin()
        try:
            address = await self._provider.address(login)
        except ProviderError as error:
            return self._failed(self._unavailable(error))
        response = web.Response(status=302, headers={"Location": address, **HEADERS})
        response.set_cookie(
            COOKIE,
            self._sealed(login),
            max_age=VALID_S,
            path=LOGIN,
            httponly=True,
            samesite="Lax",  # Strict would keep it back when the provider sends the browser here
            secure=request.app[clients].is_https(request),
        )
        return response

    async def finish(self, request: web.Request) -> web.StreamResponse:
        """Log in who comes back, and go to the page."""
        login = self._opened(request.cookies.get(COOKIE, ""))
        try:
            response = await self._logged_in(request, login)
        except SignInRefused as error:
            response = self._failed(_Failure(403, str(error)))
        except ProviderError as error:
            response = self._failed(self._unavailable(error))
        except StoreUnavailable:
            response = self._failed(_Failure(503, AWAY))
        response.del_cookie(COOKIE, path=LOGIN, httponly=True, samesite="Lax")
        return response

    async def _logged_in(self, request: web.Request, login: PendingLogin | None) -> web.Response:
        given = request.query
        if login is None or not hmac.compare_digest(login.state.encode(), given.get("state", "").encode()):
            where = self._provider.home
            raise SignInRefused(f"this log-in was not begun here, or took too long: begin at {where}")
        if given.get("iss", self._provider.settings.issuer) != self._provider.settings.issuer:
            raise SignInRefused("this log-in was answered by another provider (RFC 9207)")
        if fault := given.get("error"):
            reason = one_line(f"{fault} {given.get('error_description', '')}", LONGEST_REASON)
            raise SignInRefused(f"{self._provider.settings.name} refuses the log-in: {reason}")
        account = await self._provider.account(login, given.get("code", ""))
        call = self._call(request)
        user = await admitted(call, account, self._provider.settings)
        answer = await signed_in(call, user)
        response = web.Response(status=302, headers={"Location": self._provider.home, **HEADERS})
        response.cookies.update(answer.cookies)
        return response

    def _call(self, request: web.Request) -> Call:
        async def rows() -> AlertRows:
            return AlertRows()

        return Call(
            request=request,
            parts=self._parts,
            gate=self._gate,
            principal=None,
            alert_id=None,
            query=None,
            body=None,
            rows=AlertRows(),
            rows_now=rows,
        )

    def _sealed(self, login: PendingLogin) -> str:
        content = json.dumps({**asdict(login), "until": time.time() + VALID_S})
        return Vault(self._parts.accounts.vault_key, {}).seal(COOKIE, content).hex()

    def _opened(self, cookie: str) -> PendingLogin | None:
        """Return the log-in of a cookie; None: there is none, it is too old, or not ours."""
        if not cookie or len(cookie) > LONGEST_COOKIE:
            return None
        try:
            sealed = {COOKIE: bytes.fromhex(cookie)}
            content = json.loads(Vault(self._parts.accounts.vault_key, sealed).open(COOKIE))
        except (ValueError, SecretError):
            return None
        return None if content.pop("until") < time.time() else PendingLogin(**content)

    def _unavailable(self, error: ProviderError) -> _Failure:
        log.error("a log-in is not possible", extra={"origin": "oidc", "error": str(error)})
        return _Failure(503, UNAVAILABLE.format(self._provider.settings.name))

    def _failed(self, failure: _Failure) -> web.Response:
        text = page_template("login_failed.html").render(text=failure.text, home=self._provider.home)
        return web.Response(text=text, status=failure.status, content_type="text/html", headers=HEADERS)


def add_oidc_pages(app: web.Application, parts: Dependencies, gate: Authenticator) -> None:
    """Serve the way to the provider and back, if one is configured."""
    provider = parts.accounts.oidc
    if provider is None:
        return
    pages = OidcPages(parts, gate, provider)
    app.router.add_get(LOGIN, pages.begin)
    app.router.add_get(CALLBACK, pages.finish)
