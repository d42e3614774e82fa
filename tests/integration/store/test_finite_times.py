"""No time in the database is infinite, and one that is has no harmful effect."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import asyncpg
import pytest

from opsconductor.store.commit.commit import commit
from opsconductor.store.load import load_alerts
from opsconductor.store.postgres import migrate
from opsconductor.store.postgres.codecs import FIRST, LAST
from opsconductor.store.postgres.connection import close_pool, open_pool
from tests.conftest import Cluster
from tests.support.api.api_stage import Caller
from tests.support.daemons.live_daemon import live_daemon
from tests.support.store.stored import NOW, a_creation, an_alert

pytest_plugins = ["tests.integration.api_fixtures"]

ZERO = "0001-01-01T00:00:00Z"
BEFORE = "0006"
MIN, MAX = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
INFINITE = """
UPDATE alerts
SET occurred_at = '-infinity', received_at = 'infinity', last_occurrence_at = 'infinity',
    acknowledged_at = '-infinity', resolved_at = 'infinity', expires_at = 'infinity',
    notify_at = 'infinity', flapping_since = '-infinity', transitions = '{-infinity,2026-03-04,infinity}'
"""
HISTORY = """
INSERT INTO alert_history (alert_id, action, created_at) SELECT id, 'noted', '-infinity' FROM alerts
"""


async def test_the_zero_time_of_go_stops_nothing(
    operator: Caller, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    """The event is taken, listed, marked and loaded by the next start; the daemon goes on working."""
    event = {"device": "srv1", "alert_type": "storage_backup_failed", "occurred_at": ZERO}
    assert (await operator.post("/events", event)).status == 200
    for query in ("", "?sort=occurred_at", "?sort=-last_occurrence_at"):
        listed = await operator.get(f"/alerts{query}")
        assert listed.status == 200
    (shown,) = listed.data  # type: ignore[misc]
    assert shown["custom_fields"]["implausible_time"].startswith("0001-01-01T00:00:00+00:00")
    assert shown["occurred_at"] >= "2026"
    async with live_daemon(pool, tmp_path) as daemon:
        await daemon.source.reports("10.0.0.1")
        assert set(daemon.open_alerts()) == {"srv1", "10.0.0.1"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("infinity", LAST),
        ("-infinity", FIRST),
        ("4713-01-01 00:00:00+00 BC", FIRST),
        ("294276-12-31 00:00:00+00", LAST),
        ("0001-01-01 00:00:00+00", FIRST),
        ("9999-12-31 23:59:59+00", LAST),
        ("2026-03-04 05:06:07.000089+00", NOW),
    ],
)
async def test_read_times_have_a_zone_and_can_be_shown_anywhere(
    pool: asyncpg.Pool, written: str, read: datetime
) -> None:
    """Alone, in an array, and in zones at the far ends of the world."""
    found = await pool.fetchval(f"SELECT '{written}'::timestamptz")
    several = await pool.fetchval(f"SELECT ARRAY['{written}'::timestamptz, NULL]")
    assert (found, several) == (read, [read, None])
    for hours in (-23, 23):
        assert found.astimezone(timezone(timedelta(hours=hours))) == read


@pytest.mark.parametrize("moment", [MIN, MAX, NOW])
async def test_written_times_are_finite(pool: asyncpg.Pool, moment: datetime) -> None:
    """Also the first and last time of Python, which asyncpg takes for infinite."""
    assert await pool.fetchval("SELECT isfinite($1::timestamptz)", moment)
    assert await pool.fetchval("SELECT $1::timestamptz = $2::text::timestamptz", moment, moment.isoformat())


async def test_a_time_without_a_zone_is_refused(pool: asyncpg.Pool) -> None:
    """As data that is wrong, not as a database that is away."""
    with pytest.raises(asyncpg.DataError):
        await pool.fetchval("SELECT $1::timestamptz", datetime(2026, 3, 4))  # noqa: DTZ001 - the case


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE alerts SET occurred_at = '-infinity'",
        "UPDATE alerts SET last_occurrence_at = 'infinity'",
        "UPDATE alerts SET resolved_at = 'infinity'",
        "UPDATE alerts SET transitions = '{infinity}'",
        HISTORY,
        "INSERT INTO raw_events VALUES (gen_random_uuid(), 'x', 'infinity', '', '', '')",
        "INSERT INTO reported_keys VALUES ('x', 'y', '', '-infinity')",
    ],
)
async def test_the_schema_refuses_infinite_times(pool: asyncpg.Pool, statement: str) -> None:
    """Any writer is refused."""
    await commit(pool, a_creation(an_alert()))
    with pytest.raises(asyncpg.CheckViolationError):
        await pool.execute(statement)


@pytest.mark.parametrize("server", ["postgres", "postgres_15"])
async def test_the_migration_heals_what_is_there(server: str, request: pytest.FixtureRequest) -> None:
    """Every infinite time becomes one that is near the truth, then lists and starts work again."""
    cluster: Cluster = request.getfixturevalue(server)
    name = cluster.create()
    url = cluster.url(name)
    await migrate.upgrade(url)
    new = await open_pool(url, 1)
    await commit(new, a_creation(an_alert(), an_alert()))
    await close_pool(new)
    await migrate.downgrade(url, BEFORE)
    old = await open_pool(url, 1)
    await old.execute(INFINITE)
    await old.execute(HISTORY)
    await close_pool(old)
    await migrate.upgrade(url)
    healed = await open_pool(url, 1)
    for alert in await load_alerts(healed, resolved_since=NOW):
        assert alert.occurred_at == alert.received_at <= alert.last_occurrence_at
        assert alert.custom_fields["implausible_time"] == "-infinity (the time of receipt is used)"
        assert alert.transitions == (datetime(2026, 3, 4, tzinfo=UTC),)
        assert alert.expires_at is None
        assert alert.resolved_at == alert.last_occurrence_at
    assert await healed.fetchval("SELECT count(*) FROM alert_history") == 4
    await close_pool(healed)
    cluster.drop(name)
