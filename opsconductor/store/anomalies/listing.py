"""Lists of anomalies, one of them, and sums of what was held back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from opsconductor.store.anomalies.rows import SQL, Row
from opsconductor.store.datasets.records import DatasetViewer
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

LISTS = load("anomalies/anomaly_lists")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyFilter:
    """Which anomalies; None and empty: any.

    Attributes:
        devices: Keys of devices that the caller may see.
        device: Key or part of the name of a device.
        search: Part of title, device, metric or resource.
        has_members: Also those that are part of another.
        source: `series` or `dataset`.
        viewer: Who sees anomalies of datasets; None: no one does.
    """

    devices: Sequence[str] | None = None
    status: Sequence[str] = ()
    severity: Sequence[str] = ()
    device: str = ""
    site: str = ""
    metric: str = ""
    search: str = ""
    algorithm: str = ""
    is_admitted: bool | None = None
    is_open: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    has_members: bool = False
    source: str = ""
    analysis: UUID | None = None
    viewer: DatasetViewer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyCursor:
    """The anomaly behind which a page begins."""

    detected_at: datetime
    id: UUID


async def list_anomalies(
    pool: asyncpg.Pool, wanted: AnomalyFilter, *, limit: int, after: AnomalyCursor | None = None
) -> Sequence[Row]:
    """Return a page of anomalies, the latest first.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    values = (
        None if wanted.devices is None else list(wanted.devices),
        list(wanted.status) or None,
        list(wanted.severity) or None,
        wanted.device or None,
        wanted.site or None,
        wanted.metric or None,
        f"%{wanted.search}%" if wanted.search else None,
        wanted.algorithm or None,
        wanted.is_admitted,
        wanted.is_open,
        wanted.since,
        wanted.until,
        wanted.has_members,
        after.detected_at if after else None,
        after.id if after else None,
        wanted.source or None,
        wanted.analysis,
        wanted.viewer is not None,
        *((None, None, False) if wanted.viewer is None else wanted.viewer.ids),
        limit,
    )
    with translated():
        rows: Sequence[Row] = await pool.fetch(LISTS["anomalies"], *values)
    return rows


async def find_anomaly(pool: asyncpg.Pool, anomaly_id: UUID) -> Row | None:
    """Return one anomaly, or None."""
    with translated():
        row: Row | None = await pool.fetchrow(SQL["get"], anomaly_id)
    return row


async def members_of(pool: asyncpg.Pool, anomaly_id: UUID) -> Sequence[Row]:
    """Return the members of an anomaly."""
    with translated():
        rows: Sequence[Row] = await pool.fetch(SQL["members"], anomaly_id)
    return rows


async def last_similar(pool: asyncpg.Pool, row: Row) -> Row | None:
    """Return the last anomaly of the same kind before one."""
    values = [
        row[name] for name in ("device_key", "metric", "resource", "channel", "direction", "detected_at")
    ]
    with translated():
        found: Row | None = await pool.fetchrow(SQL["similar"], *values)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """What was held back since a time.

    Attributes:
        amounts: Numbers of all anomalies.
        rows: Numbers by reason and metric.
        proposals: Kinds that several judgements called false.
    """

    amounts: Row
    rows: Sequence[Row]
    proposals: Sequence[Row]


async def read_digest(pool: asyncpg.Pool, since: datetime, devices: Sequence[str] | None) -> HeldBack:
    """Return what was held back since a time, and what to do about it."""
    allowed = None if devices is None else list(devices)
    with translated():
        amounts = await pool.fetchrow(SQL["amounts"], since, allowed)
        rows = await pool.fetch(SQL["digest"], since, allowed)
        proposals = await pool.fetch(SQL["proposals"], allowed)
    return HeldBack(amounts=amounts, rows=rows, proposals=proposals)
