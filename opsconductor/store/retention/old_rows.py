"""Creation of partitions ahead of time, and deletion of old rows."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import asyncpg

from opsconductor.config.sections.retention import RetentionSettings
from opsconductor.store.datasets.analyses import archive_analyses
from opsconductor.store.postgres.connection import translated
from opsconductor.store.retention.partitions import (
    ANOMALIES,
    HISTORY,
    RAW_EVENTS,
    SQL,
    Partitioned,
    day_start,
    drop_before,
    make_ahead,
    month_start,
    older,
    partitions_of,
)
from opsconductor.store.retention.series_tables import POINTS, POINTS_1H, POINTS_5M, SERIES_TABLES

# A statement of this size takes well below a second, so that no lock is held for long.
CHUNK = 2_000
SET_ASIDE = timedelta(days=90)
"""Long enough to report it and to have it processed by a newer version."""
OVERDUE = timedelta(days=2)
"""A dump may hold its locks for a day."""
REPORTED_KEYS = timedelta(days=2)
"""Longer than the day that reporters are promised."""


async def make_partitions(pool: asyncpg.Pool, now: datetime) -> Mapping[str, int]:
    """Create the partitions of tables that are partitioned by time, for the time ahead.

    Returns:
        Number of created ones, by table.
    """
    tables = (HISTORY, RAW_EVENTS, ANOMALIES, *SERIES_TABLES)
    return {of.table: await make_ahead(pool, of, now) for of in tables}


async def prune(pool: asyncpg.Pool, settings: RetentionSettings, now: datetime) -> Mapping[str, int]:
    """Delete what is older than the settings allow, in small steps; open alerts and their history stay.

    Returns:
        Number of deleted rows, by table; of partitioned tables the number of partitions.
    """
    first_month = month_start(now, -settings.history_months)
    first_day = day_start(now, -settings.raw_events_days)
    first_points = first_points_kept(settings, now)
    limits = {
        "alerts": now - timedelta(days=settings.alerts_days),
        "alert_history_default": first_month,
        "raw_events_default": first_day,
        "anomalies_default": first_month,
        **{f"{of.table}_default": first for of, first in first_points.items()},
        "notification_log": now - timedelta(days=settings.notification_log_days),
        "audit_log": now - timedelta(days=settings.audit_days),
        "loss_ledger": now - timedelta(days=settings.ledger_days),
        "daemon_runs": now - timedelta(days=settings.ledger_days),
        "unmatched_clears": now - timedelta(days=settings.ledger_days),
        "sessions": now,
        "reported_keys": now - REPORTED_KEYS,
        "set_aside": now - SET_ASIDE,
        "batch_jobs": now - timedelta(days=settings.analyses_days),
    }
    deleted = {
        HISTORY.table: await drop_before(pool, HISTORY, first_month),
        RAW_EVENTS.table: await drop_before(pool, RAW_EVENTS, first_day),
        ANOMALIES.table: await drop_before(pool, ANOMALIES, first_month),
        **{of.table: await drop_before(pool, of, first) for of, first in first_points.items()},
    }
    with translated():
        for table, before in limits.items():
            deleted[table] = await _delete(pool, table, before)
    deleted["analyses"] = await _archive(pool, now - timedelta(days=settings.analyses_days))
    return deleted


def first_points_kept(settings: RetentionSettings, now: datetime) -> Mapping[Partitioned, datetime]:
    """Return the begin of the first partition of measured values that is kept, by table."""
    return {
        POINTS: day_start(now, -settings.points_days),
        POINTS_5M: day_start(now, -settings.points_5m_days),
        POINTS_1H: month_start(day_start(now, -settings.points_1h_days), 0),
    }


async def overdue(pool: asyncpg.Pool, settings: RetentionSettings, now: datetime) -> str:
    """Return why partitions that should be gone for two days are still there; empty: none is.

    `drop_before` puts off what others lock; a transaction that never ends would let the disk fill unseen.
    """
    kept = {
        HISTORY: month_start(now, -settings.history_months),
        RAW_EVENTS: day_start(now, -settings.raw_events_days),
        ANOMALIES: month_start(now, -settings.history_months),
        **first_points_kept(settings, now),
    }
    found = []
    with translated():
        async with pool.acquire() as connection:
            for of, first in kept.items():
                found += older(of, await partitions_of(connection, of), first - OVERDUE)
    if not found:
        return ""
    parts = "1 partition" if len(found) == 1 else f"{len(found)} partitions"
    where = "find it by xact_start in pg_stat_activity, and end it"
    return f"{parts} could not be dropped, the first is {found[0]}: another session locks the table; {where}"


async def _archive(pool: asyncpg.Pool, before: datetime) -> int:
    """Archive old analyses; their files go with the next tidying of datasets."""
    total = 0
    while True:
        amount = await archive_analyses(pool, before, CHUNK)
        total += amount
        if amount < CHUNK:
            return total


async def _delete(pool: asyncpg.Pool, table: str, before: datetime) -> int:
    total = 0
    while True:
        status = await pool.execute(SQL[table], before, CHUNK)
        amount = int(status.removeprefix("DELETE "))
        total += amount
        if amount < CHUNK:
            return total
