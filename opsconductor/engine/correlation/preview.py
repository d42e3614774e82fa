"""What a failure or another dependency would suppress, found on a copy of the present state; pure.

Nothing is changed: the same search that correlates alerts is done on a copy of the open alerts, once as
things are and once as they would be. With 100,000 devices behind one device it takes seconds: use a thread.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from opsconductor.engine.agenda import Agenda
from opsconductor.engine.alert_index import AlertIndex, cuts, device_key
from opsconductor.engine.correlation.correlate import leads_elsewhere
from opsconductor.engine.correlation.cuts import CutOff, cut_by
from opsconductor.engine.correlation.reachability import Reachability
from opsconductor.engine.hypothetical import failure_of
from opsconductor.inventory.dependency_index import Edge
from opsconductor.inventory.graph import DependencyGraph, Path
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Category, DependencyType, Status
from opsconductor.model.inventory.device import Dependency

SUPPRESSIBLE = frozenset({Status.ACTIVE, Status.SUPPRESSED})
"""Statuses of alerts that correlation changes: what is acknowledged is left alone."""
FAILURES = (Category.NETWORK, Category.POWER)
"""Categories of the alerts of a device that fails entirely: power paths are cut by power alerts alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkState:
    """The inventory and the open alerts at one moment.

    Attributes:
        alerts: The open ones.
        reachability_types: Patterns of alert types that only mean that a device cannot be reached.
    """

    inventory: InventorySnapshot
    alerts: Sequence[Alert]
    reachability_types: Sequence[str]

    def view(self, graph: DependencyGraph | None = None, *more: Alert) -> "Correlation":
        """Return what is cut off, also with another graph or further alerts."""
        book = AlertIndex([*self.alerts, *more])
        return Correlation(graph or self.inventory.graph, book, self.reachability_types)

    def cuts(self, devices: Iterable[str]) -> "Correlation":
        """Return what some devices are cut off by; alerts that do not matter for that are left out."""
        needed = self.inventory.dependency_index.closure(devices)
        book = AlertIndex(alert for alert in self.alerts if device_key(alert) in needed and cuts(alert))
        return Correlation(self.inventory.graph, book, self.reachability_types)


class Correlation:
    """What the open alerts cut off, and which alerts are consequences of others."""

    def __init__(self, graph: DependencyGraph, book: AlertIndex, reachability_types: Sequence[str]) -> None:
        self.book = book
        self._graph = graph
        self._reachability = Reachability(graph, book, reachability_types, Agenda())

    def cut_off(self, device: str) -> tuple[CutOff, ...]:
        """Return the types of dependency in which a device is cut off; empty: it is not."""
        if device not in self._graph.needs and device not in self._graph.management:
            return ()
        return self._reachability.severed(device)

    def causes(self, found: CutOff) -> list[Alert]:
        """Return the alerts that cut the paths of an answer."""
        return [each for path in found.paths for each in self._reachability.cutters(path)]

    def is_cut(self, edge: Edge) -> bool:
        """Return True if open alerts at its provider cut a dependency."""
        path = path_of(edge, is_sure=True)
        return cut_by(path, self._reachability.cutters(path)) is not None

    def has_cause(self, alert: Alert, device: str) -> bool:
        """Return True if an alert of a device is to be suppressed."""
        is_circular = device in self._graph.circular
        for found in self.cut_off(device):
            is_management = found.dependency_type is DependencyType.MANAGEMENT
            if is_management and not self._reachability.is_about_reachability(alert.alert_type):
                continue
            causes = self.causes(found)
            if any(not is_circular or leads_elsewhere(self.book, each, device) for each in causes):
                return True
        return False

    def alerts_of(self, device: str) -> list[Alert]:
        """Return the open alerts of a device."""
        return [self.book.open[fingerprint] for fingerprint in self.book.by_device.get(device)]

    def suppressed(self, devices: Iterable[str]) -> dict[UUID, Alert]:
        """Return the alerts of some devices that are to be suppressed, by id."""
        return {
            alert.id: alert
            for device in devices
            for alert in self.alerts_of(device)
            if alert.status in SUPPRESSIBLE and self.has_cause(alert, device)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FailurePreview:
    """What would follow if a device failed entirely now.

    Attributes:
        cut_off: The devices that would be cut off beside those that are, with the types of dependency.
        suppressed: Open alerts that would be suppressed and are not now.
    """

    cut_off: Sequence[tuple[str, tuple[DependencyType, ...]]]
    suppressed: Sequence[Alert]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePreview:
    """What would follow if dependencies were changed now.

    Attributes:
        affected: The devices whose answers may change: the device and everything behind it.
        suppressed: Open alerts that would be suppressed and are not now.
        released: Open alerts that would no longer be suppressed.
        cut_off: Those of the affected that a failure of the provider alone would then cut off, and does not
            as things are.
        freed: Those that it cuts off as things are, and would not any more.
    """

    affected: int
    suppressed: Sequence[Alert]
    released: Sequence[Alert]
    cut_off: Sequence[str]
    freed: Sequence[str]


def preview_failure(state: NetworkState, device: str) -> FailurePreview:
    """Return what would follow if a device, given by its key, failed entirely now."""
    graph = state.inventory.graph
    concerned = _concerned(graph, device)
    before, after = state.view(), state.view(None, *_failures_of(device))
    cut_off = []
    for each in concerned:
        known = {found.dependency_type for found in before.cut_off(each)}
        new = tuple(found.dependency_type for found in after.cut_off(each))
        if added := tuple(kind for kind in new if kind not in known):
            cut_off.append((each, added))
    names = [each for each, _ in cut_off]
    known_ids = before.suppressed(names)
    suppressed = [alert for key, alert in after.suppressed(names).items() if key not in known_ids]
    return FailurePreview(cut_off=cut_off, suppressed=suppressed)


def preview_change(
    state: NetworkState, edge: tuple[str, str, DependencyType], replacement: Dependency | None
) -> ChangePreview:
    """Return what would follow if a dependency were declared, changed or removed now.

    Args:
        edge: Device, provider and type of the dependency, by the keys in alerts.
        replacement: What it would be; None: it is removed.
    """
    inventory = state.inventory
    device, provider, _ = edge
    affected = list(inventory.graph.downstream([device]))
    graph = _changed_graph(inventory, affected, edge, replacement)
    before, after = state.view(), state.view(graph)
    is_suppressed, would_be = before.suppressed(affected), after.suppressed(affected)
    alone = replace(state, alerts=_failures_of(provider))
    now, then = _cut_off_among(affected, alone.view()), _cut_off_among(affected, alone.view(graph))
    return ChangePreview(
        affected=len(affected),
        suppressed=[alert for key, alert in would_be.items() if key not in is_suppressed],
        released=[alert for key, alert in is_suppressed.items() if key not in would_be],
        cut_off=[each for each in affected if each in then - now],
        freed=[each for each in affected if each in now - then],
    )


def _cut_off_among(devices: Iterable[str], view: Correlation) -> set[str]:
    return {each for each in devices if view.cut_off(each)}


def path_of(edge: Edge, *, is_sure: bool) -> Path:
    """Return a dependency as a path of the graph."""
    kind = edge.dependency.dependency_type
    return Path(
        provider=edge.provider,
        via=tuple(sorted(set(edge.dependency.via_resources))),
        is_power=kind is DependencyType.POWER,
        is_sure=is_sure,
        is_management=kind is DependencyType.MANAGEMENT,
    )


def _concerned(graph: DependencyGraph, device: str) -> Iterator[str]:
    """Yield the devices that a failure of a device may cut off, nearest first."""
    behind = dict.fromkeys(graph.downstream([device]))
    del behind[device]
    yield from behind
    if device in graph.managers:
        for managed, paths in graph.management.items():
            if managed not in behind and any(path.provider == device for path in paths):
                yield managed


def _changed_graph(
    inventory: InventorySnapshot,
    affected: Sequence[str],
    edge: tuple[str, str, DependencyType],
    replacement: Dependency | None,
) -> DependencyGraph:
    """Return the graph of some devices and of all that they need, with one dependency changed.

    Everything that decides about a device is upstream of it, so the rest of the network is left out.
    """
    index = inventory.dependency_index
    starts = [*affected, *([edge[1]] if replacement is not None else [])]
    kept = [
        each.dependency
        for device in index.closure(starts)
        for each in index.upstream.get(device, ())
        if (each.device, each.provider, each.dependency.dependency_type) != edge
    ]
    if replacement is not None:
        kept.append(replacement)
    return DependencyGraph(kept, inventory.key_of, inventory.confidence_floor)


def _failures_of(device: str) -> list[Alert]:
    """Return alerts by which a device cuts every path through it."""
    return [failure_of(device, None, category, number) for number, category in enumerate(FAILURES)]
