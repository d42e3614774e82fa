"""Rules over measured values: what files may contain, and what the daemon makes of it."""

from uuid import uuid4

import pytest
from pydantic import ValidationError

from opsconductor.config.provision.declared.alert_rule import DeclaredAlertRule
from opsconductor.model.measured.alert_rule import AlertRule
from opsconductor.store.declared.alert_rules import alert_rule_of

HOT = {"name": "Battery hot", "metric": "battery_temperature", "warning": 40, "critical": 50}


def rule(**given: object) -> AlertRule:
    """Return the rule that a file declares."""
    row = DeclaredAlertRule.model_validate({**HOT, **given}).model_dump(mode="json")
    return alert_rule_of({"id": uuid4(), **row})


def test_category_and_type_follow_from_the_metric() -> None:
    """A rule needs no text about alerts: its name is the type of its alerts, which no other rule has."""
    assert (rule().category, rule().alert_type) == ("power", "power_battery_hot")
    own = rule(alert_type="environment_battery_hot")
    assert (own.category, own.alert_type) == ("environment", "environment_battery_hot")


def test_one_value_may_stand_alone() -> None:
    """A list with one value needs no brackets."""
    assert rule(scope={"device_type": "ups"}).scope.device_type == ("ups",)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"expression": "a / b"}, "either metric"),
        ({"metric": "", "expression": "a /"}, "an expression"),
        ({"metric": "", "expression": "1 + 1"}, "names a metric"),
        ({"warning": None, "critical": None}, "warning, critical or both"),
        ({"warning": 60}, "a critical limit above"),
        ({"direction": "below"}, "a critical limit below"),
        ({"hold_back": True}, "no warning, critical where hold_back"),
        ({"metric": "Battery Temperature"}, "the name of a metric"),
        ({"warning": "nan"}, "finite"),
        ({"alert_type": "power_x", "category": "network"}, "begins with its category"),
    ],
)
def test_contradictions_are_refused(wrong: dict[str, object], words: str) -> None:
    """Each contradiction is named with the expected value."""
    with pytest.raises(ValidationError, match=words):
        rule(**wrong)
