"""Columns of a derived mapping in a line of the catalogue; see `catalogue`."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from opsconductor.mib.derive.derived import DerivedMapping, Reason, StateRule
from opsconductor.mib.facts import NotificationFact
from opsconductor.model.enums import Category, Severity

ROLES = frozenset({"problem", "clear", "stateful", "event"})
CUTTING = "cutting"
COLUMNS = 15
"""From OID to reasons."""

_WEIGHT = re.compile(r"(.*) ([+-][0-9]+\.[0-9]+)", re.DOTALL)
_BETWEEN = "; "
_BEHIND_RULE = ": "


def columns_of(mapping: DerivedMapping) -> Iterator[str]:
    """Yield the columns, from the OID on."""
    fact, expires = mapping.notification, mapping.expires_after
    yield from (fact.oid, fact.module, fact.name, mapping.role, mapping.alert_type)
    yield from (mapping.severity.value, mapping.category.value, mapping.title)
    yield from (" ".join(mapping.resource), " ".join(mapping.clears), _state_text(mapping.state))
    yield CUTTING if mapping.is_cutting else ""
    yield "" if expires is None else str(int(expires.total_seconds()))
    yield f"{mapping.confidence:.2f}"
    yield _BETWEEN.join(map(_reason_text, mapping.reasons))


def mapping_of_columns(columns: Sequence[str], notification: NotificationFact) -> DerivedMapping:
    """Return the mapping of a notification from its columns.

    Args:
        columns: From the OID on; empty ones at the end may be missing.

    Raises:
        ValueError: A column is invalid.
    """
    if len(columns) > COLUMNS:
        raise ValueError(f"{len(columns) + 1} columns")
    padded = [*columns, *[""] * (COLUMNS - len(columns))]
    (
        role, alert_type, severity, category, title, resource, clears, state, cutting, expires, confidence,
        reasons,
    ) = padded[3:]  # fmt: skip
    if role not in ROLES:
        raise ValueError(f"{role!r} as role")
    if not alert_type or not title:
        raise ValueError("no alert type or no title")
    return DerivedMapping(
        notification=notification,
        role=role,
        alert_type=alert_type,
        severity=Severity(severity),
        category=Category(category),
        title=title,
        resource=tuple(resource.split()),
        clears=tuple(clears.split()),
        state=_state(state) if state else None,
        is_cutting=cutting == CUTTING,
        expires_after=timedelta(seconds=int(expires)) if expires else None,
        confidence=float(confidence),
        reasons=tuple(_reason(text) for text in reasons.split(_BETWEEN) if text),
    )


def _state_text(rule: StateRule | None) -> str:
    if rule is None:
        return ""
    values = " ".join(f"{value}={severity.value}" for value, severity in rule.severities)
    return f"{rule.object}|{values}|{' '.join(rule.clear_values)}"


def _state(text: str) -> StateRule:
    parts = text.split("|")
    if len(parts) != _STATE_PARTS:
        raise ValueError(f"{text!r} as state: OBJECT|VALUE=SEVERITY ...|VALUES THAT CLEAR")
    name, values, clearing = parts
    pairs = (pair.rpartition("=") for pair in values.split())
    return StateRule(
        name, tuple((value, Severity(severity)) for value, _, severity in pairs), tuple(clearing.split())
    )


_STATE_PARTS = 3


def _reason_text(reason: Reason) -> str:
    weight = f" {reason.weight:+.2f}" if reason.weight else ""
    return f"{reason.rule}{_BEHIND_RULE}{reason.detail.replace(';', ',')}{weight}"


def _reason(text: str) -> Reason:
    found = _WEIGHT.fullmatch(text)
    said, weight = (found[1], float(found[2])) if found else (text, 0.0)
    rule, _, detail = said.partition(_BEHIND_RULE)
    return Reason(rule, detail, weight)
