"""Mappings in force: list them, confirm a derived one."""

from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import ONE_LINE
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.views import View
from opsconductor.errors import CompileError, StoreRejected, UnknownNotification
from opsconductor.mib.listing import ListedOrigin, WantedMappings

MAPPINGS = "/api/v1/oid-mappings"
PER_ANSWER = 50
MOST_PER_ANSWER = 1_000

Text = Annotated[str, Field(max_length=255), ONE_LINE]


class MappingParameters(BaseModel):
    """Parameters of the list of mappings."""

    model_config = ConfigDict(extra="forbid")

    text: Text = Field(
        default="", description="Part of a notification, an alert type or a vendor, or an OID above it."
    )
    origin: ListedOrigin | None = Field(default=None, description="Only mappings of this origin.")
    limit: Annotated[int, Field(ge=1, le=MOST_PER_ANSWER)] = PER_ANSWER


class ConfirmBody(BaseModel):
    """Body that names a derived mapping."""

    model_config = ConfigDict(extra="forbid")

    notification: Annotated[Text, StringConstraints(min_length=1)] = Field(
        description="OID or name, or `MODULE::name`."
    )


class MappingView(View):
    """A mapping of traps."""

    origin: ListedOrigin = Field(description="Highest precedence first; a suggestion is not in force.")
    oid: str
    vendor: str
    module: str
    name: str = Field(description="Of the notification; empty when a declared mapping names none.")
    role: str
    alert_type: str
    category: str
    severity: str = Field(description="With what clears, of one that raises and clears by a variable.")
    resource: str = Field(description="What identifies the affected thing; empty: the device.")
    clears: tuple[str, ...]
    confidence: float | None = Field(description="Null: the mapping is declared.")
    reasons: tuple[str, ...]


class MappingList(View):
    """Mappings, the operator's own first."""

    total: int = Field(description="Number of all that match; `limit` of them are listed.")
    mappings: tuple[MappingView, ...]


class LintFindingView(View):
    """Something that a mapping cannot do."""

    file: str = Field(description="`database`, with the file that declares the row if one does.")
    key: str = Field(description="The mapping, and the path of the value in it.")
    level: str = Field(description="`error` or `warning`.")
    rule: str = Field(description="Name of the check; see docs/mappings.md.")
    value: str = Field(description="What is written there.")
    found: str = Field(description="What is wrong.")
    remedy: str


async def lint_mappings(call: Call) -> web.Response:
    """Answer what the mappings of the database cannot do."""
    return answer([LintFindingView.model_validate(each) for each in await call.parts.mapping_list.lint()])


async def list_mappings(call: Call) -> web.Response:
    """Answer mappings with origin and confidence."""
    query = call.query
    origins = frozenset({query.origin} if query.origin else ())
    wanted = WantedMappings(text=query.text, origins=origins, most=query.limit)
    found, total = await call.parts.mapping_list.list(wanted)
    return answer(MappingList(total=total, mappings=tuple(map(MappingView.model_validate, found))))


async def confirm(call: Call) -> web.Response:
    """Make a derived mapping one of the operator.

    Raises:
        web.HTTPNotFound: Nothing is derived from it.
        web.HTTPConflict: It cannot be declared, or the operator has a mapping of this trap.
    """
    try:
        row = await call.parts.mapping_list.confirm(call.body.notification, call.author)
    except UnknownNotification as error:
        raise refusal(web.HTTPNotFound, "not_found", str(error)) from error
    except (CompileError, StoreRejected) as error:
        raise refusal(web.HTTPConflict, "conflict", str(error)) from error
    return answer(row)


MAPPING_LIST_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=MAPPINGS,
        handler=list_mappings,
        summary="List mappings of traps: own ones, packs, derived ones and suggestions",
        permission="config:read",
        query=MappingParameters,
        answers=MappingList,
        tag="mappings",
    ),
    Endpoint(
        method="GET",
        path=f"{MAPPINGS}/lint",
        handler=lint_mappings,
        summary="Examine your own mappings for what cannot work",
        permission="config:read",
        answers=list[LintFindingView],
        tag="mappings",
    ),
    Endpoint(
        method="POST",
        path=f"{MAPPINGS}/confirm",
        handler=confirm,
        summary="Make a derived mapping, or a suggestion, your own; in force after a reload",
        permission="system:write",
        body=ConfirmBody,
        answers=dict[str, Any],
        refuses=(404, 409),
        tag="mappings",
    ),
)
