"""Devices without an address: found by name, and part of the paths through them."""

import pytest

from opsconductor.inventory.enforce import merge
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.enums import Level, Status
from opsconductor.store.inventory.devices import KnownDevice, KnownInventory
from tests.support.engine.inventories import A_WEEK, NOON, found, inventory, way
from tests.support.engine.pipeline_scene import START, Scene, device, needs, report
from tests.support.store.merged import active, applied, ways

ROUTER, SERVER = "10.0.0.1", "10.0.2.1"
MEMBER = device(None, "sw-stack-2.example.net", site="A", role="core")
DOWN, WARM = "network_unreachable", "environment_temperature"


@pytest.mark.parametrize("name", ["sw-stack-2", "SW-Stack-2.example.net", "sw-stack-2.example.net."])
def test_a_message_with_its_name_belongs_to_it(name: str) -> None:
    """By its short or full name in any case; the alert has no address, and its identity is the name."""
    [one] = identify([report(None, WARM, device_name=name, at=START)], InventorySnapshot([MEMBER]))
    [other] = identify([report(None, WARM, device_name=MEMBER.name, at=START)], InventorySnapshot([MEMBER]))
    assert (one.device_ip, one.device_name) == (None, MEMBER.name)
    assert one.fingerprint == other.fingerprint


def test_an_unknown_address_does_not_contradict_it() -> None:
    """The inventory has no address of the device that could contradict."""
    event = report("10.9.9.9", WARM, device_name="sw-stack-2", at=START)
    [found_event] = identify([event], InventorySnapshot([MEMBER]))
    assert found_event.device_name == MEMBER.name
    assert found_event.conflict is None


def test_a_device_with_an_address_wins_the_name() -> None:
    """Listing a device without an address takes no name away from another, in either form."""
    known = InventorySnapshot([MEMBER, device(ROUTER, "sw-stack-2.example.net"), device(None, "srv1")])
    assert known.key_of("sw-stack-2.example.net") == ROUTER
    assert known.key_of("sw-stack-2") == ROUTER
    assert known.key_of("srv1.example.net") == "srv1"


def test_two_devices_without_address_and_one_name_are_neither() -> None:
    """As with two devices that have addresses."""
    known = InventorySnapshot([device(None, "ups-1"), device(None, "UPS-1")])
    assert known.device_of("ups-1") is None


def test_a_path_through_it_holds() -> None:
    """From the server over the switch without an address to the router, whichever of them is down."""
    dependencies = (*needs(SERVER, "sw-stack-2"), *needs(MEMBER.name, ROUTER))
    scene = Scene(dependencies, devices=[MEMBER])
    scene.problem(ROUTER, DOWN)
    scene.problem(SERVER, WARM)
    scene.problem(None, WARM, device_name="sw-stack-2")
    assert scene.alert(SERVER, WARM).correlated_to_id == scene.alert(ROUTER, DOWN).id
    assert scene.alert(None, WARM).correlated_to_id == scene.alert(ROUTER, DOWN).id


def test_it_is_a_cause_itself() -> None:
    """An alert of it cuts its dependents, and has the impact of its role."""
    scene = Scene(needs(SERVER, MEMBER.name), devices=[MEMBER])
    scene.problem(SERVER, WARM)
    scene.problem(None, DOWN, device_name="sw-stack-2")
    cause = scene.alert(None, DOWN)
    assert scene.alert(SERVER, WARM).correlated_to_id == cause.id
    assert cause.impact is Level.HIGH
    assert cause.impacted == 1


def test_an_open_alert_follows_the_inventory() -> None:
    """Known by name only, then listed without an address, then with one."""
    scene = Scene()
    scene.problem(None, WARM, device_name="sw-stack-2")
    scene.reconfigure(devices=[MEMBER])
    assert scene.alert(None, WARM).device_name == MEMBER.name
    scene.problem(None, WARM, device_name="sw-stack-2")
    assert scene.alert(None, WARM).occurrence_count == 2
    scene.reconfigure(devices=[device("10.0.1.1", MEMBER.name)])
    [alert] = [row for row in scene.rows() if row.status in (Status.ACTIVE, Status.SUPPRESSED)]
    assert (alert.device_ip, alert.occurrence_count) == ("10.0.1.1", 2)


def test_an_inventory_brings_it() -> None:
    """It is stored under its name; dependencies follow another name, an address and its loss."""
    known = KnownInventory()
    for name, address, key in (
        ("a", None, "a"),
        ("b", None, "b"),
        ("b", "10.0.1.1", "10.0.1.1"),
        ("b", None, "b"),
    ):
        taken = inventory([found(1, address, name=name), found(2, ROUTER)], [way(key, ROUTER)])
        plan = merge(taken, "netbox", A_WEEK, known)
        known = applied(known, plan)
        assert set(active(known)) == {key, ROUTER}
        assert set(ways(known)) == {(key, ROUTER, "network")}
    assert len({row.id for row in known.devices}) == 2


def test_it_is_the_device_that_people_declared_under_its_name() -> None:
    """It has the declared address, and references by name lead to it."""
    mine = KnownDevice(id=device(ROUTER, "x").id, ip_address="10.0.1.1", name="SW1", auto_discovered=False)
    taken = inventory([found(1, None, name="sw1", site="A"), found(2, ROUTER)], [way("sw1", ROUTER)])
    known = applied(
        KnownInventory(devices=(mine,)), merge(taken, "netbox", A_WEEK, KnownInventory(devices=(mine,)))
    )
    assert set(active(known)) == {"10.0.1.1", ROUTER}
    assert active(known)["10.0.1.1"].found["site"] == "A"
    assert set(ways(known)) == {("10.0.1.1", ROUTER, "network")}


def test_a_device_without_address_and_name_is_left_out() -> None:
    """It is shown as a conflict."""
    plan = merge(inventory([found(1, None, name=" ")]), "netbox", A_WEEK, KnownInventory())
    assert plan.devices == ()
    assert len(plan.conflicts) == 1
    assert plan.taken_at == NOON
