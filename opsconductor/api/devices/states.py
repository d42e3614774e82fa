"""State of devices by their open alerts; pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from opsconductor.engine.alert_index import device_key
from opsconductor.model.alert import Alert
from opsconductor.model.enums import SEVERITY_RANK, Severity, Status

STATUS_RANK = {Status.SUPPRESSED: 0, Status.ACKNOWLEDGED: 1, Status.ACTIVE: 2}
"""Which status of its alerts is the one of a device: the one that needs most attention."""


class DeviceState(NamedTuple):
    """Open alerts of a device, without those that maintenance windows hide.

    Attributes:
        severity: The worst; None: there is no alert.
        status: `active` if one is active, else `acknowledged` if one is, else `suppressed`.
        last_at: When one of them last occurred.
    """

    severity: Severity | None = None
    status: Status | None = None
    alerts: int = 0
    last_at: datetime | None = None

    @property
    def urgency(self) -> tuple[int, int]:
        """The severity, then the number of alerts, as numbers; more is worse."""
        return (SEVERITY_RANK[self.severity] if self.severity else -1, self.alerts)


QUIET = DeviceState()


def state_of(alerts: Iterable[Alert]) -> DeviceState:
    """Return the state of a device with these open alerts."""
    shown = [alert for alert in alerts if not alert.is_hidden]
    if not shown:
        return QUIET
    if len(shown) == 1:
        (alert,) = shown
        return DeviceState(alert.severity, alert.status, 1, alert.last_occurrence_at)
    return DeviceState(
        severity=max((alert.severity for alert in shown), key=SEVERITY_RANK.__getitem__),
        status=max((alert.status for alert in shown), key=STATUS_RANK.__getitem__),
        alerts=len(shown),
        last_at=max(alert.last_occurrence_at for alert in shown),
    )


def states_of(alerts: Iterable[Alert]) -> Mapping[str, DeviceState]:
    """Return the states of all devices with open alerts, by key."""
    found: dict[str, list[Alert]] = {}
    for alert in alerts:
        if not alert.is_hidden:
            found.setdefault(device_key(alert), []).append(alert)
    return {key: state_of(of_device) for key, of_device in found.items()}
