"""The storms that go on, by device and for all devices together; bounded."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from opsconductor.config.settings import StormSettings
from opsconductor.flood.reserve import Reserve
from opsconductor.flood.storm import Storm
from opsconductor.limits import Rate
from opsconductor.model.identified import IdentifiedReport
from opsconductor.model.normalized import NormalizedAlert

MOST = 500
"""Devices with a storm alert of their own; beyond it they are told of together."""


class Storms:
    """Begins storms, finds them again and ends those that are over.

    Args of the constructor:
        host: Name of this machine: the device of the alert on all devices together.
    """

    def __init__(self, settings: StormSettings, host: str) -> None:
        self._settings = settings
        self._host = host
        self._of_device: dict[str, Storm] = {}
        self._of_all: Storm | None = None

    def __iter__(self) -> Iterator[Storm]:
        yield from self._of_device.values()
        if self._of_all is not None:
            yield self._of_all

    def find(self, device: str) -> Storm | None:
        """Find the storm of one device."""
        return self._of_device.get(device)

    def note(self, amounts: Mapping[str, int], now_s: float) -> None:
        """Count the messages of devices that have a storm."""
        for device in self._of_device.keys() & amounts.keys():
            self._of_device[device].recent.add(amounts[device], now_s)

    def go_on(self, device: str, now_s: float) -> Storm | None:
        """Note that a device is still beyond its budget; None: it had no storm."""
        storm = self._of_device.get(device)
        if storm is not None:
            storm.over_s = now_s
        return storm

    def rage(self, device: str, event: IdentifiedReport, now_s: float) -> Storm:
        """Begin the storm of a device that is beyond its budget.

        Args:
            event: One of the device's, which tells its address and name.
        """
        if len(self._of_device) >= MOST:
            return self.rage_of_all(now_s)
        settings = self._settings
        storm = self._of_device[device] = Storm(
            device_ip=event.device_ip,
            device_name=event.device_name,
            is_of_all=False,
            limits=f"{settings.sender_burst:,} at once or {settings.sender_per_s:,} a second",
            began_s=now_s,
            over_s=now_s,
            reserve=Reserve(Rate(settings.sender_per_s, settings.sender_burst)),
        )
        return storm

    def rage_of_all(self, now_s: float) -> Storm:
        """Note that all devices together are beyond their budget; gives their storm."""
        storm = self._of_all
        if storm is None:
            settings = self._settings
            storm = self._of_all = Storm(
                device_ip=None,
                device_name=self._host,
                is_of_all=True,
                limits=f"{settings.new_alerts_burst:,} at once, {settings.new_alerts_per_s:,} a second"
                f" or {settings.most_alerts:,} in all",
                began_s=now_s,
                over_s=now_s,
            )
        storm.over_s = now_s
        return storm

    def reports(self, now: datetime) -> list[NormalizedAlert]:
        """Report what goes on; what was within its budget for long enough is over."""
        self._of_device = {
            device: storm for device, storm in self._of_device.items() if self._lasts(storm, now)
        }
        if self._of_all is not None and not self._lasts(self._of_all, now):
            self._of_all = None
        return [storm.report(now) for storm in self]

    def _lasts(self, storm: Storm, now: datetime) -> bool:
        """Tell whether a storm goes on; one of the future ends: the clock was set back."""
        return 0 <= now.timestamp() - storm.over_s <= self._settings.quiet_time.total_seconds()
