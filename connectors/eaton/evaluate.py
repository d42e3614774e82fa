"""Evaluation of a device's numbers by thresholds and by the open alerts; pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.eaton.alarms import ALARMS
from connectors.eaton.config import Thresholds
from connectors.eaton.findings import SeverityOf, UpsFinding, duration, findings_of
from connectors.eaton.mibs import MIB_OF
from connectors.eaton.plausibility import hint_of
from opsconductor.connector.settings.threshold import Threshold, level_of
from opsconductor.model.enums import Severity

ON_BATTERY = "power_on_battery"
Before = Mapping[tuple[str, str], UpsFinding] | None


def evaluate(
    document: Mapping[str, Any],
    thresholds: Thresholds,
    severity_of: SeverityOf,
    *,
    before: Before,
    on_battery_for_s: float,
) -> dict[str, Any]:
    """Add to a document the levels of its numbers, and the alerts that stay open because values are unknown.

    Args:
        before: The problems of the last poll; None: there was none.
        on_battery_for_s: How long the device has been seen on battery.

    Returns:
        The document with `levels` and `kept`, each a list of `alert_type`, `resource`, `severity`.
    """
    whole = {**document, "levels": [], "kept": []}
    found = findings_of(whole)
    levels = list(_levels(whole, thresholds, severity_of, is_on_battery=(ON_BATTERY, "") in found))
    if (ON_BATTERY, "") in found:
        age_s = _on_battery_s(found[ON_BATTERY, ""], document["measures"], on_battery_for_s)
        levels += _lasting(age_s, thresholds, severity_of(ON_BATTERY, ""))
    return {**whole, "levels": levels, "kept": list(_kept(whole, thresholds, severity_of, before, found))}


def _levels(
    document: Mapping[str, Any], thresholds: Thresholds, severity_of: SeverityOf, *, is_on_battery: bool
) -> Iterator[dict[str, str]]:
    measures = document["measures"]
    for measure, alert_type, resource, steps, unit in _watched(thresholds):
        value = measures.get(measure)
        if value is None or (measure == "battery_runtime_s" and not value and not is_on_battery):
            continue  # on mains some write 0 for what they have not reckoned
        severity = level_of(value, steps, severity_of(alert_type, resource))
        if severity is not None:
            limits = ", ".join(f"{step.severity} at {_of(_limit(step), unit)}" for step in steps)
            hint = hint_of(measure, value, document.get("temperature_unit"))
            yield _level(alert_type, resource, severity, f"{_of(value, unit)} ({limits}){hint}")


def _watched(
    thresholds: Thresholds,
) -> Iterator[tuple[str, str, str, Sequence[Threshold], str]]:
    """Yield measure, alert type, resource, thresholds and unit of everything that is monitored."""
    yield "battery_capacity_percent", "power_battery_capacity_low", "", thresholds.battery_capacity, "%"
    yield "battery_runtime_s", "power_battery_runtime_low", "", thresholds.runtime, "s"
    yield "load_percent", "power_load_high", "", thresholds.load, "%"
    for sensor in ("ambient", "remote", "battery"):
        yield (
            f"{sensor}_temperature_c",
            "environment_temperature_high",
            f"sensor={sensor}",
            thresholds.temperature,
            "°C",
        )
    for sensor in ("ambient", "remote"):
        yield (
            f"{sensor}_humidity_percent",
            "environment_humidity_high",
            f"sensor={sensor}",
            thresholds.humidity,
            "%",
        )


def _lasting(age_s: float, thresholds: Thresholds, open_as: Severity | None) -> Iterator[dict[str, str]]:
    """Return the level for a UPS that has been on battery for long; once raised, it stays while it lasts."""
    after = thresholds.on_battery_major_after
    if after is None:
        return
    if age_s >= after.total_seconds() or (open_as is not None and open_as.rank >= Severity.MAJOR.rank):
        yield _level(ON_BATTERY, "", Severity.MAJOR, f"For {duration(age_s)}")


def _on_battery_s(finding: UpsFinding, measures: Mapping[str, float], seen_for_s: float) -> float:
    age_s = finding.age_s if finding.age_s is not None else measures.get("on_battery_s")
    return seen_for_s if age_s is None else age_s


def _kept(
    document: Mapping[str, Any],
    thresholds: Thresholds,
    severity_of: SeverityOf,
    before: Before,
    found: Mapping[tuple[str, str], UpsFinding],
) -> Iterator[dict[str, str]]:
    """Return the open alerts whose values were not answered, or are implausible."""
    unread = [*document["unread"], *document.get("implausible", ())]
    open_now = {key: severity_of(*key) for name in unread for key in depending_on(name, document, thresholds)}
    for key, finding in (before or {}).items():
        source = finding.resource.partition("=")[0]
        if source in unread or (source == "alarm" and "alarms" in unread):
            open_now[key] = finding.severity
    for (alert_type, resource), severity in open_now.items():
        if severity is not None and (alert_type, resource) not in found:
            yield {"alert_type": alert_type, "resource": resource, "severity": severity.value}


def depending_on(name: str, document: Mapping[str, Any], thresholds: Thresholds) -> Iterator[tuple[str, str]]:
    """Return the alert types and resources that depend on the alarm table, a state or a measure."""
    if name == "alarms":
        yield from ((alert_type, "") for alert_type in ALARMS.values())
    state = MIB_OF[document["mib"]].states.get(name)
    if state is not None:
        yield from ((alert_type, "") for alert_type in state.problems.values())
    for measure, alert_type, resource, *_ in _watched(thresholds):
        if measure == name:
            yield alert_type, resource


def _level(alert_type: str, resource: str, severity: Severity, evidence: str) -> dict[str, str]:
    return {"alert_type": alert_type, "resource": resource, "severity": severity.value, "evidence": evidence}


def _limit(step: Threshold) -> float:
    limit = step.above if step.above is not None else step.below
    assert limit is not None
    return limit


def _of(value: float, unit: str) -> str:
    return duration(value) if unit == "s" else f"{value:g} {unit}"
