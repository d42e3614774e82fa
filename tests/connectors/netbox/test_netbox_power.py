"""Power dependencies found from power ports, outlets, feeds and bays."""

from tests.fakes.netbox.estate import Estate
from tests.support.connectors.netbox_scene import scene_of
from tests.support.connectors.netbox_stage import assembled, dependency


def plug(estate: Estate, device: int, strip: int, name: str = "psu1", *, fed_by: int | None = None) -> None:
    """Plug a new power port of a device into a new outlet of another one."""
    outlet = estate.port(strip, f"outlet for {name}", "dcim.poweroutlet", power_port=fed_by)
    estate.cable(estate.port(device, name, "dcim.powerport"), outlet)


def feed(estate: Estate, device: int, name: str = "in") -> int:
    """Plug a new power port of a device into a feed of the panel."""
    panel = estate.named("dcim.powerpanel", "Panel 1")
    key = estate.add("dcim.powerfeed", name="A", power_panel=panel, type="primary", status="active")
    port = estate.port(device, name, "dcim.powerport")
    estate.cable(port, ("dcim.powerfeed", key))
    return port[1]


def fed(estate: Estate) -> dict[str, list[str]]:
    """Return by names which device feeds which."""
    found = assembled(estate).inventory
    names = {device.key: device.name for device in found.devices}
    pairs = [(names[each.device_ip], names[each.depends_on_ip]) for each in found.dependencies]
    return {name: sorted(provider for device, provider in pairs if device == name) for name, _ in pairs}


def test_a_device_needs_what_it_is_plugged_into() -> None:
    """Two supplies at two strips are alternatives; each has port and outlet."""
    estate = Estate()
    server = estate.device("srv1", "server", "10.0.0.1/24")
    for number in (1, 2):
        plug(estate, server, estate.device(f"pdu{number}", "pdu", f"10.0.1.{number}/24"), f"psu{number}")
    assert fed(estate) == {"srv1": ["pdu1", "pdu2"]}
    found = dependency(assembled(estate).inventory, "srv1", "pdu2", "power")
    assert (found.confidence, found.description) == (0.95, "psu2 at outlet for psu2 of pdu2")


def test_strips_without_an_address_are_devices_too() -> None:
    """Known by their names, they are fed by the UPS and feed the server: both may be the cause."""
    estate = Estate()
    server, strip = estate.device("srv1", "server", "10.0.0.1/24"), estate.device("pdu1", "pdu")
    ups = estate.device("ups1", "ups", "10.0.1.1/24")
    plug(estate, server, strip)
    plug(estate, strip, ups, "in")
    feed(estate, ups)
    assert fed(estate) == {"srv1": ["pdu1"], "pdu1": ["ups1"]}
    scene = scene_of(assembled(estate).inventory, settle_time="0s")
    scene.problem("10.0.1.1", "power_lost", "critical")
    scene.problem("10.0.0.1", "network_unreachable", "critical")
    unreachable = scene.alert("10.0.0.1", "network_unreachable")
    assert unreachable.correlated_to_id == scene.alert("10.0.1.1", "power_lost").id


def test_an_outlet_names_its_power_port() -> None:
    """Of a strip with two inputs only the one that feeds the outlet counts, and the strip is skipped."""
    estate = Estate()
    server, strip = estate.device("srv1", "server", "10.0.0.1/24"), estate.device("pdu1", "pdu")
    for number in (1, 2):
        plug(estate, strip, estate.device(f"ups{number}", "ups", f"10.0.1.{number}/24"), f"in{number}")
    plug(estate, server, strip, fed_by=2)
    assert fed(estate) == {"srv1": ["ups2"], "pdu1": ["ups1", "ups2"]}
    found = dependency(assembled(estate).inventory, "srv1", "ups2", "power")
    assert (found.confidence, found.description) == (
        0.8,
        "psu1 at outlet for psu1 of pdu1, outlet for in2 of ups2",
    )


def test_a_second_unwatched_supply_leaves_no_need() -> None:
    """A device that is also plugged into the panel's feed works without the strip: its alerts are sent."""
    estate = Estate()
    server = estate.device("srv1", "server", "10.0.0.1/24")
    plug(estate, server, estate.device("pdu1", "pdu", "10.0.1.1/24"))
    assert fed(estate) == {"srv1": ["pdu1"]}
    feed(estate, server, "psu2")
    assert fed(estate) == {}
    [device] = [each for each in assembled(estate).inventory.devices if each.name == "srv1"]
    assert device.custom_fields["power_feeds"] == ["Panel 1 / A (primary)"]


def test_a_blade_is_fed_by_its_chassis() -> None:
    """A device without power ports in a bay gets its power there."""
    estate = Estate()
    chassis, blade = (
        estate.device("chassis1", "chassis", "10.0.0.1/24"),
        estate.device("blade1", "server", "10.0.0.2/24"),
    )
    estate.add("dcim.devicebay", name="Bay 3", device=chassis, installed_device=blade)
    assert fed(estate) == {"blade1": ["chassis1"]}
    assert (
        dependency(assembled(estate).inventory, "blade1", "chassis1", "power").description
        == "in bay Bay 3 of chassis1"
    )


def test_circles_of_strips_end() -> None:
    """Two strips that feed each other are shown as cabled; neither is taken to be without power."""
    estate = Estate()
    server = estate.device("srv1", "server", "10.0.0.1/24")
    strips = [estate.device(f"pdu{number}", "pdu") for number in (1, 2)]
    plug(estate, strips[0], strips[1], "a")
    plug(estate, strips[1], strips[0], "b")
    plug(estate, server, strips[0])
    assert fed(estate) == {"srv1": ["pdu1"], "pdu1": ["pdu2"], "pdu2": ["pdu1"]}
