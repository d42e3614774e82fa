"""Logging in and out of the operator's page with an API key."""

import logging

from aiohttp import web

from opsconductor.api.auth.authenticator import COOKIE, credential_of, refuse_forged
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer
from opsconductor.api.views import SessionView
from opsconductor.errors import StoreUnavailable
from opsconductor.store.access.audit import AuditEntry, Author, record
from opsconductor.store.access.keys import Principal
from opsconductor.store.access.sessions import KEY_SESSION, close_session, open_session

log = logging.getLogger(__name__)


async def log_in(call: Call) -> web.Response:
    """Exchange a key for a session cookie, so that the page need not store the key."""
    refuse_forged(call.request)
    principal = await call.gate.check_key(call.request, call.body.key.strip())
    token = await call.parts.database.ask(open_session, principal, KEY_SESSION, call.request.remote)
    await _note(call, principal, "session.open")
    response = answer(_view(principal))
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(KEY_SESSION.idle.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=_is_encrypted(call.request),
    )
    return response


async def who_am_i(call: Call) -> web.Response:
    """Return the session's principal."""
    assert call.principal is not None
    return answer(_view(call.principal))


async def log_out(call: Call) -> web.Response:
    """End the session and delete the cookie."""
    token, is_session = credential_of(call.request)
    if is_session:
        call.gate.forget(call.request)
        try:
            await call.parts.database.ask(close_session, token)
            assert call.principal is not None
            await _note(call, call.principal, "session.close")
        except StoreUnavailable as error:
            # the browser deletes the cookie all the same; an unused row expires
            log.warning("a session could not be closed in the database", extra={"error": str(error)})
    response = answer(None)
    response.del_cookie(COOKIE, httponly=True, samesite="Strict")
    return response


async def _note(call: Call, principal: Principal, action: str) -> None:
    by = Author(name=principal.name, address=call.request.remote)
    await call.parts.database.ask(record, AuditEntry(action=action), by)


def _view(principal: Principal) -> SessionView:
    return SessionView(name=principal.name, roles=principal.roles, permissions=sorted(principal.permissions))


def _is_encrypted(request: web.Request) -> bool:
    """Return True if the browser uses HTTPS; a proxy reports that in a header.

    A forged header only makes the sender's own cookie unusable.
    """
    return request.secure or request.headers.get("X-Forwarded-Proto") == "https"
