"""Detection of sources and devices that have been silent for too long."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from opsconductor.selfcheck.watch.trouble import Silence


class SilenceWatch:
    """Watches the number of messages from sources, and the time of the last message from devices.

    Args of the constructor:
        sources: Maximum silence of each connector.
        devices: Maximum silence of each device, by address.
        now_s: Seconds of the monotonic clock; silence counts from here.
    """

    def __init__(
        self, sources: Mapping[str, timedelta], devices: Mapping[str, timedelta], now_s: float
    ) -> None:
        self._sources = sources
        self._devices = devices
        self._taken = dict.fromkeys(sources, 0)
        self._last_s = dict.fromkeys(sources, now_s)

    def look(
        self, taken_from: Callable[[str], int], heard_s: Mapping[str, float], now_s: float
    ) -> Sequence[Silence]:
        """Return the silent sources and devices.

        Args:
            taken_from: Returns the number of messages of a connector since the start.
            heard_s: Returns the time of the last message from a device.
        """
        for name in self._sources:
            taken = taken_from(name)
            if taken != self._taken[name]:
                self._taken[name] = taken
                self._last_s[name] = now_s
        return [
            *_silent("connector", self._sources, self._last_s, now_s),
            *_silent("device", self._devices, heard_s, now_s),
        ]


def _silent(
    what: str, expected: Mapping[str, timedelta], last_s: Mapping[str, float], now_s: float
) -> list[Silence]:
    return [
        Silence(what=what, name=name, lasts=timedelta(seconds=now_s - last_s[name]), expected=length)
        for name, length in expected.items()
        if now_s - last_s[name] > length.total_seconds()
    ]
