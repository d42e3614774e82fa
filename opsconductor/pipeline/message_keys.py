"""Keys that recognize messages when they are sent again."""

from collections import defaultdict
from collections.abc import Iterable

from opsconductor.model.event import RawEvent
from opsconductor.model.keys import AcknowledgedKeys, ReportedKey


def keys_of(events: Iterable[RawEvent]) -> tuple[AcknowledgedKeys, ...]:
    """Return the keys of events by connector."""
    by_connector: defaultdict[str, list[bytes]] = defaultdict(list)
    for event in events:
        if event.keys:
            by_connector[event.connector].append(event.keys)
    return tuple(
        AcknowledgedKeys(connector=connector, keys=b"".join(keys)) for connector, keys in by_connector.items()
    )


def reported_keys_of(events: Iterable[RawEvent]) -> tuple[ReportedKey, ...]:
    """Return the keys that reporters chose; of one key the last use."""
    used = {(each.reporter, each.key): each for event in events for each in event.reported}
    return tuple(used.values())
