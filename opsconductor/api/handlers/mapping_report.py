"""The report on the health of mappings."""

from typing import Any

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import Parameters
from opsconductor.api.http.responses import answer
from opsconductor.api.views import View


class ReportParameters(Parameters):
    """Limits of the report."""

    days: int = Field(7, ge=1, le=366, description="Length of the span.")
    events: int = Field(200_000, ge=1, le=1_000_000, description="Messages to read at most, the newest ones.")
    time_limit: int = Field(60, ge=1, le=600, description="Seconds after which nothing more is read.")


class ReadArchiveView(View):
    """How much of the raw event archive was read."""

    events: int
    unreadable: int = Field(description="Messages that cannot be decoded.")
    not_kept: int = Field(description="Messages that the archive has only counted.")
    begin: AwareDatetime | None = Field(description="Time of the oldest message that was read.")
    end: AwareDatetime | None
    limited_by: str = Field(description="`events` or `time` when older messages were left out, else empty.")


class MappingProposalView(View):
    """Mappings that may be applied."""

    id: str
    resource_expression: str
    document: dict[str, Any] = Field(description="A provisioning document: `POST /config/apply`.")
    yaml: str = Field(description="The same as a file: `opsconductor apply`.")


class PreviewCountView(View):
    """What messages become."""

    alerts: int
    ended: int = Field(description="Alerts that a clear has ended.")
    unmatched: int = Field(description="Clears that end nothing.")


class ProposalPreviewView(View):
    """What the messages behind a proposal are now, and would be."""

    messages: int
    present: PreviewCountView
    proposed: PreviewCountView
    text: str


class UnmatchedClearView(View):
    """Clears of one device and alert type that ended nothing."""

    connector: str
    device: str
    alert_type: str
    trap_oids: list[str]
    count: int
    last_at: AwareDatetime
    resources: list[str]
    nearest: list[str] = Field(description="Open alerts of the same device and type.")
    reason: str
    is_fault: bool = Field(description="False: the clear was not needed.")


class NeverClearedView(View):
    """A problem that is open for longer than the span though a clear exists."""

    device: str
    alert_type: str
    resource: str
    severity: str
    title: str
    since: AwareDatetime
    last_at: AwareDatetime
    trap: str
    clear: str = Field(description="What would end it.")
    reason: str


class UnmappedTrapView(View):
    """Traps of one OID that no mapping knows."""

    trap_oid: str
    name: str
    maker: str
    enterprise: str
    count: int
    devices: int
    some_devices: list[str]
    last_at: AwareDatetime
    title: str
    remedy: str
    confidence: float
    proposal: MappingProposalView | None


class VaryingVariableView(View):
    """A variable that differs from message to message."""

    variable: str
    values: int
    examples: list[str]
    why: str


class ResourceFindingView(View):
    """Messages of one alert type that are merged or split."""

    alert_type: str
    trap_oids: list[str]
    devices: int
    some_devices: list[str]
    messages: int
    alerts: int
    varying: list[VaryingVariableView]
    note: str = Field(description="Why nothing is proposed.")
    proposal: MappingProposalView | None
    preview: ProposalPreviewView | None


class LearnedPairView(View):
    """A notification that regularly follows a problem."""

    problem_oid: str
    problem: str
    clear_oid: str
    clear: str
    followed: int
    problems: int
    clears: int
    median_s: float
    confidence: float
    note: str = Field(description="Why nothing is proposed.")
    devices: int
    some_devices: list[str]
    proposal: MappingProposalView | None
    preview: ProposalPreviewView | None


class MappingReportView(View):
    """The report on the health of mappings."""

    at: AwareDatetime
    since: AwareDatetime
    took_s: float
    archive: ReadArchiveView
    faults: dict[str, str] = Field(description="Connectors whose messages could not be read.")
    without_preview: int = Field(description="Proposals for whose preview the time was too short.")
    unmatched_total: int
    unmatched_clears: list[UnmatchedClearView]
    never_cleared: list[NeverClearedView]
    unmapped: list[UnmappedTrapView]
    over_merged: list[ResourceFindingView]
    over_split: list[ResourceFindingView]
    learned_pairs: list[LearnedPairView]


async def report(call: Call) -> web.Response:
    """Make the report; answers when it is done."""
    limits = call.query
    return answer(
        await call.parts.mapping_report.make(
            days=limits.days, events=limits.events, time_limit_s=float(limits.time_limit)
        )
    )


REPORT_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/oid-mappings/report",
        handler=report,
        summary="Report on the mappings in force, with proposals; answered once it is made",
        permission="system:read",
        query=ReportParameters,
        answers=MappingReportView,
        tag="oid-mappings",
    ),
)
