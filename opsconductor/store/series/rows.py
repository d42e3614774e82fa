"""Tables `data_sources` and `metric_series`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from opsconductor.model.measured.measurement import SeriesKey, SeriesKind
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("series")

Row = Mapping[str, Any]
FIRST_KEY = SeriesKey("", "", "")
"""Before all series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSeries:
    """A series to add.

    Attributes:
        source: Name of its source.
    """

    key: SeriesKey
    device_name: str | None
    device_id: UUID | None
    unit: str
    kind: SeriesKind
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedSeries:
    """A series whose device has another key now."""

    id: int
    device: str
    device_name: str | None
    device_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSeries:
    """Which series to list.

    Attributes:
        devices: Keys of the devices that the caller may see; None: all.
        device: Part of the key or name of the device; empty: any. Metric and resource likewise.
        after: List those behind this one.
    """

    devices: Collection[str] | None = None
    device: str = ""
    metric: str = ""
    resource: str = ""
    after: SeriesKey = FIRST_KEY
    limit: int = 100


async def load_sources(pool: asyncpg.Pool) -> Sequence[Row]:
    """Return all sources: id, name, status, config, amount of series."""
    with translated():
        return list(await pool.fetch(SQL["load_sources"]))


async def create_source(pool: asyncpg.Pool, name: str, kind: str, config: Mapping[str, object]) -> UUID:
    """Add a source, or return the id of the one of this name."""
    with translated():
        found: UUID = await pool.fetchval(SQL["create_source"], name, kind, config)
        return found


async def set_source_status(pool: asyncpg.Pool, source: UUID, status: str) -> None:
    """Set whether a source has reached its bound of series."""
    with translated():
        await pool.execute(SQL["set_source_status"], source, status)


async def set_source_config(pool: asyncpg.Pool, source: UUID, config: Mapping[str, object]) -> None:
    """Set what a source is."""
    with translated():
        await pool.execute(SQL["set_source_config"], source, config)


async def load_series(pool: asyncpg.Pool) -> Sequence[Row]:
    """Return all series."""
    with translated():
        return list(await pool.fetch(SQL["load_series"]))


async def create_series(
    pool: asyncpg.Pool, new: Sequence[NewSeries], sources: Mapping[str, UUID]
) -> Sequence[Row]:
    """Add series; return their ids with their keys and times of creation.

    Args:
        sources: Ids of the sources, by name.
    """
    columns = (
        [sources[each.source] for each in new],
        [each.device_id for each in new],
        [each.key.device for each in new],
        [each.device_name for each in new],
        [each.key.metric for each in new],
        [each.key.resource for each in new],
        [each.unit for each in new],
        [each.kind.value for each in new],
    )
    with translated():
        return list(await pool.fetch(SQL["create_series"], *columns))


async def move_series(pool: asyncpg.Pool, moved: Sequence[MovedSeries]) -> None:
    """Move series to another key of their device."""
    with translated():
        await pool.execute(
            SQL["move_series"],
            [each.id for each in moved],
            [each.device for each in moved],
            [each.device_name for each in moved],
            [each.device_id for each in moved],
        )


async def delete_series(pool: asyncpg.Pool, ids: Sequence[int]) -> Sequence[int]:
    """Delete series with their points and aggregates; return those that existed."""
    with translated():
        return [row["id"] for row in await pool.fetch(SQL["delete_series"], ids)]


async def empty_series(pool: asyncpg.Pool, ids: Sequence[int], before: datetime) -> Sequence[int]:
    """Return the given series that were created before a time and have no points."""
    with translated():
        return [row["id"] for row in await pool.fetch(SQL["empty_series"], ids, before)]


async def list_series(database: asyncpg.Pool, wanted: WantedSeries) -> Sequence[Row]:
    """Return one page of series, in order of device, metric and resource."""
    devices = None if wanted.devices is None else list(wanted.devices)
    parts = [_part(text) for text in (wanted.device, wanted.metric, wanted.resource)]
    with translated():
        return list(await database.fetch(SQL["list_series"], devices, *parts, wanted.limit, *wanted.after))


def _part(text: str) -> str | None:
    """Return the pattern of LIKE for texts that contain this one; None: any."""
    if not text:
        return None
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"
