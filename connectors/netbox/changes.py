"""NetBox's changelog, and what must be read again because of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.netbox.client import NetboxClient, Row
from connectors.netbox.rows import at, id_at, text_at
from connectors.netbox.tables import CHANGES, Holdings

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""An older change counts as this old: its time is wrong, but the change is real."""
OVERLAP = timedelta(minutes=10)
"""Overlap of each read of the changelog: a row has the time of the change but becomes visible only after its
transaction, and scripts may take five minutes.
"""

MOST_SINGLE = 2_000
"""Rows that are read individually; beyond that the whole table is read."""

LINKS = ("interfaces", "power_ports")
MACHINES = ("devices", "virtual_machines")

WHOLE: Mapping[str, Sequence[str]] = {
    "dcim.site": MACHINES,
    "dcim.location": ("devices",),
    "dcim.rack": ("devices",),
    "dcim.devicerole": (*MACHINES, "device_roles"),
    "dcim.devicetype": ("devices",),
    "dcim.manufacturer": ("devices",),
    "dcim.devicebay": ("devices",),
    "dcim.powerpanel": ("power_feeds",),
    "extras.tag": MACHINES,
    "extras.customfield": MACHINES,
    "virtualization.cluster": MACHINES,
    "dcim.portmapping": ("interfaces",),
    "circuits.circuit": ("interfaces",),
    "circuits.circuittermination": ("interfaces",),
    "circuits.providernetwork": ("interfaces",),
    "circuits.virtualcircuittermination": ("interfaces",),
    "wireless.wirelesslink": ("interfaces",),
}
"""Types that appear in the rows of other tables, or between interfaces: what must be read completely."""

PASSIVE = frozenset({"dcim.frontport", "dcim.rearport"})
"""A new object of these types changes nothing until it has a cable."""

OWN = {
    "dcim.device": "devices",
    "virtualization.virtualmachine": "virtual_machines",
    "ipam.ipaddress": "addresses",
    "dcim.interface": "interfaces",
    "dcim.powerport": "power_ports",
    "dcim.poweroutlet": "power_outlets",
    "dcim.powerfeed": "power_feeds",
    "tenancy.contact": "contacts",
    "tenancy.contactassignment": "assignments",
}
"""Tables by the types of their rows."""

ENDS = {"dcim.interface": "interfaces", "dcim.powerport": "power_ports"}
"""Tables whose rows contain the far end of a cable."""

NO_PATH = frozenset({"dcim.poweroutlet", "dcim.powerfeed", "dcim.consoleport", "dcim.consoleserverport"})
"""Cable ends that lead no further, and whose own rows do not contain the cable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectChange:
    """One row of the changelog."""

    id: int
    at: datetime
    action: str
    kind: str
    object_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMark:
    """Position in the changelog.

    Attributes:
        newest_at: By NetBox's clock; None: there is no change yet.
        seen: Processed changes, as far back as the next read goes.
    """

    newest_at: datetime | None = None
    seen: frozenset[int] = frozenset()


@dataclass(slots=True)
class PullPlan:
    """What must be read again.

    Attributes:
        single: Rows by table.
        whole: Tables.
        cables: New or changed cables, whose ends must be looked up.
    """

    single: dict[str, set[int]] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    cables: set[int] = field(default_factory=set)

    def add(self, table: str, ids: Iterable[int]) -> None:
        """Add rows to read again."""
        self.single.setdefault(table, set()).update(ids)

    def bounded(self) -> "PullPlan":
        """Replace many rows of a table by the whole table."""
        self.whole |= {table for table, ids in self.single.items() if len(ids) > MOST_SINGLE}
        self.single = {table: ids for table, ids in self.single.items() if ids and table not in self.whole}
        return self

    def __bool__(self) -> bool:
        return bool(self.single or self.whole or self.cables)


def read_changes(client: NetboxClient, mark: ChangeMark) -> list[ObjectChange]:
    """Read the changes since the position, with some overlap."""
    since: dict[str, Any] = (
        {} if mark.newest_at is None else {"time_after": _written(mark.newest_at - OVERLAP)}
    )
    fields = "id,time,action,changed_object_type,changed_object_id"
    return sorted(client.read(CHANGES, change, fields=fields, **since).values(), key=lambda each: each.id)


def read_newest(client: NetboxClient) -> ChangeMark:
    """Return the end of the changelog, before everything is read."""
    newest = client.newest(CHANGES, change)
    if newest is None:
        return ChangeMark()
    return moved(ChangeMark(newest_at=newest.at), read_changes(client, ChangeMark(newest_at=newest.at)))


def change(row: Row) -> ObjectChange | None:
    """Parse a row of the changelog."""
    at_text, object_id = at(row, "time"), id_at(row, "changed_object_id")
    action, kind = text_at(row, "action", "value"), text_at(row, "changed_object_type")
    try:
        changed_at = datetime.fromisoformat(at_text) if isinstance(at_text, str) else None
    except ValueError:
        changed_at = None
    if changed_at is None or changed_at.tzinfo is None or object_id is None or not action or not kind:
        return None
    changed_at = max(changed_at, EARLIEST)
    return ObjectChange(id=row["id"], at=changed_at, action=action, kind=kind, object_id=object_id)


def moved(mark: ChangeMark, changes: Iterable[ObjectChange]) -> ChangeMark:
    """Return the position after changes were processed."""
    recent = list(changes)
    times = [each.at for each in recent] + ([mark.newest_at] if mark.newest_at else [])
    newest_at = max(times, default=None)
    return ChangeMark(newest_at=newest_at, seen=frozenset(each.id for each in recent))


def plan_of(changes: Iterable[ObjectChange], holdings: Holdings) -> PullPlan:
    """Return what must be read again."""
    plan = PullPlan()
    for each in changes:
        plan.whole.update(WHOLE.get(each.kind, ()))
        if each.kind in PASSIVE and each.action != "create":
            plan.whole.add("interfaces")
        if each.kind in OWN:
            plan.add(OWN[each.kind], [each.object_id])
        if each.kind == "ipam.ipaddress":
            _plan_pointing(plan, each.object_id, holdings)
        elif each.kind in ENDS:
            _plan_neighbours(plan, ENDS[each.kind], [each.object_id], holdings)
        elif each.kind == "dcim.virtualchassis":
            members = (
                key for key, machine in holdings.devices.items() if machine.chassis_id == each.object_id
            )
            plan.add("devices", members)
        elif each.kind == "dcim.cable":
            _plan_cable(plan, each, holdings)
    return plan


def plan_ends(plan: PullPlan, cables: Mapping[int, Sequence[tuple[str, int]]], holdings: Holdings) -> None:
    """Add the ends of cables.

    If both ends are panels or circuits, the affected interfaces are unknown:
    then all are read.

    Args:
        cables: By id: type and id of all ends.
    """
    for ends in cables.values():
        known = [(ENDS[kind], key) for kind, key in ends if kind in ENDS]
        for table, key in known:
            plan.add(table, [key])
            _plan_neighbours(plan, table, [key], holdings)
        if not known and any(kind not in NO_PATH for kind, _ in ends):
            plan.whole.add("interfaces")


def cable(row: Row) -> list[tuple[str, int]]:
    """Parse the ends of a cable."""
    ends = (*(at(row, "a_terminations") or ()), *(at(row, "b_terminations") or ()))
    found = ((text_at(end, "object_type"), id_at(end, "object_id")) for end in ends)
    return [(kind, key) for kind, key in found if kind is not None and key is not None]


def _plan_cable(plan: PullPlan, each: ObjectChange, holdings: Holdings) -> None:
    """Add what was connected by a cable; for a deleted one everything, if its ends are unknown."""
    ends = list(_plugged(each.object_id, holdings))
    for table, key in ends:
        plan.add(table, [key])
        _plan_neighbours(plan, table, [key], holdings)
    if each.action != "delete":
        plan.cables.add(each.object_id)
    elif not ends:
        plan.whole.add("interfaces")


def _plugged(cable_id: int, holdings: Holdings) -> Iterator[tuple[str, int]]:
    for table in LINKS:
        for key, port in getattr(holdings, table).items():
            if port.cable_id == cable_id:
                yield table, key


def _plan_neighbours(plan: PullPlan, table: str, ids: Iterable[int], holdings: Holdings) -> None:
    """Add what was connected to ports, so that the far side does not keep an old connection."""
    known: Mapping[int, Any] = getattr(holdings, table)
    for key in ids:
        for far in known[key].far_ends if key in known else ():
            if far.kind in ENDS:
                plan.add(ENDS[far.kind], [far.id])


def _plan_pointing(plan: PullPlan, address_id: int, holdings: Holdings) -> None:
    """Add the devices that have an address as a primary one."""
    for table in MACHINES:
        known: Mapping[int, Any] = getattr(holdings, table)
        plan.add(
            table, (k for k, machine in known.items() if any(r.id == address_id for r in machine.pointed))
        )


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
