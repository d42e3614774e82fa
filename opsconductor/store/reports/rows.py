"""Reports that were made, and their jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.store.postgres.connection import transaction, translated
from opsconductor.store.queries import load

SQL = load("reports/reports")
MOST_ATTEMPTS = 10
METRIC_COLUMNS = 7
DELIVERED_WITHIN_DAYS = 3
"""Days after which a report that could not be sent is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportReader:
    """Who reads reports: a caller that is limited to rows sees only its own, made under the same limits.

    Attributes:
        owner: User or key; None: the daemon or the local key.
        row_filter: JSON-ready; empty: not limited.
    """

    owner: UUID | None = None
    row_filter: Sequence[object] = ()

    @property
    def values(self) -> tuple[object, ...]:
        """The values of the queries."""
        return self.owner, list(self.row_filter)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """A report to be stored.

    Attributes:
        content: The document, JSON-ready.
        metrics: Of devices: key, name, percent of uptime or None, number of anomalies, average load,
            temperature and efficiency or None.
    """

    report_type: str
    scope_kind: str
    scope_value: str
    period_begin: datetime
    period_end: datetime
    content: Mapping[str, Any]
    metrics_summary: Mapping[str, Any]
    recommendations: Sequence[Mapping[str, Any]]
    requested_by: str
    metrics: Sequence[tuple[str, str, float | None, int, float | None, float | None, float | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """A report of the list; `content` is read only with `find_report`."""

    id: UUID
    report_type: str
    generated_time: datetime
    scope_kind: str
    scope_value: str
    period: str
    period_begin: datetime
    period_end: datetime
    requested_by: str
    metrics_summary: Mapping[str, Any]
    content: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportJob:
    """A report that a schedule has made, or tries to."""

    schedule: str
    report_type: str
    period_begin: datetime
    period_end: datetime
    status: str
    error_message: str
    report_id: UUID | None
    channel: str
    recipients: Sequence[str]
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndeliveredReport:
    """A report that recipients do not have yet."""

    id: UUID
    channel: str
    recipients: Sequence[str]
    attempts: int
    report_id: UUID
    content: Mapping[str, Any]


async def add_report(pool: asyncpg.Pool, report: NewReport, reader: ReportReader) -> UUID:
    """Store a report with the measures of its devices; return its id."""
    async with transaction(pool) as connection:
        report_id: UUID = await connection.fetchval(
            SQL["add_report"],
            report.report_type,
            report.scope_kind,
            report.scope_value,
            report.period_begin,
            report.period_end,
            report.content,
            report.metrics_summary,
            list(report.recommendations),
            report.requested_by,
            *reader.values,
        )
        columns = [list(column) for column in zip(*report.metrics, strict=True)] or [[]] * METRIC_COLUMNS
        await connection.execute(SQL["add_metrics"], report_id, *columns)
    return report_id


async def list_reports(pool: asyncpg.Pool, reader: ReportReader, most: int) -> Sequence[StoredReport]:
    """Return the reports that a user may see, newest first."""
    with translated():
        return [StoredReport(**row) for row in await pool.fetch(SQL["list"], *reader.values, most)]


async def find_report(pool: asyncpg.Pool, reader: ReportReader, report_id: UUID) -> StoredReport | None:
    """Return a report with its content, if the user may see it."""
    with translated():
        row = await pool.fetchrow(SQL["find"], *reader.values, report_id)
    return None if row is None else StoredReport(**row)


async def delete_report(pool: asyncpg.Pool, reader: ReportReader, report_id: UUID) -> bool:
    """Delete a report that the user may see; return False if there is none."""
    with translated():
        return await pool.fetchval(SQL["delete"], *reader.values, report_id) is not None


async def list_jobs(pool: asyncpg.Pool, most: int) -> Sequence[ReportJob]:
    """Return the jobs of schedules, newest first."""
    with translated():
        return [ReportJob(**row) for row in await pool.fetch(SQL["jobs"], most)]


async def claim_job(
    pool: asyncpg.Pool,
    schedule: str,
    report_type: str,
    period: tuple[datetime, datetime],
    target: tuple[str, Sequence[str]],
) -> UUID | None:
    """Begin the job of a schedule for a period; None: it is done, or has failed too often.

    Args:
        target: Channel and recipients.
    """
    with translated():
        found: UUID | None = await pool.fetchval(
            SQL["claim"], schedule, report_type, *period, target[0], list(target[1]), MOST_ATTEMPTS
        )
    return found


async def begin_job(
    pool: asyncpg.Pool, report_type: str, period: tuple[datetime, datetime], requested_by: str
) -> UUID:
    """Begin a requested job."""
    with translated():
        found: UUID = await pool.fetchval(SQL["begin"], report_type, *period, requested_by)
    return found


async def finish_job(pool: asyncpg.Pool, job: UUID, report: UUID | None, error: str = "") -> None:
    """End a job; without a report it has failed."""
    with translated():
        await pool.execute(SQL["finish"], job, report, error)


async def read_undelivered(pool: asyncpg.Pool) -> Sequence[UndeliveredReport]:
    """Return the reports that recipients do not have yet."""
    with translated():
        rows = await pool.fetch(SQL["undelivered"], DELIVERED_WITHIN_DAYS)
    return [UndeliveredReport(**row) for row in rows]


async def note_delivered(pool: asyncpg.Pool, job: UUID, recipient: str, given_up: str = "") -> None:
    """Store that a recipient has a report, or why it was given up."""
    with translated():
        await pool.execute(SQL["delivered"], job, recipient, given_up)
