"""Tells what would change something, and which of it passes beyond a budget; pure."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from opsconductor.flood.budgets import AlertKind, Reserve
from opsconductor.flood.storms import Storm
from opsconductor.inventory.identify import UNKNOWN_DEVICE
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.limits import Rate
from opsconductor.model.alert import Alert
from opsconductor.model.enums import SEVERITY_RANK, Severity
from opsconductor.model.identified import IdentifiedReport

Wanted = dict[str, dict[str, int]]
"""By device: fingerprints of transitions in the order in which they came, and how many of each."""


def transitions_of(
    events: Iterable[IdentifiedReport],
    fresh: set[str],
    storming: Mapping[str, object],
    open_alerts: Mapping[str, Alert],
) -> Wanted:
    """Find what would change something.

    Args:
        fresh: Fingerprints that no open alert has.
        storming: Devices of which changes of severity count as well.
    """
    wanted: Wanted = {}
    last: dict[str, Severity] = {}
    for event in events:
        fingerprint, severity, device = event.fingerprint, event.report.severity, device_of(event)
        if device in storming:
            known = last.get(fingerprint)
            if known is None and fingerprint not in fresh:
                known = open_alerts[fingerprint].severity
            is_transition = severity is not known
        else:
            is_transition = fingerprint in fresh and fingerprint not in last
        if is_transition and not is_clear(event):
            last[fingerprint] = severity
            found = wanted.setdefault(device, {})
            found[fingerprint] = found.get(fingerprint, 0) + 1
    return wanted


def beyond(found: Mapping[str, int], amount: int) -> AbstractSet[str]:
    """Find the fingerprints that so many transitions are not enough for; who came first gets first."""
    left, late = amount, set()
    for fingerprint, transitions in found.items():
        if transitions <= left:
            left -= transitions
        else:
            late.add(fingerprint)
    return late


def is_clear(event: IdentifiedReport) -> bool:
    """Tell whether an event says that something is over."""
    return event.report.is_clear or event.report.severity is Severity.CLEAR


def device_of(event: IdentifiedReport) -> str:
    """Name the device whose budget an event is taken from."""
    return event.device_ip or event.device_name or UNKNOWN_DEVICE


def is_repeat(event: IdentifiedReport, open_alerts: Mapping[str, Alert]) -> bool:
    """Tell whether an event says of an open alert what is known."""
    alert = open_alerts.get(event.fingerprint)
    return alert is not None and alert.severity is event.report.severity


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
