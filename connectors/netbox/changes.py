"""Reads NetBox's changelog, and decides what has to be read again because of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.netbox.client import NetboxClient, Row
from connectors.netbox.rows import at, id_at, text_at
from connectors.netbox.tables import CHANGES, Holdings

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""A change that claims to be older counts as of then: its time is a mistake, the change is not."""
OVERLAP = timedelta(minutes=10)
"""How far back every look at the changelog goes: a row has the time of the change and is seen only when its
transaction is over, and scripts may take five minutes."""

MOST_SINGLE = 2_000
"""Rows that are read one by one; of more the whole table is read."""

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
"""What stands in the rows of other tables, or lies between interfaces: what has to be read whole then."""

PASSIVE = frozenset({"dcim.frontport", "dcim.rearport"})
"""A new one changes nothing before it has a cable."""

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
"""Tables by the types whose rows they hold."""

ENDS = {"dcim.interface": "interfaces", "dcim.powerport": "power_ports"}
"""Tables whose rows tell what is at the other end of a cable."""

NO_PATH = frozenset({"dcim.poweroutlet", "dcim.powerfeed", "dcim.consoleport", "dcim.consoleserverport"})
"""Ends of cables that lead nowhere further, and whose own rows do not tell about the cable."""


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
    """How far the changelog is known.

    Attributes:
        newest_at: By NetBox's clock; None: there is no change yet.
        seen: Changes that are dealt with, as far back as the next look will go.
    """

    newest_at: datetime | None = None
    seen: frozenset[int] = frozenset()


@dataclass(slots=True)
class PullPlan:
    """What has to be read again.

    Attributes:
        single: Rows by table.
        whole: Tables.
        cables: Cables that came or were changed: where they end has to be looked up.
    """

    single: dict[str, set[int]] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    cables: set[int] = field(default_factory=set)

    def add(self, table: str, ids: Iterable[int]) -> None:
        """Have rows read again."""
        self.single.setdefault(table, set()).update(ids)

    def bounded(self) -> "PullPlan":
        """Read tables whole of which many rows are wanted, and no row of those."""
        self.whole |= {table for table, ids in self.single.items() if len(ids) > MOST_SINGLE}
        self.single = {table: ids for table, ids in self.single.items() if ids and table not in self.whole}
        return self

    def __bool__(self) -> bool:
        return bool(self.single or self.whole or self.cables)


def read_changes(client: NetboxClient, mark: ChangeMark) -> list[ObjectChange]:
    """Read what has happened since, a little before it included."""
    since: dict[str, Any] = (
        {} if mark.newest_at is None else {"time_after": _written(mark.newest_at - OVERLAP)}
    )
    fields = "id,time,action,changed_object_type,changed_object_id"
    return sorted(client.read(CHANGES, change, fields=fields, **since).values(), key=lambda each: each.id)


def read_newest(client: NetboxClient) -> ChangeMark:
    """Note where the changelog ends, before everything is read."""
    newest = client.newest(CHANGES, change)
    if newest is None:
        return ChangeMark()
    return moved(ChangeMark(newest_at=newest.at), read_changes(client, ChangeMark(newest_at=newest.at)))


def change(row: Row) -> ObjectChange | None:
    """Read a row of the changelog."""
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
    """Note that changes have been dealt with."""
    recent = list(changes)
    times = [each.at for each in recent] + ([mark.newest_at] if mark.newest_at else [])
    newest_at = max(times, default=None)
    return ChangeMark(newest_at=newest_at, seen=frozenset(each.id for each in recent))


def plan_of(changes: Iterable[ObjectChange], holdings: Holdings) -> PullPlan:
    """Decide what has to be read again."""
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
    """Add what cables end at.

    Where both ends are panels or circuits nobody can tell which interfaces reach each other through them:
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
    """Read where a cable ends."""
    ends = (*(at(row, "a_terminations") or ()), *(at(row, "b_terminations") or ()))
    found = ((text_at(end, "object_type"), id_at(end, "object_id")) for end in ends)
    return [(kind, key) for kind, key in found if kind is not None and key is not None]


def _plan_cable(plan: PullPlan, each: ObjectChange, holdings: Holdings) -> None:
    """Read again what was plugged into a cable; of one that is gone all, when nobody knows what that was."""
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
    """Read again what was connected to ports: the other side must not go on telling of it."""
    known: Mapping[int, Any] = getattr(holdings, table)
    for key in ids:
        for far in known[key].far_ends if key in known else ():
            if far.kind in ENDS:
                plan.add(ENDS[far.kind], [far.id])


def _plan_pointing(plan: PullPlan, address_id: int, holdings: Holdings) -> None:
    """Read again the devices that have an address as a primary one."""
    for table in MACHINES:
        known: Mapping[int, Any] = getattr(holdings, table)
        plan.add(
            table, (k for k, machine in known.items() if any(r.id == address_id for r in machine.pointed))
        )


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
