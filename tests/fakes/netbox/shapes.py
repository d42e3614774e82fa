"""Rows as NetBox's REST API shows them.

Source: the serializers of NetBox 4.6.8 (`netbox/*/api/serializers_/*.py`): their fields and brief fields.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.fakes.netbox.estate import CABLED, Estate, Row

Read = Callable[["Shown", Row], Any]
PATHS = {
    "dcim.site": "dcim/sites",
    "dcim.location": "dcim/locations",
    "dcim.rack": "dcim/racks",
    "dcim.manufacturer": "dcim/manufacturers",
    "dcim.devicetype": "dcim/device-types",
    "dcim.devicerole": "dcim/device-roles",
    "dcim.device": "dcim/devices",
    "dcim.virtualchassis": "dcim/virtual-chassis",
    "dcim.interface": "dcim/interfaces",
    "dcim.frontport": "dcim/front-ports",
    "dcim.rearport": "dcim/rear-ports",
    "dcim.powerport": "dcim/power-ports",
    "dcim.poweroutlet": "dcim/power-outlets",
    "dcim.powerfeed": "dcim/power-feeds",
    "dcim.powerpanel": "dcim/power-panels",
    "dcim.cable": "dcim/cables",
    "dcim.devicebay": "dcim/device-bays",
    "ipam.ipaddress": "ipam/ip-addresses",
    "virtualization.cluster": "virtualization/clusters",
    "virtualization.virtualmachine": "virtualization/virtual-machines",
    "virtualization.vminterface": "virtualization/interfaces",
    "tenancy.contact": "tenancy/contacts",
    "tenancy.contactrole": "tenancy/contact-roles",
    "tenancy.contactassignment": "tenancy/contact-assignments",
    "circuits.circuit": "circuits/circuits",
    "circuits.circuittermination": "circuits/circuit-terminations",
    "circuits.providernetwork": "circuits/provider-networks",
    "extras.tag": "extras/tags",
    "core.objectchange": "core/object-changes",
}
NAMED = ("id", "url", "display", "name", "slug", "description")


@dataclass(frozen=True, slots=True)
class Shape:
    """How a type is shown: its fields by name, and those of its brief form."""

    fields: Mapping[str, Read]
    brief: Sequence[str]


class Shown:
    """Shows the rows of an estate to a client of an address."""

    def __init__(self, estate: Estate, root: str) -> None:
        self.estate = estate
        self.root = root

    def row(self, kind: str, row: Row, *, fields: Sequence[str] = (), omit: Sequence[str] = ()) -> Row:
        """Show a row, complete or only some fields; unknown fields are left out."""
        shape = SHAPES[kind]
        wanted = [name for name in fields if name in shape.fields] if fields else shape.fields
        return {name: shape.fields[name](self, row) for name in wanted if name not in omit}

    def brief(self, kind: str, key: int | None) -> Row | None:
        """Show a referenced row."""
        row = self.estate.of(kind).get(key or 0)
        return None if row is None else self.row(kind, row, fields=SHAPES[kind].brief)

    def url(self, kind: str, row: Row) -> str:
        """Return a row's URL in the API."""
        return f"{self.root}/api/{PATHS[kind]}/{row['id']}/"


def choice(value: str | None) -> Row | None:
    """Show a choice."""
    return {"value": value, "label": value.replace("-", " ").title()} if value else None


def _value(name: str, *, default: Any = None) -> Read:
    return lambda _, row: row.get(name, default)


def _brief(name: str, kind: str) -> Read:
    return lambda shown, row: shown.brief(kind, row.get(name))


def _choice(name: str) -> Read:
    return lambda _, row: choice(row.get(name))


def _moment(name: str) -> Read:
    return lambda _, row: row[name].isoformat().replace("+00:00", "Z")


def _always(kind: str) -> dict[str, Read]:
    return {
        "id": _value("id"),
        "url": lambda shown, row: shown.url(kind, row),
        "display_url": lambda shown, row: f"{shown.root}/{PATHS[kind]}/{row['id']}/",
        "display": lambda _, row: row.get("name") or f"Unnamed ({row['id']})",
        "description": _value("description", default=""),
        "tags": lambda shown, row: [shown.brief("extras.tag", key) for key in row.get("tags", ())],
        "custom_fields": _value("custom_fields", default={}),
        "created": _moment("created"),
        "last_updated": _moment("last_updated"),
    }


def _named(kind: str, **fields: Read) -> Shape:
    return Shape(
        {**_always(kind), "name": _value("name"), "slug": _value("slug", default=""), **fields}, NAMED
    )


def _cable(shown: Shown, row: Row) -> Row | None:
    return shown.brief("dcim.cable", row.get("cable"))


def _peers(shown: Shown, row: Row) -> list[tuple[str, int]]:
    cable = shown.estate.of("dcim.cable").get(row.get("cable") or 0)
    if cable is None:
        return []
    return [end for end in (cable["a"], cable["b"]) if shown.estate.of(end[0]).get(end[1]) is not row]


def _peers_type(shown: Shown, row: Row) -> str | None:
    return next((kind for kind, _ in _peers(shown, row)), None)


def _shown_peers(shown: Shown, row: Row) -> list[Row | None]:
    return [shown.brief(*end) for end in _peers(shown, row)]


def _connected(kind: str) -> dict[str, Read]:
    def ends(shown: Shown, row: Row) -> list[Row | None] | None:
        found = [shown.brief(*end) for end in shown.estate.destinations((kind, row["id"]))[0]]
        return found or None

    def kinds(shown: Shown, row: Row) -> str | None:
        return next((end[0] for end in shown.estate.destinations((kind, row["id"]))[0]), None)

    def reachable(shown: Shown, row: Row) -> bool:
        found, is_active = shown.estate.destinations((kind, row["id"]))
        return bool(found) and is_active

    return {
        "connected_endpoints": ends,
        "connected_endpoints_type": kinds,
        "connected_endpoints_reachable": reachable,
    }


def _plugged(kind: str, **fields: Read) -> Shape:
    """Shape a row with cables; ends of paths have the other end."""
    path = (
        {} if kind in ("dcim.frontport", "dcim.rearport", "circuits.circuittermination") else _connected(kind)
    )
    shared: dict[str, Read] = {
        "name": _value("name"),
        "label": _value("label", default=""),
        "mark_connected": lambda *_: False,
        "cable": _cable,
        "cable_end": lambda *_: "A",
        "link_peers": _shown_peers,
        "link_peers_type": _peers_type,
        "_occupied": lambda _, row: bool(row.get("cable")),
    }
    brief = ("id", "url", "display", "device", "name", "description", "cable", "_occupied")
    return Shape(
        {**_always(kind), **shared, **path, **fields},
        [each for each in brief if each != "device" or "device" in fields],
    )


def _primary(shown: Shown, row: Row) -> Row | None:
    return _pointed("primary_ip4")(shown, row) or _pointed("primary_ip6")(shown, row)


def _pointed(name: str) -> Read:
    fields = (
        "id",
        "url",
        "display",
        "family",
        "address",
        "description",
        "dns_name",
        "nat_inside",
        "nat_outside",
    )

    def read(shown: Shown, row: Row) -> Row | None:
        address = shown.estate.of("ipam.ipaddress").get(row.get(name) or 0)
        return None if address is None else shown.row("ipam.ipaddress", address, fields=fields)

    return read


def _parent(shown: Shown, row: Row) -> Row | None:
    for bay in shown.estate.of("dcim.devicebay").values():
        if bay["installed_device"] == row["id"]:
            device = shown.brief("dcim.device", bay["device"]) or {}
            return {**device, "device_bay": {"id": bay["id"], "display": bay["name"], "name": bay["name"]}}
    return None


def _interfaces(shown: Shown, row: Row) -> int:
    return sum(port["device"] == row["id"] for port in shown.estate.of("dcim.interface").values())


def _owner(shown: Shown, row: Row) -> Row | None:
    return shown.brief(*row["owner"]) if row["owner"] else None


def _outside(shown: Shown, row: Row) -> list[Row | None]:
    found = [
        key for key, each in shown.estate.of("ipam.ipaddress").items() if each.get("nat_inside") == row["id"]
    ]
    return [shown.brief("ipam.ipaddress", key) for key in found] if "has_nat" in row else []


def _terminations(side: str) -> Read:
    def read(shown: Shown, row: Row) -> list[Row]:
        kind, key = row[side]
        return [{"object_type": kind, "object_id": key, "object": shown.brief(kind, key)}]

    return read


def _chassis_members(shown: Shown, row: Row) -> list[Row | None]:
    devices = shown.estate.of("dcim.device")
    return [
        shown.brief("dcim.device", key)
        for key, each in devices.items()
        if each.get("virtual_chassis") == row["id"]
    ]


MACHINE: dict[str, Read] = {
    "name": _value("name"),
    "role": _brief("role", "dcim.devicerole"),
    "site": _brief("site", "dcim.site"),
    "status": _choice("status"),
    "cluster": _brief("cluster", "virtualization.cluster"),
    "tenant": lambda *_: None,
    "platform": lambda *_: None,
    "comments": lambda *_: "",
    "primary_ip": _primary,
    "primary_ip4": _pointed("primary_ip4"),
    "primary_ip6": _pointed("primary_ip6"),
    "local_context_data": lambda *_: None,
    "config_context": lambda *_: {"ntp": {"servers": ["192.0.2.1"]}},
}

SHAPES: dict[str, Shape] = {
    **{
        kind: _named(kind)
        for kind in (
            "dcim.site",
            "dcim.location",
            "dcim.rack",
            "dcim.manufacturer",
            "dcim.powerpanel",
            "dcim.devicebay",
            "virtualization.cluster",
            "tenancy.contactrole",
            "circuits.circuit",
            "circuits.providernetwork",
            "extras.tag",
        )
    },
    "dcim.devicerole": _named("dcim.devicerole", parent=_brief("parent", "dcim.devicerole")),
    "dcim.devicetype": Shape(
        {
            **_always("dcim.devicetype"),
            "manufacturer": _brief("manufacturer", "dcim.manufacturer"),
            "model": _value("name"),
            "slug": _value("slug"),
        },
        ("id", "url", "display", "manufacturer", "model", "slug", "description"),
    ),
    "dcim.device": Shape(
        {
            **_always("dcim.device"),
            **MACHINE,
            "device_type": _brief("device_type", "dcim.devicetype"),
            "serial": _value("serial", default=""),
            "asset_tag": _value("asset_tag"),
            "location": _brief("location", "dcim.location"),
            "rack": _brief("rack", "dcim.rack"),
            "parent_device": _parent,
            "oob_ip": _pointed("oob_ip"),
            "virtual_chassis": _brief("virtual_chassis", "dcim.virtualchassis"),
            "vc_position": _value("vc_position"),
            "interface_count": _interfaces,
        },
        ("id", "url", "display", "name", "description"),
    ),
    "dcim.virtualchassis": Shape(
        {
            **_always("dcim.virtualchassis"),
            "name": _value("name"),
            "master": _brief("master", "dcim.device"),
            "member_count": lambda shown, row: len(_chassis_members(shown, row)),
            "members": _chassis_members,
        },
        ("id", "url", "display", "name", "master", "description", "member_count"),
    ),
    "dcim.interface": _plugged(
        "dcim.interface",
        device=_brief("device", "dcim.device"),
        type=lambda *_: choice("1000base-t"),
        enabled=_value("enabled", default=True),
        lag=_brief("lag", "dcim.interface"),
        mgmt_only=_value("mgmt_only", default=False),
    ),
    "dcim.frontport": _plugged("dcim.frontport", device=_brief("device", "dcim.device")),
    "dcim.rearport": _plugged("dcim.rearport", device=_brief("device", "dcim.device")),
    "dcim.powerport": _plugged("dcim.powerport", device=_brief("device", "dcim.device")),
    "dcim.poweroutlet": _plugged(
        "dcim.poweroutlet",
        device=_brief("device", "dcim.device"),
        power_port=_brief("power_port", "dcim.powerport"),
    ),
    "dcim.powerfeed": _plugged(
        "dcim.powerfeed",
        power_panel=_brief("power_panel", "dcim.powerpanel"),
        type=_choice("type"),
        status=_choice("status"),
    ),
    "circuits.circuittermination": _plugged(
        "circuits.circuittermination",
        circuit=_brief("circuit", "circuits.circuit"),
        term_side=_value("term_side"),
    ),
    "dcim.cable": Shape(
        {
            **_always("dcim.cable"),
            "label": _value("label", default=""),
            "status": _choice("status"),
            "a_terminations": _terminations("a"),
            "b_terminations": _terminations("b"),
        },
        ("id", "url", "display", "label", "description"),
    ),
    "ipam.ipaddress": Shape(
        {
            **_always("ipam.ipaddress"),
            "display": _value("address"),
            "family": lambda _, row: (
                {"value": 6, "label": "IPv6"} if ":" in row["address"] else {"value": 4, "label": "IPv4"}
            ),
            "address": _value("address"),
            "status": lambda _, row: choice(row.get("status", "active")),
            "role": _choice("role"),
            "assigned_object_type": lambda _, row: row["owner"][0] if row["owner"] else None,
            "assigned_object_id": lambda _, row: row["owner"][1] if row["owner"] else None,
            "assigned_object": _owner,
            "nat_inside": _brief("nat_inside", "ipam.ipaddress"),
            "nat_outside": _outside,
            "dns_name": _value("dns_name", default=""),
        },
        ("id", "url", "display", "family", "address", "description"),
    ),
    "virtualization.virtualmachine": Shape(
        {**_always("virtualization.virtualmachine"), **MACHINE, "device": _brief("device", "dcim.device")},
        ("id", "url", "display", "name", "description"),
    ),
    "virtualization.vminterface": Shape(
        {
            **_always("virtualization.vminterface"),
            "name": _value("name"),
            "virtual_machine": _brief("virtual_machine", "virtualization.virtualmachine"),
        },
        ("id", "url", "display", "virtual_machine", "name", "description"),
    ),
    "tenancy.contact": Shape(
        {
            **_always("tenancy.contact"),
            "name": _value("name"),
            "email": _value("email", default=""),
            "phone": _value("phone", default=""),
        },
        ("id", "url", "display", "name", "description"),
    ),
    "tenancy.contactassignment": Shape(
        {
            **_always("tenancy.contactassignment"),
            "object_type": lambda _, row: row["object"][0],
            "object_id": lambda _, row: row["object"][1],
            "object": lambda shown, row: shown.brief(*row["object"]),
            "contact": _brief("contact", "tenancy.contact"),
            "role": _brief("role", "tenancy.contactrole"),
            "priority": _choice("priority"),
        },
        ("id", "url", "display", "contact", "role", "priority"),
    ),
    "core.objectchange": Shape(
        {
            "id": _value("id"),
            "url": lambda shown, row: shown.url("core.objectchange", row),
            "time": _moment("time"),
            "user_name": lambda *_: "admin",
            "request_id": lambda *_: "0b5f9c0c-2a2c-4d0e-9d6d-0c3e8a1f2b44",
            "action": _choice("action"),
            "changed_object_type": _value("kind"),
            "changed_object_id": _value("object_id"),
            "changed_object": lambda shown, row: shown.brief(row["kind"], row["object_id"]),
            "prechange_data": lambda *_: None,
            "postchange_data": lambda *_: None,
        },
        ("id", "url", "time"),
    ),
}
assert set(CABLED) <= set(SHAPES)
