"""The inventory finds devices by address, engine ID and name, and knows their dependencies."""

import pytest

from opsconductor.inventory.snapshot import AddressBook, InventorySnapshot
from opsconductor.model.address import canonical_address
from opsconductor.model.enums import DependencyType
from opsconductor.model.inventory.device import Dependency
from tests.support.engine.pipeline_scene import device, needs

CORE = device(
    "10.0.0.1", "core-1", addresses=("2001:DB8::1", "192.0.2.1", "8000000001020304"), manufacturer="CISCO"
)
EDGE = device("10.0.0.2", "edge-1")


@pytest.mark.parametrize(
    "name", ["10.0.0.1", "192.0.2.1", "2001:db8:0::1", "::ffff:10.0.0.1", "CORE-1", "8000000001020304"]
)
def test_a_device_is_found_by_every_address_engine_id_and_name(name: str) -> None:
    """Any spelling of them is found."""
    assert InventorySnapshot([CORE, EDGE]).device_of(name) is CORE


def test_an_unknown_device_is_not_guessed() -> None:
    """Neither a device nor a vendor is guessed."""
    snapshot = InventorySnapshot([CORE, EDGE])
    assert snapshot.device_of("10.0.0.3") is None
    assert snapshot.vendor_of("10.0.0.2") is None


def test_the_vendor_is_in_lower_case() -> None:
    """Mappings name vendors in lower case."""
    assert InventorySnapshot([CORE]).vendor_of("192.0.2.1") == "cisco"


def test_a_name_that_two_devices_share_finds_neither() -> None:
    """Their addresses still do."""
    twin = device("10.0.0.9", "Core-1")
    snapshot = InventorySnapshot([CORE, twin])
    assert snapshot.device_of("core-1") is None
    assert snapshot.device_of("10.0.0.9") is twin


def test_a_main_address_wins_over_a_further_one() -> None:
    """Two devices claim it; it belongs to the one whose main address it is."""
    thief = device("10.0.0.8", "thief", addresses=("10.0.0.2",))
    assert InventorySnapshot([thief, EDGE]).device_of("10.0.0.2") is EDGE


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("10.0.0.1", "10.0.0.1"),
        (" 10.0.0.1 ", "10.0.0.1"),
        ("2001:0DB8:0:0::01", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("fe80::1%" + "x" * 100, "fe80::1"),
        ("010.0.0.1", None),
        ("10.0.0", None),
        ("10.0.0.1\n", "10.0.0.1"),
        ("sw-1", None),
        ("", None),
    ],
)
def test_addresses_have_one_text_form(text: str, canonical: str | None) -> None:
    """RFC 5952 for IPv6; text that is no address has none."""
    assert canonical_address(text) == canonical


def test_dependencies_hold_for_every_address_of_a_device() -> None:
    """They may be declared by any; the graph knows main addresses only."""
    snapshot = InventorySnapshot([CORE, EDGE], needs("10.0.0.2", "192.0.2.1"))
    assert snapshot.dependents_count("10.0.0.1") == snapshot.dependents_count("192.0.2.1") == 1


def test_a_device_that_turns_out_to_depend_on_itself_does_not() -> None:
    """Two addresses belong to one device."""
    snapshot = InventorySnapshot([CORE], needs("10.0.0.1", "192.0.2.1"))
    assert snapshot.graph.needs == {}


def test_dependents_are_counted_through_any_depth_and_circles() -> None:
    """Each once, without the device itself."""
    chain = [*needs("b", "a"), *needs("c", "b"), *needs("d", "c", "a"), *needs("a", "d")]
    snapshot = InventorySnapshot((), chain)
    assert snapshot.dependents_count("a") == 3
    assert snapshot.dependents_count("unknown") == 0


def test_asking_for_enough_dependents_agrees_with_counting() -> None:
    """The quick question and the full count agree."""
    star = InventorySnapshot((), [each for n in range(12) for each in needs(f"leaf-{n}", "hub")])
    assert [star.graph.has_dependents("hub", count) for count in (0, 1, 12, 13)] == [True, True, True, False]
    assert star.dependents_count("hub") == 12
    assert not star.graph.has_dependents("hub", 13)
    assert not star.graph.has_dependents("leaf-1", 1)


def test_types_of_dependency_are_kept_apart() -> None:
    """One need for each type, with its alternatives."""
    both = [*needs("edge", "core-1", "core-2"), *needs("edge", "ups", kind=DependencyType.POWER)]
    found = InventorySnapshot((), both).graph.needs["edge"]
    assert [(need.dependency_type, [path.provider for path in need.paths]) for need in found] == [
        (DependencyType.NETWORK, ["core-1", "core-2"]),
        (DependencyType.POWER, ["ups"]),
    ]


def test_ranks_are_distances_from_the_roots() -> None:
    """Over all its needs; devices in circles only have no rank."""
    fed = [
        *needs("b", "a"),
        *needs("c", "b", "a"),
        *needs("d", "c"),
        *needs("d", "b", kind=DependencyType.POWER),
    ]
    ring = [*needs("r", "s"), *needs("s", "r", "t"), *needs("t", "r")]
    assert InventorySnapshot((), [*fed, *ring]).graph.ranks == {"a": 0, "b": 1, "c": 1, "d": 2}


def test_ten_thousand_devices_and_fifty_thousand_dependencies_are_taken() -> None:
    """Each device is found by each of its addresses."""
    devices = [
        device(f"10.{n >> 8}.{n & 255}.1", f"device-{n}", addresses=(f"11.{n >> 8}.{n & 255}.1",))
        for n in range(10_000)
    ]
    dependencies = [
        Dependency(
            device_ip=devices[n].ip_address,
            depends_on_ip=devices[(n * 7 + step) % 10_000].ip_address,
            dependency_type=DependencyType.NETWORK,
        )
        for n in range(10_000)
        for step in range(1, 6)
    ]
    snapshot = InventorySnapshot(devices, dependencies)
    assert [snapshot.device_at(found.addresses[0]) for found in devices] == devices
    assert sum(len(need.paths) for need in snapshot.graph.needs[devices[9].ip_address]) == 5


def test_full_and_short_names_are_of_one_device_where_only_one_fits() -> None:
    """Two full names are two devices, and an ambiguous name finds none."""
    names = ("srv-ams-1", "srv-ber-1.example.net", "sw1.a.example.net", "sw1.b.example.net", "rack.4", "gw")
    book = AddressBook(device(f"10.0.0.{at}", name) for at, name in enumerate(names, start=1))

    def found(text: str) -> str | None:
        one = book.find(text)
        return one.name if one else None

    assert found("SRV-AMS-1.example.net") == found("srv-ams-1.example.org.") == "srv-ams-1"
    assert found("srv-ber-1") == "srv-ber-1.example.net"
    assert found("srv-ber-1.example.org") is None
    assert found("sw1") is None
    assert found("sw1.c.example.net") is None
    assert found("sw1.a.example.net") == "sw1.a.example.net"
    assert found("gw.1") is None
    assert found("rack") is None
