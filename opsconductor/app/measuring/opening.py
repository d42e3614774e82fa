"""Opens the series of measured values."""

from collections.abc import Mapping

from opsconductor.app.configuring.runtime import Runtime
from opsconductor.app.stores import Stores
from opsconductor.config.settings import Settings
from opsconductor.series.external.store import ExternalStore
from opsconductor.series.registry import described_by_name
from opsconductor.series.series_store import SeriesStore
from opsconductor.store.configuration import ConnectorRow


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
    series.registry.describe_by(lambda name: source_config(name, live.configuration.connectors))
    await series.load()
    return series


def source_config(name: str, connectors: Mapping[str, ConnectorRow]) -> Mapping[str, object]:
    """Return what a source of measured values is; its settings and secrets stay where they are."""
    known = connectors.get(name)
    if known is not None:
        return {"connector_id": str(known.id), "connector_type": known.type}
    return described_by_name(name)


def external_of(settings: Settings) -> ExternalStore | None:
    """Return the external store; None: none is configured."""
    given = settings.series.external
    if given.write_url is None and given.read_url is None:
        return None
    return ExternalStore(given, settings.outgoing.destinations)
