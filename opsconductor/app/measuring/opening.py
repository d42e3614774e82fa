"""Opens the series of measured values."""

from opsconductor.app.configuring.runtime import Runtime
from opsconductor.app.stores import Stores
from opsconductor.series.series_store import SeriesStore


async def open_series(live: Runtime, stores: Stores) -> SeriesStore:
    """Build the series and read which there are; nothing runs yet.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    series = SeriesStore(
        live.pool,
        stores.database,
        lambda: live.configuration.inventory,
        live.settings.series,
        live.settings.retention,
    )
    await series.load()
    return series
