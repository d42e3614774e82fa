"""Memory of devices across batches: time of their last message, and the names of their ports."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from opsconductor.limits import BoundedMap
from opsconductor.model.identified import IdentifiedReport
from opsconductor.model.inventory.port import LONGEST_NAME, PORT, interface_of, with_port
from opsconductor.model.text import one_line


class LastSeen:
    """Records for some devices when something was last received from them; others cost nothing.

    Attributes:
        last_s: By address: seconds of the monotonic clock; initially the time of construction.
    """

    def __init__(self, devices: Iterable[str] = (), clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.last_s: Mapping[str, float] = dict.fromkeys(devices, clock())

    def note(self, events: Sequence[IdentifiedReport]) -> None:
        """Record the devices of a batch."""
        if not self.last_s:
            return
        came = {event.device_ip for event in events} & self.last_s.keys()
        self.last_s = {**self.last_s, **dict.fromkeys((device for device in came if device), self._clock())}


MOST_DEVICES = 200_000
"""Maximum number of devices whose last message is remembered."""


class LastHeard:
    """Remembers when the last message about each device came, for people; the longest silent is evicted."""

    def __init__(self, limit: int = MOST_DEVICES) -> None:
        self._at: BoundedMap[str, datetime] = BoundedMap(limit)

    def note(self, events: Iterable[IdentifiedReport], now: datetime) -> None:
        """Record the devices of a batch."""
        for device in {event.device_ip or event.device_name for event in events}:
            if device:
                self._at[device] = now

    def at(self, device: str) -> datetime | None:
        """Return when the last message about a device came, given by its key as alerts have it."""
        return self._at.get(device)


MOST_PORTS = 100_000
"""Maximum number of port names, over all devices."""


class PortNames:
    """Remembers the latest name of each port; the least recently learned is evicted.

    A name is no part of an alert's identity, which is device, alert type and ifIndex.
    """

    def __init__(self, limit: int = MOST_PORTS) -> None:
        self._names: BoundedMap[tuple[str, str], str] = BoundedMap(limit)

    def __len__(self) -> int:
        return len(self._names)

    def learn(self, device: str, names: Iterable[tuple[str, str]]) -> None:
        """Store the names of ports of a device.

        Args:
            device: Main address, or name of a device without one, as alerts have it.
            names: Resources (`ifIndex=7`) and names; other resources and empty names are ignored.
        """
        for resource, name in names:
            interface = interface_of(resource)
            if interface and name and device:
                self._store(device, interface, name)

    def fill(self, events: Sequence[IdentifiedReport]) -> list[IdentifiedReport]:
        """Learn from the reports that name their port, and name the ports of the others, in order."""
        return [self._filled(event) if event.report.resource else event for event in events]

    def _filled(self, event: IdentifiedReport) -> IdentifiedReport:
        report = event.report
        interface = interface_of(report.resource)
        device = event.device_ip or event.device_name
        if not interface or not device:
            return event
        fields: Mapping[str, object] = report.custom_fields or {}
        stated = fields.get(PORT)
        if stated:
            if isinstance(stated, str) and self._names.get((device, interface)) != stated:
                self._store(device, interface, stated)
            return event
        name = self._names.get((device, interface))
        if name is None:
            return event
        named = report._replace(
            title=with_port(report.title, report.resource, name), custom_fields={**fields, PORT: name}
        )
        return event._replace(report=named)

    def _store(self, device: str, interface: str, name: str) -> None:
        self._names[device, interface] = one_line(name, LONGEST_NAME)
