"""The user who calls, for what users change of their own account."""

from aiohttp import web

from opsconductor.api.auth.sessions import proven
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import refusal
from opsconductor.store.access.users import User, find_user


async def own_account(call: Call, what: str) -> User:
    """Return the user who calls.

    Args:
        what: What an API key does not have: `passkeys`.

    Raises:
        web.HTTPConflict: The caller is an API key.
    """
    assert call.principal is not None
    if call.principal.key_id is not None:
        raise refusal(web.HTTPConflict, "conflict", f"an API key has no {what}: log in as a user")
    return await call.parts.database.ask(find_user, call.principal.name)


def refuse_last_factor(user: User, left: int) -> None:
    """Check that a user whose role requires a second factor keeps one.

    Args:
        left: Number of factors that would be left.

    Raises:
        web.HTTPConflict: None would.
    """
    if user.requires_second_factor and not left:
        message = "a role of yours requires a second factor: add another before you remove this one"
        raise refusal(web.HTTPConflict, "second_factor_required", message)


async def proven_account(call: Call, what: str) -> User:
    """Return the user who calls, after a check of the password in the body.

    Raises:
        web.HTTPConflict: The caller is an API key.
        web.HTTPForbidden: The password is wrong.
    """
    user = await own_account(call, what)
    if await proven(call, user.username, call.body.password) is None:
        raise refusal(web.HTTPForbidden, "wrong_password", "the password is wrong")
    return user
