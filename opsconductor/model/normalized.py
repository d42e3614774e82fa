"""The standard form into which every connector turns what it hears."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from opsconductor.model.enums import Category, Severity

RULE = "rule:"
RawData = Callable[[], Mapping[str, object]]
"""Makes the JSON document kept in `alerts.raw_data`; called only for alerts that are written."""


class JsonDocument(Mapping[str, object]):
    """A JSON document that is written already, and read only when a part of it is wanted.

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
    """Say that nothing is kept of the raw event."""
    return {}


def rule_scope(connector: str, rule: str) -> str:
    """Name the scope of what a rule of a connector has reported; no snapshot lists it."""
    return f"{connector}/{RULE}{rule}"


def is_polled(scope: str) -> bool:
    """Check whether snapshots list what has this scope."""
    return bool(scope) and not scope.partition("/")[2].startswith(RULE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAlias:
    """Another thing by which a message names its device.

    Attributes:
        kind: `agent_address`, `trap_address`, `engine_id`, `host`, ...
        value: An IP address as text, or for `engine_id` lower-case hex.
    """

    kind: str
    value: str


class NormalizedAlert(NamedTuple):
    """One fault report, or the report that a fault is over.

    Attributes:
        source_system: Name of the connector.
        source_alert_id: The source's own id of the fault, empty when it has none.
        has_problem_id: True when repeats and the recovery of the problem carry the same `source_alert_id`:
            then it is the identity of the alert, and device, type and resource may change.
        device_ip: Address as text that the source takes for the device's; None if unknown.
        device_name: Name of the device as the source knows it; None if unknown.
        device_aliases: Further names of the device, the most trusted first.
        alert_type: `<category>_<what>`. A clear carries the problem's alert type.
        resource: What on the device is affected (`ifIndex=7`); empty: the device itself.
        title: At most 255 characters; may hold the placeholder `{device_name}`, which is filled
            in once the device is identified.
        is_clear: True when the problem is over; then severity is `clear`.
        occurred_at: When it happened, by the sender's clock if it tells, else `received_at`.
        is_cutting: True when the fault cuts what depends on the device.
        expires_after: Without a repeat for so long the alert expires; None: it never does.
        acknowledged_by: Who takes care of it already, as the source knows; None: it knows of nobody.
        snapshot_scope: Scope of the snapshots that will list it: the next one that does not ends it. Or
            `rule_scope`, whose alerts end once the connector abandons it. Empty: neither.
        raw_data: Makes what is kept of the raw event.
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
        """Report the same once more, at another time: the hot path of a storm."""
        return NormalizedAlert._make((*self[:_TIMES], at, at, *self[_TIMES + 2 : -1], raw_data))


_TIMES = NormalizedAlert._fields.index("occurred_at")
"""Where the two times stand; `raw_data` stands last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything that is wrong now within a scope; what is open there and not listed is over.

    Attributes:
        scope: What the poller looked at, unique among all connectors (`prtg-main`, `ups/10.0.0.9`).
        alerts: The problems found; none of them a clear.
    """

    scope: str
    alerts: tuple[NormalizedAlert, ...]
    taken_at: datetime
