"""From a row of `oid_mappings`, or of a pack, to a mapping."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from opsconductor.model.enums import Category, Severity
from opsconductor.model.mappings.mapping import Condition, MappingCase, OidMapping, Origin, SeverityMap

NOT_IN_MAPPINGS = frozenset({"id", "notes", "provisioned_from"})
"""Columns of a row that the pipeline does not know."""

X733 = "x733"
"""Value of `severity_map.standard`."""

_X733 = {
    "cleared": Severity.CLEAR,
    "indeterminate": Severity.WARNING,
    "critical": Severity.CRITICAL,
    "major": Severity.MAJOR,
    "minor": Severity.MINOR,
    "warning": Severity.WARNING,
}

X733_LABELS = {
    **_X733,
    "clear": Severity.CLEAR,
    "intermediate": Severity.WARNING,
    "info": Severity.INFO,
    "informational": Severity.INFO,
}
"""Severity by the label of a perceived severity, as the standard and vendors write it.

Source:
    ITU-T X.733 section 8.1.2.3.
"""

X733_DEFAULTS = {**{str(number): each for number, each in enumerate(_X733.values(), 1)}, **X733_LABELS}
"""Severity by the value of a perceived severity whose object has no known labels.

Source:
    ITU-ALARM-TC-MIB, ItuPerceivedSeverity.
"""


def mapping_of(row: Mapping[str, Any], origin: Origin | None = None) -> OidMapping:
    """Return the mapping of a row.

    Args:
        origin: None: as the row's column says.
    """
    fields = {name: value for name, value in row.items() if name not in NOT_IN_MAPPINGS}
    lasts_s, by_value, cases = (
        fields.pop("expires_after_s"),
        fields.pop("severity_map"),
        fields.pop("cases", ()),
    )
    given = fields.pop("origin", "own")
    fields["category"] = Category(fields["category"])
    fields["default_severity"] = Severity(fields["default_severity"])
    for name in ("conditions", "clear_conditions"):
        fields[name] = _conditions(fields.get(name, ()))
    fields["more_resources"] = tuple(fields.get("more_resources", ()))
    mapping = OidMapping(
        **fields,
        severity_map=None if by_value is None else _severity_map(by_value),
        expires_after=None if lasts_s is None else timedelta(seconds=lasts_s),
        origin=Origin[given.upper()] if origin is None else origin,
    )
    return replace(mapping, cases=tuple(_case(mapping, case) for case in cases)) if cases else mapping


def _severity_map(document: Mapping[str, Any]) -> SeverityMap:
    """Read `{"varbind": OID, "values": {"1": "critical"}}`, or `{"varbind": OID, "standard": "x733"}`."""
    values = {str(value): Severity(severity) for value, severity in document.get("values", {}).items()}
    return SeverityMap(varbind=document["varbind"], values=values, standard=document.get("standard", ""))


def _conditions(documents: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    return tuple(_condition(document) for document in documents)


def _condition(document: Mapping[str, Any]) -> Condition:
    lists = {name: tuple(map(str, document.get(name, ()))) for name in ("equals", "differs_from", "has_bit")}
    return Condition(**{**document, **lists})


def _case(mapping: OidMapping, document: Mapping[str, Any]) -> MappingCase:
    """Return a case: what it does not say is as in the mapping, without its severities by value."""
    changes: dict[str, Any] = {
        name: document[name]
        for name in ("alert_type", "resource_expression", "title_template")
        if document.get(name) is not None
    }
    if document.get("category"):
        changes["category"] = Category(document["category"])
    if document.get("severity"):
        changes["default_severity"] = Severity(document["severity"])
        changes["severity_map"] = None
    return MappingCase(_conditions(document["when"]), replace(mapping, conditions=(), **changes))
