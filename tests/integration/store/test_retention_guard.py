"""Nothing old is deleted while clocks disagree, and a first large prune waits for a confirmation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg

from opsconductor.app.periodic import Retention, open_retention
from opsconductor.config.sections.retention import RetentionSettings
from opsconductor.model.changes import Changes
from opsconductor.model.enums import Status
from opsconductor.store.commit.commit import commit
from opsconductor.store.retention.guard import (
    Clocks,
    OldRows,
    clock_fault,
    needs_count,
    read_last_prune,
    read_newest_stored,
    record_prune,
    size_fault,
)
from opsconductor.store.retention.old_rows import make_partitions
from opsconductor.store.retention.partitions import HISTORY, month_start
from tests.support.store.stored import a_creation, an_alert, an_entry

SETTINGS = RetentionSettings(alerts_days=30)
EARLIER = timedelta(days=60)


async def amount_of(pool: asyncpg.Pool) -> int:
    """Count the alerts."""
    return int(await pool.fetchval("SELECT count(*) FROM alerts"))


async def store(pool: asyncpg.Pool, amount: int, *, closed_at: datetime, at: datetime) -> None:
    """Store closed alerts, with one entry of history at a time."""
    alerts = [an_alert(status=Status.RESOLVED, resolved_at=closed_at) for _ in range(amount)]
    created: Changes = a_creation(*alerts)
    await commit(pool, replace(created, history=(an_entry(alerts[0], created_at=at),)))


async def run(pool: asyncpg.Pool, now: datetime, settings: RetentionSettings = SETTINGS) -> Retention:
    """Run the retention once, as a daemon does that starts now."""
    retention = await open_retention(pool, settings)
    await retention.run_once(now)
    return retention


async def test_a_clock_that_is_years_ahead_deletes_nothing(pool: asyncpg.Pool) -> None:
    """Newest stored time and clock are 800 days apart: everything stays, and the reason has a remedy."""
    now = datetime.now(UTC)
    await store(pool, 3, closed_at=now - timedelta(hours=1), at=now - timedelta(hours=1))
    retention = await run(pool, now + timedelta(days=800))
    assert await amount_of(pool) == 3
    assert "PostgreSQL's" in retention.waits_for or "newest stored time" in retention.waits_for
    assert await read_last_prune(pool) is None


async def test_the_newest_time_is_read_from_the_newest_month(pool: asyncpg.Pool) -> None:
    """At a start the history of the last month with entries is read: that of all months may take minutes."""
    now = datetime.now(UTC)
    for at in (now - timedelta(days=100), now - timedelta(hours=1)):
        await make_partitions(pool, at)
        await store(pool, 1, closed_at=at, at=at)
    oldest = HISTORY.part(month_start(now - timedelta(days=100), 0))
    async with pool.acquire() as other, other.transaction():
        await other.execute(f"LOCK TABLE {oldest} IN ACCESS EXCLUSIVE MODE")
        assert await read_newest_stored(pool) == now - timedelta(hours=1)


async def test_a_clock_that_jumps_with_postgresql_is_noticed_too() -> None:
    """Both clocks are of one machine and equally wrong: the newest stored time shows it."""
    now = datetime(2028, 2, 1, tzinfo=UTC)
    clocks = Clocks(ours_at=now, server_at=now, stored_at=now - timedelta(days=800))
    assert "opsconductor db prune --yes" in clock_fault(clocks)
    assert not clock_fault(replace(clocks, stored_at=now - timedelta(hours=30)))
    assert not clock_fault(replace(clocks, stored_at=None))
    assert "before the newest" in clock_fault(replace(clocks, stored_at=now + timedelta(days=3)))


async def test_clocks_that_agree_delete_what_is_old(pool: asyncpg.Pool) -> None:
    """In ordinary operation old alerts go, and the time of the prune is stored."""
    now = datetime.now(UTC)
    await store(pool, 3, closed_at=now - EARLIER, at=now - timedelta(hours=1))
    retention = await run(pool, now)
    assert not retention.waits_for
    assert await amount_of(pool) == 0
    last = await read_last_prune(pool)
    assert last is not None
    assert abs(last.at - now) < timedelta(seconds=1)


async def test_locked_partitions_are_reported(pool: asyncpg.Pool) -> None:
    """Points that should be gone for two days are a reason with a remedy, until they are deleted."""
    now = datetime.now(UTC)
    await make_partitions(pool, now - EARLIER)
    async with pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE data_points IN ACCESS SHARE MODE")
        retention = await run(pool, now)
        first = (now - EARLIER).strftime("data_points_y%Ym%md%d")
        assert retention.waits_for.startswith(f"3 partitions could not be dropped, the first is {first}")
        assert "pg_stat_activity" in retention.waits_for
    await retention.run_once(now)
    assert not retention.waits_for


async def test_a_first_large_prune_waits_until_it_is_confirmed(pool: asyncpg.Pool) -> None:
    """More than a tenth of a large table would go: it waits; after the confirmation it goes."""
    now = datetime.now(UTC)
    await store(pool, 1_200, closed_at=now - EARLIER, at=now - timedelta(hours=1))
    retention = await run(pool, now)
    assert "1,200 of 1,200 rows of alerts" in retention.waits_for
    assert await amount_of(pool) == 1_200
    await record_prune(pool, SETTINGS, now)
    await retention.run_once(now)
    assert not retention.waits_for
    assert await amount_of(pool) == 0


async def test_stricter_settings_are_a_first_prune_again(pool: asyncpg.Pool) -> None:
    """Settings that keep less than before are looked at anew; those that keep more are not."""
    await record_prune(pool, SETTINGS, datetime.now(UTC))
    last = await read_last_prune(pool)
    assert needs_count(RetentionSettings(alerts_days=7), last)
    assert not needs_count(RetentionSettings(alerts_days=300), last)
    assert needs_count(SETTINGS, None)


def test_small_tables_need_no_confirmation() -> None:
    """A lab with some alerts needs no confirmation; a tenth of a large table is not large."""
    assert not size_fault([OldRows(table="alerts", old=900, total=900)])
    assert not size_fault([OldRows(table="alerts", old=100, total=1_000)])
    assert size_fault([OldRows(table="alerts", old=101, total=1_000)])
