"""Authentication and authorization of requests: bearer keys, session cookies, permissions."""

import asyncio
import hmac
import logging
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from aiohttp import web

from opsconductor.api.auth.attempts import FailedAttempts
from opsconductor.api.auth.credential_cache import CredentialCache
from opsconductor.api.auth.failures import FailureNotes
from opsconductor.api.auth.quotas import Quotas
from opsconductor.api.auth.shared_lookup import Credential, SharedLookup
from opsconductor.api.http.clients import clients
from opsconductor.api.http.connections import connections
from opsconductor.api.http.responses import JSON, refusal
from opsconductor.errors import StoreError, StoreUnavailable
from opsconductor.model.outside_account import AccountOrigin
from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.access.keys import Principal, principal_of_key
from opsconductor.store.access.local_token import LOCAL
from opsconductor.store.access.permissions import SIGNED_IN, Permission, Rows, SignedIn
from opsconductor.store.access.sessions import principal_of_session
from opsconductor.store.postgres.request_pool import RequestDatabase

log = logging.getLogger(__name__)

COOKIE = "opsconductor_session"
PUBLIC_PART = re.compile(r"ops_[0-9a-f]{8}(?=_)")
LONGEST_PATH = 200
LONG_S = 120
"""Longer waits are given in minutes."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Authenticator:
    """Authenticates requests and checks their permission."""

    def __init__(self, database: RequestDatabase, local_key: Callable[[], str | None]) -> None:
        self._database = database
        self._local_key = local_key
        self._seen = CredentialCache()
        self._shared = SharedLookup(self._query)
        self._attempts = FailedAttempts()
        self._failures = FailureNotes()
        self._quotas = Quotas()
        self._turn = asyncio.Lock()

    async def admit(
        self, request: web.Request, permission: Permission | SignedIn | None, rows: Rows = Rows.ALL
    ) -> Principal | None:
        """Return the principal of a request.

        Args:
            permission: What the request needs; None: open to all, and credentials are checked only if
                there are any.
            rows: What is shown or changed of alerts and devices.

        Returns:
            None when there are no credentials and none are needed.

        Raises:
            web.HTTPUnauthorized: No credentials, or wrong ones.
            web.HTTPTooManyRequests: Too many wrong credentials from this address, or the quota is spent.
            web.HTTPForbidden: Valid credentials without the permission, or limited to some rows where all
                are shown, or a forged browser request.
            StoreUnavailable: The database is away, and these credentials were not used recently.
        """
        if permission is None:
            return await self._identify_if_possible(request)
        principal = await self._identify(request)
        if principal is None:
            raise _unauthorized("send an API key as 'Authorization: Bearer KEY', or log in")
        if wait_s := self._quotas.spend(principal, asyncio.get_running_loop().time()):
            message = f"{principal.name} may make {principal.quota_per_minute} requests a minute"
            raise too_many(wait_s, "quota", message)
        if permission != SIGNED_IN and principal.must_enrol:
            message = "a role of yours requires a second factor: log in on the page and set one up first"
            raise refusal(web.HTTPForbidden, "second_factor_needed", message)
        if permission != SIGNED_IN and permission not in principal.permissions:
            message = f"{principal.name} may not do this; it needs the permission {permission!r}"
            raise refusal(web.HTTPForbidden, "forbidden", message)
        if rows is Rows.ALL and permission != SIGNED_IN and principal.scope(permission):
            message = f"{principal.name} may see some devices only (row filter); this is about all of them"
            raise refusal(web.HTTPForbidden, "limited_rows", message)
        return principal

    async def check_key(self, request: web.Request, key: str) -> Principal:
        """Return the principal of a key given in the log-in form, under the same limits."""
        principal = await self._try(request, key, is_session=False)
        if principal is None:
            raise _unauthorized("this key is unknown, revoked or expired")
        return principal

    async def still_admits(self, request: web.Request, admitted: Principal) -> bool:
        """Check whether the credentials of a long-running response are still valid, and for the same."""
        found = await self._lookup(*credential_of(request))
        same = (admitted.row_groups, admitted.permissions)
        return found is not None and (found.row_groups, found.permissions) == same

    def recheck(self, credential: Credential, admitted: Principal, then: Callable[[bool], None]) -> None:
        """Look credentials up again; call `then` with whether the caller and its rights are still the same.

        False as well while the database is away: only `admit` knows what is accepted then.
        """

        def compare(asking: asyncio.Task[Principal | None]) -> None:
            then(not asking.cancelled() and asking.exception() is None and asking.result() == admitted)

        self._shared.begin(credential).add_done_callback(compare)

    async def note_failure(self, request: web.Request, subject: str, now_s: float) -> None:
        """Record a failure in log and audit log, rate-limited so that failures cannot fill them."""
        address = request.remote or ""
        amount = self._failures.due(address, now_s)
        if not amount:
            return
        log.warning(
            "a log-in failed",
            extra={"address": address, "path": request.path, "key": subject, "amount": amount},
        )
        details = {"path": request.path[:LONGEST_PATH], "amount": amount}
        failed = AuditEntry(action="login.failed", subject=subject, details=details)
        try:
            await self._database.ask(record, failed, Author(name="", address=address or None))
        except StoreError as error:
            log.warning("the audit log cannot be written", extra={"error": str(error)})

    def forget(self, request: web.Request) -> None:
        """Forget the credentials of a request after log-out."""
        credential, is_session = credential_of(request)
        self._seen.forget(credential, is_session=is_session)

    async def _identify_if_possible(self, request: web.Request) -> Principal | None:
        try:
            return await self._identify(request)
        except StoreUnavailable:
            return None

    async def _identify(self, request: web.Request) -> Principal | None:
        credential, is_session = credential_of(request)
        if not credential:
            return None
        if is_session:
            refuse_forged(request)
        principal = await self._try(request, credential, is_session=is_session)
        if principal is None:
            what = "session has ended; log in again" if is_session else "key is unknown, revoked or expired"
            raise _unauthorized(f"this {what}")
        if is_session and principal.origin == AccountOrigin.PROXY:
            name = request.app[clients].proxy_user(request)
            if name is not None and name.lower() != principal.name.lower():
                raise _unauthorized("the proxy has logged in another user; log in again")
        return principal

    async def _try(self, request: web.Request, credential: str, *, is_session: bool) -> Principal | None:
        now_s = asyncio.get_running_loop().time()
        address = request.remote or ""
        if wait := self._attempts.wait(address, credential, now_s):
            raise too_many(wait)
        delay = self._attempts.delay(address, credential, now_s)
        if delay:
            # unknown credentials are looked up one at a time; a right key among them still passes
            async with self._turn:
                principal = await self._lookup(credential, is_session)
        else:
            principal = await self._lookup(credential, is_session)
        if principal is not None:
            self._attempts.good(credential)
            request.app[connections].trust(request.protocol)
            return principal
        self._attempts.add(address, credential, now_s)
        await self.note_failure(request, public_part(credential), now_s)
        if delay:
            raise too_many(delay)
        return None

    async def _lookup(self, credential: str, is_session: bool) -> Principal | None:  # noqa: FBT001
        now_s = asyncio.get_running_loop().time()
        try:
            principal = await self._shared.find((credential, is_session))
        except StoreUnavailable:
            known = self._seen.recall(credential, now_s, datetime.now(UTC), is_session=is_session)
            if known is None and not is_session and self._is_local(credential):
                known = LOCAL
            if known is None:
                raise
            return known
        if principal is None:
            self._seen.forget(credential, is_session=is_session)
        else:
            self._seen.remember(credential, principal, now_s, is_session=is_session)
        return principal

    async def _query(self, sought: Credential) -> Principal | None:
        credential, is_session = sought
        find = principal_of_session if is_session else principal_of_key
        return await self._database.ask(find, credential)

    def _is_local(self, credential: str) -> bool:
        local = self._local_key()
        return local is not None and hmac.compare_digest(local.encode(), credential.encode(errors="replace"))


def credential_of(request: web.Request) -> tuple[str, bool]:
    """Return the key or session token of a request, and whether it is a session's."""
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return key.strip(), False
    return request.cookies.get(COOKIE, ""), True


def public_part(credential: str) -> str:
    """Return the prefix of a key that `opsconductor token list` shows; empty if it has none."""
    match = PUBLIC_PART.match(credential)
    return match[0] if match else ""


def refuse_forged(request: web.Request) -> None:
    """Reject a change that another site sends with the browser's cookie.

    The cookie is SameSite=Strict already; this protects browsers that do not honour it.

    Raises:
        web.HTTPForbidden: The request does not come from our own page.
    """
    if request.method in SAFE_METHODS:
        return
    if not _is_own_page(request, default=request.content_type == JSON):
        raise refusal(web.HTTPForbidden, "forged", "this request does not come from OpsConductor's own page")


def refuse_foreign_page(request: web.Request) -> None:
    """Reject a WebSocket that a page of another site opens: browsers send the cookie with it.

    Raises:
        web.HTTPForbidden: Its origin is not our own page; without one it has to bring a key.
    """
    _, is_session = credential_of(request)
    if not _is_own_page(request, default=not is_session):
        raise refusal(web.HTTPForbidden, "forged", "this request does not come from OpsConductor's own page")


def _is_own_page(request: web.Request, *, default: bool) -> bool:
    """Return whether a request comes from our own page, by what the browser says of it.

    Args:
        default: The result without headers of a browser.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return default if origin is None else urlsplit(origin).netloc == request.host


def _unauthorized(message: str) -> web.HTTPException:
    headers = {"WWW-Authenticate": 'Bearer realm="opsconductor"'}
    return refusal(web.HTTPUnauthorized, "unauthorized", message, headers=headers)


def too_many(
    wait_s: float, code: str = "too_many_failures", message: str = "too many failed log-ins"
) -> web.HTTPException:
    """Return the answer 429, which says how long to wait."""
    whole_s = math.ceil(wait_s)
    length = f"{whole_s} s" if whole_s < LONG_S else f"{math.ceil(whole_s / 60)} minutes"
    headers = {"Retry-After": str(whole_s)}
    return refusal(
        web.HTTPTooManyRequests, code, f"{message}: wait {length} before the next", headers=headers
    )
