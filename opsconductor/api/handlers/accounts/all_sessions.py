"""Open sessions of all users and keys: list them, end one."""

from uuid import UUID

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.auth.authenticator import credential_of
from opsconductor.api.handlers.accounts.authority import refuse_beyond
from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.views import View
from opsconductor.store.access.sessions import end_session, list_all_sessions

SESSIONS = "/api/v1/sessions"


class OwnedSessionView(View):
    """An open session, and whose it is."""

    id: UUID
    owner: str = Field(description="Name of the user, or of the API key that opened it.")
    is_key: bool = Field(description="The owner is an API key.")
    created_at: AwareDatetime
    last_seen_at: AwareDatetime
    expires_at: AwareDatetime
    remote_ip: str | None
    is_this: bool = Field(description="It is the one that asks.")


async def list_open_sessions(call: Call) -> web.Response:
    """Respond with all open sessions, the latest used first."""
    token, _ = credential_of(call.request)
    found = await call.parts.database.ask(list_all_sessions, token)
    return answer([OwnedSessionView.model_validate(each) for each in found])


async def end_open_session(call: Call) -> web.Response:
    """End a session.

    Raises:
        web.HTTPForbidden: Its owner may do more than the caller.
        web.HTTPNotFound: It has ended.
    """
    token, _ = credential_of(call.request)
    for each in await call.parts.database.ask(list_all_sessions, token):
        if each.id == call.id:
            await refuse_beyond(call, each.roles, each.scopes)
            await call.parts.database.ask(end_session, each, call.author)
            return answer(None)
    raise refusal(web.HTTPNotFound, "not_found", "this session has ended")


SESSION_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=SESSIONS,
        handler=list_open_sessions,
        summary="List the open sessions of all users and keys",
        permission="users:read",
        answers=list[OwnedSessionView],
        tag="accounts",
    ),
    Endpoint(
        method="DELETE",
        path=f"{SESSIONS}/{{id}}",
        handler=end_open_session,
        summary="End a session",
        permission="users:write",
        tag="accounts",
    ),
)
