"""Sources that need no configuration: the daemon's own alerts, measured values, and events of scripts."""

from opsconductor.api.handlers import event_source
from opsconductor.api.handlers.event_source import EventSource
from opsconductor.app.detecting import source as measurements
from opsconductor.app.detecting.source import MeasurementSource
from opsconductor.connector.interface import Source
from opsconductor.selfcheck.watch import trouble
from opsconductor.selfcheck.watch.source import SelfSource

NAMES = frozenset({trouble.SOURCE_SYSTEM, event_source.SOURCE_SYSTEM, measurements.SOURCE_SYSTEM})
"""Reserved names that no connector can have."""


def built_in_sources() -> dict[str, Source]:
    """Return the built-in sources by name."""
    return {
        trouble.SOURCE_SYSTEM: SelfSource(),
        event_source.SOURCE_SYSTEM: EventSource(),
        measurements.SOURCE_SYSTEM: MeasurementSource(),
    }
