"""Nobody gives, takes or uses more permissions than they have themselves."""

from collections.abc import Sequence

from aiohttp import web

from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import refusal
from opsconductor.store.access.roles import list_roles


async def refuse_beyond(call: Call, roles: Sequence[str], scopes: Sequence[str] = ()) -> None:
    """Check that the caller has all permissions of these roles, and these scopes.

    Raises:
        web.HTTPForbidden: It lacks some; the message names them.
    """
    assert call.principal is not None
    wanted = set(scopes)
    for role in await call.parts.database.ask(list_roles):
        if role.name in roles:
            wanted.update(role.permissions)
    if beyond := sorted(wanted - call.principal.permissions):
        message = f"{call.principal.name} lacks the permissions {', '.join(beyond)}, which this would affect"
        raise refusal(web.HTTPForbidden, "forbidden", message)
