"""Users: list, create, change, disable, log out everywhere."""

from typing import Annotated, Any

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.handlers.accounts.authority import refuse_beyond
from opsconductor.api.handlers.accounts.passwords import Password, Username, hashed_password
from opsconductor.api.handlers.accounts.roles import Roles, RowFilterBody
from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import ONE_LINE, Parameters
from opsconductor.api.http.responses import answer
from opsconductor.api.views import View
from opsconductor.store.access.sessions import close_sessions_of
from opsconductor.store.access.users import (
    User,
    UserFields,
    change_user,
    create_user,
    find_user,
    list_users,
)

USERS = "/api/v1/users"

Line = Annotated[str, Field(max_length=255), ONE_LINE]


class NewUserBody(Parameters):
    """A user to create; without a password, make a link for one."""

    username: Username
    display_name: Line | None = None
    email: Line | None = None
    roles: Roles = ()
    password: Password | None = None
    row_filter: RowFilterBody | None = Field(
        default=None, description="Limits the user whatever the roles are; null: not limited."
    )


class UserBody(Parameters):
    """What to change of a user; what is null stays as it is."""

    display_name: Line | None = None
    email: Line | None = None
    enabled: bool | None = Field(default=None, strict=True)
    roles: Roles | None = None
    password: Password | None = None
    row_filter: RowFilterBody | None = Field(
        default=None, description="Limits the user whatever the roles are; empty: no longer limited."
    )


class UserView(View):
    """A user."""

    username: str
    display_name: str | None
    email: str | None
    enabled: bool
    roles: tuple[str, ...]
    has_password: bool
    has_second_factor: bool = Field(description="Whether an authenticator app is set up.")
    passkeys: int = Field(description="Number of passkeys.")
    requires_second_factor: bool = Field(description="A role of the user requires a second factor.")
    origin: str = Field(description="Where the account is kept: `local`, `ldap`, `oidc` or `proxy`.")
    row_filter: dict[str, Any] | None = Field(
        description="The alerts that the user is limited to; null: to none."
    )
    last_login_at: AwareDatetime | None
    created_at: AwareDatetime


class EndedView(View):
    """Number of sessions that were ended."""

    sessions: int


async def list_all_users(call: Call) -> web.Response:
    """Respond with all users."""
    return answer([_view(user) for user in await call.parts.database.ask(list_users)])


async def get_user(call: Call) -> web.Response:
    """Respond with one user."""
    return answer(_view(await _named(call)))


async def add_user(call: Call) -> web.Response:
    """Create a user.

    Raises:
        web.HTTPUnprocessableEntity: The password is weak.
        web.HTTPForbidden: The roles permit more than the caller may do.
        AccountConflict: The name is taken.
    """
    body: NewUserBody = call.body
    await refuse_beyond(call, body.roles)
    fields = UserFields(
        display_name=body.display_name,
        email=body.email,
        roles=body.roles,
        password_hash=await _hashed(call, body.password, body.username),
        rows=None if body.row_filter is None else body.row_filter.rows(),
    )
    return answer(_view(await call.parts.database.ask(create_user, body.username, fields, call.author)))


async def update_user(call: Call) -> web.Response:
    """Change a user; a new password, and to be disabled, end the user's sessions.

    Who is disabled is no longer notified from then on, and a file that declares the user does not undo it.

    Raises:
        web.HTTPUnprocessableEntity: The password is weak.
        web.HTTPForbidden: The user has, or would get, permissions that the caller lacks.
        AccountConflict: No user would be left who may administer users.
    """
    body: UserBody = call.body
    user = await _named(call)
    await refuse_beyond(call, (*user.roles, *(body.roles or ())))
    fields = UserFields(
        display_name=body.display_name,
        email=body.email,
        enabled=body.enabled,
        roles=body.roles,
        password_hash=await _hashed(call, body.password, user.username),
        rows=None if body.row_filter is None else body.row_filter.rows(),
    )
    changed = await call.parts.database.ask(change_user, user.username, fields, call.author)
    if changed.enabled is not user.enabled:
        await call.parts.declared.put_in_force()
    return answer(_view(changed))


async def end_sessions_of_user(call: Call) -> web.Response:
    """Sign a user out everywhere."""
    user = await _named(call)
    await refuse_beyond(call, user.roles)
    ended = await call.parts.database.ask(close_sessions_of, user, call.author)
    return answer(EndedView(sessions=ended))


async def _named(call: Call) -> User:
    return await call.parts.database.ask(find_user, call.request.match_info["name"])


async def _hashed(call: Call, password: Password | None, username: str) -> str | None:
    return None if password is None else await hashed_password(call, password, username)


def _view(user: User) -> UserView:
    shown = {name: getattr(user, name) for name in UserView.model_fields if name != "row_filter"}
    return UserView(**shown, row_filter=user.rows.document())


USER_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=USERS,
        handler=list_all_users,
        summary="List the users",
        permission="users:read",
        answers=list[UserView],
        tag="accounts",
    ),
    Endpoint(
        method="POST",
        path=USERS,
        handler=add_user,
        summary="Create a user",
        permission="users:write",
        body=NewUserBody,
        answers=UserView,
        refuses=(409,),
        tag="accounts",
    ),
    Endpoint(
        method="GET",
        path=f"{USERS}/{{name}}",
        handler=get_user,
        summary="Read one user",
        permission="users:read",
        answers=UserView,
        tag="accounts",
    ),
    Endpoint(
        method="PATCH",
        path=f"{USERS}/{{name}}",
        handler=update_user,
        summary="Change a user: name, roles, password, enabled or not",
        permission="users:write",
        body=UserBody,
        answers=UserView,
        refuses=(409,),
        tag="accounts",
    ),
    Endpoint(
        method="DELETE",
        path=f"{USERS}/{{name}}/sessions",
        handler=end_sessions_of_user,
        summary="Sign a user out everywhere",
        permission="users:write",
        answers=EndedView,
        tag="accounts",
    ),
)
