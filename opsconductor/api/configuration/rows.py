"""Rows of one table of the configuration: list, get, create, replace, merge, delete."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web
from pydantic import Field

from opsconductor.api.configuration.documents import BODY_BYTES, REFUSES, faults_answered, read_value
from opsconductor.api.configuration.views import ChangedRowView, PlanView, RowView, plan_view, row_view
from opsconductor.api.devices.looking import indexed
from opsconductor.api.handlers.accounts.authority import refuse_people_beyond
from opsconductor.api.http.alert_parameters import YesOrNo
from opsconductor.api.http.endpoint import Call, Endpoint, Handle
from opsconductor.api.http.parameters import Number, Parameters, Text
from opsconductor.api.http.responses import JSON, answer
from opsconductor.api.state_tag import ANY, HEADER
from opsconductor.config.provision.edits import Edit, EditVerb
from opsconductor.config.provision.rows import MODELS, ONE, ProvisionTable
from opsconductor.store.access.permissions import Permission

ROOT = "/api/v1"
MOST_PER_PAGE = 200
LAST_PAGE = 10_000


class RowListParameters(Parameters):
    """Which rows to list."""

    search: Text = Field("", description="Text that occurs in the row, without regard to case.")
    page: Number = Field(1, ge=1, le=LAST_PAGE)
    per_page: Number = Field(50, ge=1, le=MOST_PER_PAGE)


class EditParameters(Parameters):
    """How to carry out a change."""

    dry_run: YesOrNo = Field(None, description="Change nothing; answer what would change.")
    take_over: YesOrNo = Field(
        None,
        description="Take over a row that a file declares, and change it. Applying the file no longer "
        "changes it.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A table as the API offers it.

    Attributes:
        path: Below the root.
        read_path: The same for reading, where `path` answers states; empty: `path`.
        write: Permission to change rows.
        tag: In the OpenAPI document.
    """

    table: ProvisionTable
    path: str
    read_path: str = ""
    write: Permission = "config:write"
    tag: str = "configuration"

    @property
    def one(self) -> str:
        """What a row is called, in words."""
        return ONE[self.table].replace("_", " ")


def name_in_path(call: Call) -> str:
    """Return the id or key of the row in the path."""
    return call.request.match_info["name"]


async def row_in_path(call: Call, table: ProvisionTable) -> str:
    """Return the id or key of the row in the path; of a device, any name or address will do."""
    given = name_in_path(call)
    if table is not ProvisionTable.DEVICES:
        return given
    device = (await indexed(call.parts.engine().inventory)).device_of(given)
    return given if device is None else device.key


def given_tags(call: Call) -> tuple[str, ...]:
    """Return the ETags of `If-Match`; empty: any will do."""
    given = [tag.strip() for tag in call.request.headers.get(HEADER, ANY).split(",")]
    return () if ANY in given else tuple(given)


def listing(resource: Resource) -> Handle:
    """Return the handler that lists rows."""

    async def handle(call: Call) -> web.Response:
        query: RowListParameters = call.query
        offset = (query.page - 1) * query.per_page
        with faults_answered(is_single=False):
            rows, total = await call.parts.declared.list(
                resource.table, query.search, limit=query.per_page, offset=offset
            )
        meta = {"page": query.page, "per_page": query.per_page, "total": total}
        return answer([row_view(row) for row in rows], meta=meta)

    return handle


def reading(resource: Resource) -> Handle:
    """Return the handler that answers one row."""

    async def handle(call: Call) -> web.Response:
        with faults_answered(is_single=True):
            row = await call.parts.declared.find(resource.table, await row_in_path(call, resource.table))
        response = answer(row_view(row))
        response.headers["ETag"] = row.tag
        return response

    return handle


def editing(resource: Resource, verb: EditVerb) -> Handle:
    """Return the handler that makes one change."""

    async def handle(call: Call) -> web.Response:
        name = "" if verb is EditVerb.CREATE else await row_in_path(call, resource.table)
        if resource.table is ProvisionTable.PEOPLE:
            await refuse_people_beyond(call, [name])
        value = None if verb is EditVerb.DELETE else await read_value(call, BODY_BYTES)
        return await answer_edit(call, resource.table, verb, name=name, value=value)

    return handle


async def answer_edit(
    call: Call, table: ProvisionTable, verb: EditVerb, *, name: str, value: object
) -> web.Response:
    """Make one change, and respond with what it has done."""
    query: EditParameters = call.query
    edit = Edit(
        verb=verb,
        name=name,
        value=value,
        tags=given_tags(call),
        is_taking_over=bool(query.take_over),
    )
    with faults_answered(is_single=True):
        changed = await call.parts.declared.edit(table, [edit], call.author, is_trial=bool(query.dry_run))
    made = next(iter(changed.rows), None)
    shown = {} if verb is EditVerb.DELETE else {"row": made and row_view(made)}
    response = answer({**plan_view(changed), **shown})
    if made is not None:
        response.headers["ETag"] = made.tag
    return response


def endpoints_of(resource: Resource) -> tuple[Endpoint, ...]:
    """Return the endpoints of a table."""
    return (*reading_endpoints(resource), *changing_endpoints(resource))


def reading_endpoints(resource: Resource) -> tuple[Endpoint, ...]:
    """Return the endpoints that list rows and answer one."""
    model = MODELS[resource.table]
    view: Any = RowView[model]  # type: ignore[valid-type]
    path = f"{ROOT}{resource.read_path or resource.path}"
    make = partial(Endpoint, method="GET", permission="config:read", tag=resource.tag)
    return (
        make(
            path=path,
            handler=listing(resource),
            summary=f"List rows as they are declared: {resource.table}",
            query=RowListParameters,
            answers=list[view],
        ),
        make(
            path=f"{path}/{{name}}",
            handler=reading(resource),
            summary=f"Read a {resource.one} as it is declared",
            answers=view,
        ),
    )


def changing_endpoints(resource: Resource) -> tuple[Endpoint, ...]:
    """Return the endpoints that create, change and delete rows."""
    one, model = resource.one, MODELS[resource.table]
    changed: Any = ChangedRowView[model]  # type: ignore[valid-type]
    make = partial(
        Endpoint,
        permission=resource.write,
        query=EditParameters,
        records="",
        refuses=REFUSES,
        body_bytes=BODY_BYTES,
        tag=resource.tag,
    )
    path = f"{ROOT}{resource.path}"
    verbs: tuple[tuple[str, EditVerb, str, Any], ...] = (
        ("POST", EditVerb.CREATE, f"Create a {one}", model),
        ("PUT", EditVerb.REPLACE, f"Replace a {one}", model),
        ("PATCH", EditVerb.MERGE, f"Change parts of a {one} (merge patch, RFC 7396)", dict[str, Any]),
        ("DELETE", EditVerb.DELETE, f"Delete a {one}", None),
    )
    return tuple(
        make(
            method=method,
            path=path if verb is EditVerb.CREATE else f"{path}/{{name}}",
            handler=editing(resource, verb),
            summary=summary,
            accepts={} if body is None else {JSON: body},
            answers=PlanView if body is None else changed,
        )
        for method, verb, summary, body in verbs
    )
