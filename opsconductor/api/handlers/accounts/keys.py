"""API keys: list, create, revoke."""

from typing import Annotated, Any

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.handlers.accounts.authority import refuse_beyond
from opsconductor.api.handlers.accounts.roles import Roles, RowFilterBody
from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import Parameters, Time
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.http.validation import refused_for
from opsconductor.api.views import View
from opsconductor.connector.settings.shape import Shape
from opsconductor.errors import StoreRejected
from opsconductor.store.access.keys import NewKey, add_key, list_keys, revoke_key
from opsconductor.store.access.permissions import PERMISSIONS, Permission

KEYS = "/api/v1/api-keys"
MOST_A_MINUTE = 1_000_000


KEY_NAME = Shape(
    r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$", "one line of text that is not blank, such as dashboard"
)


class NewKeyBody(Parameters):
    """An API key to create; it needs a role or a scope."""

    name: Annotated[str, Field(min_length=1, max_length=100), KEY_NAME]
    roles: Roles = ()
    scopes: Annotated[tuple[Permission, ...], Field(max_length=len(PERMISSIONS))] = ()
    expires_at: Time | None = None
    quota_per_minute: Annotated[int, Field(ge=1, le=MOST_A_MINUTE, strict=True)] | None = None
    row_filter: RowFilterBody = Field(
        default=RowFilterBody(), description="Limits the key whatever its roles and scopes are."
    )


class KeyView(View):
    """An API key without its secret."""

    name: str
    prefix: str = Field(description="The key begins with `ops_` and this.")
    roles: tuple[str, ...]
    scopes: tuple[str, ...]
    expires_at: AwareDatetime | None
    quota_per_minute: int | None = Field(description="Requests a minute; null: unlimited.")
    last_used_at: AwareDatetime | None
    created_at: AwareDatetime
    created_by: str
    row_filter: dict[str, Any] | None = Field(description="The alerts that it is limited to; null: to none.")


class CreatedKeyView(View):
    """A new key, shown once."""

    name: str
    key: str


async def list_api_keys(call: Call) -> web.Response:
    """Respond with all API keys."""
    return answer([KeyView.model_validate(key) for key in await call.parts.database.ask(list_keys)])


async def create_api_key(call: Call) -> web.Response:
    """Create an API key, which is shown in this answer only.

    Raises:
        web.HTTPUnprocessableEntity: It would permit nothing.
        web.HTTPForbidden: It would permit more than the caller may do.
        web.HTTPConflict: The name is taken.
    """
    body: NewKeyBody = call.body
    if not (body.roles or body.scopes):
        raise refused_for([{"name": "roles", "found": "nothing", "expected": "a role, or one of `scopes`"}])
    await refuse_beyond(call, body.roles, body.scopes)
    new = NewKey(
        name=body.name,
        roles=body.roles,
        scopes=body.scopes,
        expires_at=body.expires_at,
        quota_per_minute=body.quota_per_minute,
        rows=body.row_filter.rows(),
    )
    try:
        key = await call.parts.database.ask(add_key, new, call.author)
    except StoreRejected as error:
        raise refusal(web.HTTPConflict, "conflict", str(error)) from error
    return answer(CreatedKeyView(name=body.name, key=key))


async def revoke_api_key(call: Call) -> web.Response:
    """Revoke an API key and every session that was opened with it.

    Raises:
        web.HTTPForbidden: It permits more than the caller may do.
        web.HTTPNotFound: There is none of that name.
    """
    name = call.request.match_info["name"]
    for key in await call.parts.database.ask(list_keys):
        if key.name == name:
            await refuse_beyond(call, key.roles, key.scopes)
    if not await call.parts.database.ask(revoke_key, name, call.author):
        raise refusal(web.HTTPNotFound, "not_found", "there is no API key of that name")
    return answer(None)


KEY_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=KEYS,
        handler=list_api_keys,
        summary="List the API keys; never the keys themselves",
        permission="users:read",
        answers=list[KeyView],
        tag="accounts",
    ),
    Endpoint(
        method="POST",
        path=KEYS,
        handler=create_api_key,
        summary="Create an API key; it is shown once",
        permission="users:write",
        body=NewKeyBody,
        answers=CreatedKeyView,
        refuses=(409,),
        tag="accounts",
    ),
    Endpoint(
        method="DELETE",
        path=f"{KEYS}/{{name}}",
        handler=revoke_api_key,
        summary="Revoke an API key and its sessions",
        permission="users:write",
        tag="accounts",
    ),
)
