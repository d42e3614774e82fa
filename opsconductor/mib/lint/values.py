"""Checks of the values that a mapping lists, against the enumerations of their objects."""

from collections.abc import Iterator, Mapping, Sequence

from opsconductor.mib.derive.polarity import Polarity, polarity_of
from opsconductor.mib.derive.tokens import words_of
from opsconductor.mib.lint.finding import ExaminedMapping, LintFinding, LintLevel, RowPath
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.resolving import object_meant
from opsconductor.model.enums import Severity
from opsconductor.model.mappings.mapping import Condition, SeverityMap

_BITS = "BITS"
_HARMLESS = (Severity.INFO, Severity.CLEAR)


def check_values(examined: ExaminedMapping, facts: MibFacts) -> Iterator[LintFinding]:
    """Find values that an object cannot have, and states that a mapping rates although they are good."""
    written = examined.written
    if written.severity_map is not None:
        yield from _in_severity_map(examined, written.severity_map, facts)
    for path, condition in _conditions(examined):
        yield from _in_condition(examined, path, condition, facts)


def _conditions(examined: ExaminedMapping) -> Iterator[tuple[RowPath, Condition]]:
    written = examined.written
    listed: list[tuple[RowPath, Sequence[Condition]]] = [
        (("conditions",), written.conditions),
        (("clear_conditions",), written.clear_conditions),
    ]
    listed += [(("cases", at, "when"), case.conditions) for at, case in enumerate(written.cases)]
    for path, conditions in listed:
        for number, condition in enumerate(conditions):
            yield (*path, number), condition


def _labels(examined: ExaminedMapping, varbind: str, facts: MibFacts) -> tuple[str, Mapping[str, str]]:
    """Return the name of an object, and its labels by value; empty: it has none, or is not known."""
    fact = object_meant(varbind, examined.written, facts)
    if fact is None:
        return varbind, {}
    return fact.name, {str(number): label for number, label in fact.enumeration}


def _in_severity_map(
    examined: ExaminedMapping, severity_map: SeverityMap, facts: MibFacts
) -> Iterator[LintFinding]:
    name, labels = _labels(examined, severity_map.varbind, facts)
    if not labels:
        return
    for value in severity_map.values:
        if finding := _foreign(examined, ("severity_map", "values", value), value, (name, labels)):
            yield finding
    is_paired = examined.written.clear_oid_pattern or severity_map.standard
    if not is_paired and examined.written.default_severity not in _HARMLESS:
        yield from _good_states(examined, severity_map, name, labels)


def _good_states(
    examined: ExaminedMapping, severity_map: SeverityMap, name: str, labels: Mapping[str, str]
) -> Iterator[LintFinding]:
    """Find states that sound good, and get the severity of those that are not listed."""
    tested = {
        value
        for case in examined.written.cases
        for condition in case.conditions
        for value in condition.equals
    }
    listed = {*severity_map.values, *tested}
    missed = [
        f"{label}({value})"
        for value, label in labels.items()
        if not {value, label} & listed and _sounds_good(label)
    ]
    if missed:
        severity = examined.written.default_severity
        found = f"no branch covers {', '.join(missed)} of {name}, which thereby is {severity}"
        remedy = "clear or info for them in values, or another default_severity"
        yield examined.finding(
            ("severity_map", "values"),
            LintLevel.WARNING,
            "state-not-covered",
            (", ".join(missed), found, remedy),
        )


def _sounds_good(label: str) -> bool:
    meanings = [polarity_of(word) for word in words_of(label)]
    return Polarity.GOOD in meanings and Polarity.BAD not in meanings


def _in_condition(
    examined: ExaminedMapping, path: RowPath, condition: Condition, facts: MibFacts
) -> Iterator[LintFinding]:
    name, labels = _labels(examined, condition.varbind, facts)
    for key in ("equals", "differs_from", "has_bit"):
        for value in getattr(condition, key) if labels else ():
            if finding := _foreign(examined, (*path, key), value, (name, labels)):
                yield finding


def _foreign(
    examined: ExaminedMapping, path: RowPath, value: str, known: tuple[str, Mapping[str, str]]
) -> LintFinding | None:
    """Return a finding for a value that an enumeration lacks; a number may come with a newer device."""
    name, labels = known
    if value in labels or value in labels.values():
        return None
    level = LintLevel.WARNING if value.lstrip("-").isdecimal() else LintLevel.ERROR
    found = f"{name} has no such value"
    remedy = "one of " + ", ".join(f"{label}({number})" for number, label in labels.items())
    return examined.finding(path, level, "unknown-value", (value, found, remedy))
