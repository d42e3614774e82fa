"""The content of a NetBox: rows by type and id, and the changelog that every change leaves.

Rows are plain dictionaries with the ids of what they point to; `shapes.py` shows them as the REST API does.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

PORTS = ("dcim.interface", "dcim.frontport", "dcim.rearport", "dcim.powerport", "dcim.poweroutlet")
CABLED = (*PORTS, "dcim.powerfeed", "circuits.circuittermination")
PARENTS = {
    **dict.fromkeys(PORTS, "device"),
    "virtualization.vminterface": "virtual_machine",
    "circuits.circuittermination": "circuit",
}
"""Rows that are deleted with the row they belong to."""

End = tuple[str, int]


class Estate:
    """The database of a fake NetBox.

    Attributes:
        now: NetBox's clock; every change takes it on by a millisecond.
        keeps_changelog: Off while a network is made up, as if the changelog had been pruned since.
    """

    def __init__(self) -> None:
        self.rows: dict[str, dict[int, Row]] = {"core.objectchange": {}}
        self.now = START
        self.keeps_changelog = True
        self._next_ids: dict[str, int] = {}
        self._named: dict[tuple[str, str], int] = {}
        self.paths: dict[End, tuple[list[End], bool]] = {}

    def of(self, kind: str) -> dict[int, Row]:
        """Return all rows of a type by id."""
        return self.rows.setdefault(kind, {})

    def add(self, kind: str, **values: Any) -> int:
        """Create a row; return its id."""
        key = self._next_ids[kind] = self._next_ids.get(kind, 0) + 1
        self.of(kind)[key] = {"id": key, **values, "created": self.now, "last_updated": self.now}
        self._log("create", kind, key)
        return key

    def change(self, kind: str, key: int, **values: Any) -> None:
        """Update a row."""
        self.of(kind)[key].update(values, last_updated=self.now)
        if kind == "dcim.cable":
            self.paths.clear()
        self._log("update", kind, key)

    def remove(self, kind: str, key: int) -> None:
        """Remove a row and those that belong to it, which the changelog has first."""
        for child, parent in PARENTS.items():
            if parent == kind.rpartition(".")[2].replace("virtualmachine", "virtual_machine"):
                for below in [each for each, row in self.of(child).items() if row[parent] == key]:
                    self.remove(child, below)
        if kind in CABLED and self.of(kind)[key].get("cable"):
            self.remove("dcim.cable", self.of(kind)[key]["cable"])
        if kind == "dcim.cable":
            self._unplug(key)
        for address in [a for a, row in self.of("ipam.ipaddress").items() if row["owner"] == (kind, key)]:
            self.remove("ipam.ipaddress", address)
        if kind == "ipam.ipaddress":
            self._forget_address(key)
        del self.of(kind)[key]
        self._log("delete", kind, key)

    def named(self, kind: str, name: str, **values: Any) -> int:
        """Return the id of the row of a name; create it if it is missing."""
        if (kind, name) not in self._named:
            slug = name.lower().replace(" ", "-")
            self._named[kind, name] = self.add(kind, name=name, slug=slug, **values)
        return self._named[kind, name]

    def device(
        self, name: str | None, role: str = "server", address: str | None = None, **values: Any
    ) -> int:
        """Create a device; with an address also the interface `mgmt` that has it."""
        maker = self.named("dcim.manufacturer", values.pop("manufacturer", "Acme"))
        model = values.pop("model", "Model 1")
        defaults = {
            "device_type": self.named("dcim.devicetype", model, manufacturer=maker),
            "role": self.named("dcim.devicerole", role),
            "site": self.named("dcim.site", values.pop("site", "Site 1")),
            "status": "active",
        }
        key = self.add("dcim.device", name=name, **{**defaults, **values})
        if address is not None:
            self.give_address(key, address)
        return key

    def give_address(
        self, device: int, address: str, *, interface: str = "mgmt", points: str = "primary_ip4"
    ) -> int:
        """Assign a device an address on an interface of its own, and make it point there."""
        port = self.add("dcim.interface", device=device, name=interface)
        key = self.address(("dcim.interface", port), address)
        self.change("dcim.device", device, **{points: key})
        return key

    def address(self, owner: End | None, address: str, **values: Any) -> int:
        """Create an IP address."""
        return self.add("ipam.ipaddress", address=address, owner=owner, **values)

    def guest(self, name: str, address: str | None = None, **values: Any) -> int:
        """Create a virtual machine."""
        key = self.add("virtualization.virtualmachine", name=name, **{"status": "active", **values})
        if address is not None:
            port = self.add("virtualization.vminterface", virtual_machine=key, name="eth0")
            found = self.address(("virtualization.vminterface", port), address)
            self.change("virtualization.virtualmachine", key, primary_ip4=found)
        return key

    def port(self, device: int, name: str, kind: str = "dcim.interface", **values: Any) -> End:
        """Create a port of a device."""
        return kind, self.add(kind, device=device, name=name, **values)

    def cable(self, a: End, b: End, status: str = "connected", **values: Any) -> int:
        """Plug a cable in."""
        key = self.add("dcim.cable", a=a, b=b, status=status, **values)
        for kind, port in (a, b):
            assert not self.of(kind)[port].get("cable"), f"{kind} {port} has a cable"
            self.of(kind)[port]["cable"] = key
        self.paths.clear()
        return key

    def uplink(self, a: int, b: int, **values: Any) -> int:
        """Cable two devices by new interfaces."""
        count = len(self.of("dcim.interface"))
        return self.cable(self.port(a, f"eth{count + 1}"), self.port(b, f"eth{count + 2}"), **values)

    def panel(self, name: str, ports: int) -> Iterator[tuple[End, End]]:
        """Create a patch panel; return front and rear port of each position."""
        device = self.device(name, "patch-panel")
        for number in range(1, ports + 1):
            rear = self.port(device, f"rear{number}", "dcim.rearport")
            front = self.port(device, f"front{number}", "dcim.frontport", rear_port=rear[1])
            self.of("dcim.rearport")[rear[1]]["front_port"] = front[1]
            yield front, rear

    def destinations(self, origin: End) -> tuple[list[End], bool]:
        """Follow a path: what is at its end, nothing if there is none; and whether it is active."""
        if not self.paths.get(origin):
            self.paths[origin] = self._trace(origin)
        return self.paths[origin]

    def _trace(self, origin: End) -> tuple[list[End], bool]:
        kind, key = origin
        is_active = True
        while True:
            cable = self.of("dcim.cable").get(self.of(kind)[key].get("cable") or 0)
            if cable is None:
                return [], False
            is_active = is_active and cable["status"] == "connected"
            kind, key = cable["b"] if cable["a"] == (kind, key) else cable["a"]
            if kind in ("dcim.frontport", "dcim.rearport"):
                other = "rear" if kind == "dcim.frontport" else "front"
                kind, key = f"dcim.{other}port", self.of(kind)[key].get(f"{other}_port") or 0
            elif kind == "circuits.circuittermination":
                here = self.of(kind)[key]
                far = next(
                    (
                        row
                        for row in self.of(kind).values()
                        if row["circuit"] == here["circuit"] and row is not here
                    ),
                    None,
                )
                if far is not None and far.get("provider_network"):
                    return [("circuits.providernetwork", far["provider_network"])], is_active
                key = far["id"] if far else 0
            else:
                return [(kind, key)], is_active
            if key not in self.of(kind):
                return [], False

    def _unplug(self, cable: int) -> None:
        for kind, key in (self.of("dcim.cable")[cable]["a"], self.of("dcim.cable")[cable]["b"]):
            if key in self.of(kind):
                self.of(kind)[key]["cable"] = None
        self.paths.clear()

    def _forget_address(self, address: int) -> None:
        """Clear references to an address, as the database does, without a row in the changelog."""
        for kind in ("dcim.device", "virtualization.virtualmachine"):
            for row in self.of(kind).values():
                for point in ("primary_ip4", "primary_ip6", "oob_ip"):
                    if row.get(point) == address:
                        row[point] = None

    def _log(self, action: str, kind: str, key: int) -> None:
        self.now += timedelta(milliseconds=1)
        if not self.keeps_changelog or kind == "core.objectchange":
            return
        number = self._next_ids["core.objectchange"] = self._next_ids.get("core.objectchange", 0) + 1
        self.of("core.objectchange")[number] = {
            "id": number,
            "time": self.now,
            "action": action,
            "kind": kind,
            "object_id": key,
        }
