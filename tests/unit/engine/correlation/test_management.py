"""Devices that are unreachable because the switch over which they are managed is down."""

from dataclasses import replace

import pytest

from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.enums import DependencyType, Status
from opsconductor.model.inventory.device import Dependency
from tests.support.engine.pipeline_scene import Scene, needs

CORE, OTHER, EDGE, LEAF, UPS = "10.0.0.1", "10.0.0.2", "10.0.1.1", "10.0.2.1", "10.9.0.1"
SWITCH, SECOND = "10.8.0.1", "10.8.0.2"
DOWN = "network_unreachable"
LINK = "network_link_down"
WARM = "environment_temperature"


def managed(device: str, *switches: str, via: tuple[str, ...] = ()) -> tuple[Dependency, ...]:
    """Declare that a device is managed over one of some switches."""
    return needs(device, *switches, kind=DependencyType.MANAGEMENT, via=via)


@pytest.mark.parametrize(
    "alert_type", [DOWN, "network_poll_failed", "network_ping_alarm", "power_ups_unreachable"]
)
def test_an_unreachable_alert_of_a_managed_device_is_suppressed(alert_type: str) -> None:
    """By the alert of the management switch, and before it is sent."""
    scene = Scene((*managed(EDGE, SWITCH), *needs(EDGE, CORE)))
    scene.problem(SWITCH, DOWN)
    scene.problem(EDGE, alert_type)
    scene.wait(60)
    assert scene.alert(EDGE, alert_type).correlated_to_id == scene.alert(SWITCH, DOWN).id
    assert "every management path" in (scene.alert(EDGE, alert_type).correlation_rule or "")
    assert scene.sent() == [f"problem {SWITCH}"]


@pytest.mark.parametrize("alert_type", [LINK, WARM, "power_lost", "compute_hardware_failed"])
def test_faults_of_the_device_itself_are_not_suppressed(alert_type: str) -> None:
    """A dead management switch has no effect on links, hardware and power behind it."""
    scene = Scene(managed(EDGE, SWITCH))
    scene.problem(SWITCH, DOWN)
    scene.problem(EDGE, alert_type)
    assert scene.alert(EDGE, alert_type).status is Status.ACTIVE


def test_the_management_switch_may_be_noticed_last() -> None:
    """The alerts held until then are suppressed when its own arrives."""
    scene = Scene(managed(EDGE, SWITCH))
    scene.problem(EDGE, DOWN)
    scene.wait(2)
    scene.problem(SWITCH, DOWN)
    scene.wait(60)
    assert scene.alert(EDGE, DOWN).correlated_to_id == scene.alert(SWITCH, DOWN).id
    assert scene.sent() == [f"problem {SWITCH}"]


def test_a_device_that_is_still_unreachable_afterwards_is_notified() -> None:
    """When the management switch is back and the grace time is over."""
    scene = Scene(managed(EDGE, SWITCH))
    scene.problem(SWITCH, DOWN)
    scene.problem(EDGE, DOWN)
    scene.clear(SWITCH, DOWN)
    scene.wait(31)
    assert scene.alert(EDGE, DOWN).status is Status.ACTIVE
    assert f"problem {EDGE}" in scene.sent()


def test_a_second_way_to_manage_it_is_an_alternative() -> None:
    """Only with both down is the device's silence explained."""
    scene = Scene(managed(EDGE, SWITCH, SECOND))
    scene.problem(SWITCH, DOWN)
    scene.problem(EDGE, DOWN)
    assert scene.alert(EDGE, DOWN).status is Status.ACTIVE
    scene.problem(SECOND, DOWN)
    assert scene.alert(EDGE, DOWN).status is Status.SUPPRESSED


def test_one_port_of_the_management_switch_affects_devices_behind_it() -> None:
    """Dependencies of management name ports as others do."""
    scene = Scene((*managed(EDGE, SWITCH, via=("ifIndex=1",)), *managed(LEAF, SWITCH, via=("ifIndex=2",))))
    scene.problem(SWITCH, LINK, resource="ifIndex=1")
    for device in (EDGE, LEAF):
        scene.problem(device, DOWN)
    assert scene.alert(EDGE, DOWN).status is Status.SUPPRESSED
    assert scene.alert(LEAF, DOWN).status is Status.ACTIVE


def test_a_cause_on_the_data_path_wins() -> None:
    """It explains more: the alert is under the core although the management switch is down as well."""
    scene = Scene((*managed(EDGE, SWITCH), *needs(EDGE, CORE)))
    scene.problem(SWITCH, DOWN)
    scene.problem(EDGE, DOWN)
    assert scene.alert(EDGE, DOWN).correlated_to_id == scene.alert(SWITCH, DOWN).id
    scene.problem(CORE, DOWN)
    assert scene.alert(EDGE, DOWN).correlated_to_id == scene.alert(CORE, DOWN).id


@pytest.mark.parametrize("is_switch_first", [True, False])
def test_a_device_that_is_only_hidden_cuts_nothing(*, is_switch_first: bool) -> None:
    """Its traffic may still flow: faults behind it are sent, in any order."""
    scene = Scene((*managed(EDGE, SWITCH), *needs(LEAF, EDGE)))
    order = (SWITCH, EDGE) if is_switch_first else (EDGE, SWITCH)
    scene.problem(order[0], DOWN)
    scene.problem(LEAF, WARM)
    scene.problem(order[1], DOWN)
    scene.wait(60)
    assert scene.alert(LEAF, WARM).status is Status.ACTIVE
    assert f"problem {LEAF}" in scene.sent()
    scene.clear(SWITCH, DOWN)
    assert scene.alert(LEAF, WARM).status is Status.SUPPRESSED


def test_a_fault_that_a_hidden_device_reports_cuts() -> None:
    """A link that is down is down, whether its device is reachable or not; its consequences change cause."""
    scene = Scene((*managed(EDGE, SWITCH), *needs(LEAF, EDGE)))
    scene.problem(EDGE, DOWN)
    scene.problem(LEAF, WARM)
    scene.problem(EDGE, LINK)
    assert scene.alert(LEAF, WARM).correlated_to_id == scene.alert(EDGE, DOWN).id
    scene.problem(SWITCH, DOWN)
    assert scene.alert(LEAF, WARM).correlated_to_id == scene.alert(EDGE, LINK).id


@pytest.mark.parametrize("is_switch_first", [True, False])
def test_a_device_on_which_its_management_switch_hangs_explains_both(*, is_switch_first: bool) -> None:
    """The only uplink of the management switch is the core that it manages: the core is the cause."""
    scene = Scene((*managed(CORE, SWITCH), *needs(SWITCH, CORE), *managed(EDGE, SWITCH)))
    for device in (SWITCH, CORE) if is_switch_first else (CORE, SWITCH):
        scene.problem(device, DOWN)
    scene.problem(EDGE, DOWN)
    assert scene.alert(CORE, DOWN).status is Status.ACTIVE
    assert scene.alert(SWITCH, DOWN).correlated_to_id == scene.alert(CORE, DOWN).id
    assert scene.alert(EDGE, DOWN).correlated_to_id == scene.alert(SWITCH, DOWN).id


@pytest.mark.parametrize("order", [(SWITCH, CORE, OTHER), (CORE, OTHER, SWITCH), (CORE, SWITCH, OTHER)])
def test_a_management_switch_with_two_uplinks_explains_both_cores(order: tuple[str, ...]) -> None:
    """Two cores do not fail at once: in any order of the three alerts, the switch is the cause."""
    scene = Scene((*managed(CORE, SWITCH), *managed(OTHER, SWITCH), *needs(SWITCH, CORE, OTHER)))
    for device in order:
        scene.problem(device, DOWN)
    scene.wait(60)
    assert scene.alert(SWITCH, DOWN).status is Status.ACTIVE
    causes = {scene.alert(each, DOWN).correlated_to_id for each in (CORE, OTHER)}
    assert causes == {scene.alert(SWITCH, DOWN).id}
    assert scene.sent() == [f"problem {SWITCH}"]


def test_two_devices_that_manage_each_other_do_not_hide_both() -> None:
    """One of the two stays the cause."""
    scene = Scene((*managed(CORE, OTHER), *managed(OTHER, CORE)))
    scene.problem(CORE, DOWN)
    scene.problem(OTHER, DOWN)
    statuses = {scene.alert(each, DOWN).status for each in (CORE, OTHER)}
    assert statuses == {Status.ACTIVE, Status.SUPPRESSED}


def test_the_types_are_configured() -> None:
    """With none configured nothing is suppressed by management."""
    scene = Scene(managed(EDGE, SWITCH), reachability_types=())
    scene.problem(SWITCH, DOWN)
    scene.problem(EDGE, DOWN)
    assert scene.alert(EDGE, DOWN).status is Status.ACTIVE


@pytest.mark.parametrize(("confidence", "is_counted"), [(0.4, False), (0.5, True)])
def test_management_below_the_floor_suppresses_nothing(confidence: float, *, is_counted: bool) -> None:
    """As with every other dependency; it is no need of the device and has no impact."""
    [one] = managed(EDGE, SWITCH)
    graph = InventorySnapshot((), (replace(one, confidence=confidence),)).graph
    assert (EDGE in graph.management) is is_counted
    assert EDGE not in graph.needs
    assert SWITCH not in graph.dependents
