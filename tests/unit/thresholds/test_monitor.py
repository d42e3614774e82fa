"""Rules over measured values: when a violation begins, gets worse and ends."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID, uuid5

import numpy as np
import pytest

from opsconductor.model.enums import Category
from opsconductor.model.inventory.device import Device
from opsconductor.model.measured.alert_rule import AlertRule, Baseline, LimitSide, RuleScope
from opsconductor.model.notifications.time_window import RecurringWindow
from opsconductor.thresholds.matching import WatchedSeries
from opsconductor.thresholds.monitor import RuleMonitor, Violation, rounds

UPS = Device(
    id=UUID(int=1), ip_address="10.0.0.1", name="ups-1", device_type="UPS", role="power", tags=("roof",)
)
SERIES = {
    1: WatchedSeries(id=1, device="10.0.0.1", device_name="ups-1", metric="battery_temperature", resource=""),
    2: WatchedSeries(id=2, device="sw-2", device_name="sw-2", metric="if_in_errors", resource="ifIndex=7"),
    3: WatchedSeries(id=3, device="sw-2", device_name="sw-2", metric="if_in_packets", resource="ifIndex=7"),
    4: WatchedSeries(id=4, device="sw-2", device_name="sw-2", metric="if_in_packets", resource="ifIndex=8"),
    5: WatchedSeries(id=5, device="sw-2", device_name="sw-2", metric="nominal_voltage", resource=""),
}
HOT = AlertRule(
    id=uuid5(UUID(int=0), "hot"),
    name="hot",
    scope=RuleScope(),
    metric="battery_temperature",
    warning=40.0,
    critical=50.0,
    category=Category.POWER,
    alert_type="power_hot",
)


def ratio(expression: str, **given: object) -> AlertRule:
    """Return a rule by expression."""
    limits = {"warning": 0.1, "critical": None, **given}
    return replace(HOT, metric="", expression=expression, **limits)  # type: ignore[arg-type]


def monitor(*rules: AlertRule) -> RuleMonitor:
    """Return a monitor of rules over the series above."""
    return RuleMonitor(rules, SERIES.get, {"10.0.0.1": UPS}.get)


def steps(over: RuleMonitor, values: Iterable[float], series: int = 1, start: float = 0) -> list[int]:
    """Pass values one a minute; return the reported levels, with -1 where there was none."""
    found_levels = []
    for nth, value in enumerate(values):
        found = give(over, [(series, start + 60 * nth, value)])
        found_levels.append(found[0].level if found else -1)
    return found_levels


def give(over: RuleMonitor, points: Sequence[tuple[int, float, float]]) -> list[Violation]:
    """Pass one batch."""
    series, times, values = zip(*points, strict=True)
    return over.step(np.array(series, np.int32), np.array(times, float), np.array(values, float))


@pytest.mark.parametrize(
    ("changed", "values", "levels"),
    [
        ({}, [39, 40, 45, 50, 55, 45, 39], [-1, 1, -1, 2, -1, 1, 0]),
        ({}, [60, 30], [2, 0]),
        ({"hysteresis": 2.0}, [40, 39, 38.1, 38, 40], [1, -1, -1, 0, 1]),
        ({"samples": 3}, [41, 41, 39, 41, 41, 41, 39, 39, 39], [-1, -1, -1, -1, -1, 1, -1, -1, 0]),
        ({"warning": None}, [45, 50, 49], [-1, 2, 0]),
        ({"critical": None}, [45, 500, 39], [1, -1, 0]),
        (
            {"direction": LimitSide.BELOW, "warning": 20.0, "critical": 10.0, "hysteresis": 1.0},
            [25, 20, 10, 10.5, 11, 20.5, 21],
            [-1, 1, 2, -1, 1, -1, 0],
        ),
    ],
)
def test_limits(changed: dict[str, object], values: list[float], levels: list[int]) -> None:
    """Levels follow limits, hysteresis and the number of samples, on either side."""
    assert steps(monitor(replace(HOT, **changed)), values) == levels  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scope", "matches"),
    [
        (RuleScope(), True),
        (RuleScope(device=("UPS-*",)), True),
        (RuleScope(device=("10.0.0.*",)), True),
        (RuleScope(device_type=("ups",), role=("power",), tag=("roof", "x")), True),
        (RuleScope(device_type=("ups",), role=("access",)), False),
        (RuleScope(site=("lyon",)), False),
    ],
)
def test_scope(scope: RuleScope, matches: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """The device must match everything in a scope."""
    assert bool(give(monitor(replace(HOT, scope=scope)), [(1, 0, 60)])) is matches


def test_points_of_a_series_in_one_batch_are_taken_in_order() -> None:
    """A source may send the values of an hour at once."""
    found = give(monitor(replace(HOT, samples=2)), [(1, 0, 60), (1, 60, 61), (1, 120, 20), (1, 180, 20)])
    assert [(each.level, each.at) for each in found] == [(2, 60.0), (0, 180.0)]
    parts = [part.tolist() for part in rounds(np.array([5, 3, 5, 3, 9], np.int32))]
    assert [sorted(part) for part in parts] == [[0, 1, 4], [2, 3]]


def test_ratio_of_two_metrics_of_a_port() -> None:
    """The expression takes the metrics of one port; another port has too few of them."""
    over = monitor(ratio("if_in_errors / if_in_packets"))
    assert give(over, [(2, 0, 5), (3, 0, 100), (4, 0, 1)]) == []
    (found,) = give(over, [(2, 60, 20), (3, 60, 100), (4, 60, 1)])
    assert (found.subject.device, found.subject.resource, found.value) == ("sw-2", "ifIndex=7", 0.2)


def test_a_value_of_the_device_counts_for_its_ports() -> None:
    """A value measured once for the device is used with those measured for each port."""
    over = monitor(ratio("if_in_errors > nominal_voltage", warning=1.0))
    give(over, [(5, 0, 10), (2, 0, 5)])
    assert [each.subject.resource for each in give(over, [(5, 60, 10), (2, 60, 50)])] == ["ifIndex=7"]


def test_rate_and_division_by_zero() -> None:
    """A rate needs two values; a value that cannot be calculated is no violation."""
    over = monitor(ratio("rate(if_in_errors) / (if_in_errors - 60) * 10"))
    assert give(over, [(2, 0, 0)]) == []
    assert give(over, [(2, 60, 60)]) == []
    (found,) = give(over, [(2, 120, 120)])
    assert found.value == pytest.approx(1 / 6)


def test_state_survives_a_restart() -> None:
    """Counts and levels go on from the saved state; a changed or deleted rule ends its violations."""
    old = monitor(replace(HOT, samples=2))
    steps(old, [60])
    new = monitor(replace(HOT, samples=2))
    assert new.restore(old.save(), 0) == []
    assert steps(new, [60], start=60) == [2]
    saved = new.save()
    again = monitor(replace(HOT, samples=2))
    assert again.restore(saved, 0) == []
    assert steps(again, [60, 20, 20], start=600) == [-1, -1, 0]
    for rules in ((), (replace(HOT, samples=2, critical=55.0),)):
        (ended,) = monitor(*rules).restore(saved, 9.0)
        assert (ended.level, ended.subject.series, ended.value) == (0, 1, None)


def test_a_limit_with_hours_applies_during_them() -> None:
    """Values outside the hours count as good: they begin nothing, and end a violation; hours are local."""
    hours = (RecurringWindow(zone="Europe/Paris", begin=8 * 60, end=18 * 60),)
    over = monitor(replace(HOT, hours=hours))
    six_utc = 1_781_503_200  # 2026-06-15, 8:00 in Paris
    assert steps(over, [45, 45], start=six_utc - 60) == [-1, 1]
    assert steps(over, [45, 55], start=six_utc + 10 * 3600 - 60) == [-1, 0]


def test_held_back_at_rest() -> None:
    """A rule with hours that holds back does so outside of them, one without does always."""
    hours = (RecurringWindow(zone="UTC", begin=8 * 60, end=18 * 60),)
    quiet = replace(HOT, warning=None, critical=None, hold_back=True)
    noon = 12 * 3_600.0
    resting = monitor(replace(quiet, hours=hours)).book
    assert resting.is_held_back(SERIES[1], noon) is None
    assert resting.is_held_back(SERIES[1], 2 * noon) is not None
    assert monitor(quiet).book.is_held_back(SERIES[1], noon) is not None


def test_a_baseline_judges_young_series_alone() -> None:
    """Its violations end when the series is old enough; a series known for long is not judged."""
    young = replace(HOT, critical=None, baseline=Baseline(expected=25, variation=4, young_s=120))
    born = replace(SERIES[1], created_at=1_000_000.0)
    over = RuleMonitor([young], {1: born}.get, {"10.0.0.1": UPS}.get)
    assert steps(over, [41, 41, 41, 41], start=1_000_000) == [1, -1, 0, -1]
    assert steps(monitor(young), [41, 41], start=1_000_000) == [-1, -1]
