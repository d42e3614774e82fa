"""Comparison of what would have happened with what did; pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from opsconductor.model.alert import Alert
from opsconductor.replay.replay import Outcome

COMPARED = ("severity", "category", "priority", "title")
"""Fields that a changed mapping or inventory can change without changing the alert's identity."""


class OfDevice(Protocol):
    """Something about a device."""

    @property
    def device_ip(self) -> str | None:
        """Main address of the device."""

    @property
    def device_name(self) -> str | None:
        """Name of the device."""


class Shown(OfDevice, Protocol):
    """Common fields of the replayed and the real alert of a fault."""

    @property
    def alert_type(self) -> str:
        """Kind of fault."""

    @property
    def resource(self) -> str:
        """The affected part of the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealAlert:
    """An alert of the database that existed within the span."""

    fingerprint: str
    device_ip: str | None
    device_name: str | None
    alert_type: str
    resource: str
    severity: str
    category: str
    priority: str
    title: str
    occurred_at: datetime
    last_occurrence_at: datetime


class NotifiedInReplay(NamedTuple):
    """Notifications of one kind to one recipient."""

    rule: str
    channel: str
    recipient: str
    kind: str


class Fate(StrEnum):
    """How replay and reality differ about one fault."""

    ADDED = "added"
    MISSING = "missing"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDifference:
    """One fault on which replay and reality differ.

    Attributes:
        fields: By field name, its value in reality and in the replay.
    """

    fate: Fate
    device: str
    alert_type: str
    resource: str
    fields: Mapping[str, tuple[str, str]]


def differences(
    replayed: Iterable[Alert], real: Sequence[RealAlert], *, begin: datetime, end: datetime
) -> list[ReplayDifference]:
    """Compare alerts fault by fault.

    An alert that began before the span may be missing in the replay, which does not know it; one that
    came again after the span is not compared further, since it may have changed then.

    Args:
        real: The latest of each fingerprint.
    """
    by_fault = {alert.fingerprint: alert for alert in replayed}
    known = {alert.fingerprint: alert for alert in real}
    added = [_difference(Fate.ADDED, alert) for name, alert in by_fault.items() if name not in known]
    missing = [
        _difference(Fate.MISSING, alert)
        for name, alert in known.items()
        if name not in by_fault and begin <= alert.occurred_at < end
    ]
    changed = [
        _difference(Fate.CHANGED, alert, fields)
        for name, alert in by_fault.items()
        if name in known
        and known[name].last_occurrence_at < end
        and (fields := dict(_fields(known[name], alert)))
    ]
    return sorted(
        [*added, *missing, *changed],
        key=lambda each: (each.device, each.alert_type, each.resource, each.fate),
    )


def notified_in(outcome: Outcome, alerts: Iterable[Alert]) -> Counter[NotifiedInReplay]:
    """Count the notifications of a replay about some of its alerts, by rule and recipient."""
    wanted = {alert.id for alert in alerts}
    counts: Counter[NotifiedInReplay] = Counter()
    for notice, amount in outcome.notices.items():
        if notice.alert_id in wanted:
            counts[NotifiedInReplay(notice.rule, notice.channel, notice.recipient, str(notice.kind))] += (
                amount
            )
    return counts


def device_of(about: OfDevice) -> str:
    """Return a readable name of a device."""
    return about.device_name or about.device_ip or ""


def is_of(about: OfDevice, device: str | None) -> bool:
    """Return True if something is about a device, given by main address or name; None: any device."""
    return device is None or device in (about.device_ip, about.device_name)


def _difference(
    fate: Fate, alert: Shown, fields: Mapping[str, tuple[str, str]] | None = None
) -> ReplayDifference:
    return ReplayDifference(
        fate=fate,
        device=device_of(alert),
        alert_type=alert.alert_type,
        resource=alert.resource,
        fields=fields or {},
    )


def _fields(real: RealAlert, replayed: Alert) -> Iterator[tuple[str, tuple[str, str]]]:
    for name in COMPARED:
        before, after = str(getattr(real, name)), str(getattr(replayed, name))
        if before != after:
            yield name, (before, after)
