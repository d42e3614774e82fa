"""Devices with open alerts, the worst first, kept between questions."""

from bisect import bisect_left, insort
from collections.abc import Collection, Sequence
from functools import partial
from operator import attrgetter

from opsconductor.api.devices.places import Place
from opsconductor.api.devices.states import DeviceState, state_of
from opsconductor.api.opened.index import Move, OpenEntry, OpenIndex, are_few
from opsconductor.engine.alert_index import device_key
from opsconductor.inventory.device_index import DeviceIndex
from opsconductor.model.alert import Alert

DECIDING = attrgetter("device_ip", "device_name", "is_hidden", "severity", "status", "last_occurrence_at")
"""What of an alert its device's state depends on."""


class LoudDevices:
    """The devices of an inventory that have open alerts.

    Attributes:
        index: The devices of the inventory; those here are positions in it.
        states: By position.
    """

    def __init__(self, index: DeviceIndex, entries: Collection[OpenEntry]) -> None:
        """Find the devices of alerts."""
        self.index = index
        self.states: dict[int, DeviceState] = {}
        self._entries: dict[int, dict[OpenEntry, None]] = {}
        self._ranked: list[tuple[Place, int]] = []
        for entry in entries:
            self._put(entry, entry.alert)
        for position, found in self._entries.items():
            self.states[position] = state_of(entry.alert for entry in found)
        self._ranked = sorted((self.place(position), position) for position in self.states)

    @property
    def worst_first(self) -> list[int]:
        """The positions, ordered by `place`."""
        return [position for _, position in self._ranked]

    def place(self, position: int) -> Place:
        """Return the place of a device in the list that has the worst first."""
        severity, amount = self.states[position].urgency
        return (-severity, -amount, *self.index.places[position])

    def follow(self, moves: Sequence[Move]) -> bool:
        """Take over what has changed."""
        changed: dict[int | None, None] = {}
        for entry, old, new in moves:
            if old is None or new is None or DECIDING(old) != DECIDING(new):
                if old is not None:
                    changed[self._take(entry, old)] = None
                if new is not None:
                    changed[self._put(entry, new)] = None
        changed.pop(None, None)
        if not are_few(len(changed), len(self.states)):
            return False
        for position in changed:
            if position is not None:
                self._settle(position)
        return True

    def _put(self, entry: OpenEntry, alert: Alert) -> int | None:
        """Add an alert; return its device, None: it does not count."""
        position = self._position_of(alert)
        if position is not None:
            self._entries.setdefault(position, {})[entry] = None
        return position

    def _take(self, entry: OpenEntry, alert: Alert) -> int | None:
        """Remove an alert; return its device, None: it did not count."""
        position = self._position_of(alert)
        if position is not None:
            del self._entries[position][entry]
        return position

    def _position_of(self, alert: Alert) -> int | None:
        return None if alert.is_hidden else self.index.position_of(device_key(alert))

    def _settle(self, position: int) -> None:
        """Compute the state of a device from its present alerts, and move it to its place."""
        if position in self.states:
            del self._ranked[bisect_left(self._ranked, (self.place(position), position))]
        if found := self._entries[position]:
            self.states[position] = state_of(entry.alert for entry in found)
            insort(self._ranked, (self.place(position), position))
        else:
            self.states.pop(position, None)
            del self._entries[position]


def loud_in(opened: OpenIndex, index: DeviceIndex) -> LoudDevices:
    """Return the devices of an inventory that have open alerts."""
    return opened.kept("loud", partial(LoudDevices, index), index)
