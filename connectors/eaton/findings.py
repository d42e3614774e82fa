"""Problems of a device by its document; pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors.eaton.alarms import ALARMS, GOOD_NEWS
from connectors.eaton.mibs import MIB_OF
from connectors.eaton.problems import PROBLEMS, Problem
from opsconductor.model.enums import Severity

MAKERS_ALARM = "power_ups_alarm"
UNKNOWN_VALUES = "power_values_unknown"

_MEASURES: Mapping[str, tuple[str, str]] = {
    "battery_capacity_percent": ("Battery", "%"),
    "battery_runtime_s": ("Time left", ""),
    "load_percent": ("Load", "%"),
    "ambient_temperature_c": ("Ambient temperature", "°C"),
    "remote_temperature_c": ("Remote temperature", "°C"),
}

SeverityOf = Callable[[str, str], Severity | None]
"""Severity of this device's open alert by alert type and resource; None: none is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsFinding:
    """One problem.

    Attributes:
        evidence: What shows it: alarms, states or numbers.
        age_s: How long it has lasted according to the device; None: unknown.
    """

    alert_type: str
    resource: str = ""
    severity: Severity
    evidence: tuple[str, ...] = ()
    age_s: float | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Alert type and resource, which identify it within the device."""
        return self.alert_type, self.resource

    @property
    def problem(self) -> Problem:
        """The problem's texts."""
        return PROBLEMS[self.alert_type]


def findings_of(document: Mapping[str, Any]) -> dict[tuple[str, str], UpsFinding]:
    """Return the problems, each once, with the highest severity of its evidence."""
    found: dict[tuple[str, str], UpsFinding] = {}
    for finding in _all(document):
        known = found.get(finding.key)
        found[finding.key] = _both(known, finding) if known else finding
    return found


def lines_of(finding: UpsFinding, document: Mapping[str, Any]) -> Iterator[str]:
    """Return the message of a finding: the problem, the evidence, and the related numbers."""
    yield finding.problem.message
    yield from finding.evidence
    measures = document["measures"]
    shown = [_shown(name, measures[name]) for name in finding.problem.shows if name in measures]
    if shown:
        yield ", ".join(shown)


def duration(seconds: float) -> str:
    """Return a duration as readable text: `45 s`, `12 min`, `3 h 20 min`."""
    minutes, rest = divmod(int(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _all(document: Mapping[str, Any]) -> Iterator[UpsFinding]:
    for alarm in document["alarms"]:
        yield from _of_alarm(alarm)
    yield from _of_states(document)
    yield from _of_cells(document)
    for level in document["levels"]:
        yield UpsFinding(
            alert_type=level["alert_type"],
            resource=str(level["resource"]),
            severity=Severity(level["severity"]),
            evidence=(str(level["evidence"]),),
        )
    for kept in document["kept"]:
        yield UpsFinding(
            alert_type=kept["alert_type"],
            resource=str(kept["resource"]),
            severity=Severity(kept["severity"]),
            evidence=("It was open before; the current value is missing or implausible.",),
        )
    if strange := document.get("strange"):
        yield UpsFinding(
            alert_type=UNKNOWN_VALUES,
            severity=Severity.INFO,
            evidence=tuple(f"{name}: {document['implausible'][name]}" for name in strange),
        )


def _of_alarm(alarm: Mapping[str, Any]) -> Iterator[UpsFinding]:
    oid = alarm["oid"]
    if oid in GOOD_NEWS:
        return
    alert_type = ALARMS.get(oid, MAKERS_ALARM)
    resource = f"alarm={oid}" if alert_type == MAKERS_ALARM else ""
    severity = PROBLEMS[alert_type].severity
    yield UpsFinding(
        alert_type=alert_type,
        resource=resource,
        severity=severity,
        evidence=(f"Alarm {oid}",),
        age_s=alarm.get("age_s"),
    )


def _of_states(document: Mapping[str, Any]) -> Iterator[UpsFinding]:
    """Yield the problems in states; running on battery during a test is not a mains failure."""
    is_testing = _is_testing(document)
    for name, state in MIB_OF[document["mib"]].states.items():
        word = document["states"].get(name)
        alert_type = state.problems.get(word) if word else None
        if alert_type and not (is_testing and (name, word) == ("output_source", "battery")):
            severity = PROBLEMS[alert_type].severity
            text = f"{name.replace('_', ' ').capitalize()}: {word}"
            yield UpsFinding(alert_type=alert_type, severity=severity, evidence=(text,))


def _is_testing(document: Mapping[str, Any]) -> bool:
    states = document["states"]
    return (
        states.get("battery") == "under test"
        or states.get("battery_test") == "in progress"
        or any(ALARMS.get(alarm["oid"]) == "power_test_in_progress" for alarm in document["alarms"])
    )


def _of_cells(document: Mapping[str, Any]) -> Iterator[UpsFinding]:
    cells = MIB_OF[document["mib"]].cells
    for row in document["cells"]:
        cell = cells[row["name"]]
        text = f"{row['name']} {row['instance']}: {row['state']}"
        yield UpsFinding(
            alert_type=cell.alert_type,
            resource=f"{row['name']}={row['instance']}",
            severity=cell.severities[row["state"]],
            evidence=(f"{text}, {row['value']}" if "value" in row else text,),
        )


def _both(one: UpsFinding, other: UpsFinding) -> UpsFinding:
    worst = one if one.severity.rank >= other.severity.rank else other
    evidence = tuple(dict.fromkeys((*one.evidence, *other.evidence)))
    ages = [age for age in (one.age_s, other.age_s) if age is not None]
    return replace(worst, evidence=evidence, age_s=max(ages, default=None))


def _shown(name: str, value: float) -> str:
    label, unit = _MEASURES[name]
    return f"{label} {value:g} {unit}" if unit else f"{label} {duration(value)}"
