"""Checks that callers grant, take and use no permissions that they lack themselves."""

from collections.abc import Collection, Sequence

from aiohttp import web

from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import refusal
from opsconductor.store.access.roles import list_roles
from opsconductor.store.access.users import list_users


async def refuse_beyond(call: Call, roles: Sequence[str], scopes: Sequence[str] = ()) -> None:
    """Check that the caller has all permissions of these roles, and these scopes, for all alerts.

    Raises:
        web.HTTPForbidden: It lacks some, or has some for the alerts of a row filter; the message names them.
    """
    assert call.principal is not None
    wanted = set(scopes)
    for role in await call.parts.database.ask(list_roles):
        if role.name in roles:
            wanted.update(role.permissions)
    if beyond := sorted(wanted - call.principal.permissions):
        message = f"{call.principal.name} lacks the permissions {', '.join(beyond)}, which this would affect"
        raise refusal(web.HTTPForbidden, "forbidden", message)
    if limited := sorted(each for each in wanted if call.principal.scope(each)):
        have = f"{call.principal.name} has the permissions {', '.join(limited)}"
        message = f"{have} for some alerts only (row filter); this would affect all of them"
        raise refusal(web.HTTPForbidden, "forbidden", message)


async def refuse_people_beyond(call: Call, names: Collection[str]) -> None:
    """Check that the caller has all permissions of the users who are these people.

    Args:
        names: Names or ids; unknown ones are ignored.

    Raises:
        web.HTTPForbidden: As `refuse_beyond`.
    """
    sought = {name.lower() for name in names}
    users = await call.parts.database.ask(list_users)
    found = [user for user in users if not sought.isdisjoint((user.username.lower(), str(user.id)))]
    await refuse_beyond(call, [role for user in found for role in user.roles])
