"""A normalized alert whose device is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from opsconductor.model.normalized import NormalizedAlert


class IdentifiedReport(NamedTuple):
    """A normalized alert, its device and thus its identity.

    Attributes:
        device_ip: The device's main address: the inventory's if it knows the device.
        device_name: The inventory's name, else the source's; None if there is neither.
        fingerprint: See `fingerprint_of`; of a report with a problem id see `fingerprint_of_id`.
        conflict: Shown on the alert if the message names two different devices
            (`{"peer": "10.0.0.1", "agent_address": "10.0.0.2"}`); None: no conflict.
        subject: Fingerprint of device, type and resource of a report with a problem id; empty: it has none.
    """

    report: NormalizedAlert
    device_ip: str | None
    device_name: str | None
    fingerprint: str
    conflict: Mapping[str, str] | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifiedSnapshot:
    """A snapshot whose alerts are identified."""

    scope: str
    alerts: tuple[IdentifiedReport, ...]
    taken_at: datetime
