"""The schema refuses invalid rows: wrong words, two open alerts of a fault, a need of oneself."""

import asyncio
import re
from enum import StrEnum
from pathlib import Path

import asyncpg
import pytest

from opsconductor.model.enums import (
    OPEN_STATUSES,
    Category,
    ConnectorStatus,
    DependencyType,
    HistoryAction,
    Level,
    NotificationKind,
    Priority,
    Severity,
    Status,
)
from opsconductor.store import queries
from opsconductor.store.commit.commit import commit
from tests.support.store.stored import a_creation, an_alert

QUERIES = Path(queries.__file__).parent
ALERTS = {"alerts", "alerts_open", "alerts_closed"}
ROWS = {
    "dependencies": {"device_ip": "10.0.0.1", "depends_on_ip": "10.0.0.2"},
    "connectors": {"name": "traps", "type": "snmp_trap"},
    "oid_mappings": {
        "oid_pattern": "1.3.6.1.4.1.9.9",
        "alert_type": "network_x",
        "category": "network",
        "default_severity": "major",
        "title_template": "X",
    },
    "notification_log": {"channel": "mail", "status": "sent"},
}


async def insert(pool: asyncpg.Pool, table: str, **changed: object) -> None:
    """Insert a sound row with some columns changed."""
    row = {**ROWS[table], **changed}
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await pool.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values())  # noqa: S608 - words of this file


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("alerts", "severity", Severity),
        ("alerts", "category", Category),
        ("alerts", "status", Status),
        ("alerts", "impact", Level),
        ("alerts", "urgency", Level),
        ("alerts", "priority", Priority),
        ("alert_history", "action", HistoryAction),
        ("alert_history", "old_status", Status),
        ("alert_history", "new_status", Status),
        ("dependencies", "dependency_type", DependencyType),
        ("connectors", "status", ConnectorStatus),
        ("oid_mappings", "category", Category),
        ("oid_mappings", "default_severity", Severity),
        ("notification_outbox", "kind", NotificationKind),
    ],
)
async def test_words_are_those_of_the_model(
    pool: asyncpg.Pool, table: str, column: str, words: type[StrEnum]
) -> None:
    """The CHECK of each enumeration lists exactly the words that the code knows."""
    definition = await pool.fetchval(
        """SELECT pg_get_constraintdef(c.oid) FROM pg_constraint c
           JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
           WHERE c.contype = 'c' AND c.conrelid = $1::text::regclass AND a.attname = $2""",
        table,
        column,
    )
    quoted = ",".join(re.findall(r"'([^']+)'", definition))
    assert set(re.findall(r"\w+", quoted)) == {word.value for word in words}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE alerts SET device_ip = NULL, device_name = NULL",
        "UPDATE alerts SET occurrence_count = 0",
        "UPDATE alerts SET severity = 'fatal'",
        "UPDATE alert_history SET action = 'vanished'",
        "UPDATE notification_outbox SET kind = 'gossip'",
        "UPDATE oid_mappings SET oid_pattern = '.1.3.6'",
        "UPDATE oid_mappings SET oid_pattern = '1.3.*.6'",
        "UPDATE oid_mappings SET expires_after_s = 0",
        "INSERT INTO notification_rules (name, throttle_minutes) VALUES ('x', -1)",
        "INSERT INTO notification_log (channel, status) VALUES ('x', 'lost')",
        "INSERT INTO sessions (hash, expires_at) VALUES ('x', now())",
        "INSERT INTO dependencies (device_ip, depends_on_ip, confidence) VALUES ('a', 'b', 1.01)",
    ],
)
async def test_wrong_values_are_refused(pool: asyncpg.Pool, statement: str) -> None:
    """Rows written by hand are held to the same rules."""
    alert = an_alert()
    await commit(pool, a_creation(alert))
    await pool.execute(
        "INSERT INTO notification_outbox (alert_id, rule_name, channel, kind, facts) "
        "VALUES ($1, 'all', 'mail', 'problem', '{}')",
        alert.id,
    )
    with pytest.raises(asyncpg.CheckViolationError):
        await pool.execute(statement)


async def test_one_open_alert_per_fingerprint(pool: asyncpg.Pool) -> None:
    """Of one fault any number may be over, but only one may be open, in whichever open status."""
    for status in Status:
        await commit(pool, a_creation(an_alert(fingerprint="f", status=status)))
    rows = await pool.fetch("SELECT status FROM alerts WHERE fingerprint = 'f'")
    assert len([row for row in rows if Status(row["status"]) in OPEN_STATUSES]) == 1
    over = await pool.fetchval("SELECT id FROM alerts WHERE status = 'resolved'")
    for status in OPEN_STATUSES:
        with pytest.raises(asyncpg.UniqueViolationError):
            await pool.execute("UPDATE alerts SET status = $1 WHERE id = $2", status, over)


async def test_a_mapping_is_unique_also_without_vendor(pool: asyncpg.Pool) -> None:
    """Two mappings of one pattern must differ in vendor; none counts as a vendor here."""
    await insert(pool, "oid_mappings")
    await insert(pool, "oid_mappings", vendor="cisco")
    for vendor in (None, "cisco"):
        with pytest.raises(asyncpg.UniqueViolationError):
            await insert(pool, "oid_mappings", vendor=vendor)


async def test_dependencies_are_sound(pool: asyncpg.Pool) -> None:
    """No device needs itself; the same dependency stands there once, of each type."""
    await insert(pool, "dependencies")
    await insert(pool, "dependencies", dependency_type="power")
    with pytest.raises(asyncpg.CheckViolationError):
        await insert(pool, "dependencies", depends_on_ip="10.0.0.1")
    with pytest.raises(asyncpg.UniqueViolationError):
        await insert(pool, "dependencies")


async def test_updated_at_is_kept(pool: asyncpg.Pool) -> None:
    """A trigger sets `updated_at` on every table that has it, at any write; statements that of alerts."""
    tables = await pool.fetch(
        "SELECT table_name FROM information_schema.columns WHERE column_name = 'updated_at'"
    )
    triggers = await pool.fetch(
        "SELECT event_object_table FROM information_schema.triggers WHERE trigger_name LIKE '%updated_at'"
    )
    assert {row[0] for row in tables} == {row[0] for row in triggers} | ALERTS
    for text in (file.read_text() for file in QUERIES.rglob("*.sql")):
        for statement in re.findall(r"UPDATE alerts\w*\b[^;]*", text):
            assert "updated_at = clock_timestamp()" in statement.partition("WHERE")[0]
    await insert(pool, "connectors")
    before = await pool.fetchrow("SELECT created_at, updated_at FROM connectors")
    await pool.execute("UPDATE connectors SET enabled = false")
    after = await pool.fetchrow("SELECT created_at, updated_at FROM connectors")
    assert after["updated_at"] > before["updated_at"]
    assert after["created_at"] == before["created_at"]


async def test_the_generic_traps_are_mapped(pool: asyncpg.Pool) -> None:
    """The seeds are the generic traps of SNMPv2-MIB, as they stand in the issue."""
    rows = await pool.fetch(
        "SELECT oid_pattern, category, default_severity, is_clear_event, clear_oid_pattern, vendor "
        "FROM oid_mappings ORDER BY oid_pattern"
    )
    generic = "1.3.6.1.6.3.1.1.5"
    assert [tuple(row) for row in rows] == [
        (f"{generic}.1", "network", "warning", False, None, None),
        (f"{generic}.2", "network", "info", False, None, None),
        (f"{generic}.3", "network", "major", False, f"{generic}.4", None),
        (f"{generic}.4", "network", "clear", True, None, None),
        (f"{generic}.5", "security", "warning", False, None, None),
        (f"{generic}.6", "network", "major", False, None, None),
    ]
    titles = await pool.fetch("SELECT title_template FROM oid_mappings ORDER BY oid_pattern LIMIT 2")
    assert titles[0][0] == "Device Cold Start - {device_name}"
    types = await pool.fetch("SELECT alert_type FROM oid_mappings WHERE mib_object LIKE 'link%'")
    assert {row[0] for row in types} == {"network_link_down"}


async def test_two_writers_cannot_open_one_fault_twice(pool: asyncpg.Pool) -> None:
    """Even at the same moment only one of two alerts of a fingerprint gets to be open."""
    first, second = an_alert(fingerprint="f"), an_alert(fingerprint="f")
    await asyncio.gather(*(commit(pool, a_creation(alert)) for alert in (first, second)))
    statuses = await pool.fetchval("SELECT array_agg(status ORDER BY status) FROM alerts")
    assert statuses == ["active", "expired"]
