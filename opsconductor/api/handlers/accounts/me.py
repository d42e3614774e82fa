"""What callers see and change of themselves, and the endpoints of log-in."""

from uuid import UUID

from aiohttp import web
from pydantic import AwareDatetime

from opsconductor.api.auth import sessions
from opsconductor.api.auth.authenticator import credential_of
from opsconductor.api.handlers.accounts.passwords import (
    LINKS,
    SESSION,
    SMALL_BYTES,
    LinkBody,
    LinkOwnerView,
    LinkView,
    OwnPasswordBody,
    SignInBody,
    TokenBody,
    UseLinkBody,
    change_own_password,
    create_password_link,
    look_at_password_link,
    use_password_link,
)
from opsconductor.api.handlers.accounts.users import EndedView
from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.responses import answer
from opsconductor.api.views import SessionView, SignInWaysView, View
from opsconductor.store.access.permissions import SIGNED_IN
from opsconductor.store.access.sessions import close_sessions, list_sessions

ME = "/api/v1/me"


class OpenSessionView(View):
    """A session of the caller."""

    id: UUID
    created_at: AwareDatetime
    last_seen_at: AwareDatetime
    expires_at: AwareDatetime
    remote_ip: str | None
    is_this: bool


async def read_me(call: Call) -> web.Response:
    """Respond with name, roles and permissions of the caller."""
    return await sessions.who_am_i(call)


async def list_my_sessions(call: Call) -> web.Response:
    """Respond with the sessions of the caller."""
    assert call.principal is not None
    token, _ = credential_of(call.request)
    found = await call.parts.database.ask(list_sessions, call.principal, token)
    return answer([OpenSessionView.model_validate(session) for session in found])


async def end_my_sessions(call: Call) -> web.Response:
    """Sign the caller out everywhere; an API key stays valid."""
    assert call.principal is not None
    call.gate.forget(call.request)
    return answer(
        EndedView(sessions=await call.parts.database.ask(close_sessions, call.principal, call.author))
    )


ME_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=f"{SESSION}/ways",
        handler=sessions.sign_in_ways,
        summary="Read the ways to log in beside name and password",
        permission=None,
        answers=SignInWaysView,
        tag="session",
    ),
    Endpoint(
        method="POST",
        path=f"{SESSION}/proxy",
        handler=sessions.sign_in_by_proxy,
        summary="Open a session for the user whom a trusted reverse proxy names",
        permission=None,
        answers=SessionView,
        refuses=(401, 403),
        tag="session",
    ),
    Endpoint(
        method="POST",
        path=f"{SESSION}/password",
        handler=sessions.sign_in,
        summary="Log in with name and password: opens a session",
        permission=None,
        body=SignInBody,
        body_bytes=SMALL_BYTES,
        answers=SessionView,
        refuses=(403,),
        tag="session",
    ),
    Endpoint(
        method="GET",
        path=ME,
        handler=read_me,
        summary="Read your own name, roles and permissions",
        permission=SIGNED_IN,
        answers=SessionView,
        tag="session",
    ),
    Endpoint(
        method="GET",
        path=f"{ME}/sessions",
        handler=list_my_sessions,
        summary="List your sessions",
        permission=SIGNED_IN,
        answers=list[OpenSessionView],
        tag="session",
    ),
    Endpoint(
        method="DELETE",
        path=f"{ME}/sessions",
        handler=end_my_sessions,
        summary="Log out everywhere",
        permission=SIGNED_IN,
        answers=EndedView,
        tag="session",
    ),
    Endpoint(
        method="POST",
        path=f"{ME}/password",
        handler=change_own_password,
        summary="Change your password; all your other sessions end",
        permission=SIGNED_IN,
        body=OwnPasswordBody,
        answers=SessionView,
        refuses=(409,),
        tag="session",
    ),
    Endpoint(
        method="POST",
        path=LINKS,
        handler=create_password_link,
        summary="Make a one-time link by which a user chooses a password",
        permission="users:write",
        body=LinkBody,
        answers=LinkView,
        refuses=(404,),
        tag="accounts",
    ),
    Endpoint(
        method="POST",
        path=f"{LINKS}/look",
        handler=look_at_password_link,
        summary="Read whose password a link sets",
        permission=None,
        body=TokenBody,
        body_bytes=SMALL_BYTES,
        answers=LinkOwnerView,
        refuses=(404,),
        tag="accounts",
    ),
    Endpoint(
        method="POST",
        path=f"{LINKS}/use",
        handler=use_password_link,
        summary="Set a password by a link: opens a session",
        permission=None,
        body=UseLinkBody,
        body_bytes=SMALL_BYTES,
        answers=SessionView,
        refuses=(403, 404, 409),
        tag="accounts",
    ),
)
