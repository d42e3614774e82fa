"""Checks of the SNMP poller as data: built-in and own ones, and how restarts differ from wraps."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from pydantic import ValidationError

import connectors
from connectors.snmp_poll.config import SnmpPollConfig
from connectors.snmp_poll.definition import CheckDefinition, built_in_checks
from connectors.snmp_poll.formula import Row, text_template
from connectors.snmp_poll.uptime import WRAP, has_restarted
from opsconductor.model.inventory.device import Device

RULE = {"alert_type": "power_fan", "title": "Fan", "when": "fan == 2", "severity": "minor"}
CHECK = {"name": "fans", "columns": {"fan": "1.3.6.1.4.1.9.1"}, "rules": [RULE]}
TARGET = {"addresses": ["192.0.2.1"]}
DAY_S = 86_400


def config(**keys: Any) -> SnmpPollConfig:
    """Check a configuration of one device."""
    return SnmpPollConfig.model_validate({"targets": [TARGET], **keys})


def test_the_sample_is_a_configuration() -> None:
    """Every key of sample.yaml is known, and its own check can be read."""
    sample = yaml.safe_load((Path(connectors.__file__).parent / "snmp_poll" / "sample.yaml").read_text())
    read = SnmpPollConfig.model_validate(sample["connectors"][0]["config"])
    assert [check.name for check in read.checks_of(read.targets[2])] == [
        "cpu",
        "memory",
        "storage",
        "ups_room",
    ]
    assert "interface_load" not in [check.name for check in read.checks_of(read.targets[1])]


def test_the_readme_names_every_check_that_there_is() -> None:
    """Every built-in check is in the README."""
    readme = (Path(connectors.__file__).parent / "snmp_poll" / "README.md").read_text()
    assert [name for name in built_in_checks() if f"`{name}`" not in readme] == []


def test_an_own_check_replaces_the_built_in_one_of_its_name() -> None:
    """Thresholds are changed by a check of the same name."""
    own = config(checks=[{**CHECK, "name": "cpu"}])
    assert own.all_checks["cpu"].columns == {"fan": "1.3.6.1.4.1.9.1"}
    assert list(own.all_checks) == list(built_in_checks())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": {}}, "must read scalars or columns"),
        ({"columns": {"fan": "1.3.x"}}, "not an OID"),
        ({"rules": [{**RULE, "when": "speed == 2"}]}, "which is not read"),
        ({"rules": [{**RULE, "title": "{speed}"}]}, "which is not read"),
        ({"rules": [{**RULE, "severity": "clear"}]}, "cannot be clear"),
        ({"rules": [{**RULE, "value": "fan"}]}, "either when"),
        ({"rules": [{"alert_type": "power_fan", "title": "x", "value": "fan"}]}, "thresholds"),
        ({"rules": [{**RULE, "alert_type": "fans_fan"}]}, "must begin with one of"),
        ({"colums": {}}, "Extra inputs"),
        ({"rules": [{**RULE, "possible": [0, 1]}]}, "possible requires value"),
    ],
)
def test_a_check_that_cannot_work_is_refused(changes: dict[str, Any], message: str) -> None:
    """Unread names and duplicates are reported before anything is polled."""
    with pytest.raises(ValidationError, match=message):
        CheckDefinition.model_validate({**CHECK, **changes})


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"targets": []}, "at least 1"),
        ({"targets": [{}]}, "give either addresses or inventory"),
        ({"targets": [{"inventory": {}}]}, "at least one of site"),
        ({"targets": [{**TARGET, "checks": ["fans"]}]}, "no such check"),
        ({"checks": [CHECK, CHECK]}, "twice"),
        ({"targets": [{"addresses": ["switch.example"]}]}, "IPv4"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused(keys: dict[str, Any], message: str) -> None:
    """Targets without a device and unknown checks are reported."""
    with pytest.raises(ValidationError, match=message):
        config(**keys)


def test_devices_are_listed_once_and_selected_by_all_that_is_given() -> None:
    """The first target that names a device decides; names come from the inventory."""
    inventory = tuple(
        Device(id=UUID(int=number), ip_address=f"192.0.2.{number}", name=f"sw{number}", site=site, tags=tags)
        for number, site, tags in ((1, "a", ("snmp",)), (2, "a", ()), (3, "b", ("snmp",)))
    )
    read = config(
        targets=[TARGET, {"inventory": {"site": "a", "tag": "snmp"}}, {"inventory": {"tag": "snmp"}}]
    )
    found = [
        (address, name, read.targets.index(target)) for address, name, target in read.devices_of(inventory)
    ]
    assert found == [("192.0.2.1", "sw1", 0), ("192.0.2.3", "sw3", 2)]


def test_the_types_of_interfaces_are_configurable() -> None:
    """By default ports of loopback and tunnel types are not checked for load."""
    for types, taken in (({}, (6, 161)), ({"interface_types": [131]}, (131,))):
        (rule, *_) = config(**types).all_checks["interface_load"].rules
        assert rule.where is not None
        found = {
            number
            for number in (6, 24, 131, 161)
            if rule.where.of(Row(values={"ifHighSpeed": 1, "ifType": number})) is True
        }
        assert found == set(taken)
        assert rule.where.of(Row(values={"ifHighSpeed": 1})) is True


def test_a_target_takes_over_what_it_does_not_say() -> None:
    """Timeout and retries of the connector hold where a target has none of its own."""
    read = config(targets=[TARGET, {**TARGET, "port": 1161, "retries": 0}], timeout=5, retries=3)
    asked = [
        (read.access_of(each).timeout.total_seconds(), read.access_of(each).retries) for each in read.targets
    ]
    assert asked == [(5, 3), (5, 0)]


def test_texts_take_the_first_value_that_there_is() -> None:
    """A missing value is a question mark; the device's name is filled in later."""
    values = {"ifName": "", "ifDescr": "Gi1", "value": 93.2567}
    found = text_template("{device_name} {ifName or ifDescr} {value} {none}")(values)
    assert found == "{device_name} Gi1 93.26 ?"


@pytest.mark.parametrize(
    ("before", "now", "passed_s", "restarted"),
    [
        (1_000, 7_000, 60, False),
        (7_000, 1_000, 60, True),
        (WRAP - 3_000, 3_000, 60, False),
        (WRAP - 3_000, 3_100, 61, False),
        (WRAP - 3_000, 500_000, 60, True),
        (WRAP // 2, 3_000, 60, True),
        (WRAP - 100 * DAY_S, 100 * DAY_S, 2 * DAY_S, False),
        (WRAP - 100 * DAY_S, 60, 2 * DAY_S, True),
    ],
)
def test_a_restart_is_reported_from_a_counter_that_begins_again(
    before: int, now: int, passed_s: float, *, restarted: bool
) -> None:
    """SysUpTime begins again after 497 days, and then it goes on from where it would have been."""
    assert has_restarted(before, now, passed_s) is restarted
