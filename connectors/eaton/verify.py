"""Verification of an alert by polling its UPS."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

from connectors.eaton.alarms import ALARMS
from connectors.eaton.config import Thresholds
from connectors.eaton.evaluate import depending_on
from connectors.eaton.findings import findings_of
from connectors.eaton.mibs import MIB_OF
from connectors.eaton.problems import PROBLEMS
from connectors.eaton.watch import Watch
from opsconductor.connector.interface import VerifyResult, VerifyState
from opsconductor.model.alert import Alert
from opsconductor.model.inventory.device import Device


def watch_of(alert: Alert, watches: Sequence[Watch], devices: Sequence[Device]) -> Watch | None:
    """Return the UPS of an alert by any of its addresses; None: unknown UPS, or no poll lists such alerts."""
    if alert.alert_type not in PROBLEMS:
        return None
    addresses = {alert.device_ip}
    for device in devices:
        if alert.device_ip == device.ip_address:
            addresses |= set(device.addresses)
    return next((watch for watch in watches if _is_of(watch, alert, addresses)), None)


def _is_of(watch: Watch, alert: Alert, addresses: Container[str | None]) -> bool:
    """Check the address; an alert of a UPS polled through loopback has only a name."""
    if alert.device_ip is None:
        return bool(watch.target.name) and watch.target.name == alert.device_name
    return str(watch.target.ip) in addresses


def verdict_on(alert: Alert, document: Mapping[str, Any]) -> VerifyResult:
    """Return the state of the alert by the result of a poll.

    A problem that is missing is over only if the device would have listed it.
    """
    finding = findings_of(document).get((alert.alert_type, alert.resource))
    if finding is not None:
        return VerifyResult(answer=VerifyState.STANDS, finding="; ".join(finding.evidence))
    for name, reason in document.get("implausible", {}).items():
        if any(alert.alert_type == each for each, _ in depending_on(name, document, Thresholds())):
            return VerifyResult(
                answer=VerifyState.UNKNOWN, finding=f"{name.replace('_', ' ')} is implausible: {reason}"
            )
    if document["unread"] or alert.alert_type not in _listed_by(document):
        return VerifyResult(
            answer=VerifyState.UNKNOWN, finding=f"{document['mib']} of the device does not cover it"
        )
    return VerifyResult(
        answer=VerifyState.OVER, finding=f"{document['mib']} of the device no longer lists it"
    )


def _listed_by(document: Mapping[str, Any]) -> set[str]:
    """Return the alert types that a device of this kind would list."""
    mib = MIB_OF[document["mib"]]
    listed = {cell.alert_type for cell in mib.cells.values()}
    for name, state in mib.states.items():
        if name in document["states"]:
            listed.update(state.problems.values())
    if document["has_alarms"]:
        listed.update(ALARMS.values(), ["power_ups_alarm"])
    return listed
