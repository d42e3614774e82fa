"""The installed connector types: ours, and those of other packages by entry point."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from connectors import CHANNELS, INVENTORIES, SOURCES
from opsconductor.config.provision.rows import ConnectorTypes
from opsconductor.connector.checking.conformance import checked_type
from opsconductor.connector.connector_type import ConnectorType
from opsconductor.connector.interface import Role
from opsconductor.guard import guarded

ENTRY_POINTS = "opsconductor.connectors"


@cache
def installed_types() -> ConnectorTypes:
    """Return every type, and which of them are channels; ours cannot be replaced by others."""
    return types_of(entry_points(group=ENTRY_POINTS))


def types_of(third_party: Iterable[EntryPoint]) -> ConnectorTypes:
    """Load the types of other packages beside ours; one that cannot be loaded is kept with the reason."""
    ours: dict[str, ConnectorType] = {**SOURCES, **INVENTORIES, **CHANNELS}
    known: dict[str, ConnectorType] = {}
    broken: dict[str, str] = {}
    for entry in third_party:
        with guarded() as loading:
            loaded = checked_type(entry.load(), entry.value)
            known[entry.name] = replace(loaded, is_third_party=True)
        if loading.error is not None and entry.name not in ours:
            broken[entry.name] = f"{str(loading.error) or type(loading.error).__name__} ({entry.value})"
    known |= {name: checked_type(connector_type, "connectors") for name, connector_type in ours.items()}
    channels = frozenset(
        name for name, connector_type in known.items() if connector_type.role is Role.CHANNEL
    )
    return ConnectorTypes(known=known, channels=channels, broken=broken)
