"""The standard form of a report, to which every connector converts its messages.

Senders write year 1 (the zero time of Go and .NET), 1970 (a clock without battery) or a year far ahead. None
of these is when a fault occurred, and some are invalid in PostgreSQL or in other time zones. So times are
bounded, the same for all connectors.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from opsconductor.model.enums import Category, Severity

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
"""Maximum that a sender's clock may be ahead of ours."""
IMPLAUSIBLE_TIME = "implausible_time"
"""Key of `custom_fields` that holds the replaced time."""
RULE = "rule:"
RawData = Callable[[], Mapping[str, object]]
"""Creates the JSON document kept in `alerts.raw_data`; called only for alerts that are written."""


class JsonDocument(Mapping[str, object]):
    """A JSON document that is already encoded, and parsed only when a part of it is used.

    Args of the constructor:
        text: A JSON object.
    """

    __slots__ = ("_read", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._read: Mapping[str, object] | None = None

    def __getitem__(self, name: str) -> object:
        return self._parts()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts())

    def __len__(self) -> int:
        return len(self._parts())

    def _parts(self) -> Mapping[str, object]:
        if self._read is None:
            self._read = json.loads(self.text)
        return self._read


def no_raw_data() -> Mapping[str, object]:
    """Return an empty document: nothing is kept of the raw event."""
    return {}


def rule_scope(connector: str, rule: str) -> str:
    """Return the scope of what a rule of a connector has reported; no snapshot lists it."""
    return f"{connector}/{RULE}{rule}"


def is_polled(scope: str) -> bool:
    """Return True if snapshots list what has this scope."""
    return bool(scope) and not scope.partition("/")[2].startswith(RULE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAlias:
    """Another identifier of the device in a message.

    Attributes:
        kind: `agent_address`, `trap_address`, `engine_id`, `host`, ...
        value: An IP address as text, or for `engine_id` lower-case hex.
    """

    kind: str
    value: str


class NormalizedAlert(NamedTuple):
    """One report of a fault, or of its end.

    Attributes:
        source_system: Name of the connector.
        source_alert_id: The source's own id of the fault, empty if it has none.
        has_problem_id: True if repeats and the recovery of the problem carry the same `source_alert_id`:
            then it is the identity of the alert, and device, type and resource may change.
        device_ip: Address as text that the source takes for the device's; None if unknown.
        device_name: Name of the device as the source knows it; None if unknown.
        device_aliases: Further identifiers of the device, the most trusted first.
        alert_type: `<category>_<what>`. A clear carries the problem's alert type.
        resource: Affected part of the device (`ifIndex=7`); empty: the device itself.
        title: At most 255 characters; may contain the placeholder `{device_name}`, which is filled
            in once the device is identified.
        is_clear: True if the problem is over; then severity is `clear`.
        occurred_at: Time of the event by the sender's clock if it sends one, else `received_at`.
        is_cutting: True if the fault cuts off dependents of the device.
        expires_after: The alert expires without a repeat for this long; None: never.
        acknowledged_by: Who has acknowledged it at the source; None: unknown.
        snapshot_scope: Scope of the snapshots that will list it: the next one that does not ends it. Or
            `rule_scope`, whose alerts end once the connector abandons it. Empty: neither.
        raw_data: Creates what is kept of the raw event.
    """

    source_system: str
    alert_type: str
    category: Category
    severity: Severity
    title: str
    occurred_at: datetime
    received_at: datetime
    device_ip: str | None = None
    device_name: str | None = None
    device_aliases: tuple[DeviceAlias, ...] = ()
    resource: str = ""
    message: str = ""
    is_clear: bool = False
    source_alert_id: str = ""
    has_problem_id: bool = False
    is_cutting: bool = False
    expires_after: timedelta | None = None
    tags: tuple[str, ...] = ()
    custom_fields: Mapping[str, object] | None = None
    acknowledged_by: str | None = None
    snapshot_scope: str = ""
    raw_data: RawData = no_raw_data

    def again(self, at: datetime, raw_data: RawData) -> "NormalizedAlert":
        """Return the same report at another time: the hot path of a storm."""
        return NormalizedAlert._make((*self[:_TIMES], at, at, *self[_TIMES + 2 : -1], raw_data))


_TIMES = NormalizedAlert._fields.index("occurred_at")
"""Positions of the two times; `raw_data` is last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything that is wrong now within a scope; open alerts there that are not listed are over.

    Attributes:
        scope: What the poller covers, unique among all connectors (`prtg-main`, `ups/10.0.0.9`).
        alerts: The problems found; none of them a clear.
    """

    scope: str
    alerts: tuple[NormalizedAlert, ...]
    taken_at: datetime


def is_believable(moment: datetime, received_at: datetime) -> bool:
    """Return True if a time has a zone and lies between the year 2000 and a day after reception."""
    return moment.tzinfo is not None and moment >= EARLIEST and moment - received_at <= AHEAD


def bounded(
    said: Sequence[NormalizedAlert] | Snapshot, received_at: datetime
) -> Sequence[NormalizedAlert] | Snapshot:
    """Return the time of occurrence, at most the time of reception; replace an implausible one.

    A clock that is a little ahead is corrected silently. An implausible time is replaced by the time of
    reception, and the report is marked.
    """
    if not isinstance(said, Snapshot):
        return _alerts(said, received_at)
    taken_at = said.taken_at if is_believable(said.taken_at, received_at) else received_at
    alerts = tuple(_alerts(said.alerts, received_at))
    if alerts == said.alerts and taken_at is said.taken_at:
        return said
    return replace(said, alerts=alerts, taken_at=taken_at)


def _alerts(alerts: Sequence[NormalizedAlert], received_at: datetime) -> Sequence[NormalizedAlert]:
    for alert in alerts:
        at = alert.occurred_at
        if at is not received_at and not (is_believable(at, received_at) and at <= received_at):
            return [_bounded(each, received_at) for each in alerts]
    return alerts


def _bounded(alert: NormalizedAlert, received_at: datetime) -> NormalizedAlert:
    at = alert.occurred_at
    if at == received_at:
        return alert
    if is_believable(at, received_at):
        return alert._replace(occurred_at=min(at, received_at))
    note = f"{at.isoformat()} (the time of receipt is used)"
    return alert._replace(
        occurred_at=received_at, custom_fields={**(alert.custom_fields or {}), IMPLAUSIBLE_TIME: note}
    )
