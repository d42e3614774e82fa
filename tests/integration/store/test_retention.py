"""The history is in months that are made ahead and dropped; old data are deleted, open alerts stay."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg

from opsconductor.config.sections.retention import RetentionSettings
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes
from opsconductor.model.enums import Status
from opsconductor.store.commit.commit import commit
from opsconductor.store.retention import old_rows
from opsconductor.store.retention.old_rows import make_partitions, prune
from opsconductor.store.retention.series_tables import POINTS, POINTS_1H, POINTS_5M
from tests.support.store.stored import NOW, a_creation, an_alert, an_entry

SETTINGS = RetentionSettings(alerts_days=30, history_months=2, notification_log_days=10, audit_days=20)


async def partitions(pool: asyncpg.Pool) -> list[str]:
    """List the partitions of the history."""
    rows = await pool.fetch(
        "SELECT inhrelid::regclass::text FROM pg_inherits "
        "WHERE inhparent = 'alert_history'::regclass ORDER BY 1"
    )
    return [row[0] for row in rows]


async def test_months_are_made_ahead(pool: asyncpg.Pool) -> None:
    """This month and the next two have their partition, over the end of the year too; twice is once."""
    december = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    assert (await make_partitions(pool, december))["alert_history"] == 3
    assert set((await make_partitions(pool, december)).values()) == {0}
    made = [f"alert_history_y{month}" for month in ("2026m12", "2027m01", "2027m02")]
    assert await partitions(pool) == ["alert_history_default", *made]
    later = await make_partitions(pool, december + timedelta(days=1))
    assert set(later.values()) == {1}
    assert {"alert_history", "raw_events", "anomalies", "data_points"} <= later.keys()


async def test_early_history_moves_into_its_month(pool: asyncpg.Pool) -> None:
    """Rows that came before their partition are found in it afterwards, and others stay."""
    alert = an_alert()
    far = an_entry(alert, created_at=NOW + timedelta(days=4000))
    await commit(pool, replace(a_creation(alert), history=(an_entry(alert), far)))
    await make_partitions(pool, NOW)
    found = await pool.fetch("SELECT tableoid::regclass::text FROM alert_history ORDER BY created_at")
    assert [row[0] for row in found] == ["alert_history_y2026m03", "alert_history_default"]


async def test_partitions_can_be_made_by_several_at_once(pool: asyncpg.Pool) -> None:
    """Daemon and command line do not disturb each other."""
    made = await asyncio.gather(*(make_partitions(pool, NOW) for _ in range(4)))
    for table in ("alert_history", "raw_events"):
        assert sorted(counts[table] for counts in made) == [0, 0, 0, 3]


async def test_old_months_are_dropped(pool: asyncpg.Pool) -> None:
    """History older than the settings allow goes month by month; the rest stays."""
    for months in (5, 4, 0):
        await make_partitions(pool, NOW - timedelta(days=30 * months))
    deleted = await prune(pool, SETTINGS, NOW)
    assert deleted["alert_history"] == 3
    assert await partitions(pool) == [
        "alert_history_default",
        *(f"alert_history_y2026m{month:02}" for month in (1, 3, 4, 5)),
    ]


async def test_old_alerts_go_and_open_ones_stay(pool: asyncpg.Pool) -> None:
    """Only what has ended long ago is deleted, however old an open alert is; in small steps."""
    long_ago = NOW - timedelta(days=31)
    old = {"occurred_at": long_ago, "last_occurrence_at": long_ago}
    ended = [
        an_alert(**old, status=status, resolved_at=long_ago)
        for status in (Status.RESOLVED, Status.EXPIRED)
        for _ in range(4)
    ]
    unended = [an_alert(**old, status=status) for status in Status if status.is_open]
    recent = an_alert(**old, status=Status.RESOLVED, resolved_at=NOW - timedelta(days=29))
    await commit(pool, a_creation(*ended, *unended, recent))
    before = old_rows.CHUNK
    old_rows.CHUNK = 3
    try:
        deleted = await prune(pool, SETTINGS, NOW)
    finally:
        old_rows.CHUNK = before
    assert deleted["alerts"] == len(ended)
    left = await pool.fetch("SELECT id FROM alerts")
    assert {row[0] for row in left} == {alert.id for alert in [*unended, recent]}
    assert await pool.fetchval("SELECT count(*) FROM alert_history") == 4


async def test_logs_and_sessions_go_in_their_time(pool: asyncpg.Pool) -> None:
    """Each table has its own time to live, counted in the settings."""
    key = await pool.fetchval("INSERT INTO api_keys (name, prefix, hash) VALUES ('k', 'p', 'h') RETURNING id")
    for days in (21, 19, 11, 9, 1):
        at = NOW - timedelta(days=days)
        await pool.execute(
            "INSERT INTO notification_log (channel, status, created_at) VALUES ('m', 'sent', $1)", at
        )
        await pool.execute("INSERT INTO audit_log (actor, action, created_at) VALUES ('a', 'b', $1)", at)
        await pool.execute(
            "INSERT INTO sessions (hash, api_key_id, expires_at) VALUES ($1, $2, $3)",
            f"h{days}",
            key,
            NOW + timedelta(days=10 - days),
        )
    deleted = await prune(pool, SETTINGS, NOW)
    expected = {"notification_log": 3, "audit_log": 1, "sessions": 3, "alerts": 0, "alert_history": 0}
    untouched = (
        "reported_keys",
        "alert_history_default",
        "raw_events",
        "raw_events_default",
        "loss_ledger",
        "daemon_runs",
        "unmatched_clears",
        "set_aside",
        "anomalies",
        "anomalies_default",
        "analyses",
        "batch_jobs",
        *(f"{of.table}{end}" for of in (POINTS, POINTS_5M, POINTS_1H) for end in ("", "_default")),
        "analyses",
        "batch_jobs",
    )
    assert deleted == {**expected, **dict.fromkeys(untouched, 0)}


async def test_stray_history_goes_with_its_time(pool: asyncpg.Pool) -> None:
    """Rows that no month has taken are deleted when their month would be dropped."""
    alert = an_alert(status=Status.RESOLVED, resolved_at=NOW)
    stray = an_entry(alert, created_at=NOW - timedelta(days=4000))
    await commit(pool, replace(a_creation(alert), history=(an_entry(alert), stray)))
    assert (await prune(pool, SETTINGS, NOW))["alert_history_default"] == 1
    assert await pool.fetchval("SELECT count(*) FROM alert_history") == 1


async def test_history_of_open_alerts_outlives_its_month(pool: asyncpg.Pool) -> None:
    """A month is dropped, but its rows of open alerts are kept, and only those."""
    long_ago = NOW - timedelta(days=150)
    await make_partitions(pool, long_ago)
    is_open, ended = an_alert(), an_alert(status=Status.RESOLVED, resolved_at=NOW)
    entries = tuple(an_entry(alert, created_at=long_ago) for alert in (is_open, ended))
    await commit(pool, replace(a_creation(is_open, ended), history=entries))
    await prune(pool, SETTINGS, NOW)
    await prune(pool, SETTINGS, NOW)
    found = await pool.fetch("SELECT alert_id, tableoid::regclass::text AS part FROM alert_history")
    assert [tuple(row) for row in found] == [(is_open.id, "alert_history_default")]


async def test_the_history_of_deleted_alerts_goes_with_them(pool: asyncpg.Pool) -> None:
    """An alert that is deleted leaves neither history nor messages that wait behind."""
    long_ago = NOW - timedelta(days=31)
    ended = an_alert(status=Status.RESOLVED, resolved_at=long_ago)
    await commit(pool, replace(a_creation(ended), history=(an_entry(ended, created_at=NOW),)))
    assert (await prune(pool, SETTINGS, NOW))["alerts"] == 1
    assert await pool.fetchval("SELECT count(*) FROM alert_history") == 0


async def test_a_link_to_a_deleted_cause_is_cut(pool: asyncpg.Pool) -> None:
    """A consequence outlives its cause, without the link."""
    cause = an_alert(status=Status.RESOLVED, resolved_at=NOW - timedelta(days=31))
    consequence = an_alert(status=Status.RESOLVED, resolved_at=NOW, correlated_to_id=cause.id)
    await commit(pool, a_creation(cause, consequence))
    await prune(pool, SETTINGS, NOW)
    found = await pool.fetch("SELECT id, correlated_to_id FROM alerts")
    assert [tuple(row) for row in found] == [(consequence.id, None)]


async def test_a_dump_that_runs_does_not_stand_in_the_way(pool: asyncpg.Pool) -> None:
    """While a dump holds its locks nothing is dropped, and readers do not wait behind; later it goes."""
    await make_partitions(pool, NOW - timedelta(days=150))
    async with pool.acquire() as dump, dump.transaction():
        await dump.execute("LOCK TABLE alert_history IN ACCESS SHARE MODE")
        assert (await prune(pool, SETTINGS, NOW))["alert_history"] == 0
        assert await pool.fetchval("SELECT count(*) FROM alert_history") == 0
    assert (await prune(pool, SETTINGS, NOW))["alert_history"] == 3


async def test_closed_alerts_lie_on_full_pages(pool: asyncpg.Pool) -> None:
    """Alerts that have ended move to a partition of full pages, and back when they are reopened."""

    async def part_of(alert: Alert) -> str:
        query = "SELECT tableoid::regclass::text FROM alerts WHERE id = $1"
        return str(await pool.fetchval(query, alert.id))

    alert = an_alert()
    await commit(pool, a_creation(alert))
    assert await part_of(alert) == "alerts_open"
    ended = replace(alert, status=Status.RESOLVED, resolved_at=NOW)
    await commit(pool, Changes(updated=(ended,)))
    assert await part_of(alert) == "alerts_closed"
    await commit(pool, Changes(updated=(alert,)))
    assert await part_of(alert) == "alerts_open"
    options = await pool.fetchval("SELECT reloptions FROM pg_class WHERE relname = 'alerts_closed'")
    assert options is None
