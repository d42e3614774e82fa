"""Roles: list, create, change, delete; and row filters in bodies and answers."""

from functools import partial
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from opsconductor.api.handlers.accounts.authority import refuse_beyond
from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import NO_NUL, Parameters
from opsconductor.api.http.responses import answer
from opsconductor.api.views import View
from opsconductor.connector.settings.shape import Shape
from opsconductor.model.row_filter import LONGEST_FILTER, RowFilter
from opsconductor.store.access.permissions import PERMISSIONS, Permission
from opsconductor.store.access.roles import (
    ROLE_NAME,
    UserRole,
    change_role,
    create_role,
    delete_role,
    find_role,
    list_roles,
    require_second_factor,
)

ROLES = "/api/v1/roles"
MOST_ROLES = 20
MOST_FIELDS = 10

ROLE = Shape(
    ROLE_NAME,
    "the name of a role such as night-shift: small letters, digits, _, . and -, first no _, . and -",
)
RoleName = Annotated[str, ROLE]
Roles = Annotated[tuple[RoleName, ...], Field(max_length=MOST_ROLES)]
Value = Annotated[str, Field(min_length=1, max_length=100), NO_NUL]
Values = Annotated[tuple[Value, ...], Field(max_length=LONGEST_FILTER)]
SomeValues = Annotated[tuple[Value, ...], Field(min_length=1, max_length=LONGEST_FILTER)]


class RowFilterBody(Parameters):
    """Which alerts are seen; of each kind any value matches, a kind without values limits nothing."""

    site: Values = Field((), description="Site of the device, by the present inventory.")
    tag: Values = Field((), description="Tag of the alert or of its device.")
    custom_fields: Annotated[dict[Value, SomeValues], Field(max_length=MOST_FIELDS)] = Field(
        default={}, description="Values by custom field of the alert or of its device: `customer`."
    )

    def rows(self) -> RowFilter:
        """Return the row filter."""
        fields = tuple(sorted(self.custom_fields.items()))
        return RowFilter(site=self.site, tag=self.tag, custom_fields=fields)


class RoleBody(Parameters):
    """What a role is."""

    description: Annotated[str, Field(max_length=255), NO_NUL] = ""
    permissions: Annotated[tuple[Permission, ...], Field(max_length=len(PERMISSIONS))]
    row_filter: RowFilterBody = Field(
        default=RowFilterBody(), description="The alerts to which the permissions extend; empty: all."
    )

    def role(self, name: str) -> UserRole:
        """Return the role."""
        return UserRole(
            name=name,
            description=self.description,
            permissions=tuple(dict.fromkeys(self.permissions)),
            rows=self.row_filter.rows(),
        )


class NewRoleBody(RoleBody):
    """A role to create."""

    name: RoleName


class SecondFactorBody(Parameters):
    """Whether the users of a role need a second factor."""

    required: bool = Field(strict=True)


class RoleView(View):
    """A role with its permissions."""

    name: str
    description: str
    permissions: tuple[str, ...]
    row_filter: dict[str, Any] | None = Field(description="The alerts to which they extend; null: all.")
    requires_second_factor: bool = Field(
        description="Its users set up a second factor before they may do anything else."
    )
    is_fixed: bool = Field(description="It ships with OpsConductor and cannot be changed.")


async def list_all_roles(call: Call) -> web.Response:
    """Respond with the roles and their permissions."""
    return answer([_view(role) for role in await call.parts.database.ask(list_roles)])


async def add_role(call: Call) -> web.Response:
    """Create a role.

    Raises:
        web.HTTPForbidden: It permits more than the caller may do.
        AccountConflict: The name is taken.
    """
    body: NewRoleBody = call.body
    await refuse_beyond(call, (), body.permissions)
    return answer(_view(await call.parts.database.ask(create_role, body.role(body.name), call.author)))


async def update_role(call: Call) -> web.Response:
    """Replace what a role is.

    Raises:
        web.HTTPForbidden: It permits, or would permit, more than the caller may do.
        AccountConflict: It ships with OpsConductor.
    """
    body: RoleBody = call.body
    before = await _named(call)
    await refuse_beyond(call, (), (*before.permissions, *body.permissions))
    return answer(_view(await call.parts.database.ask(change_role, body.role(before.name), call.author)))


async def set_second_factor(call: Call) -> web.Response:
    """Set whether the users of a role, also one that ships, need a second factor.

    Raises:
        web.HTTPForbidden: The role permits more than the caller may do.
    """
    role = await _named(call)
    await refuse_beyond(call, (), role.permissions)
    require = partial(require_second_factor, is_required=call.body.required)
    return answer(_view(await call.parts.database.ask(require, role.name, call.author)))


async def remove_role(call: Call) -> web.Response:
    """Delete a role that no user or key has."""
    role = await _named(call)
    await refuse_beyond(call, (), role.permissions)
    await call.parts.database.ask(delete_role, role.name, call.author)
    return answer(None)


async def _named(call: Call) -> UserRole:
    return await call.parts.database.ask(find_role, call.request.match_info["name"])


def _view(role: UserRole) -> RoleView:
    return RoleView(
        name=role.name,
        description=role.description,
        permissions=role.permissions,
        row_filter=role.rows.document(),
        requires_second_factor=role.requires_second_factor,
        is_fixed=role.is_fixed,
    )


ROLE_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=ROLES,
        handler=list_all_roles,
        summary="List the roles and their permissions",
        permission="users:read",
        answers=list[RoleView],
        tag="accounts",
    ),
    Endpoint(
        method="POST",
        path=ROLES,
        handler=add_role,
        summary="Create a role: permissions, and the alerts to which they extend",
        permission="users:write",
        body=NewRoleBody,
        answers=RoleView,
        refuses=(409,),
        tag="accounts",
    ),
    Endpoint(
        method="PUT",
        path=f"{ROLES}/{{name}}",
        handler=update_role,
        summary="Replace a role; those that ship are fixed",
        permission="users:write",
        body=RoleBody,
        answers=RoleView,
        refuses=(409,),
        tag="accounts",
    ),
    Endpoint(
        method="PUT",
        path=f"{ROLES}/{{name}}/second-factor",
        handler=set_second_factor,
        summary="Require a second factor of the users of a role, also of one that ships, or no longer",
        permission="users:write",
        body=SecondFactorBody,
        answers=RoleView,
        refuses=(404,),
        tag="accounts",
    ),
    Endpoint(
        method="DELETE",
        path=f"{ROLES}/{{name}}",
        handler=remove_role,
        summary="Delete a role that no user or key has",
        permission="users:write",
        refuses=(409,),
        tag="accounts",
    ),
)
