"""Search whether every path of a device is cut, where, and by which alerts; pure.

A device is usable if for each type of dependency it has at least one path that is not cut, to a
provider that is usable itself. Paths are followed to any depth, up to devices without needs. A
cycle does not feed itself: if something feeds it, it is cut off when its feed is. A cycle that
nothing feeds, by a gap in the inventory, is assumed to work until all its paths are cut: in doubt
alerts are notified. Uncertain paths count only as alternatives: as long as one of them is not cut the
device is not cut off, and what cuts them is no cause.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto
from typing import NamedTuple

from opsconductor.engine.alert_index import AlertIndex
from opsconductor.inventory.graph import DependencyGraph, Need, Path
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Category, DependencyType

DEEPEST_PROOF = 100
LONGEST_PROOF = 1_000

IsCut = Callable[[Path], bool]
"""Returns True if an alert cuts a path at its provider."""


class CutOff(NamedTuple):
    """A type of dependency whose paths are all cut, and the nearest paths that alerts cut."""

    dependency_type: DependencyType
    paths: tuple[Path, ...]


class ReachableVia(NamedTuple):
    """The part upstream of a device that is reachable over paths that are not cut.

    Attributes:
        order: The devices, nearest first.
        whole: By device and need: the paths that are not cut.
        cut: By device and need: the paths that are cut, of the certain ones.
        fed: Devices that are certainly fed: what is behind them does not matter.
    """

    order: list[str]
    whole: dict[str, list[list[Path]]]
    cut: dict[str, list[list[Path]]]
    fed: set[str]


def severed(device: str, graph: DependencyGraph, is_cut: IsCut) -> tuple[CutOff, ...]:
    """Return the types of dependency in which a device is cut off; empty: it is not."""
    needs = graph.needs[device]
    if len(needs) == 1:
        paths = needs[0].paths
        if all(is_cut(path) for path in paths):
            return (CutOff(needs[0].dependency_type, tuple(path for path in paths if path.is_sure)),)
    proof = Proof(graph, is_cut)
    if _is_surely_usable(device, proof):
        return ()
    reach = _explore(device, proof)
    usable = _usable(reach, graph)
    if device in usable:
        return ()
    found = []
    for position, need in enumerate(needs):
        if not any(path.provider in usable for path in reach.whole[device][position]):
            paths = _nearest(device, position, reach, usable)
            if paths:
                found.append(CutOff(need.dependency_type, paths))
    return tuple(found)


class Proof:
    """Proves that devices are fed, by paths that get nearer to their feed with every step.

    This settles most questions in a few steps, however large the network is.
    """

    def __init__(self, graph: DependencyGraph, is_cut: IsCut) -> None:
        self.graph = graph
        self.is_cut = is_cut
        self._known: dict[str, bool] = {}

    def is_fed(self, device: str, depth: int = 0) -> bool:
        """Return True if it is proved; False: it is not, or only by detours, or it would take too long."""
        known = self._known.get(device)
        if known is None:
            rank = self.graph.ranks.get(device)
            if rank is None or depth > DEEPEST_PROOF or len(self._known) > LONGEST_PROOF:
                return False
            needs = self.graph.needs.get(device, ())
            known = all(self._has_path(need, rank, depth) for need in needs)
            self._known[device] = known
        return known

    def _has_path(self, need: Need, rank: int, depth: int) -> bool:
        return any(
            self.graph.ranks.get(path.provider, rank) < rank
            and not self.is_cut(path)
            and self.is_fed(path.provider, depth + 1)
            for path in need.paths
        )


def _is_surely_usable(device: str, proof: Proof) -> bool:
    """Search for a proof, or for a cycle that nothing feeds; False: a full search is needed."""
    waiting = [device]
    seen = {device}
    for current in waiting:
        if current in proof.graph.ranks:
            if not proof.is_fed(current):
                return False
            continue
        for need in proof.graph.needs[current]:
            provider = next((path.provider for path in need.paths if not proof.is_cut(path)), None)
            if provider is None:
                return False
            if provider not in seen:
                seen.add(provider)
                waiting.append(provider)
    return True


def _explore(device: str, proof: Proof) -> ReachableVia:
    """Walk upstream, along paths that are not cut, up to devices that are certainly fed."""
    reach = ReachableVia([device], {}, {}, set())
    seen = {device}
    for current in reach.order:
        whole = reach.whole[current] = []
        cut = reach.cut[current] = []
        for need in proof.graph.needs.get(current, ()):
            whole.append([])
            cut.append([])
            for path in need.paths:
                if proof.is_cut(path):
                    cut[-1].extend((path,) if path.is_sure else ())
                    continue
                whole[-1].append(path)
                if path.provider in seen:
                    continue
                seen.add(path.provider)
                if proof.is_fed(path.provider):
                    reach.fed.add(path.provider)
                else:
                    reach.order.append(path.provider)
    return reach


def _usable(reach: ReachableVia, graph: DependencyGraph) -> set[str]:
    """Return the usable devices.

    Cycles that nothing feeds are assumed to work; those that turn out to be cut are removed, until
    the result is stable.
    """
    unfed = {device for device in reach.order if device not in graph.ranks}
    while True:
        usable = _fed(reach, unfed)
        dark = {device for device in unfed if not _has_all(device, reach, usable)}
        if not dark:
            return usable
        unfed -= dark


def _fed(reach: ReachableVia, works: set[str]) -> set[str]:
    """Return what is fed if some devices are assumed to work, from the far end on."""
    usable = works | reach.fed
    grown = True
    while grown:
        grown = False
        for device in reversed(reach.order):
            if device not in usable and _has_all(device, reach, usable):
                usable.add(device)
                grown = True
    return usable


def _has_all(device: str, reach: ReachableVia, usable: set[str]) -> bool:
    return all(any(path.provider in usable for path in paths) for paths in reach.whole[device])


def _nearest(device: str, position: int, reach: ReachableVia, usable: set[str]) -> tuple[Path, ...]:
    """Return the nearest cut paths of one need of a device, behind unusable providers too."""
    found = dict.fromkeys(reach.cut[device][position])
    waiting = _dark(reach.whole[device][position], usable)
    seen = set(waiting) | {device}
    for current in waiting:
        for whole, cut in zip(reach.whole[current], reach.cut[current], strict=True):
            if any(path.provider in usable for path in whole):
                continue
            found.update(dict.fromkeys(cut))
            onward = [provider for provider in _dark(whole, usable) if provider not in seen]
            seen.update(onward)
            waiting.extend(dict.fromkeys(onward))
    return tuple(found)


def _dark(paths: Iterable[Path], usable: set[str]) -> list[str]:
    """Return the providers of certain paths that are not usable: the causes are behind them."""
    return [path.provider for path in paths if path.is_sure and path.provider not in usable]


class Cut(Enum):
    """How a path is cut."""

    WHOLE = auto()
    """By an alert on its provider as a whole, or on any resource if it names none."""
    RESOURCES = auto()
    """By alerts on every resource that carries it."""


def cut_by(path: Path, alerts: Sequence[Alert]) -> Cut | None:
    """Return how a path is cut by its `cutters`; None: it is not."""
    if not alerts:
        return None
    return Cut.RESOURCES if path.via and alerts[0].resource else Cut.WHOLE


def cutters(
    book: AlertIndex, path: Path, cuts_traffic: Callable[[str, Alert], bool] | None
) -> Sequence[Alert]:
    """Return the alerts on a provider that cut a path: any, or those on all resources that carry it.

    Args:
        cuts_traffic: Returns True if an alert of a device cuts more than management; None: all do.
    """
    alerts = [book.open[each] for each in book.cutting.each(path.provider)]
    if path.is_power:
        alerts = [alert for alert in alerts if alert.category is Category.POWER]
    if cuts_traffic is not None and not path.is_management:
        alerts = [alert for alert in alerts if cuts_traffic(path.provider, alert)]
    if not path.via or not alerts:
        return alerts
    whole = [alert for alert in alerts if not alert.resource]
    if whole or not set(path.via) <= {alert.resource for alert in alerts}:
        return whole
    return [alert for alert in alerts if alert.resource in path.via]
