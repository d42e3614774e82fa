"""Devices as the daemon gets them: addresses, contacts, and all the rest; hostile rows."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.netbox.tables import tables
from opsconductor.model.inventory.listed import FoundDevice
from tests.fakes.netbox.estate import Estate
from tests.support.connectors.netbox_stage import assembled


def device_of(estate: Estate, name: str) -> FoundDevice:
    """Find a device of the inventory by its name."""
    [found] = [each for each in assembled(estate).inventory.devices if each.name == name]
    return found


def test_a_device_brings_everything() -> None:
    """Type, maker, place, role, tags, custom fields, contacts and URL are included."""
    estate = Estate()
    rack, location = estate.named("dcim.rack", "R12"), estate.named("dcim.location", "Room 1")
    tag = estate.named("extras.tag", "critical")
    key = estate.device(
        "sw1",
        "access-switch",
        "10.0.0.1/24",
        model="Catalyst 9300",
        manufacturer="Cisco",
        site="Berlin",
        rack=rack,
        location=location,
        tags=[tag],
        custom_fields={"owner": "net", "notes": None},
    )
    person = estate.add("tenancy.contact", name="Anna", email="anna@example.org", phone="123")
    role = estate.named("tenancy.contactrole", "on call")
    estate.add(
        "tenancy.contactassignment",
        object=("dcim.device", key),
        contact=person,
        role=role,
        priority="primary",
    )
    assert device_of(estate, "sw1") == FoundDevice(
        external_id=key,
        ip_address="10.0.0.1",
        name="sw1",
        device_type="catalyst-9300",
        manufacturer="Cisco",
        model="Catalyst 9300",
        site="Berlin",
        location="Room 1",
        role="access-switch",
        status="active",
        tags=("critical",),
        custom_fields={
            "owner": "net",
            "notes": None,
            "rack": "R12",
            "contacts": [
                {
                    "name": "Anna",
                    "email": "anna@example.org",
                    "phone": "123",
                    "role": "on call",
                    "priority": "primary",
                }
            ],
        },
        url=f"https://netbox.example.net/dcim/devices/{key}/",
    )


def test_the_sites_contacts_stand_in() -> None:
    """A device without contacts of its own has those of its site."""
    estate = Estate()
    site = estate.named("dcim.site", "Site 1")
    estate.device("sw1", "access", "10.0.0.1/24")
    person = estate.add("tenancy.contact", name="Bert")
    estate.add("tenancy.contactassignment", object=("dcim.site", site), contact=person)
    assert device_of(estate, "sw1").custom_fields["contacts"] == [{"name": "Bert"}]


def test_all_addresses_are_known() -> None:
    """The primary address is the main one; out of band, interfaces and NAT follow."""
    estate = Estate()
    key = estate.device("r1", "router", "10.0.0.1/24")
    estate.give_address(key, "2001:db8::1/64", interface="lo0", points="primary_ip6")
    estate.give_address(key, "10.9.0.1/24", interface="oob", points="oob_ip")
    port = estate.port(key, "Gi0/1")
    inside = estate.address(port, "10.1.0.1/24", has_nat=True)
    estate.address(None, "192.0.2.7/32", nat_inside=inside)
    found = device_of(estate, "r1")
    assert found.ip_address == "10.0.0.1"
    assert found.addresses == ("2001:db8::1", "10.9.0.1", "10.1.0.1", "192.0.2.7")


def test_without_a_primary_address_another_stands_in() -> None:
    """Out of band comes before interfaces; a device without any address is only counted."""
    estate = Estate()
    oob = estate.device("oob", "server")
    estate.address(estate.port(oob, "eth0"), "10.0.0.9/24")
    estate.give_address(oob, "10.9.0.9/24", points="oob_ip")
    plain = estate.device("plain", "server")
    estate.address(estate.port(plain, "eth0"), "10.0.0.10/24")
    estate.device("nothing", "patch-panel")
    assert device_of(estate, "oob").ip_address == "10.9.0.9"
    assert device_of(estate, "plain").ip_address == "10.0.0.10"
    assert assembled(estate).not_listed == 1


def test_addresses_that_identify_no_device_are_left_out() -> None:
    """Virtual, shared, local and deprecated addresses, and those of two devices, identify no device."""
    estate = Estate()
    for number in (1, 2):
        key = estate.device(f"r{number}", "router", f"10.0.0.{number}/24")
        port = estate.port(key, "Gi0/1")
        estate.address(port, "10.5.0.1/24")
        for address, values in {
            "10.0.0.254/24": {"role": "vrrp"},
            "127.0.0.1/8": {},
            "fe80::1/64": {},
            f"10.7.0.{number}/24": {"status": "deprecated"},
            "10.0.0.1/32": {},
        }.items():
            estate.address(port, address, **values)
    assert device_of(estate, "r1").addresses == ()
    assert device_of(estate, "r2").addresses == ()


def test_virtual_machines_have_ids_of_their_own() -> None:
    """Devices and virtual machines count from 1 both: the latter's ids are made negative."""
    estate = Estate()
    estate.device("srv1", "server", "10.0.0.1/24")
    estate.guest("vm1", "10.0.0.2/24")
    assert {each.external_id for each in assembled(estate).inventory.devices} == {1, -1}
    assert device_of(estate, "vm1").device_type == "virtual machine"


def test_unnamed_devices_have_the_name_that_netbox_shows() -> None:
    """NetBox allows devices without names."""
    estate = Estate()
    estate.device(None, "server", "10.0.0.1/24")
    assert device_of(estate, "Unnamed (1)").ip_address == "10.0.0.1"


def test_what_is_in_service_comes_first() -> None:
    """When a planned successor already has the address, the device that is there gets it."""
    estate = Estate()
    estate.device("new", "server", "10.0.0.1/24", status="planned")
    estate.device("old", "server", "10.0.0.1/24")
    assert [each.name for each in assembled(estate).inventory.devices] == ["old", "new"]


KEYS = st.sampled_from(["id", "name", "slug", "address", "value", "device", "master", "manufacturer", "\x00"])
TEXTS = st.sampled_from(
    ["", "10.0.0.1/24", "::ffff:1.2.3.4", "a\x00\ud800\u202e", "9" * 400, "dcim.interface"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)
TABLES = tables("ifindex")


@pytest.mark.parametrize("name", sorted(TABLES))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_hostile_rows_break_nothing(name: str, data: st.DataObject) -> None:
    """Any value in the fields of a row is read without an error."""
    table = TABLES[name]
    names = [*table.fields.split(","), "connected_endpoints", "connected_endpoints_type"]
    row: dict[str, Any] = data.draw(st.dictionaries(st.sampled_from(names), JSON))
    found = table.parse({**row, "id": 7})
    assert found is None or abs(found.id) == 7


def test_names_in_the_dns_come_along() -> None:
    """In lower case, each once, of every address; wildcards, addresses and localhost identify no device."""
    estate = Estate()
    device = estate.device("srv1", "server", "10.0.0.1/24")
    for number, name in enumerate(
        [
            "SRV1.example.net.",
            "srv1.example.net",
            "oob.example.net",
            "*.example.net",
            "localhost",
            "10.0.0.9",
            "",
        ]
    ):
        port = estate.port(device, f"eth{number}")
        estate.address(port, f"10.0.1.{number + 1}/24", dns_name=name)
    [found] = assembled(estate).inventory.devices
    assert found.names == ("srv1.example.net", "oob.example.net")
