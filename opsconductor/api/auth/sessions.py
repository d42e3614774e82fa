"""Logging in and out of the operators' page: with an API key, with a password."""

import asyncio
import logging
from collections.abc import Mapping
from types import MappingProxyType

from aiohttp import web
from pydantic import SecretStr

from opsconductor.api.auth.authenticator import COOKIE, credential_of, refuse_forged, too_many
from opsconductor.api.auth.login_throttle import LoginThrottle
from opsconductor.api.auth.outside import admitted, directory_user, logout_address, proxy_account
from opsconductor.api.auth.password_worker import PasswordWorker
from opsconductor.api.auth.second_factor import is_second_factor
from opsconductor.api.http.clients import clients
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.views import LoggedOutView, SessionView, SignInWaysView
from opsconductor.errors import SignInRefused, StoreUnavailable
from opsconductor.model.outside_account import AccountOrigin
from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.access.keys import Principal
from opsconductor.store.access.sessions import (
    KEY_SESSION,
    SessionTimes,
    close_session,
    open_session,
    principal_of_session,
)
from opsconductor.store.access.users import SignIn, User, note_login, sign_in_of

log = logging.getLogger(__name__)

limits: web.AppKey[LoginThrottle] = web.AppKey("log-in limits", LoginThrottle)
passwords: web.AppKey[PasswordWorker] = web.AppKey("passwords", PasswordWorker)


async def log_in(call: Call) -> web.Response:
    """Exchange a key for a session cookie, so that the page need not store the key."""
    refuse_forged(call.request)
    principal = await call.gate.check_key(call.request, call.body.key.strip())
    return await opened(call, principal, KEY_SESSION)


async def sign_in(call: Call) -> web.Response:
    """Exchange name and password for a session cookie.

    Raises:
        web.HTTPUnauthorized: The name or the password is wrong, or the user is disabled.
        SignInRefused: The passkey is not valid.
        web.HTTPTooManyRequests: This name, or this address, was wrong too often.
    """
    refuse_forged(call.request)
    user = await proven(call, call.body.username, call.body.password)
    if user is None:
        raise refusal(web.HTTPUnauthorized, "unauthorized", "the name or the password is wrong")
    passkey = call.body.passkey and call.body.passkey.document()
    now_s = asyncio.get_running_loop().time()
    try:
        is_right = await is_second_factor(call, user, call.body.code, passkey)
    except SignInRefused:
        await call.gate.note_failure(call.request, user.username, now_s)
        raise
    if not is_right:
        await call.gate.note_failure(call.request, user.username, now_s)
        raise refusal(web.HTTPUnauthorized, "unauthorized", "this code or passkey is wrong, or has been used")
    call.request.app[limits].succeeded(call.request.remote or "", user.username)
    return await signed_in(call, user)


async def sign_in_by_proxy(call: Call) -> web.Response:
    """Exchange the authentication by a trusted proxy for a session cookie.

    Raises:
        web.HTTPUnauthorized: No trusted proxy names a user.
        SignInRefused: The user may not log in.
    """
    refuse_forged(call.request)
    settings = call.parts.accounts.proxy
    account = proxy_account(call.request, settings)
    if account is None:
        message = "no proxy of api.trusted_proxies names a user"
        raise refusal(web.HTTPUnauthorized, "unauthorized", message)
    return await signed_in(call, await admitted(call, account, settings))


async def sign_in_ways(call: Call) -> web.Response:
    """Respond with the ways to log in."""
    name = call.request.app[clients].proxy_user(call.request)
    provider = call.parts.accounts.oidc
    ways = SignInWaysView(
        proxy_user=name or None,
        oidc=provider and provider.settings.name,
        passkeys=call.parts.accounts.relying_party is not None,
    )
    return answer(ways)


async def proven(call: Call, name: str, password: SecretStr) -> User | None:
    """Return the user with this name and password; None: one of them is wrong, or the user is disabled.

    Raises:
        web.HTTPTooManyRequests: This name, or this address, was wrong too often.
    """
    app, address = call.request.app, call.request.remote or ""
    now_s = asyncio.get_running_loop().time()
    if wait_s := app[limits].wait(address, name, now_s):
        raise too_many(wait_s)
    app[limits].failed(address, name, now_s)  # before the wait, so that attempts at one time count as well
    found = await call.parts.database.ask(sign_in_of, name)
    user = await _with_password(call, found, name, password.get_secret_value())
    if user is None:
        # what is no name of a user may be a password typed into the wrong field
        await call.gate.note_failure(call.request, found.user.username if found else "", now_s)
        return None
    if not user.needs_second_factor:
        app[limits].succeeded(address, name)
    return user


async def _with_password(call: Call, found: SignIn | None, name: str, password: str) -> User | None:
    """Return the user if the password is right: a local one, else one of the directory."""
    if found is None and call.parts.accounts.ldap is not None:
        return await directory_user(call, name, password)
    stored = None if found is None else found.password_hash
    is_right = await call.request.app[passwords].matches(password, stored)
    return found.user if found is not None and is_right else None


async def signed_in(call: Call, user: User, way: str = "") -> web.Response:
    """Open a session for a user and respond with its cookie.

    Args:
        way: How the user has logged in, for the audit log; empty: with the password, or elsewhere.
    """
    await call.parts.database.ask(note_login, user.id)
    owner = Principal(
        name=user.username, key_id=None, user_id=user.id, roles=user.roles, permissions=frozenset()
    )
    return await opened(call, owner, call.parts.accounts.session_times, way)


async def opened(call: Call, owner: Principal, times: SessionTimes, way: str = "") -> web.Response:
    """Open a session and respond with its cookie and the principal.

    Raises:
        web.HTTPUnauthorized: The key or the user has ended meanwhile.
    """
    token = await call.parts.database.ask(open_session, owner, times, call.request.remote)
    principal = await call.parts.database.ask(principal_of_session, token)
    if principal is None:
        raise refusal(web.HTTPUnauthorized, "unauthorized", "this account has just ended")
    await _note(call, principal, "session.open", {"by": way} if way else {})
    response = answer(view_of(principal))
    response.set_cookie(
        COOKIE,
        token,
        max_age=int((times.lifetime or times.idle).total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=call.request.app[clients].is_https(call.request),
    )
    return response


async def who_am_i(call: Call) -> web.Response:
    """Return the session's principal."""
    assert call.principal is not None
    return answer(view_of(call.principal))


async def log_out(call: Call) -> web.Response:
    """End the session, delete the cookie, and respond with where to log out at the provider."""
    assert call.principal is not None
    token, is_session = credential_of(call.request)
    if is_session:
        call.gate.forget(call.request)
        try:
            await call.parts.database.ask(close_session, token)
            await _note(call, call.principal, "session.close")
        except StoreUnavailable as error:
            # the browser deletes the cookie all the same; an unused row expires
            log.warning("a session could not be closed in the database", extra={"error": str(error)})
    response = answer(LoggedOutView(address=await logout_address(call, call.principal)))
    response.del_cookie(COOKIE, httponly=True, samesite="Strict")
    return response


def view_of(principal: Principal) -> SessionView:
    """Return what a caller sees of its own principal."""
    return SessionView(
        name=principal.name,
        kind="user" if principal.key_id is None else "key",
        origin=AccountOrigin(principal.origin),
        roles=principal.roles,
        permissions=sorted(principal.permissions),
        expires_at=principal.expires_at,
        must_enrol=principal.must_enrol,
        is_limited=principal.is_limited,
        limited=sorted(each for each in principal.permissions if principal.scope(each)),
    )


async def _note(
    call: Call, principal: Principal, action: str, details: Mapping[str, object] = MappingProxyType({})
) -> None:
    by = Author(name=principal.name, address=call.request.remote)
    await call.parts.database.ask(record, AuditEntry(action=action, details=dict(details)), by)
