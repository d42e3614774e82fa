"""Decides which reports beyond a budget pass all the same, and counts the others in their storms; pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from opsconductor.flood.cost import device_of, is_clear, is_repeat
from opsconductor.flood.reserve import AlertKind, Reserve
from opsconductor.flood.storm import Storm
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.limits import Rate
from opsconductor.model.alert import Alert
from opsconductor.model.enums import SEVERITY_RANK
from opsconductor.model.identified import IdentifiedReport


class Group(NamedTuple):
    """Reports of a batch that are beyond the budget of one storm, all of one kind."""

    storm: Storm
    kind: AlertKind
    positions: list[int]

    @property
    def rank(self) -> int:
        """The rank of their severity."""
        return SEVERITY_RANK[self.kind.severity]


class Exemptions:
    """The reserves of all devices together; each storm of one device has its own beside them.

    Devices of the inventory and others have reserves apart, so that invented addresses use up nothing
    that a real device needs.

    Args of the constructor:
        budget_of_all: What all devices together may make of new alerts.
    """

    def __init__(self, budget_of_all: Rate) -> None:
        self._of_all = {is_known: Reserve(budget_of_all) for is_known in (True, False)}

    def withhold(
        self,
        events: Sequence[IdentifiedReport],
        groups: Sequence[Group],
        inventory: InventorySnapshot,
        *,
        now_s: float,
        room: int,
    ) -> tuple[list[int], int]:
        """Count what is beyond a budget in its storm, except what is worse than all that it withholds.

        The worst come first. A storm that withholds nothing yet is held against the least severe report
        of the batch that is beyond its budget.

        Args:
            room: How many alerts may still be taken into memory.

        Returns:
            Positions of what is withheld, and how many reports pass because they are worse.
        """
        groups = sorted(groups, key=lambda group: -group.rank)
        for group in reversed(groups):
            if group.storm.floor < 0:
                group.storm.floor = group.rank
        withheld: list[int] = []
        spared: set[tuple[str, AlertKind]] = set()
        for group in groups:
            late: list[int] = []
            for index, position in enumerate(group.positions):
                event = events[position]
                if (event.fingerprint, group.kind) in spared:
                    continue
                if late or len(spared) >= room or not self._allows(event, group, inventory, now_s):
                    late.append(position)
                    if not spared:
                        late = group.positions[index:]
                        break
                else:
                    spared.add((event.fingerprint, group.kind))
            if late:
                group.storm.withhold([events[position] for position in late], group.kind, now_s)
                withheld += late
        return withheld, len(spared)

    def _allows(
        self, event: IdentifiedReport, group: Group, inventory: InventorySnapshot, now_s: float
    ) -> bool:
        """Check whether a report passes, and take it from the reserves if it does."""
        storm, kind, _ = group
        if not storm.is_urgent(kind):
            return False
        reserves = [self._of_all[is_known(device_of(event), inventory)]]
        if storm.reserve is not None:
            reserves.append(storm.reserve)
        if not all(reserve.allows(kind, now_s) for reserve in reserves):
            return False
        for reserve in reserves:
            reserve.take(kind)
        return True


def groups_of(
    events: Sequence[IdentifiedReport], refused: Mapping[str, Storm], open_alerts: Mapping[str, Alert]
) -> list[Group]:
    """Group the transitions that are refused by storm and kind; clears and repeats are none.

    Args:
        refused: By fingerprint the storm that counts its transitions.
    """
    groups: dict[tuple[int, int, str], Group] = {}
    for position, event in enumerate(events):
        storm = refused.get(event.fingerprint)
        if storm is None or is_clear(event) or is_repeat(event, open_alerts):
            continue
        report = event.report
        key = (id(storm), id(report.severity), report.alert_type)  # enumerations are slow to hash
        group = groups.get(key)
        if group is None:
            group = groups[key] = Group(storm, AlertKind(report.severity, report.alert_type), [])
        group.positions.append(position)
    return list(groups.values())


def is_known(device: str, inventory: InventorySnapshot) -> bool:
    """Check whether the inventory knows a device; without an inventory all are known."""
    return not inventory.devices or inventory.device_of(device) is not None
