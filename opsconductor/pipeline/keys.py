"""Collects the idempotency keys of a batch, which are committed with its changes."""

from collections import defaultdict
from collections.abc import Iterable

from opsconductor.model.event import RawEvent
from opsconductor.model.keys import AcknowledgedKeys, ReportedKey


def keys_of(events: Iterable[RawEvent]) -> tuple[AcknowledgedKeys, ...]:
    """Collect the keys of events by connector."""
    by_connector: defaultdict[str, list[bytes]] = defaultdict(list)
    for event in events:
        if event.keys:
            by_connector[event.connector].append(event.keys)
    return tuple(
        AcknowledgedKeys(connector=connector, keys=b"".join(keys)) for connector, keys in by_connector.items()
    )


def reported_keys_of(events: Iterable[RawEvent]) -> tuple[ReportedKey, ...]:
    """Collect the keys that reporters chose; of one key the last use."""
    used = {(each.reporter, each.key): each for event in events for each in event.reported}
    return tuple(used.values())
