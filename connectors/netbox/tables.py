"""NetBox's lists that are read, their fields, and where the results are kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from connectors.netbox import parse
from connectors.netbox.client import Row
from connectors.netbox.objects import (
    Assignment,
    Contact,
    DeviceRole,
    Machine,
    NetboxAddress,
    PatchPort,
    PowerFeed,
)

ALIKE = (
    "id,name,display,display_url,role,site,status,tags,custom_fields,cluster,"
    "primary_ip,primary_ip4,primary_ip6"
)
PORT = "id,name,device,cable,connected_endpoints,connected_endpoints_type,connected_endpoints_reachable"
NO_CONTEXT = {"exclude": "config_context"}
"""Excludes expensive fields that are not needed."""

CHANGES = "core/object-changes"
CHANGE = "core.objectchange"
"""The type of the rows of `CHANGES`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTable:
    """One list of NetBox.

    Attributes:
        path: Below `/api/`.
        kind: NetBox's name of the type, as in the changelog.
        fields: Requested fields of each row.
        filters: Requested rows; a server that lacks a filter returns all, and `parse` drops the rest.
        stripes: Number of parts read concurrently; several where a row is expensive for the server.
    """

    name: str
    path: str
    kind: str
    fields: str
    parse: Callable[[Row], Any]
    filters: Mapping[str, str] = field(default_factory=dict)
    stripes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """NetBox's objects by id; the attributes are named like the tables.

    Attributes:
        unread: Types that the token's user may not view, so that objects may be missing here.
    """

    devices: Mapping[int, Machine] = field(default_factory=dict)
    virtual_machines: Mapping[int, Machine] = field(default_factory=dict)
    addresses: Mapping[int, NetboxAddress] = field(default_factory=dict)
    interfaces: Mapping[int, PatchPort] = field(default_factory=dict)
    power_ports: Mapping[int, PatchPort] = field(default_factory=dict)
    power_outlets: Mapping[int, PatchPort] = field(default_factory=dict)
    power_feeds: Mapping[int, PowerFeed] = field(default_factory=dict)
    contacts: Mapping[int, Contact] = field(default_factory=dict)
    assignments: Mapping[int, Assignment] = field(default_factory=dict)
    device_roles: Mapping[int, DeviceRole] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


TABLES = (
    ListTable(
        name="interfaces",
        path="dcim/interfaces",
        kind="dcim.interface",
        fields=f"{PORT},mgmt_only,custom_fields",
        filters={"connected": "true"},
        parse=parse.interface,
        stripes=8,
    ),
    ListTable(
        name="devices",
        path="dcim/devices",
        kind="dcim.device",
        fields=f"{ALIKE},device_type,location,rack,parent_device,oob_ip,virtual_chassis",
        filters=NO_CONTEXT,
        parse=parse.device,
        stripes=2,
    ),
    ListTable(
        name="addresses",
        path="ipam/ip-addresses",
        kind="ipam.ipaddress",
        fields="id,address,role,status,assigned_object_type,assigned_object_id,assigned_object,nat_outside,dns_name",
        filters={"assigned_to_interface": "true"},
        parse=parse.ip_address,
        stripes=2,
    ),
    ListTable(
        name="power_ports",
        path="dcim/power-ports",
        kind="dcim.powerport",
        fields=PORT,
        filters={"connected": "true"},
        parse=parse.power_port,
        stripes=2,
    ),
    ListTable(
        name="virtual_machines",
        path="virtualization/virtual-machines",
        kind="virtualization.virtualmachine",
        fields=f"{ALIKE},device",
        filters=NO_CONTEXT,
        parse=parse.virtual_machine,
    ),
    ListTable(
        name="power_outlets",
        path="dcim/power-outlets",
        kind="dcim.poweroutlet",
        fields="id,name,device,power_port",
        parse=parse.power_outlet,
    ),
    ListTable(
        name="power_feeds",
        path="dcim/power-feeds",
        kind="dcim.powerfeed",
        fields="id,name,power_panel,type",
        parse=parse.power_feed,
    ),
    ListTable(
        name="contacts",
        path="tenancy/contacts",
        kind="tenancy.contact",
        fields="id,name,email,phone",
        parse=parse.contact,
    ),
    ListTable(
        name="assignments",
        path="tenancy/contact-assignments",
        kind="tenancy.contactassignment",
        fields="id,object_type,object_id,contact,role,priority",
        parse=parse.assignment,
    ),
    ListTable(
        name="device_roles",
        path="dcim/device-roles",
        kind="dcim.devicerole",
        fields="id,slug,parent",
        parse=parse.device_role,
    ),
)
"""The slowest first."""


def tables(ifindex_field: str) -> dict[str, ListTable]:
    """Return the tables by name.

    Args:
        ifindex_field: Name of the custom field of interfaces with the ifIndex.
    """
    known = {table.name: table for table in TABLES}
    interfaces = known["interfaces"]
    with_index = replace(interfaces, parse=partial(parse.interface, ifindex_field=ifindex_field))
    return known | {interfaces.name: with_index}
