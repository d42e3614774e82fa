"""The sources that need no configuration: the daemon's own troubles, and what scripts report."""

from opsconductor.api import event_source
from opsconductor.api.event_source import EventSource
from opsconductor.app.watch import trouble
from opsconductor.app.watch.source import SelfSource
from opsconductor.connector.interface import Source

NAMES = frozenset({trouble.SOURCE_SYSTEM, event_source.SOURCE_SYSTEM})
"""No connector can have one of these names."""


def built_in_sources() -> dict[str, Source]:
    """Make them, by name."""
    return {trouble.SOURCE_SYSTEM: SelfSource(), event_source.SOURCE_SYSTEM: EventSource()}
