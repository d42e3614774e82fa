"""The MQTT preset for Eaton's network cards reports the same of a UPS as polls and traps."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.eaton.config import Thresholds
from connectors.eaton.problems import PROBLEMS

PRESET = Path(__file__).parents[3] / "connectors" / "mqtt" / "presets" / "eaton.yaml"
SHARED = set(PROBLEMS) - {"power_ups_alarm"}
"""Of that one MQTT reports only that there is one, the poller which."""
RULES = [
    rule
    for rule in yaml.safe_load(PRESET.read_text())["topics"]
    if rule["alert_type"] in SHARED and "resource" not in rule
]


def severities(rule: dict[str, Any]) -> set[str]:
    """List the severities that a rule may report."""
    steps = {step["severity"] for step in rule.get("thresholds", ())}
    return steps | set(rule.get("values", {}).values()) - {"clear"}


def expected(alert_type: str) -> set[str]:
    """List the severities that the poller may report."""
    steps = {
        "power_battery_capacity_low": Thresholds().battery_capacity,
        "power_load_high": Thresholds().load,
    }
    return {step.severity.value for step in steps.get(alert_type, ())} or {
        PROBLEMS[alert_type].severity.value
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert_type"])
def test_mqtt_and_poll_agree_about_an_alert(rule: dict[str, Any]) -> None:
    """Severity and cutting are those of the poller, so that an alert does not change with its source."""
    assert severities(rule) == expected(rule["alert_type"])
    assert rule.get("is_cutting", False) == PROBLEMS[rule["alert_type"]].is_cutting


def test_most_of_the_preset_meets_the_poller() -> None:
    """The alert types of the preset are the poller's, beside those of its sensors."""
    assert len(RULES) >= 11
