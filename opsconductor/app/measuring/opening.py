"""Opens the series of measured values."""

from opsconductor.app.configuring.runtime import Runtime
from opsconductor.app.stores import Stores
from opsconductor.config.settings import Settings
from opsconductor.series.external.store import ExternalStore
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
        external_of(live.settings),
    )
    await series.load()
    return series


def external_of(settings: Settings) -> ExternalStore | None:
    """Return the external store; None: none is configured."""
    given = settings.series.external
    if given.write_url is None and given.read_url is None:
        return None
    return ExternalStore(given, settings.outgoing.destinations)
