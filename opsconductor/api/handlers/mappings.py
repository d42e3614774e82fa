"""Explanations: which mapping decides about a trap."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.views import View
from opsconductor.connector.settings.shape import Shape
from opsconductor.errors import DecodeError

EXPLAIN = "/api/v1/oid-mappings/explain"
BODY_BYTES = 256 * 1024
"""More than the largest datagram has as hex digits."""
LONGEST_OID = 255


HEX = Shape("^([0-9a-fA-F]{2})+$", "pairs of hex digits such as 302902010104")
OID = Shape(r"^[0-2](\.[0-9]+)+$", "an OID in numbers such as 1.3.6.1.6.3.1.1.5.3")


class ExplainParameters(BaseModel):
    """Which trap is to be explained."""

    model_config = ConfigDict(extra="forbid")

    oid: Annotated[str, Field(max_length=LONGEST_OID), OID] | None = Field(
        default=None, description="OID of a trap, when nothing else about it is known."
    )
    id: UUID | None = Field(
        default=None, description="Id of a raw event, or of an alert: its latest one. It goes before `oid`."
    )


class PacketBody(BaseModel):
    """A datagram to be explained."""

    model_config = ConfigDict(extra="forbid")

    payload: Annotated[str, HEX] = Field(description="The payload of the datagram as hex digits.")
    peer: IPv4Address | IPv6Address | None = Field(default=None, description="Address of its sender.")


class ExplainedTrapView(View):
    """The trap itself."""

    oid: str
    name: str = Field(description="`MODULE::name`; empty when it is not known.")
    vendor: str | None
    peer: str | None = Field(description="None when the OID alone is known.")
    variables: tuple[str, ...]


class NamedMappingView(View):
    """A mapping, and where it comes from."""

    origin: str = Field(description="`own`, `pack` or `derived`.")
    oid_pattern: str
    vendor: str | None
    name: str
    place: str = Field(description="File and line, or table and the file that declares it.")
    alert_type: str


class TestedConditionView(View):
    """A condition and what the trap has for it."""

    text: str
    value: str = Field(description="`?`: the trap does not carry the variable.")
    holds: bool


class CandidateView(NamedMappingView):
    """A mapping whose pattern matches the trap."""

    decides: bool
    why: str
    conditions: tuple[TestedConditionView, ...]
    case: int | None = Field(description="Number of the case that applies.")
    severity: str
    title_template: str
    resource_expression: str
    is_clear: bool


class ExplainedReportView(View):
    """What the trap reports."""

    alert_type: str
    severity: str
    category: str
    title: str
    resource: str
    device: str
    device_ip: str | None
    fingerprint: str
    is_clear: bool
    is_cutting: bool


class EndingView(View):
    """One way in which the problem ends."""

    trap_oid: str = Field(description="Empty: it expires.")
    text: str


class DerivedView(View):
    """What is derived from the notification."""

    role: str
    alert_type: str
    severity: str
    confidence: float
    is_suggestion: bool = Field(description="It is not in force.")
    clears: tuple[str, ...]
    reasons: tuple[str, ...]


class ExplanationView(View):
    """Which mapping decides about a trap, and why."""

    trap: ExplainedTrapView
    candidates: tuple[CandidateView, ...] = Field(description="In order of precedence.")
    reports: tuple[ExplainedReportView, ...]
    clears: tuple[NamedMappingView, ...]
    cleared_by: tuple[EndingView, ...]
    derived: DerivedView | None


async def explain_stored(call: Call) -> web.Response:
    """Answer which mapping decides about a stored trap, or about one with an OID.

    Raises:
        web.HTTPNotFound: No trap is named, or no raw event with this id, or of such an alert, was kept.
        web.HTTPNotFound: The raw event is no trap.
    """
    asked = call.query
    if asked.id is None:
        if asked.oid is None:
            raise refusal(web.HTTPNotFound, "not_found", "no trap is named: give its oid or an id")
        return _answer(await call.parts.mappings.of_oid(asked.oid))
    try:
        found = await call.parts.mappings.of_event(asked.id)
    except DecodeError as error:
        raise _unreadable(error) from error
    if found is None:
        raise refusal(web.HTTPNotFound, "not_found", f"no raw event was kept for {asked.id}")
    return _answer(found)


async def explain_packet(call: Call) -> web.Response:
    """Answer which mapping decides about a datagram.

    Raises:
        web.HTTPNotFound: It is no trap.
    """
    body = call.body
    try:
        found = await call.parts.mappings.of_packet(bytes.fromhex(body.payload), str(body.peer or ""))
    except DecodeError as error:
        raise _unreadable(error) from error
    return _answer(found)


def _answer(found: Mapping[str, object]) -> web.Response:
    return answer(ExplanationView.model_validate(found))


def _unreadable(error: DecodeError) -> web.HTTPException:
    return refusal(web.HTTPNotFound, "unreadable", f"no trap: {error}")


MAPPING_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=EXPLAIN,
        handler=explain_stored,
        summary="Explain which mapping decides about a stored trap, or about one with an OID",
        permission="config:read",
        query=ExplainParameters,
        answers=ExplanationView,
        refuses=(404,),
        tag="mappings",
    ),
    Endpoint(
        method="POST",
        path=EXPLAIN,
        handler=explain_packet,
        summary="Explain which mapping decides about a datagram",
        permission="config:read",
        body=PacketBody,
        body_bytes=BODY_BYTES,
        answers=ExplanationView,
        refuses=(404, 413),
        tag="mappings",
    ),
)
