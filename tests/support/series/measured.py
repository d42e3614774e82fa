"""A store of series on a real database, whose steps a test makes itself."""

from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg

from opsconductor.config.sections.retention import RetentionSettings
from opsconductor.config.sections.series import SeriesSettings
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.measured.measurement import Measurement, SeriesKey, SeriesKind
from opsconductor.series.series_store import SeriesStore
from opsconductor.store.postgres.request_pool import RequestDatabase


async def open_store(
    pool: asyncpg.Pool,
    inventory: InventorySnapshot | None = None,
    settings: SeriesSettings | None = None,
    retention: RetentionSettings | None = None,
) -> SeriesStore:
    """Return a store that has read its tables; nothing runs."""
    devices = inventory or InventorySnapshot()
    store = SeriesStore(
        pool,
        RequestDatabase(pool),
        lambda: devices,
        settings or SeriesSettings(),
        retention or RetentionSettings(),
    )
    await store.load()
    return store


def measured(
    value: float,
    at: datetime,
    *,
    device: str = "192.0.2.1",
    metric: str = "temperature",
    resource: str = "",
    kind: SeriesKind = SeriesKind.GAUGE,
) -> Measurement:
    """Return one value."""
    return Measurement(metric=metric, value=value, at=at, device_ip=device, resource=resource, kind=kind)


def id_of(
    store: SeriesStore, metric: str = "temperature", device: str = "192.0.2.1", resource: str = ""
) -> int:
    """Return the id of a series that exists."""
    found = store.registry.find(SeriesKey(device, metric, resource))
    assert found is not None
    return found


def millis(at: datetime) -> int:
    """Return a time in ms."""
    return round(at.timestamp() * 1000)


def every_minute(first: datetime, values: Sequence[float]) -> list[tuple[datetime, float]]:
    """Return values with times one minute apart."""
    begin = first.timestamp()
    return [(datetime.fromtimestamp(begin + 60 * n, UTC), value) for n, value in enumerate(values)]
