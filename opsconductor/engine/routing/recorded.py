"""Facts that are recorded with a decision, so that the rules that did not fire can be explained later."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from opsconductor.engine.routing.situation import Situation, field_of, role_of, site_of, status_of, tags_of
from opsconductor.limits import BoundedMap
from opsconductor.model.alert import Alert
from opsconductor.model.enums import AlertEvent, Priority, Severity, Status
from opsconductor.model.inventory.device import DeviceFacts
from opsconductor.model.notifications.rule import Conditions

CUSTOM_FIELD = "custom_fields."
FEW_VALUES = frozenset({"severity", "status", "priority", "occurrence_count", "impacted"})
"""Facts that are the same for most alerts."""
MOST_DECISIONS = 1_000
CHANGING = ("priority", "site", "role", "device_status", "device_tags")
"""Conditions named as the fact that they are about, which may change during an alert."""


def asked_by(every: Iterable[Conditions]) -> frozenset[str]:
    """Return the names of the facts that conditions ask about and that may change during an alert."""
    asked = {"severity", "status"}
    for part in every:
        asked |= {
            name
            for name in ("priority", "site", "role", "device_status", "device_tags")
            if getattr(part, name)
        }
        if part.minimum_occurrences > 1:
            asked.add("occurrence_count")
        if part.is_cause is not None:
            asked.add("impacted")
        if part.unacknowledged_for:
            asked.add("unacknowledged_since")
        asked |= {CUSTOM_FIELD + name for name, _ in part.custom_fields}
    return frozenset(asked)


def facts_asked(situation: Situation, asked: frozenset[str]) -> Mapping[str, Any]:
    """Return the facts of a situation, JSON-ready."""
    facts: dict[str, Any] = {"event": str(situation.event)}
    for name in sorted(asked):
        if name.startswith(CUSTOM_FIELD):
            facts[name] = list(field_of(situation, name.removeprefix(CUSTOM_FIELD)))
        elif name in DEVICE_FACTS:
            facts[name] = DEVICE_FACTS[name](situation)
        else:
            value = getattr(situation.alert, name)
            facts[name] = value.isoformat() if isinstance(value, datetime) else value
    return facts


DEVICE_FACTS: Mapping[str, Any] = {
    "site": site_of,
    "role": role_of,
    "device_status": status_of,
    "device_tags": lambda situation: list(tags_of(situation)),
}


class QuietDecisions:
    """The contents of history rows of decisions in which no rule fired or was held back.

    Equal ones are one object. In a flood most alerts differ in nothing that rules ask about, and an object
    that rows share is encoded once for all of them.

    Args of the constructor:
        asked: Names of the facts that rules ask about.
        rules: Number of the rules.
    """

    def __init__(self, asked: frozenset[str], rules: int) -> None:
        self._asked = asked
        self._rules = rules
        self._is_shared = asked <= FEW_VALUES
        self._of = attrgetter("event", *(f"alert.{name}" for name in sorted(asked & FEW_VALUES)))
        self._known: BoundedMap[tuple[object, ...], Mapping[str, Any]] = BoundedMap(MOST_DECISIONS)

    def of(self, situation: Situation) -> Mapping[str, Any]:
        """Return the content for a situation; the caller must not change it."""
        if not self._is_shared:
            return decided([], facts_asked(situation, self._asked), self._rules)
        key = self._of(situation)
        found = self._known.get(key)
        if found is None:
            found = decided([], facts_asked(situation, self._asked), self._rules)
            self._known[key] = found
        return found


def decided(verdicts: Sequence[Mapping[str, Any]], facts: Mapping[str, Any], rules: int) -> Mapping[str, Any]:
    """Return the content of a history row: verdicts in their JSON form, facts, and the number of rules."""
    return {"routing": verdicts, "routed": {"rules": rules, "facts": facts}}


def situation_of(
    alert: Alert, facts: Mapping[str, Any], at: datetime, device: DeviceFacts | None
) -> Situation:
    """Return the situation of a decision from the facts recorded with it.

    Args:
        alert: As it is now; what cannot change, or was not asked about, is taken from it.
        device: As the inventory has it now; likewise.
    """
    values: dict[str, Any] = {}
    for name, convert in CONVERTERS.items():
        if facts.get(name) is not None:
            values[name] = convert(facts[name])
    if "unacknowledged_since" in facts and facts["unacknowledged_since"] is None:
        values["unacknowledged_since"] = None
    named = {name: given for name, given in facts.items() if name.startswith(CUSTOM_FIELD)}
    fields = {name.removeprefix(CUSTOM_FIELD): given for name, given in named.items()}
    if fields:
        values["custom_fields"] = {**alert.custom_fields, **fields}
    return Situation(
        alert=replace(alert, **values),
        event=AlertEvent(facts.get("event", alert.last_event)),
        at=at,
        device=_device_of(facts, device),
    )


CONVERTERS: Mapping[str, Any] = {
    "severity": Severity,
    "priority": Priority,
    "status": Status,
    "occurrence_count": int,
    "impacted": int,
    "unacknowledged_since": datetime.fromisoformat,
}


def _device_of(facts: Mapping[str, Any], device: DeviceFacts | None) -> DeviceFacts | None:
    known = {name: facts[name] for name in ("site", "role") if name in facts}
    if "device_status" in facts:
        known["status"] = facts["device_status"]
    if "device_tags" in facts:
        known["tags"] = tuple(facts["device_tags"] or ())
    if not known:
        return device
    base = device or DeviceFacts(ip_address=None, name="")
    plain = {name: getattr(base, name) for name in DeviceFacts.__dataclass_fields__}
    return DeviceFacts(**(plain | known))
