"""Parsing of REST API rows into our objects; None for rows without relevant content."""

from collections.abc import Iterator
from typing import Any

from connectors.netbox.client import Row
from connectors.netbox.objects import (
    AddressRef,
    Assignment,
    Contact,
    DeviceRole,
    FarEnd,
    Machine,
    NetboxAddress,
    PatchPort,
    PowerFeed,
)
from connectors.netbox.rows import address_at, at, clean_value, id_at, rows_at, text_at
from opsconductor.model.address import Reach, canonical_address, reach_of

SHARED_ROLES = frozenset({"anycast", "vip", "vrrp", "hsrp", "glbp", "carp"})
"""Roles of addresses that move between devices, or that several share: they identify no device."""

NO_HOST_NAMES = frozenset({"localhost", "localhost.localdomain"})
HIGHEST_IFINDEX = 2**31 - 1

PRIMARY = (Reach.HOST, Reach.SELF)
"""Allowed primary addresses: chosen by an operator, so that even a loopback address is intended (a lab)."""


def device_role(row: Row) -> DeviceRole:
    """Parse a role."""
    return DeviceRole(id=row["id"], slug=text_at(row, "slug") or "", parent_id=id_at(row, "parent", "id"))


def device(row: Row) -> Machine:
    """Parse a device."""
    kind = at(row, "device_type")
    chassis = at(row, "virtual_chassis")
    return Machine(
        device_type=text_at(kind, "slug"),
        manufacturer=text_at(kind, "manufacturer", "name"),
        model=text_at(kind, "model"),
        location=text_at(row, "location", "name"),
        rack=text_at(row, "rack", "name"),
        chassis_id=id_at(chassis, "id"),
        master_id=id_at(chassis, "master", "id"),
        parent_id=id_at(row, "parent_device", "id"),
        parent_bay=text_at(row, "parent_device", "device_bay", "name") or "",
        pointed=tuple(_pointed(row, "primary_ip", "primary_ip4", "primary_ip6", "oob_ip")),
        **_alike(row),
    )


def virtual_machine(row: Row) -> Machine:
    """Parse a virtual machine."""
    return Machine(
        **_alike(row) | {"id": -row["id"]},
        device_type="virtual machine",
        host_id=id_at(row, "device", "id"),
        pointed=tuple(_pointed(row, "primary_ip", "primary_ip4", "primary_ip6")),
    )


def ip_address(row: Row) -> NetboxAddress | None:
    """Parse an address that is assigned to an interface and identifies one device."""
    address = address_at(row, "address")
    is_unfit = text_at(row, "role", "value") in SHARED_ROLES or at(row, "status", "value") == "deprecated"
    if address is None or is_unfit or reach_of(address) is not Reach.HOST:
        return None
    owner = at(row, "assigned_object")
    kind = at(row, "assigned_object_type")
    if kind == "dcim.interface":
        machine_id = id_at(owner, "device", "id")
    elif kind == "virtualization.vminterface":
        found = id_at(owner, "virtual_machine", "id")
        machine_id = -found if found else None
    else:
        machine_id = None
    if machine_id is None:
        return None
    outside = (address_at(each, "address") for each in rows_at(row, "nat_outside"))
    return NetboxAddress(
        id=row["id"],
        address=address,
        machine_id=machine_id,
        interface_id=id_at(row, "assigned_object_id") if machine_id > 0 else None,
        outside=tuple(each for each in outside if each),
        dns_name=_host_name(text_at(row, "dns_name") or ""),
    )


def interface(row: Row, ifindex_field: str = "") -> PatchPort | None:
    """Parse an interface with a complete, connected path."""
    far_ends = tuple(_far_ends(row))
    device_id = id_at(row, "device", "id")
    if not far_ends or device_id is None or at(row, "connected_endpoints_reachable") is False:
        return None
    return PatchPort(
        id=row["id"],
        device_id=device_id,
        name=text_at(row, "name") or "",
        cable_id=id_at(row, "cable", "id"),
        cable=text_at(row, "cable", "label") or "",
        far_ends=far_ends,
        is_management=at(row, "mgmt_only") is True,
        ifindex=_ifindex(at(row, "custom_fields", ifindex_field)),
    )


def power_port(row: Row) -> PatchPort | None:
    """Parse a connected power port."""
    return interface(row)


def power_outlet(row: Row) -> PatchPort | None:
    """Parse a power outlet: the power port of its device that feeds it."""
    device_id = id_at(row, "device", "id")
    if device_id is None:
        return None
    fed_by_id = id_at(row, "power_port", "id")
    return PatchPort(id=row["id"], device_id=device_id, name=text_at(row, "name") or "", fed_by_id=fed_by_id)


def power_feed(row: Row) -> PowerFeed:
    """Parse a power feed."""
    return PowerFeed(
        id=row["id"],
        name=text_at(row, "name") or "",
        panel=text_at(row, "power_panel", "name") or "",
        kind=text_at(row, "type", "value") or "",
    )


def contact(row: Row) -> Contact:
    """Parse a contact."""
    return Contact(
        id=row["id"],
        name=text_at(row, "name") or "",
        email=text_at(row, "email") or "",
        phone=text_at(row, "phone") or "",
    )


def assignment(row: Row) -> Assignment | None:
    """Parse an assignment of a contact."""
    kind, object_id = text_at(row, "object_type"), id_at(row, "object_id")
    contact_id = id_at(row, "contact", "id")
    if kind is None or object_id is None or contact_id is None:
        return None
    return Assignment(
        id=row["id"],
        kind=kind,
        object_id=object_id,
        contact_id=contact_id,
        role=text_at(row, "role", "name") or "",
        priority=text_at(row, "priority", "value") or "",
    )


def _alike(row: Row) -> dict[str, Any]:
    """Parse what devices and virtual machines have in common."""
    url = text_at(row, "display_url")
    tags = (text_at(each, "name") for each in rows_at(row, "tags"))
    fields = at(row, "custom_fields")
    return {
        "id": row["id"],
        "name": text_at(row, "name") or text_at(row, "display") or f"device {row['id']}",
        "site": text_at(row, "site", "name"),
        "site_id": id_at(row, "site", "id"),
        "role": text_at(row, "role", "name"),
        "role_slug": text_at(row, "role", "slug") or "",
        "role_id": id_at(row, "role", "id"),
        "status": text_at(row, "status", "value"),
        "tags": tuple(each for each in tags if each),
        "custom_fields": clean_value(fields) if isinstance(fields, dict) else {},
        "url": url if url and url.startswith(("http://", "https://")) else None,
        "cluster_id": id_at(row, "cluster", "id"),
        "cluster": text_at(row, "cluster", "name") or "",
    }


def _host_name(name: str) -> str:
    """Return a DNS name in lower case; empty: a wildcard, or not a name."""
    name = name.casefold().rstrip(".")
    return "" if "*" in name or name in NO_HOST_NAMES or canonical_address(name) else name


def _pointed(row: Row, *keys: str) -> Iterator[AddressRef]:
    seen = set()
    for key in keys:
        address, address_id = address_at(row, key, "address"), id_at(row, key, "id")
        if address is None or address_id is None or reach_of(address) not in PRIMARY:
            continue
        if address_id not in seen:
            seen.add(address_id)
            yield AddressRef(id=address_id, address=address)


def _far_ends(row: Row) -> Iterator[FarEnd]:
    kind = text_at(row, "connected_endpoints_type")
    for each in rows_at(row, "connected_endpoints") if kind else ():
        found = id_at(each, "id")
        if kind is not None and found is not None:
            yield FarEnd(
                kind=kind,
                id=found,
                name=text_at(each, "name") or text_at(each, "display") or "",
                device_id=id_at(each, "device", "id"),
                cable_id=id_at(each, "cable", "id"),
            )


def _ifindex(value: object) -> int | None:
    """Return the ifIndex of a custom field, which may be a number or a text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len("2147483647"):
        value = int(value)
    is_index = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= HIGHEST_IFINDEX
    return value if is_index and isinstance(value, int) else None
