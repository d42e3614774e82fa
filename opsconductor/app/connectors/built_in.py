"""The sources that need no configuration: the daemon's own troubles, and what scripts report."""

from opsconductor.api.handlers import event_source
from opsconductor.api.handlers.event_source import EventSource
from opsconductor.connector.interface import Source
from opsconductor.selfcheck.watch import trouble
from opsconductor.selfcheck.watch.source import SelfSource

NAMES = frozenset({trouble.SOURCE_SYSTEM, event_source.SOURCE_SYSTEM})
"""No connector can have one of these names."""


def built_in_sources() -> dict[str, Source]:
    """Make them, by name."""
    return {trouble.SOURCE_SYSTEM: SelfSource(), event_source.SOURCE_SYSTEM: EventSource()}
