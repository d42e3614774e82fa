"""Making of reports, on demand and by schedules."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from opsconductor.app.configuring.loading import Configuration
from opsconductor.app.database_wait import DatabaseWait
from opsconductor.app.reporting.gathering import gather
from opsconductor.app.reporting.measured import averages_of
from opsconductor.config.sections.report import ReportSchedule, ReportSettings
from opsconductor.config.settings import Settings
from opsconductor.errors import OpsConductorError, RowNotFound, StoreError
from opsconductor.reports.availability import Availability, availabilities
from opsconductor.reports.compose import compose
from opsconductor.reports.document import ReportDocument, document_of
from opsconductor.reports.facts import ReportFacts
from opsconductor.reports.measured import NOT_MEASURED
from opsconductor.reports.order import ReportOrder, ScopeKind
from opsconductor.reports.period import ReportPeriod, ReportType, due_at, last_period
from opsconductor.series.series_store import SeriesStore
from opsconductor.store.alerts.rows import RowConditions
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.reports import rows as store
from opsconductor.store.reports.rows import NewReport, ReportReader, StoredReport
from opsconductor.store.retention.partitions import month_start

log = logging.getLogger(__name__)

LOOK_EVERY_S = 30.0


class Reports:
    """Makes reports; one at a time, since each reads many alerts.

    Args of the constructor:
        series: Measured values; None: there are none.
    """

    def __init__(
        self,
        pool: Pool,
        settings: Settings,
        configuration: Callable[[], Configuration],
        series: SeriesStore | None = None,
    ) -> None:
        self._pool = pool
        self._settings = settings
        self._configuration = configuration
        self._series = series
        self._making = asyncio.Lock()

    @property
    def settings(self) -> ReportSettings:
        """The settings of reports."""
        return self._settings.reports

    @property
    def zone(self) -> str:
        """The time zone of days, weeks and months."""
        return self._settings.reports.time_zone

    def last_period(self, kind: ReportType) -> ReportPeriod:
        """Return the latest period of a kind that is over."""
        return last_period(kind, self.zone, datetime.now(UTC))

    def history_since(self) -> datetime:
        """Return since when alerts and their history are kept whole."""
        now, kept = datetime.now(UTC), self._settings.retention
        return max(now - timedelta(days=kept.alerts_days), month_start(now, -kept.history_months))

    async def make(self, order: ReportOrder, rows: RowConditions, reader: ReportReader) -> StoredReport:
        """Make and store a report.

        Raises:
            RowNotFound: There is no such site or device.
            StoreUnavailable: The database is away.
        """
        period = (order.period.begin, order.period.end)
        job = await store.begin_job(self._pool, order.period.type, period, order.requested_by)
        try:
            report_id = await self._make(order, rows, reader)
        except OpsConductorError as error:
            await store.finish_job(self._pool, job, None, str(error))
            raise
        await store.finish_job(self._pool, job, report_id)
        found = await store.find_report(self._pool, reader, report_id)
        if found is None:
            raise RowNotFound(f"the report {report_id} was deleted meanwhile")
        return found

    async def keep(self) -> None:
        """Make the reports of the schedules until cancelled."""
        wait = DatabaseWait(log, "reports are made later", "reports are made again")
        while self._settings.reports.schedules:
            try:
                await self.look(datetime.now(UTC))
            except StoreError as error:
                wait.failed(error)
            else:
                wait.worked()
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self, now: datetime) -> None:
        """Make the reports that are due and not made yet.

        Raises:
            StoreUnavailable: The database is away.
        """
        for schedule in self._settings.reports.schedules:
            period = last_period(ReportType(schedule.every), self.zone, now)
            if now < due_at(period, schedule.at):
                continue
            target = (schedule.channel, schedule.recipients)
            times = (period.begin, period.end)
            job = await store.claim_job(self._pool, schedule.name, schedule.every, times, target)
            if job is not None:
                await self._make_scheduled(job, schedule, period)

    async def _make_scheduled(self, job: UUID, schedule: ReportSchedule, period: ReportPeriod) -> None:
        try:
            report_id = await self._make(order_of(schedule, period), (), ReportReader())
        except RowNotFound as error:
            log.error("a report cannot be made", extra={"schedule": schedule.name, "error": str(error)})
            await store.finish_job(self._pool, job, None, str(error))
        else:
            await store.finish_job(self._pool, job, report_id)
            log.info("a report is made", extra={"schedule": schedule.name})

    async def _make(self, order: ReportOrder, rows: RowConditions, reader: ReportReader) -> UUID:
        async with self._making:
            unreachable = self._settings.engine.reachability_types
            facts, anomalies = await gather(self._pool, self._configuration(), order, rows, unreachable)
            if self._series is not None:
                measured = await averages_of(self._series, facts.devices.keys(), order.period)
                facts = replace(facts, measured=measured)
            document, available = await asyncio.to_thread(_composed, facts)
            metrics = [_metrics(each, facts, anomalies) for each in available]
            report = NewReport(
                report_type=order.period.type,
                scope_kind=order.scope_kind,
                scope_value=order.scope_value,
                period_begin=order.period.begin,
                period_end=order.period.end,
                content=document.to_json(),
                metrics_summary={each.label: each.value for each in document.parts[0].figures},
                recommendations=[asdict(each) for part in document.parts for each in part.recommended],
                requested_by=order.requested_by,
                metrics=metrics,
            )
            return await store.add_report(self._pool, report, reader)


def _metrics(
    of: Availability, facts: ReportFacts, anomalies: Mapping[str, int]
) -> tuple[str, str, float | None, int, float | None, float | None, float | None]:
    """Return the measures of a device, as `NewReport` has them."""
    averages = facts.measured.get(of.key, NOT_MEASURED)
    measured = (averages.load, averages.temperature, averages.efficiency)
    return (of.key, of.name, of.percent, anomalies.get(of.key, 0), *measured)


def _composed(facts: ReportFacts) -> tuple[ReportDocument, Sequence[Availability]]:
    return compose(facts, datetime.now(UTC)), availabilities(facts)


def order_of(schedule: ReportSchedule, period: ReportPeriod) -> ReportOrder:
    """Return the report request of a schedule for a period."""
    kind = ScopeKind.SITE if schedule.site else ScopeKind.DEVICE if schedule.device else ScopeKind.ALL
    return ReportOrder(
        period=period,
        scope_kind=kind,
        scope_value=schedule.site or schedule.device,
        requested_by=f"schedule {schedule.name}",
    )


def shown(report: StoredReport) -> ReportDocument:
    """Return the document of a report that was read with its content."""
    assert report.content is not None
    return document_of(report.content)
