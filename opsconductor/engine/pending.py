"""Alerts that are to be looked at under their causes; a queue that outlives a step of the engine."""

from collections import deque
from collections.abc import Callable, Iterable


class Pending:
    """Fingerprints of alerts to look at, and devices of which every alert is to be looked at; each once."""

    def __init__(self) -> None:
        self._devices: deque[str] = deque()
        self._alerts: deque[str] = deque()
        self._waiting: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._alerts or self._devices)

    def add_devices(self, devices: Iterable[str]) -> None:
        """Have every alert of some devices looked at."""
        self._devices.extend(devices)

    def add_alerts(self, fingerprints: Iterable[str]) -> None:
        """Have some alerts looked at."""
        for fingerprint in fingerprints:
            if fingerprint not in self._waiting:
                self._waiting.add(fingerprint)
                self._alerts.append(fingerprint)

    def pop(self, alerts_of: Callable[[str], Iterable[str]]) -> str | None:
        """Take the next alert out; None: of a device that has none, or there is no more.

        Args:
            alerts_of: Lists the alerts of a device.
        """
        if not self._alerts and self._devices:
            self.add_alerts(alerts_of(self._devices.popleft()))
        if not self._alerts:
            return None
        fingerprint = self._alerts.popleft()
        self._waiting.discard(fingerprint)
        return fingerprint
