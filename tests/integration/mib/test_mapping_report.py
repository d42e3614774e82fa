"""The report on the health of mappings, on a real archive: findings, proposals, and ignored events."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
import yaml

from opsconductor.api.handlers.mapping_report import MappingReportView
from opsconductor.app.connectors.types import installed_types
from opsconductor.app.mappings.report import ReportLimits, make_report
from opsconductor.app.mappings.report_service import MappingReports
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.errors import StoreUnavailable
from opsconductor.mapping_report.finding import FindingKind, ResourceFinding
from opsconductor.mapping_report.report import MappingReport
from opsconductor.model.changes import Changes
from opsconductor.model.unmatched import ClearCount, ClearedName
from opsconductor.selfcheck.doctor.mappings import examine_mappings
from opsconductor.store.commit.commit import commit
from opsconductor.store.declared.provisioning import apply
from opsconductor.store.unmatched import add_unmatched
from tests.support.daemons.terminal import Terminal
from tests.support.snmp.trap_archive import CARD_BACK, FAN_NAME, MAPPINGS, PORT, TrapArchive
from tests.support.store.stored import a_creation, an_alert

LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
LIMITS = ReportLimits(days=2)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Return settings of a daemon on a new database."""
    return Settings(data_dir=tmp_path, database=DatabaseSettings.model_validate({"url": database_url}))


@pytest.fixture
def archive() -> TrapArchive:
    """Create an empty archive that begins yesterday."""
    return TrapArchive(datetime.now(UTC) - timedelta(hours=40))


async def stored(pool: asyncpg.Pool, archive: TrapArchive, folder: Path, mappings: str = MAPPINGS) -> None:
    """Store a connector, mappings and the archive."""
    await pool.execute("INSERT INTO connectors (name, type, config) VALUES ('traps', 'snmp_trap', '{}')")
    await applied(pool, mappings, folder)
    for part in archive.parts():
        await commit(pool, Changes(archive=tuple(part)))


async def applied(pool: asyncpg.Pool, text: str, folder: Path) -> None:
    """Apply a provisioning file."""
    file = folder / "mappings.yaml"
    file.write_text(text)
    installed = installed_types()
    await apply(pool, read_provision([file], installed), installed, key=bytes(32), actor="test")


async def reported(settings: Settings, limits: ReportLimits = LIMITS) -> MappingReport:
    """Make the report."""
    return await make_report(settings, limits, lambda _number: None)


def only(report: MappingReport, kind: FindingKind) -> ResourceFinding:
    """Return the one finding of a kind."""
    (found,) = [each for each in report.resources if each.kind is kind]
    return found


async def test_one_alert_about_many_things_gets_a_resource(
    pool: asyncpg.Pool, settings: Settings, archive: TrapArchive, tmp_path: Path
) -> None:
    """140 failures of 12 fans in one alert: the proposal makes 12 of it, as the preview said."""
    archive.add_fans(140, 12)
    await stored(pool, archive, tmp_path)
    found = only(await reported(settings), FindingKind.OVER_MERGE)
    assert (found.messages, found.alerts, found.devices) == (140, 1, ("10.0.0.1",))
    assert found.varying[0].values == 12
    assert found.proposal is not None
    assert found.proposal.resource_expression == f"row={{{FAN_NAME}#}}"
    assert found.preview is not None
    assert found.preview.text == "these 140 messages would be 12 alerts, now 1"
    await applied(pool, found.proposal.text, tmp_path)
    assert not (await reported(settings)).resources


async def test_a_number_in_the_resource_is_taken_out(
    pool: asyncpg.Pool, settings: Settings, archive: TrapArchive, tmp_path: Path
) -> None:
    """300 messages with a rising number are 300 alerts of 3 ports: the proposal keeps the port alone."""
    archive.add_log(300, 3)
    await stored(pool, archive, tmp_path)
    found = only(await reported(settings), FindingKind.OVER_SPLIT)
    assert (found.messages, found.alerts) == (300, 300)
    assert found.proposal is not None
    assert found.proposal.resource_expression == f"port={{{PORT.removesuffix('.0')}.0}}"
    assert found.preview is not None
    assert (found.preview.present.alerts, found.preview.proposed.alerts) == (300, 3)
    await applied(pool, found.proposal.text, tmp_path)
    assert not (await reported(settings)).resources


async def test_a_notification_that_ends_a_problem_is_learned(
    pool: asyncpg.Pool, settings: Settings, archive: TrapArchive, tmp_path: Path
) -> None:
    """A clear that follows each loss of a card after five minutes is suggested, and ends all of them."""
    archive.add_cards(10)
    await stored(pool, archive, tmp_path)
    (pair,) = (await reported(settings)).pairs
    assert (pair.clear_oid, pair.followed, pair.median_s) == (CARD_BACK, 20, 300)
    assert pair.confidence > 0.8
    assert pair.proposal is not None
    assert pair.preview is not None
    assert (pair.preview.present.ended, pair.preview.proposed.ended) == (0, pair.preview.proposed.alerts)
    await applied(pool, pair.proposal.text, tmp_path)
    assert not (await reported(settings)).pairs


async def test_a_variable_missing_in_the_clear_is_not_proposed(
    pool: asyncpg.Pool, settings: Settings, archive: TrapArchive, tmp_path: Path
) -> None:
    """A variable that only the problem has would separate the problem from its clear."""
    archive.add_fans(140, 12)
    archive.add(140 * 60, "10.0.0.1", "1.3.6.1.4.1.99999.7.2")
    await stored(pool, archive, tmp_path)
    found = only(await reported(settings), FindingKind.OVER_MERGE)
    assert found.proposal is None
    assert "1.3.6.1.4.1.99999.7.2" in found.note


async def test_clears_that_ended_nothing_name_the_likely_reason(
    pool: asyncpg.Pool, settings: Settings, archive: TrapArchive, tmp_path: Path
) -> None:
    """A clear that names a fault in another way differs from one of a port that was never down."""
    await stored(pool, archive, tmp_path)
    now = datetime.now(UTC)
    for device, resource in (("10.0.0.5", "fan=1.2"), ("10.0.0.6", "ifIndex=3")):
        alert = an_alert(
            device_ip=device, device_name=None, alert_type="network_link_down", resource=resource,
            fingerprint=device, occurred_at=now, last_occurrence_at=now,
        )  # fmt: skip
        await commit(pool, a_creation(alert))
    today = now.date().isoformat()
    names = [
        ClearedName(today, "traps", "10.0.0.5", "network_link_down", "fan=1"),
        ClearedName(today, "traps", "10.0.0.6", "network_link_down", "ifIndex=8"),
        ClearedName(today, "traps", "10.0.0.7", "network_link_down", "ifIndex=?"),
    ]
    await add_unmatched(pool, [ClearCount(name, 7, now) for name in names])
    report = await reported(settings)
    reasons = {each.device: (each.is_fault, each.reason) for each in report.unmatched}
    assert report.unmatched_total == 21
    assert reasons["10.0.0.5"] == (
        True,
        "the clear names fan=1, the open problem fan=1.2: one has more parts of the index",
    )
    assert reasons["10.0.0.6"][0] is False
    assert reasons["10.0.0.7"][0] is True


async def test_problems_that_a_clear_should_have_ended_are_listed(
    pool: asyncpg.Pool, settings: Settings, archive: TrapArchive, tmp_path: Path
) -> None:
    """A link that is down for ten days is listed with its possible clear; one since an hour is not."""
    await stored(pool, archive, tmp_path)
    now = datetime.now(UTC)
    long, short = (
        an_alert(occurred_at=now - age, last_occurrence_at=now - age, device_name=None)
        for age in (timedelta(days=10), timedelta(hours=1))
    )
    for alert in (long, short):
        changes = a_creation(alert)
        raw = {alert.id: lambda: {"trap_oid": LINK_DOWN}}
        await commit(pool, replace(changes, raw_data=raw))
    (found,) = (await reported(settings)).lasting
    assert (found.device, found.clear) == (long.device_ip, "linkUp")


async def test_an_unmapped_trap_names_the_missing_mib_or_a_mapping(
    pool: asyncpg.Pool, settings: Settings, archive: TrapArchive, tmp_path: Path
) -> None:
    """By the enterprise number when nothing is known of it; what is mapped meanwhile is left out."""
    await stored(pool, archive, tmp_path)
    now = datetime.now(UTC)
    for oid in ("1.3.6.1.4.1.55555.1.0.3", LINK_DOWN):
        alert = an_alert(
            alert_type="unknown_trap", category="unknown", resource=f"{oid} #4", occurrence_count=9,
            occurred_at=now, last_occurrence_at=now, fingerprint=oid,
        )  # fmt: skip
        await commit(pool, a_creation(alert))
    (found,) = (await reported(settings)).unmapped
    assert (found.trap_oid, found.enterprise, found.count) == ("1.3.6.1.4.1.55555.1.0.3", "55555", 9)
    assert "opsconductor mib import" in found.remedy


async def test_limits_are_kept_and_reported(
    pool: asyncpg.Pool, settings: Settings, archive: TrapArchive, tmp_path: Path
) -> None:
    """The newest messages are read; the report says that older ones were left out, and why."""
    archive.add_log(300, 3)
    await stored(pool, archive, tmp_path)
    few = await reported(settings, ReportLimits(days=2, events=100))
    assert (few.archive.events, few.archive.limited_by) == (100, "events")
    assert few.archive.begin == archive.events[200].received_at
    whole = await reported(settings)
    assert (whole.archive.events, whole.archive.limited_by) == (300, "")
    none = await reported(settings, ReportLimits(days=2, time_limit_s=0.0))
    assert none.archive.limited_by in ("", "time")
    assert none.without_preview == len([each for each in none.resources if each.proposal])


async def test_many_ports_that_fail_are_not_a_split(
    pool: asyncpg.Pool, settings: Settings, archive: TrapArchive, tmp_path: Path
) -> None:
    """A switch whose 200 ports go down once each has 200 faults, though each resource comes only once."""
    await stored(pool, archive, tmp_path, "oid_mappings: []")
    for port in range(200):
        archive.add(port, "10.0.0.9", LINK_DOWN, ("1.3.6.1.2.1.2.2.1.1." + str(port), 2, bytes([port % 128])))
    for part in archive.parts():
        await commit(pool, Changes(archive=tuple(part)))
    assert not (await reported(settings)).resources


async def test_the_daemon_makes_it_in_a_process_of_its_own(
    pool: asyncpg.Pool, settings: Settings, archive: TrapArchive, tmp_path: Path
) -> None:
    """The answer has the form that the API describes; a second one meanwhile is refused."""
    archive.add_fans(140, 12)
    await stored(pool, archive, tmp_path)
    reports = MappingReports(settings=settings)
    first = asyncio.create_task(reports.make(days=2, events=1_000, time_limit_s=60.0))
    await asyncio.sleep(0)
    with pytest.raises(StoreUnavailable, match="another report"):
        await reports.make(days=2, events=1_000, time_limit_s=60.0)
    found = MappingReportView.model_validate(await first)
    (merged,) = found.over_merged
    assert merged.preview is not None
    assert merged.preview.text == "these 140 messages would be 12 alerts, now 1"


async def test_a_database_that_is_away_is_reported(tmp_path: Path) -> None:
    """The process answers with the reason."""
    away = {"url": "postgresql://unknown@127.0.0.1:1/nothing"}
    settings = Settings(data_dir=tmp_path, database=DatabaseSettings.model_validate(away))
    with pytest.raises(StoreUnavailable):
        await MappingReports(settings=settings).make(days=2, events=1_000, time_limit_s=60.0)


async def test_the_command_shows_proposals_and_prints_one(
    pool: asyncpg.Pool, database_url: str, archive: TrapArchive, tmp_path: Path
) -> None:
    """An ID of the report gives the file to apply, and a replay of everything with it."""
    archive.add_fans(140, 12)
    await stored(pool, archive, tmp_path)
    lines = [f"data_dir: {tmp_path}", f"database: {{url: '{database_url}'}}"]
    (tmp_path / "opsconductor.yaml").write_text("\n".join(lines))
    terminal = Terminal(tmp_path, {})
    output = await terminal.run("mappings", "report", "--days", "2")
    assert "140 messages of environment_fan_failed from 10.0.0.1 are 1 alert" in output
    found = re.search(r"proposal ([0-9a-f]{6}): resource_expression: row=", output)
    assert found is not None
    written = yaml.safe_load(await terminal.run("mappings", "report", "--days", "2", "--yaml", found[1]))
    assert written["oid_mappings"][0]["resource_expression"] == f"row={{{FAN_NAME}#}}"
    replayed = await terminal.run("mappings", "report", "--days", "2", "--preview", found[1])
    assert "tried with files that are not applied" in replayed
    refused = await terminal.run("mappings", "report", "--days", "2", "--yaml", "nothing", fails=True)
    assert found[1] in refused


async def test_the_doctor_names_what_the_report_explains(pool: asyncpg.Pool) -> None:
    """Clears that miss open problems, and faults that are split, each with the command that shows more."""
    now = datetime.now(UTC)
    (fine,) = await examine_mappings(pool, now)
    assert fine.verdict == "ok"
    alert = an_alert(device_ip="10.0.0.5", device_name=None, alert_type="environment_fan", resource="fan=1.2")
    await commit(pool, a_creation(alert))
    name = ClearedName(now.date().isoformat(), "traps", "10.0.0.5", "environment_fan", "fan=1")
    await add_unmatched(pool, [ClearCount(name, 7, now)])
    many = [
        an_alert(
            device_ip="10.0.0.6", device_name=None, alert_type="network_port_error", resource=f"seq={number}",
            fingerprint=str(number), occurred_at=now, last_occurrence_at=now,
        )
        for number in range(200)
    ]  # fmt: skip
    await commit(pool, a_creation(*many))
    missed, split = await examine_mappings(pool, now)
    assert "10.0.0.5 environment_fan (7x: the clear names fan=1" in missed.text
    assert "10.0.0.6 network_port_error (200 alerts)" in split.text
    assert missed.remedy.startswith("opsconductor mappings report")
