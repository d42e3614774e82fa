"""Reports: list them, make one, read one as JSON or as a file."""

import asyncio
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Literal
from uuid import UUID

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import Parameters
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.views import View
from opsconductor.errors import RowNotFound
from opsconductor.reports.document import document_of
from opsconductor.reports.files import MEDIA, file_name, file_of
from opsconductor.reports.order import ReportOrder, ScopeKind
from opsconductor.reports.period import ReportType
from opsconductor.store.access.permissions import Rows
from opsconductor.store.reports import rows as store
from opsconductor.store.reports.rows import ReportReader, StoredReport

REPORTS = "/api/v1/reports"


class ReportListParameters(Parameters):
    """How many reports are listed."""

    limit: int = Field(50, ge=1, le=500)


class ReportFileParameters(Parameters):
    """Format of a report's file."""

    format: Literal["pdf", "html", "csv"] = "pdf"


class ReportBody(Parameters):
    """A report to be made about the latest period that is over."""

    type: Literal["daily", "weekly", "monthly"] = "weekly"
    site: str = Field("", max_length=100, description="Devices of one site only.")
    device: str = Field("", max_length=255, description="One device only, by address or name.")


class ReportView(View):
    """A report."""

    id: UUID
    report_type: str
    generated_time: AwareDatetime
    scope_kind: Literal["all", "site", "device"]
    scope_value: str
    period: str = Field(description="In words: `23 to 29 November 2026`.")
    period_begin: AwareDatetime
    period_end: AwareDatetime
    requested_by: str = Field(description="Who asked for it, or `schedule` and its name.")
    metrics_summary: dict[str, Any] = Field(description="The figures of its summary, by label.")


class ReportDetailView(ReportView):
    """A report with its content."""

    content: dict[str, Any] = Field(description="Its parts with figures, bars, columns, rows and advice.")


class ReportJobView(View):
    """A report that a schedule makes."""

    schedule: str
    report_type: str
    period_begin: AwareDatetime
    period_end: AwareDatetime
    status: Literal["processing", "completed", "failed"]
    error_message: str
    report_id: UUID | None
    channel: str
    recipients: list[str] = Field(description="Those who do not have it yet.")
    finished_at: datetime | None


async def list_all(call: Call) -> web.Response:
    """Respond with the newest reports that the caller may see."""
    found = await call.parts.database.ask(store.list_reports, reader_of(call), call.query.limit)
    return answer([ReportView.model_validate(each) for each in found])


async def make(call: Call) -> web.Response:
    """Make a report over what the caller may see."""
    body: ReportBody = call.body
    if body.site and body.device:
        raise refusal(web.HTTPBadRequest, "two_scopes", "site and device: give one of them")
    kind = ScopeKind.SITE if body.site else ScopeKind.DEVICE if body.device else ScopeKind.ALL
    order = ReportOrder(
        period=call.parts.reports.last_period(ReportType(body.type)),
        scope_kind=kind,
        scope_value=body.site or body.device,
        requested_by=call.operator.name,
    )
    try:
        made = await call.parts.reports.make(order, call.rows.conditions, reader_of(call))
    except RowNotFound as error:
        raise refusal(web.HTTPNotFound, "not_found", str(error)) from error
    return answer(ReportView.model_validate(made), status=201)


async def read(call: Call) -> web.Response:
    """Respond with a report and its content."""
    return answer(ReportDetailView.model_validate(await _found(call)))


async def download(call: Call) -> web.Response:
    """Respond with a report as a file."""
    found = await _found(call)
    assert found.content is not None
    document, wanted = document_of(found.content), call.query.format
    content = await asyncio.to_thread(partial(file_of, document, wanted))
    return web.Response(
        body=content,
        content_type=MEDIA[wanted],
        headers={"Content-Disposition": f'attachment; filename="{file_name(document, wanted)}"'},
    )


async def delete(call: Call) -> web.Response:
    """Delete a report."""
    if not await call.parts.database.ask(store.delete_report, reader_of(call), call.id):
        raise refusal(web.HTTPNotFound, "not_found", f"there is no report {call.id}")
    return answer(None)


async def list_jobs(call: Call) -> web.Response:
    """Respond with the newest reports of schedules, and who does not have them yet."""
    found = await call.parts.database.ask(store.list_jobs, call.query.limit)
    return answer([ReportJobView.model_validate(each) for each in found])


def reader_of(call: Call) -> ReportReader:
    """Return the caller as a reader of reports, with what it is limited to now."""
    assert call.principal is not None
    groups = call.principal.scope("alerts:read")
    limits = [[each.document() for each in group] for group in groups]
    return ReportReader(owner=call.principal.user_id or call.principal.key_id, row_filter=limits)


async def _found(call: Call) -> StoredReport:
    found = await call.parts.database.ask(store.find_report, reader_of(call), call.id)
    if found is None:
        raise refusal(web.HTTPNotFound, "not_found", f"there is no report {call.id}")
    return found


REPORT_DOCUMENT_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=REPORTS,
        handler=list_all,
        summary="List reports, the newest first",
        permission="alerts:read",
        rows=Rows.OWN,
        query=ReportListParameters,
        answers=list[ReportView],
        tag="reports",
    ),
    Endpoint(
        method="POST",
        path=REPORTS,
        handler=make,
        summary="Make a report about the day, week or month that is over",
        permission="alerts:read",
        rows=Rows.OWN,
        body=ReportBody,
        answers=ReportView,
        succeeds=HTTPStatus.CREATED,
        refuses=(404,),
        records="report.make",
        tag="reports",
    ),
    Endpoint(
        method="GET",
        path=f"{REPORTS}/jobs",
        handler=list_jobs,
        summary="List what the schedules of reports have made, the newest first",
        permission="system:read",
        rows=Rows.ALL,
        query=ReportListParameters,
        answers=list[ReportJobView],
        tag="reports",
    ),
    Endpoint(
        method="GET",
        path=f"{REPORTS}/{{id}}",
        handler=read,
        summary="Read a report",
        permission="alerts:read",
        rows=Rows.OWN,
        answers=ReportDetailView,
        tag="reports",
    ),
    Endpoint(
        method="GET",
        path=f"{REPORTS}/{{id}}/file",
        handler=download,
        summary="Download a report as PDF, HTML or CSV",
        permission="alerts:read",
        rows=Rows.OWN,
        query=ReportFileParameters,
        media=MEDIA["pdf"],
        other_media=(MEDIA["html"], MEDIA["csv"]),
        tag="reports",
    ),
    Endpoint(
        method="DELETE",
        path=f"{REPORTS}/{{id}}",
        handler=delete,
        summary="Delete a report",
        permission="alerts:write",
        rows=Rows.OWN,
        records="report.delete",
        tag="reports",
    ),
)
