"""Sizes of tables are stored by day, and their growth follows from the samples."""

from datetime import UTC, datetime, timedelta

import asyncpg

from opsconductor.store.retention.old_rows import make_partitions
from opsconductor.store.retention.sizes import read_sizes, record_sizes

NOW = datetime(2026, 3, 4, 5, tzinfo=UTC)


async def test_growth_follows_from_the_samples(pool: asyncpg.Pool) -> None:
    """Partitions count for their table; two samples a day are one; growth is by day."""
    await make_partitions(pool, NOW)
    await record_sizes(pool, NOW - timedelta(days=4))
    await record_sizes(pool, NOW - timedelta(days=4, hours=1))
    await pool.execute("UPDATE table_sizes SET bytes = bytes - 4000 WHERE table_name = 'alert_history'")
    sizes = {each.table: each for each in await read_sizes(pool, NOW)}
    assert sizes["alert_history"].bytes_a_day == 1000
    assert sizes["alerts"].bytes_a_day == 0
    assert not {name for name in sizes if name.startswith("alert_history_") or name == "alerts_open"}


async def test_a_first_day_has_no_growth(pool: asyncpg.Pool) -> None:
    """Before a whole day has passed nothing is said of growth."""
    await record_sizes(pool, NOW)
    assert {each.bytes_a_day for each in await read_sizes(pool, NOW)} == {None}
