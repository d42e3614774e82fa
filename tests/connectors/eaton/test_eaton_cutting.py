"""Which alerts of a UPS explain that its dependents are dead."""

import pytest

from opsconductor.model.enums import Status
from tests.support.connectors.eaton_poll import SWITCH, Stage, on_battery
from tests.support.connectors.eaton_ups import XUPS


@pytest.mark.parametrize("alarm", [4, 13, 16, 24, 43])
def test_a_ups_that_gives_no_power_cuts_what_it_feeds(alarm: int) -> None:
    """Output off, or about to be: a device with no other supply is a consequence."""
    stage = Stage()
    stage.polled(f"{XUPS}.7.{alarm}")
    assert stage.switch_status() is Status.SUPPRESSED


@pytest.mark.parametrize("alarm", [7, 8, 10, 11, 14, 23, 26, 33, 42, 44])
def test_a_ups_that_still_feeds_cuts_nothing(alarm: int) -> None:
    """Overload, bypass, a broken fan or a silent card explain no dead switch."""
    stage = Stage()
    stage.polled(f"{XUPS}.7.{alarm}")
    assert stage.switch_status() is Status.ACTIVE


@pytest.mark.parametrize(("seconds", "status"), [(60, Status.ACTIVE), (600, Status.SUPPRESSED)])
def test_on_battery_cuts_once_it_is_major(seconds: float, status: Status) -> None:
    """As a warning the load is surely fed; once it lasts, a dead switch becomes its consequence."""
    stage = Stage()
    stage.polled(**on_battery(seconds))
    assert stage.switch_status() is status


def test_the_switch_comes_back_with_the_power() -> None:
    """When the output is on again, remaining alerts of the switch are reevaluated."""
    stage = Stage()
    stage.polled(f"{XUPS}.7.13")
    assert stage.switch_status() is Status.SUPPRESSED
    stage.wait(60)
    stage.polled()
    stage.wait(120)
    assert stage.alert(SWITCH, "network_device_unreachable").status is Status.ACTIVE
