"""The device of a message: canonical when the inventory knows it, conflicts shown."""

import pytest

from opsconductor.inventory import snapshot
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import fingerprint_of
from opsconductor.model.identified import IdentifiedReport
from opsconductor.model.normalized import DeviceAlias
from tests.support.engine.pipeline_scene import START, Scene, device, report

CORE = device("10.0.0.1", "core-1", addresses=("192.0.2.1", "8000000001020304"))
EDGE = device("10.0.0.2", "edge-1")
INVENTORY = InventorySnapshot([CORE, EDGE])


def found(device_ip: str | None, *aliases: tuple[str, str], name: str | None = None) -> IdentifiedReport:
    """Identify one report."""
    named = tuple(DeviceAlias(kind=kind, value=value) for kind, value in aliases)
    (one,) = identify([report(device_ip, at=START, device_aliases=named, device_name=name)], INVENTORY)
    return one


def test_the_inventorys_address_and_name_are_used() -> None:
    """The device may send from any of its addresses."""
    one = found("192.0.2.1", name="whatever it calls itself")
    assert (one.device_ip, one.device_name) == ("10.0.0.1", "core-1")
    assert one.fingerprint == fingerprint_of("10.0.0.1", "network_link_down", "")


def test_an_unknown_device_keeps_its_address_in_canonical_text() -> None:
    """It keeps the name that the source gives it, too."""
    one = found("2001:DB8::0:5", name="sw-5")
    assert (one.device_ip, one.device_name) == ("2001:db8::5", "sw-5")


def test_a_device_without_address_is_known_by_its_name() -> None:
    """The fingerprint follows."""
    one = found(None, name="app-7")
    assert (one.device_ip, one.device_name) == (None, "app-7")
    assert one.fingerprint == fingerprint_of("app-7", "network_link_down", "")


def test_a_name_that_the_inventory_knows_gives_the_address() -> None:
    """Pollers often know names only."""
    assert found(None, name="EDGE-1").device_ip == "10.0.0.2"


def test_a_text_that_is_no_address_counts_as_a_name() -> None:
    """Some sources put host names into the field for addresses."""
    one = found("sw-9.example.org")
    assert (one.device_ip, one.device_name) == (None, "sw-9.example.org")


def test_a_message_without_any_device_belongs_to_unknown() -> None:
    """It is not dropped."""
    assert (found(None).device_ip, found(None).device_name) == (None, "unknown")


def test_an_unknown_peer_with_a_known_engine_id_is_that_device() -> None:
    """Behind address translation the engine ID identifies the device; the unknown address is shown."""
    one = found("203.0.113.9", ("engine_id", "8000000001020304"))
    assert one.device_ip == "10.0.0.1"
    assert one.conflict == {"engine_id": "8000000001020304", "peer": "203.0.113.9"}


def test_two_known_devices_in_one_message_are_a_conflict() -> None:
    """The peer decides, the other is shown."""
    one = found("10.0.0.2", ("agent_address", "192.0.2.1"))
    assert one.device_ip == "10.0.0.2"
    assert one.conflict == {"peer": "10.0.0.2", "agent_address": "192.0.2.1"}


def test_two_unknown_addresses_are_a_conflict() -> None:
    """The daemon does not guess whether they are one device."""
    one = found("10.9.9.1", ("agent_address", "10.9.9.2"))
    assert one.device_ip == "10.9.9.1"
    assert one.conflict == {"peer": "10.9.9.1", "agent_address": "10.9.9.2"}


@pytest.mark.parametrize(
    "alias",
    [
        ("agent_address", "192.0.2.1"),
        ("agent_address", "10.0.0.1"),
        ("agent_address", "0.0.0.0"),
        ("engine_id", "80009999"),
        ("host", "unknown-name"),
    ],
)
def test_details_without_contradiction_are_no_conflict(alias: tuple[str, str]) -> None:
    """Another address of the same device, no address, or an unknown engine ID."""
    assert found("10.0.0.1", alias).conflict is None


def test_the_conflict_is_shown_with_the_alert() -> None:
    """It is in the custom field `conflict`, beside the fields of the source."""
    scene = Scene()
    aliases = (DeviceAlias(kind="agent_address", value="10.9.9.2"),)
    scene.problem("10.9.9.1", device_aliases=aliases, custom_fields={"site": "x"})
    assert scene.alert("10.9.9.1").custom_fields == {
        "site": "x",
        "conflict": {"peer": "10.9.9.1", "agent_address": "10.9.9.2"},
    }


def test_the_title_is_filled_with_the_devices_name() -> None:
    """Or with its address when it has none."""
    scene = Scene(devices=[CORE])
    scene.problem("192.0.2.1", title="Link Down - {device_name}")
    scene.problem("10.9.9.1", title="Link Down - {device_name}")
    assert scene.alert("10.0.0.1").title == "Link Down - core-1"
    assert scene.alert("10.9.9.1").title == "Link Down - 10.9.9.1"


def test_memory_of_devices_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many senders there are."""
    monkeypatch.setattr(snapshot, "MOST_REMEMBERED", 10)
    inventory = InventorySnapshot()
    identify([report(f"10.1.{n}.1", at=START) for n in range(100)], inventory)
    assert len(inventory.identities) <= 10
    assert len(inventory.places) <= 10


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::"])
def test_a_loopback_address_names_no_device_where_a_name_is_known(address: str) -> None:
    """Two hosts that are monitored through loopback are two devices, each under its name."""
    for name in ("srv-agent-42", "srv-agent-43"):
        one = found(address, ("host", name))
        assert (one.device_ip, one.device_name, one.conflict) == (None, name, None)
        assert found(address, name=name).fingerprint == one.fingerprint


def test_a_name_beside_a_loopback_address_leads_to_the_inventory() -> None:
    """The inventory's own address of the device is used."""
    assert found("127.0.0.1", ("host", "EDGE-1")).device_ip == "10.0.0.2"


@pytest.mark.parametrize(
    "aliases", [(), (("engine_id", "80000000aabbccdd"),), (("agent_address", "127.0.0.1"),)]
)
def test_a_message_from_loopback_without_a_name_is_of_the_local_host(
    aliases: tuple[tuple[str, str], ...],
) -> None:
    """A trap sent on the daemon's own host; an unknown engine ID is no name."""
    one = found("127.0.0.1", *aliases)
    assert (one.device_ip, one.device_name, one.conflict) == ("127.0.0.1", None, None)


@pytest.mark.parametrize("address", ["224.0.0.5", "255.255.255.255", "ff02::1", "0.0.0.7", "127.0.0.1"])
def test_an_agent_address_of_no_host_is_ignored(address: str) -> None:
    """Broadcast, multicast and loopback agents: the sender is the device, and there is no conflict."""
    one = found("10.9.9.1", ("agent_address", address))
    assert (one.device_ip, one.conflict) == ("10.9.9.1", None)


@pytest.mark.parametrize("address", ["224.0.0.5", "255.255.255.255", "ff02::1"])
def test_a_message_of_a_group_address_alone_is_of_no_known_device(address: str) -> None:
    """It is kept as a message of the unknown device."""
    assert (found(address).device_ip, found(address).device_name) == (None, "unknown")
