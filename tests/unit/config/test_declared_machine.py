"""Types of machines: what files may contain, and the rules that the daemon makes of it."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError

from opsconductor.config.provision.declared.machine import DeclaredMachine
from opsconductor.model.measured.alert_rule import AlertRule, Baseline, LimitSide
from opsconductor.selfcheck.doctor.machine_types import judge_machine_types
from opsconductor.store.declared.machine_configurations import MachineUse, rules_of_machine

UPS = {
    "machine_type": "UPS [rack]",
    "baselines": {"battery_temperature": {"expected": 25, "variation": 2}},
    "thresholds": [
        {"metric": "battery_temperature", "warning": 40, "critical": 50, "hysteresis": 2, "samples": 3},
        {"metric": "battery_temperature", "direction": "below", "warning": 5},
    ],
}


def rules(**given: object) -> Sequence[AlertRule]:
    """Return the rules of what a file declares."""
    row = DeclaredMachine.model_validate({**UPS, **given}).model_dump(mode="json")
    return list(rules_of_machine({"id": UUID(int=7), **row}, timedelta(days=14)))


def test_limits_and_baselines_become_rules_about_the_type() -> None:
    """Each side of a limit is a rule; a baseline is two, four standard deviations away, for two weeks."""
    hot, cold, far_above, far_below = rules()
    assert (hot.warning, hot.critical, hot.hysteresis, hot.samples) == (40, 50, 2, 3)
    assert (cold.direction, cold.warning) == (LimitSide.BELOW, 5)
    assert hot.alert_type == cold.alert_type == "power_ups_rack_battery_temperature"
    assert {each.scope.device_type for each in (hot, cold, far_above)} == {("UPS [[]rack]",)}
    assert (far_above.warning, far_below.warning, far_above.samples) == (33, 17, 3)
    assert far_above.baseline == Baseline(expected=25, variation=2, young_s=14 * 86_400)
    assert far_above.alert_type == "power_ups_rack_battery_temperature_baseline"


def test_a_rule_keeps_its_id_when_its_limits_change() -> None:
    """Its open alerts go on; limits of another metric are another rule."""
    before = [each.id for each in rules()]
    assert len(set(before)) == len(before)
    assert [each.id for each in rules(description="changed")] == before


def test_hours_apply_to_limits_and_anomalies() -> None:
    """Outside the hours the detector's anomalies of every metric of the type stay in the digest."""
    window = {"zone": "UTC", "days": "mon-fri", "from": "06:00", "to": "22:00"}
    *limits, rest = rules(operational_pattern=window)
    assert all(each.hours == rest.hours and len(each.hours) == 1 for each in limits)
    assert (rest.hold_back, rest.metric, rest.name) == (True, "*", "UPS [rack] at rest")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"machine_type": " "}, "at least 1 character"),
        ({"thresholds": {"metric": "load"}}, "warning, critical or both"),
        ({"thresholds": {"metric": "load", "warning": 9, "critical": 8}}, "a critical limit above"),
        ({"thresholds": [{"metric": "load", "warning": 9}] * 2}, "limits of load above once"),
        ({"baselines": {"load": {"expected": 1, "variation": 0}}}, "greater than 0"),
        ({"baselines": {"Load now": {"expected": 1, "variation": 1}}}, "the name of a metric"),
    ],
)
def test_contradictions_are_refused(wrong: dict[str, object], words: str) -> None:
    """Each contradiction is named with the expected value."""
    with pytest.raises(ValidationError, match=words):
        rules(**wrong)


def test_the_doctor_names_unused_types_and_metrics() -> None:
    """A type that no device has and metrics that no source measures are named; used ones are not."""
    found = [
        MachineUse(machine_type="ups", devices=2, unmeasured=[]),
        MachineUse(machine_type="usp", devices=0, unmeasured=["load"]),
        MachineUse(machine_type="camera", devices=3, unmeasured=["lod"]),
    ]
    texts = [each.text for each in judge_machine_types(found)]
    assert texts == [
        "machine configuration usp: no device is of this type",
        "machine configuration camera: no device of this type has values of lod",
    ]
