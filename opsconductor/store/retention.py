"""Makes room: the history's monthly partitions ahead of time, and deleting what is too old."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import asyncpg

from opsconductor.config.settings import RetentionSettings
from opsconductor.store.connection import translated
from opsconductor.store.queries import load

SQL = load("retention")

MONTHS_AHEAD = 2
# A statement of this size takes well below a second, so that no lock is held for long.
CHUNK = 2_000


async def make_partitions(pool: asyncpg.Pool, now: datetime) -> int:
    """Make sure that this month and the next two have a partition in `alert_history`.

    Rows of these months that came before their partition are moved into it.

    Returns:
        How many were made.
    """
    wanted = [_month(now, ahead) for ahead in range(MONTHS_AHEAD + 1)]
    with translated():
        async with pool.acquire() as connection:
            existing = await _partitions(connection)
            if existing.issuperset(map(_partition, wanted)):
                return 0
            async with connection.transaction():
                await connection.execute(SQL["lock_for_making"])
                existing = await _partitions(connection)
                missing = [month for month in wanted if _partition(month) not in existing]
                for month in missing:
                    await connection.execute(_making(month))
                return len(missing)


async def prune(pool: asyncpg.Pool, settings: RetentionSettings, now: datetime) -> Mapping[str, int]:
    """Delete what is older than the settings allow, in small steps; open alerts are never touched.

    Returns:
        How many rows went, by table; for `alert_history` how many months.
    """
    last_month = _month(now, -settings.history_months)
    limits = {
        "alerts": now - timedelta(days=settings.alerts_days),
        "alert_history_default": last_month,
        "notification_log": now - timedelta(days=settings.notification_log_days),
        "audit_log": now - timedelta(days=settings.audit_days),
        "sessions": now,
    }
    with translated():
        deleted = {"alert_history": await _drop_partitions(pool, last_month)}
        for table, before in limits.items():
            deleted[table] = await _delete(pool, table, before)
    return deleted


async def _delete(pool: asyncpg.Pool, table: str, before: datetime) -> int:
    total = 0
    while True:
        status = await pool.execute(SQL[table], before, CHUNK)
        amount = int(status.removeprefix("DELETE "))
        total += amount
        if amount < CHUNK:
            return total


async def _drop_partitions(pool: asyncpg.Pool, before: datetime) -> int:
    async with pool.acquire() as connection:
        if not _old(await _partitions(connection), before):
            return 0
        async with connection.transaction():
            await connection.execute(SQL["lock_for_dropping"])
            old = _old(await _partitions(connection), before)
            for name in old:
                await connection.execute(f"DROP TABLE {name}")
            return len(old)


def _old(partitions: Iterable[str], before: datetime) -> list[str]:
    return [name for name in partitions if name < _partition(before)]


async def _partitions(connection: asyncpg.Connection) -> set[str]:
    return {row["name"] for row in await connection.fetch(SQL["partitions"])}


def _making(month: datetime) -> str:
    """Write the SQL that makes a partition beside the table, fills it and attaches it.

    Attaching lets others go on writing; rows that the default partition has taken would forbid it.
    """
    name, first, next_first = _partition(month), month.isoformat(), _month(month, 1).isoformat()
    return f"""
        CREATE TABLE {name} (LIKE alert_history INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
        WITH early AS (
            DELETE FROM alert_history_default
            WHERE created_at >= '{first}' AND created_at < '{next_first}' RETURNING *
        )
        INSERT INTO {name} SELECT * FROM early;
        ALTER TABLE alert_history ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{next_first}');
    """  # noqa: S608 - names and times are made here from a date


def _month(at: datetime, ahead: int) -> datetime:
    """Find the first moment (UTC) of the month that is `ahead` months later."""
    at = at.astimezone(UTC)
    year, month = divmod(at.year * 12 + at.month - 1 + ahead, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def _partition(month: datetime) -> str:
    return f"alert_history_y{month:%Y}m{month:%m}"
