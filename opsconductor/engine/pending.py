"""Alerts that are to be looked at under their causes; a queue that outlives a step of the engine."""

from collections import deque
from collections.abc import Callable, Iterable


class Pending:
    """Fingerprints of alerts to look at, and devices of which every alert is to be looked at; each once."""

    def __init__(self) -> None:
        self._devices = _Queue()
        self._alerts = _Queue()
        self._many: deque[str] = deque()

    def __bool__(self) -> bool:
        return bool(self._alerts.waiting or self._devices.waiting or self._many)

    def add_devices(self, devices: Iterable[str]) -> None:
        """Have every alert of some devices looked at."""
        self._devices.extend(devices)

    def add_alerts(self, fingerprints: Iterable[str]) -> None:
        """Have some alerts looked at."""
        self._alerts.extend(fingerprints)

    def add_many(self, fingerprints: deque[str]) -> None:
        """Have a great many alerts looked at after all others; takes over the queue instead of copying it."""
        if self._many:
            self._many.extend(fingerprints)
        else:
            self._many = fingerprints

    def pop(self, alerts_of: Callable[[str], Iterable[str]]) -> str | None:
        """Take the next alert out; None: of a device that has none, or there is no more.

        Args:
            alerts_of: Lists the alerts of a device.
        """
        if not self._alerts.waiting and self._devices.waiting:
            self._alerts.extend(alerts_of(self._devices.popleft()))
            if not self._alerts.waiting:
                return None
        if self._alerts.waiting:
            return self._alerts.popleft()
        return self._many.popleft() if self._many else None


class _Queue:
    """First in, first out; what waits already keeps its place."""

    def __init__(self) -> None:
        self.waiting: set[str] = set()
        self._order: deque[str] = deque()

    def extend(self, names: Iterable[str]) -> None:
        """Add what does not wait yet."""
        new = [name for name in names if name not in self.waiting]
        self._order.extend(dict.fromkeys(new))
        self.waiting.update(new)

    def popleft(self) -> str:
        """Take out what waits the longest."""
        name = self._order.popleft()
        self.waiting.discard(name)
        return name
