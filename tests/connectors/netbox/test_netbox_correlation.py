"""The engine's decisions with dependencies from NetBox: two uplinks are a redundancy group."""

from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.inventory.listed import Inventory
from tests.fakes.netbox.estate import Estate
from tests.support.connectors.netbox_scene import scene_of
from tests.support.connectors.netbox_stage import assembled

CORE1, CORE2, ACCESS, CAMERA = "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"
DOWN = "network_unreachable"


def two_uplinks(*, indexes: bool = False) -> Inventory:
    """Make an access switch with an uplink to each of two cores, and a camera on it."""
    estate = Estate()
    devices = [
        estate.device(name, role, f"10.0.0.{number}/24")
        for number, (name, role) in enumerate(
            [("core1", "core"), ("core2", "core"), ("acc1", "access"), ("cam1", "camera")], start=1
        )
    ]
    for core in devices[:2]:
        fields = {"custom_fields": {"ifindex": 7}} if indexes else {}
        estate.cable(estate.port(devices[2], f"up{core}"), estate.port(core, "Te1/7", **fields))
    estate.uplink(devices[3], devices[2])
    return assembled(estate).inventory


def test_two_uplinks_are_alternatives() -> None:
    """The dependency graph has one need with two paths."""
    scene = scene_of(two_uplinks())
    [need] = scene.inventory.graph.needs[ACCESS]
    assert {path.provider for path in need.paths} == {CORE1, CORE2}
    assert isinstance(scene.inventory, InventorySnapshot)


def test_one_uplink_down_suppresses_nothing() -> None:
    """With one core down the access switch and its dependents are still expected to answer."""
    scene = scene_of(two_uplinks(), settle_time="0s")
    scene.problem(CORE1, DOWN, "critical")
    scene.problem(ACCESS, DOWN, "critical")
    scene.problem(CAMERA, "video_signal_lost")
    assert str(scene.alert(ACCESS, DOWN).status) == "active"
    assert str(scene.alert(CAMERA, "video_signal_lost").correlated_to_id) == str(scene.alert(ACCESS, DOWN).id)


def test_both_uplinks_down_suppress() -> None:
    """With both cores down the devices behind them are consequences."""
    scene = scene_of(two_uplinks(), settle_time="0s")
    for core in (CORE1, CORE2):
        scene.problem(core, DOWN, "critical")
    scene.problem(ACCESS, DOWN, "critical")
    scene.problem(CAMERA, DOWN, "critical")
    assert str(scene.alert(ACCESS, DOWN).status) == "suppressed"
    assert str(scene.alert(CAMERA, DOWN).status) == "suppressed"


def test_only_the_port_that_carries_it_cuts() -> None:
    """Where NetBox knows the ifIndex, a link that is down elsewhere on the core does not cut."""
    scene = scene_of(two_uplinks(indexes=True), settle_time="0s")
    for core in (CORE1, CORE2):
        scene.problem(core, resource="ifIndex=99")
    scene.problem(ACCESS, DOWN, "critical")
    assert str(scene.alert(ACCESS, DOWN).status) == "active"
    for core in (CORE1, CORE2):
        scene.problem(core, resource="ifIndex=7")
    assert str(scene.alert(ACCESS, DOWN).status) == "suppressed"
