"""Cost of reports, and the exemptions beyond a budget; pure."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from opsconductor.flood.reserves import AlertKind, Reserve
from opsconductor.flood.storms import Storm
from opsconductor.inventory.identify import UNKNOWN_DEVICE
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.limits import Rate
from opsconductor.model.alert import Alert
from opsconductor.model.enums import CLEAR, SEVERITY_RANK, Severity
from opsconductor.model.identified import IdentifiedReport

Wanted = dict[str, dict[str, int]]
"""By device: fingerprints of new and changed alerts in order of arrival, with their numbers."""


def wanted_of(
    events: Iterable[IdentifiedReport],
    fresh: set[str],
    storming: Mapping[str, object],
    open_alerts: Mapping[str, Alert],
) -> Wanted:
    """Return the fingerprints of the alerts that these events would open or change.

    Args:
        fresh: Fingerprints without an open alert.
        storming: Devices whose changes of severity count as well.
    """
    wanted: Wanted = {}
    last: dict[str, Severity] = {}
    for event in events:
        fingerprint, severity, device = event.fingerprint, event.report.severity, device_of(event)
        if device in storming:
            known = last.get(fingerprint)
            if known is None and fingerprint not in fresh:
                known = open_alerts[fingerprint].severity
            is_change = severity is not known
        else:
            is_change = fingerprint in fresh and fingerprint not in last
        if is_change and not is_clear(event):
            last[fingerprint] = severity
            found = wanted.setdefault(device, {})
            found[fingerprint] = found.get(fingerprint, 0) + 1
    return wanted


def beyond(found: Mapping[str, int], amount: int) -> AbstractSet[str]:
    """Return the fingerprints beyond a number of changes; earlier ones take precedence."""
    left, late = amount, set()
    for fingerprint, changes in found.items():
        if changes <= left:
            left -= changes
        else:
            late.add(fingerprint)
    return late


def is_clear(event: IdentifiedReport) -> bool:
    """Return True if an event reports the end of a problem."""
    return event.report.is_clear or event.report.severity is CLEAR


def device_of(event: IdentifiedReport) -> str:
    """Return the device whose budget an event is taken from."""
    return event.device_ip or event.device_name or UNKNOWN_DEVICE


def is_repeat(event: IdentifiedReport, open_alerts: Mapping[str, Alert]) -> bool:
    """Return True if an event repeats what is known of an open alert."""
    alert = open_alerts.get(event.fingerprint)
    return alert is not None and alert.severity is event.report.severity


class Group(NamedTuple):
    """Reports of a batch beyond the budget of one storm, all of one kind."""

    storm: Storm
    kind: AlertKind
    positions: list[int]

    @property
    def rank(self) -> int:
        """The rank of their severity."""
        return SEVERITY_RANK[self.kind.severity]


class Exemptions:
    """Reserves of all devices together; each storm of one device has its own.

    Devices of the inventory and others have separate reserves, so that forged addresses cannot use up
    what a real device needs.

    Args of the constructor:
        budget_of_all: Budget of all devices together for new alerts.
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

        Highest severities first. A storm that withholds nothing yet is compared with the least severe report
        of the batch that is beyond its budget.

        Args:
            room: Number of alerts that may still be kept in memory.

        Returns:
            Positions of what is withheld, and the number of reports that pass because they are worse.
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
        """Return True and use the reserves if a report passes."""
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
    """Group the refused changes by storm and kind; clears and repeats are not included.

    Args:
        refused: By fingerprint the storm that counts its changes.
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
    """Return True if the inventory contains a device; without an inventory all are known."""
    return not inventory.devices or inventory.device_of(device) is not None
