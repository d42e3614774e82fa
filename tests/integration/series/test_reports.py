"""Reports from the database: made by schedules once, sent as PDF, and over a caller's own rows only."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from aiohttp import ClientSession

from opsconductor.app.configuring.loading import Configuration
from opsconductor.app.reporting.making import Reports
from opsconductor.app.reporting.sending import ReportSender
from opsconductor.config.sections.report import ReportSchedule, ReportSettings
from opsconductor.config.settings import EngineSettings, Settings
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.enums import Severity, Status
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.measured.measurement import Measurement
from opsconductor.model.row_filter import RowFilter
from opsconductor.reports.document import document_of
from opsconductor.reports.order import ReportOrder, ScopeKind
from opsconductor.reports.period import ReportPeriod, ReportType, last_period
from opsconductor.series.series_store import SeriesStore
from opsconductor.store.access.permissions import PERMISSIONS
from opsconductor.store.commit.commit import commit
from opsconductor.store.reports import rows as store
from opsconductor.store.reports.rows import ReportReader
from tests.integration.access.test_row_filters import BERLIN, MUNICH, device, limited
from tests.support.api.api_stage import Caller, Stage
from tests.support.notify.smtp_server import Mailbox, channel, served
from tests.support.series.measured import open_store
from tests.support.store.stored import a_creation, an_alert

pytest_plugins = ["tests.integration.api_fixtures"]

NOW = datetime.now(UTC)
NOON = NOW.replace(hour=12)  # later than the time of the day at which reports are made
MINUTE = timedelta(minutes=1)
WEEK = last_period(ReportType.WEEKLY, "UTC", NOW)
DEVICES = (device(BERLIN, "berlin-core", "berlin"), device(MUNICH, "munich-core", "munich"))
SCHEDULE = ReportSchedule(name="week", channel="mail", recipients=("noc@example.net", "boss@example.net"))


def reports_of(pool: asyncpg.Pool, *schedules: ReportSchedule, series: SeriesStore | None = None) -> Reports:
    """Return the service with an inventory of two sites."""
    settings = Settings(reports=ReportSettings(schedules=schedules))
    configuration = Configuration(
        connectors={}, inventory=InventorySnapshot(DEVICES, ()), mappings=MappingTable([]), rules=()
    )
    return Reports(pool, settings, lambda: configuration, series)


async def fill(pool: asyncpg.Pool) -> None:
    """Store a daemon that ran, and alerts of the last week: Berlin was unreachable for 6 hours."""
    await pool.execute(
        "INSERT INTO daemon_runs (id, host, version, started_at, seen_at) VALUES "
        "(gen_random_uuid(), 'noc', '1', $1, now())",
        WEEK.begin - timedelta(days=1),
    )
    begin = WEEK.begin + timedelta(days=2)
    over = {"status": Status.RESOLVED, "resolved_at": begin + timedelta(hours=6), "occurred_at": begin}
    down = an_alert(
        **over, device_ip=BERLIN, device_name="berlin-core", alert_type="network_unreachable", resource=""
    )
    loud = [
        an_alert(**over, device_ip=MUNICH, device_name="munich-core", severity=Severity.WARNING)
        for _ in range(20)
    ]
    quiet = replace(an_alert(**over, device_ip=MUNICH, device_name="munich-core"), correlated_to_id=down.id)
    await commit(pool, a_creation(down, *loud, quiet))


async def test_a_schedule_makes_its_report_once_and_mails_it(pool: asyncpg.Pool, mailbox: Mailbox) -> None:
    """The report of the week has the availability; each recipient gets the PDF once, also after failures."""
    await fill(pool)
    reports = reports_of(pool, SCHEDULE)
    await reports.look(NOON)
    await reports_of(pool, SCHEDULE).look(NOON)  # as after a restart
    (made,) = await store.list_reports(pool, ReportReader(), 10)
    assert (made.report_type, made.scope_kind, made.requested_by) == ("weekly", "all", "schedule week")
    assert made.metrics_summary["Pages saved"] == "1"
    found = await store.find_report(pool, ReportReader(), made.id)
    assert found is not None
    assert found.content is not None
    table = next(part for part in document_of(found.content).parts if part.title == "Availability")
    assert table.rows == (("berlin-core", "berlin", "96.428 %", "1", "6 h", "0", "0"),)
    assert await pool.fetch("SELECT device_name, uptime_percentage FROM performance_metrics ORDER BY 1") == [
        ("berlin-core", 100 * (1 - 6 / 168)),
        ("munich-core", 100.0),
    ]
    away = ReportSender(pool, lambda _: None)
    await away.look()
    assert (await store.list_jobs(pool, 1))[0].recipients == list(SCHEDULE.recipients)
    async with served(mailbox) as port:
        mail = channel(port)
        sender = ReportSender(pool, lambda name: mail if name == "mail" else None)
        await sender.look()
        await sender.look()
    assert [each["To"] for each in mailbox.messages] == list(SCHEDULE.recipients)
    pdf = next(iter(mailbox.messages[0].iter_attachments()))
    assert pdf.get_content_type() == "application/pdf"
    assert pdf.get_filename().startswith("opsconductor-weekly-report-")
    assert pdf.get_content().startswith(b"%PDF-")
    assert "Pages saved: 1" in str(mailbox.messages[0].get_body(("plain",)))
    (job,) = await store.list_jobs(pool, 10)
    assert (job.status, job.recipients) == ("completed", [])


async def test_a_schedule_without_its_site_fails_visibly(pool: asyncpg.Pool) -> None:
    """A report about a site that does not exist is a failed job with the reason; it is tried again."""
    reports = reports_of(pool, ReportSchedule(name="paris", every="daily", site="paris"))
    await reports.look(NOON)
    (job,) = await store.list_jobs(pool, 10)
    assert job.status == "failed"
    assert "there is no site 'paris'" in job.error_message


async def test_a_report_about_a_site_has_its_devices_only(pool: asyncpg.Pool) -> None:
    """Alerts, figures and table of a site's report are of its devices."""
    await fill(pool)
    order = ReportOrder(period=WEEK, scope_kind=ScopeKind.SITE, scope_value="munich", requested_by="me")
    made = await reports_of(pool).make(order, (), ReportReader())
    assert made.metrics_summary["Alerts"] == "21"
    assert made.metrics_summary["Availability"] == "100 %"
    assert "berlin" not in str(made.content)


async def test_averages_of_what_was_measured_are_in_the_report(pool: asyncpg.Pool) -> None:
    """Load and temperature are averages; what was not measured, or in other units, is left out."""
    store = await open_store(pool, InventorySnapshot(DEVICES, ()))
    running = asyncio.create_task(store.run())
    begin = NOW - timedelta(minutes=50)
    given = (
        ("cpu_load", "%", 20.0),
        ("cpu_load", "%", 40.0),
        ("temperature", "°C", 30.5),
        ("load", "1", 7.0),
    )
    store.measure(
        "poll",
        [
            Measurement(metric=metric, value=value, at=begin + n * MINUTE, device_ip=BERLIN, unit=unit)
            for n, (metric, unit, value) in enumerate(given)
        ],
    )
    async with asyncio.timeout(10):
        while store.facts().outcomes.get("stored", 0) < len(given):
            await asyncio.sleep(0.02)
    period = ReportPeriod(type=ReportType.DAILY, begin=NOW - timedelta(days=1), end=NOW, zone="UTC")
    order = ReportOrder(period=period, requested_by="me")
    made = await reports_of(pool, series=store).make(order, (), ReportReader())
    running.cancel()
    assert made.content is not None
    part = next(each for each in document_of(made.content).parts if each.title == "Measured averages")
    assert [each.title for each in part.columns] == ["Device", "Site", "Load", "Temperature"]
    assert part.rows == (("berlin-core", "berlin", "30.0 %", "30.5 °C"),)
    query = "SELECT average_load, average_temperature, efficiency_rating FROM performance_metrics ORDER BY 1"
    assert await pool.fetch(query) == [(30.0, 30.5, None), (None, None, None)]


async def test_a_limited_caller_gets_a_report_over_its_rows(
    stage: Stage, http: ClientSession, url: str, operator: Caller
) -> None:
    """A caller who sees one site makes a report about it in every format, and sees no report of others."""
    stage.inventory = InventorySnapshot(DEVICES, ())
    stage.engine.reconfigure(EngineSettings(), stage.inventory, (), NOW)
    await fill(stage.pool)
    whole = (await operator.post("/reports", {"type": "weekly"})).body["data"]
    berlin = await limited(stage, http, url, RowFilter(site=("berlin",)), PERMISSIONS)
    made = await berlin.post("/reports", {"type": "weekly"})
    assert made.status == 201
    report = made.body["data"]
    assert report["metrics_summary"]["Alerts"] == "1"
    listed: Any = (await berlin.get("/reports")).body["data"]
    assert [each["id"] for each in listed] == [report["id"]]
    assert (await berlin.get(f"/reports/{whole['id']}")).status == 404
    assert (await berlin.get(f"/reports/{whole['id']}/file")).status == 404
    assert "munich" not in str((await berlin.get(f"/reports/{report['id']}")).body)
    assert (await berlin.post("/reports", {"type": "weekly", "site": "munich"})).status == 404
    assert len((await operator.get("/reports")).body["data"]) == 2
