"""Evaluation of a UPS's numbers: thresholds, time on battery, and missing answers."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from connectors.eaton.config import Thresholds
from connectors.eaton.evaluate import evaluate
from connectors.eaton.findings import UpsFinding, findings_of
from opsconductor.model.enums import Severity

XUPS = "1.3.6.1.4.1.534.1"
ON_BATTERY = f"{XUPS}.7.3"
NO_ALARM: Mapping[tuple[str, str], Severity] = {}


def evaluated(
    measures: Mapping[str, float] | None = None,
    *,
    alarms: tuple[dict[str, Any], ...] = (),
    is_open: Mapping[tuple[str, str], Severity] = NO_ALARM,
    **more: Any,
) -> dict[tuple[str, str], UpsFinding]:
    """Evaluate a document and list the problems."""
    document = {
        "mib": "XUPS-MIB",
        "texts": {},
        "measures": measures or {},
        "states": {},
        "has_alarms": True,
        "alarms": list(alarms),
        "cells": [],
        "unread": more.get("unread", []),
    }
    whole = evaluate(
        document,
        more.get("thresholds", Thresholds()),
        lambda alert_type, resource: is_open.get((alert_type, resource)),
        before=more.get("before"),
        on_battery_for_s=more.get("seen_for_s", 0),
    )
    return findings_of(whole)


def severity(found: Mapping[tuple[str, str], UpsFinding], alert_type: str, resource: str = "") -> str | None:
    """Return the severity of a problem; None: there is none."""
    finding = found.get((alert_type, resource))
    return finding.severity.value if finding else None


@pytest.mark.parametrize(
    ("measure", "value", "alert_type", "resource", "expected"),
    [
        ("battery_capacity_percent", 31, "power_battery_capacity_low", "", None),
        ("battery_capacity_percent", 30, "power_battery_capacity_low", "", "warning"),
        ("battery_capacity_percent", 10, "power_battery_capacity_low", "", "critical"),
        ("load_percent", 79.9, "power_load_high", "", None),
        ("load_percent", 80, "power_load_high", "", "warning"),
        ("load_percent", 95, "power_load_high", "", "critical"),
        ("ambient_temperature_c", 40, "environment_temperature_high", "sensor=ambient", "major"),
        ("remote_temperature_c", 41, "environment_temperature_high", "sensor=remote", "major"),
        ("battery_temperature_c", 39, "environment_temperature_high", "sensor=battery", None),
        ("ambient_humidity_percent", 80, "environment_humidity_high", "sensor=ambient", "warning"),
        ("battery_runtime_s", 300, "power_battery_runtime_low", "", "major"),
        ("battery_runtime_s", 301, "power_battery_runtime_low", "", None),
    ],
)
def test_thresholds_hold_from_their_number_on(
    measure: str, value: float, alert_type: str, resource: str, expected: str | None
) -> None:
    """Charge and runtime are low at the number and below, load and temperature high at it and above."""
    assert severity(evaluated({measure: value}), alert_type, resource) == expected


@pytest.mark.parametrize(
    ("before", "value", "expected"),
    [
        (Severity.WARNING, 31, "warning"),
        (Severity.WARNING, 32, None),
        (Severity.CRITICAL, 11, "critical"),
        (Severity.CRITICAL, 12, "warning"),
        (None, 31, None),
    ],
)
def test_a_number_is_well_again_only_beyond_the_hysteresis(
    before: Severity | None, value: float, expected: str | None
) -> None:
    """The open alert decides on which side of the hysteresis a number is, also after a restart."""
    is_open = {("power_battery_capacity_low", ""): before} if before else {}
    found = evaluated({"battery_capacity_percent": value}, is_open=is_open)
    assert severity(found, "power_battery_capacity_low") == expected


def test_no_time_left_on_mains_is_no_reckoning() -> None:
    """On mains some cards write 0 for the time that the battery would last; on battery 0 is 0."""
    assert severity(evaluated({"battery_runtime_s": 0}), "power_battery_runtime_low") is None
    found = evaluated({"battery_runtime_s": 0}, alarms=({"oid": ON_BATTERY},))
    assert severity(found, "power_battery_runtime_low") == "major"


@pytest.mark.parametrize(
    ("alarm", "measures", "seen_for_s", "expected"),
    [
        ({"age_s": 10.0}, {}, 0, "warning"),
        ({"age_s": 299.0}, {}, 9_999, "warning"),
        ({"age_s": 300.0}, {}, 0, "major"),
        ({}, {"on_battery_s": 65}, 9_999, "warning"),
        ({}, {"on_battery_s": 301}, 0, "major"),
        ({}, {}, 120, "warning"),
        ({}, {}, 300, "major"),
    ],
)
def test_on_battery_is_major_when_it_lasts(
    alarm: dict[str, Any], measures: Mapping[str, float], seen_for_s: float, expected: str
) -> None:
    """The alarm's own age counts, then the device's seconds on battery, then our own observation."""
    found = evaluated(measures, alarms=({"oid": ON_BATTERY, **alarm},), seen_for_s=seen_for_s)
    assert severity(found, "power_on_battery") == expected


def test_on_battery_stays_major_once_it_was() -> None:
    """A restarted card without the time does not make it a warning again."""
    is_open = {("power_on_battery", ""): Severity.MAJOR}
    found = evaluated(alarms=({"oid": ON_BATTERY, "age_s": 1.0},), is_open=is_open)
    assert severity(found, "power_on_battery") == "major"


def test_on_battery_can_stay_a_warning() -> None:
    """Without a time it never becomes major, and so never a cause."""
    found = evaluated(
        alarms=({"oid": ON_BATTERY, "age_s": 9_999.0},),
        thresholds=Thresholds(on_battery_major_after=None),
    )
    assert severity(found, "power_on_battery") == "warning"


def test_thresholds_can_be_switched_off() -> None:
    """Null is no threshold."""
    none = Thresholds(
        battery_capacity_low=None,
        battery_capacity_critical=None,
        runtime_low=None,
        load_warning=None,
        load_critical=None,
        temp_high=None,
        humidity_high=None,
    )
    measures = {
        "battery_capacity_percent": 1.0,
        "battery_runtime_s": 1.0,
        "load_percent": 120.0,
        "ambient_temperature_c": 90.0,
        "ambient_humidity_percent": 100.0,
    }
    assert evaluated(measures, thresholds=none) == {}


def test_what_was_not_answered_stays_as_it_was() -> None:
    """While the alarm table does not answer its open alerts stay, those of other makers' alarms too."""
    makers = UpsFinding(
        alert_type="power_ups_alarm", resource="alarm=1.3.6.1.4.1.99", severity=Severity.MAJOR
    )
    door = UpsFinding(alert_type="environment_contact", resource="contact=1", severity=Severity.MAJOR)
    load = UpsFinding(alert_type="power_load_high", severity=Severity.WARNING)
    before = {finding.key: finding for finding in (makers, door, load)}
    is_open = {
        ("power_battery_bad", ""): Severity.MAJOR,
        ("power_load_high", ""): Severity.WARNING,
        ("power_on_battery", ""): Severity.MAJOR,
    }
    found = evaluated({"load_percent": 10}, unread=["alarms"], before=before, is_open=is_open)
    assert set(found) == {("power_battery_bad", ""), ("power_on_battery", ""), makers.key}
    assert found["power_on_battery", ""].severity is Severity.MAJOR
    found = evaluated({"load_percent": 10}, unread=["contact"], before=before, is_open=is_open)
    assert set(found) == {door.key}


def test_hysteresis_of_the_runtime_is_a_time() -> None:
    """The remaining time is over its threshold again a minute above it."""
    is_open = {("power_battery_runtime_low", ""): Severity.MAJOR}
    assert (
        severity(evaluated({"battery_runtime_s": 359}, is_open=is_open), "power_battery_runtime_low")
        == "major"
    )
    assert (
        severity(evaluated({"battery_runtime_s": 360}, is_open=is_open), "power_battery_runtime_low") is None
    )
    wide = Thresholds(runtime_hysteresis=timedelta(0))
    found = evaluated({"battery_runtime_s": 301}, is_open=is_open, thresholds=wide)
    assert severity(found, "power_battery_runtime_low") is None
