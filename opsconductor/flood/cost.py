"""Tells what would change something from what is only counted; pure."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from opsconductor.inventory.identify import UNKNOWN_DEVICE
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Severity
from opsconductor.model.identified import IdentifiedReport

Wanted = dict[str, dict[str, int]]
"""By device: fingerprints of transitions in the order in which they came, and how many of each."""


def transitions_of(
    events: Iterable[IdentifiedReport],
    fresh: set[str],
    storming: Mapping[str, object],
    open_alerts: Mapping[str, Alert],
) -> Wanted:
    """Find what would change something.

    Args:
        fresh: Fingerprints that no open alert has.
        storming: Devices of which changes of severity count as well.
    """
    wanted: Wanted = {}
    last: dict[str, Severity] = {}
    for event in events:
        fingerprint, severity, device = event.fingerprint, event.report.severity, device_of(event)
        if device in storming:
            known = last.get(fingerprint)
            if known is None and fingerprint not in fresh:
                known = open_alerts[fingerprint].severity
            is_transition = severity is not known
        else:
            is_transition = fingerprint in fresh and fingerprint not in last
        if is_transition and not is_clear(event):
            last[fingerprint] = severity
            found = wanted.setdefault(device, {})
            found[fingerprint] = found.get(fingerprint, 0) + 1
    return wanted


def beyond(found: Mapping[str, int], amount: int) -> AbstractSet[str]:
    """Find the fingerprints that so many transitions are not enough for; who came first gets first."""
    left, late = amount, set()
    for fingerprint, transitions in found.items():
        if transitions <= left:
            left -= transitions
        else:
            late.add(fingerprint)
    return late


def is_clear(event: IdentifiedReport) -> bool:
    """Tell whether an event says that something is over."""
    return event.report.is_clear or event.report.severity is Severity.CLEAR


def device_of(event: IdentifiedReport) -> str:
    """Name the device whose budget an event is taken from."""
    return event.device_ip or event.device_name or UNKNOWN_DEVICE


def is_repeat(event: IdentifiedReport, open_alerts: Mapping[str, Alert]) -> bool:
    """Tell whether an event says of an open alert what is known."""
    alert = open_alerts.get(event.fingerprint)
    return alert is not None and alert.severity is event.report.severity
