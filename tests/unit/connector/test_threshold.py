"""Thresholds: at which value a fault begins, and at which it ends."""

import pytest
from pydantic import ValidationError

from opsconductor.connector.settings.threshold import Threshold, level_of
from opsconductor.model.enums import Severity

LOAD = (
    Threshold(severity=Severity.WARNING, above=80, hysteresis=5),
    Threshold(severity=Severity.CRITICAL, above=95, hysteresis=5),
)
BATTERY = (
    Threshold(severity=Severity.WARNING, below=30, hysteresis=5),
    Threshold(severity=Severity.CRITICAL, below=10, hysteresis=2),
)


def severities(thresholds: tuple[Threshold, ...], *values: float) -> list[Severity | None]:
    """Return the severity after each value."""
    levels: list[Severity | None] = []
    for value in values:
        levels.append(level_of(value, thresholds, levels[-1] if levels else None))
    return levels


def test_a_load_that_oscillates_around_its_thresholds_is_reported_once() -> None:
    """Each step is left only through its own hysteresis."""
    assert severities(LOAD, 79.9, 80, 76, 75.1, 75, 96, 91, 90, 74) == [
        None, "warning", "warning", "warning", None, "critical", "critical", "warning", None,
    ]  # fmt: skip


def test_a_battery_is_low_from_below() -> None:
    """The same for thresholds below which a value is bad."""
    assert severities(BATTERY, 31, 30, 34.9, 35, 10, 11.9, 12, 36) == [
        None, "warning", "warning", None, "critical", "critical", "warning", None,
    ]  # fmt: skip


def test_without_hysteresis_the_value_itself_decides() -> None:
    """At the threshold the fault begins, beside it it ends."""
    step = (Threshold(severity=Severity.MAJOR, above=40),)
    assert severities(step, 40, 39.9, 40, 40) == ["major", None, "major", "major"]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"severity": "major"}, "either above or below"),
        ({"severity": "major", "above": 1, "below": 2}, "either above or below"),
        ({"severity": "major", "above": 1, "hysteresis": -1}, "negative"),
        ({"severity": "clear", "above": 1}, "outside all thresholds"),
    ],
)
def test_a_meaningless_threshold_is_refused(keys: dict[str, object], message: str) -> None:
    """The fault says what is expected."""
    with pytest.raises(ValidationError, match=message):
        Threshold.model_validate(keys)
