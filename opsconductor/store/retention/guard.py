"""Checks before old rows are deleted: the clocks agree, and a first large prune is confirmed.

A clock that is wrong by years makes everything look old. One prune would then erase the whole record,
so deletion requires that three times agree: this host's, PostgreSQL's, and the newest stored before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from opsconductor.config.sections.retention import RetentionSettings
from opsconductor.connector.settings.duration import format_duration
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load
from opsconductor.store.retention.partitions import HISTORY, RAW_EVENTS, day_start, end_of, month_start

SQL = load("retention/retention")

CLOCKS_AGREE_WITHIN = timedelta(days=2)
LARGE_SHARE = 0.1
"""A first prune that removes a larger share of a table needs a confirmation."""
SMALL_TABLE_ROWS = 1_000
"""Tables with fewer rows are pruned without one."""
COUNT_TIMEOUT_S = 600.0
"""Timeout in seconds: counting a table of some hundred million rows takes minutes, for a first prune only."""
SETTINGS_KEY = "retention"
"""Row of `system_settings` that holds the time and the settings of the last prune."""
CONFIRM = "review it with 'opsconductor db prune', confirm it with 'opsconductor db prune --yes'"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPrune:
    """When rows were last deleted, and with which settings (days or months by name)."""

    at: datetime
    settings: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The times that must agree before anything is deleted.

    Attributes:
        ours_at: This host's clock.
        server_at: PostgreSQL's clock.
        stored_at: The last prune, or else the newest stored row; None: nothing is stored yet.
    """

    ours_at: datetime
    server_at: datetime
    stored_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OldRows:
    """Number of rows of a table that are older than the settings allow."""

    table: str
    old: int
    total: int

    @property
    def is_large(self) -> bool:
        """True if deleting them needs a confirmation."""
        return self.total >= SMALL_TABLE_ROWS and self.old > LARGE_SHARE * self.total


async def read_last_prune(pool: asyncpg.Pool) -> LastPrune | None:
    """Return when rows were last deleted, or None if never or if the row cannot be read."""
    with translated():
        value = await pool.fetchval(SQL["read_last_prune"], SETTINGS_KEY)
    if not isinstance(value, Mapping):
        return None
    try:
        at = datetime.fromisoformat(value["at"])
        return LastPrune(at=at, settings={name: int(days) for name, days in value["settings"].items()})
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


async def record_prune(pool: asyncpg.Pool, settings: RetentionSettings, at: datetime) -> None:
    """Store that rows have been deleted, or that an administrator has confirmed it."""
    value = {"at": at.astimezone(UTC).isoformat(), "settings": limits_of(settings)}
    with translated():
        await pool.execute(SQL["record_prune"], SETTINGS_KEY, value)


async def read_newest_stored(pool: asyncpg.Pool) -> datetime | None:
    """Return the newest time of stored history and raw events; None: there are none."""
    with translated():
        async with pool.acquire() as connection:
            ends = [await end_of(connection, of, newest=True) for of in (HISTORY, RAW_EVENTS)]
    return max((end for end in ends if end is not None), default=None)


async def read_clocks(pool: asyncpg.Pool, ours_at: datetime, stored_at: datetime | None) -> Clocks:
    """Return PostgreSQL's time."""
    with translated():
        server_at = await pool.fetchval("SELECT clock_timestamp()")
    return Clocks(ours_at=ours_at, server_at=server_at, stored_at=stored_at)


def clock_fault(clocks: Clocks) -> str:
    """Return why these clocks forbid deletion, with the remedy; empty: they agree."""
    ours = _text(clocks.ours_at)
    if abs(clocks.ours_at - clocks.server_at) > CLOCKS_AGREE_WITHIN:
        return (
            f"this machine's clock says {ours}, PostgreSQL's {_text(clocks.server_at)}: "
            "let NTP set both; nothing is deleted until they agree"
        )
    if clocks.stored_at is None or abs(clocks.ours_at - clocks.stored_at) <= CLOCKS_AGREE_WITHIN:
        return ""
    apart = format_duration(timedelta(days=abs(clocks.ours_at - clocks.stored_at).days))
    side = "after" if clocks.ours_at > clocks.stored_at else "before"
    return (
        f"the clock says {ours}, {apart} {side} the newest stored time ({_text(clocks.stored_at)}). "
        f"If the clock is wrong, correct it; if it is right, {CONFIRM}. Nothing is deleted until then"
    )


def needs_count(settings: RetentionSettings, last: LastPrune | None) -> bool:
    """Return True if a prune is the first one with these settings: never run before, or made stricter."""
    if last is None:
        return True
    return any(limit < last.settings.get(name, 0) for name, limit in limits_of(settings).items())


def size_fault(counted: Iterable[OldRows]) -> str:
    """Return why a first prune waits for a confirmation; empty: it may run."""
    large = [f"{each.old:,} of {each.total:,} rows of {each.table}" for each in counted if each.is_large]
    if not large:
        return ""
    return f"a first prune by these retention settings would delete {', '.join(large)}: {CONFIRM}"


async def count_old(pool: asyncpg.Pool, settings: RetentionSettings, now: datetime) -> Sequence[OldRows]:
    """Count by table what a prune would delete at a time; open alerts and their history stay."""
    values = (
        now - timedelta(days=settings.alerts_days),
        month_start(now, -settings.history_months),
        day_start(now, -settings.raw_events_days),
        now - timedelta(days=settings.notification_log_days),
        now - timedelta(days=settings.audit_days),
    )
    with translated():
        async with pool.acquire() as connection, connection.transaction(readonly=True):
            await connection.execute(f"SET LOCAL statement_timeout = '{COUNT_TIMEOUT_S:.0f}s'")
            rows = await connection.fetch(SQL["count_old"], *values, timeout=COUNT_TIMEOUT_S)
    return [OldRows(table=row["relation"], old=row["old"], total=row["total"]) for row in rows]


def limits_of(settings: RetentionSettings) -> dict[str, int]:
    """Return the limits of a prune: days or months by name."""
    return {
        "alerts_days": settings.alerts_days,
        "history_months": settings.history_months,
        "raw_events_days": settings.raw_events_days,
        "notification_log_days": settings.notification_log_days,
        "audit_days": settings.audit_days,
        "points_days": settings.points_days,
        "points_5m_days": settings.points_5m_days,
        "points_1h_days": settings.points_1h_days,
    }


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
