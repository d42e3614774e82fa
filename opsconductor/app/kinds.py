"""The installed connector types: ours, and those of other packages by entry point."""

from functools import cache
from importlib.metadata import entry_points

from connectors import CHANNELS, INVENTORIES, SOURCES
from opsconductor.config.items import Kinds
from opsconductor.connector.interface import Role

ENTRY_POINTS = "opsconductor.connectors"


@cache
def installed_kinds() -> Kinds:
    """List every type, and which of them take notifications out; ours cannot be replaced by others."""
    third_party = {entry.name: entry.load() for entry in entry_points(group=ENTRY_POINTS)}
    known = {**third_party, **SOURCES, **INVENTORIES, **CHANNELS}
    channels = frozenset(name for name, kind in known.items() if kind.role is Role.CHANNEL)
    return Kinds(known=known, channels=channels)
