"""Which device needs which, both ways; circles are harmless.

A dependency that its inventory lists no more, or of which the inventory is not sure enough, is only a way
around: it can show that a device is not cut off, and never that it is. The paths over which a device is
managed are kept apart from its needs: without them its traffic goes on.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from opsconductor.model.device import Dependency
from opsconductor.model.enums import DependencyType


class Path(NamedTuple):
    """One way on which a device gets what it needs; a graph has one object for all that are equal."""

    provider: str
    via: tuple[str, ...]
    """Resources of the provider that carry it; empty: the provider as a whole."""
    is_power: bool = False
    """It carries power: only faults of the power cut it, not a network card that is silent."""
    is_sure: bool = True
    """False: a way around, beside others that are sure; what cuts it is no cause."""
    is_management: bool = False
    """It carries management only: what cuts it hides the device from pollers."""


class Need(NamedTuple):
    """What a device needs, and the paths that are alternatives to one another; one at least is sure."""

    dependency_type: DependencyType
    paths: tuple[Path, ...]


CONFIDENCE_FLOOR = 0.5
"""Dependencies below it are shown and suppress nothing, unless `inventory.confidence_floor` says another."""


class DependencyGraph:
    """Dependencies as an immutable graph over the keys of devices.

    Attributes:
        needs: By device: one entry for each type of dependency it has, `management` excepted.
        management: By device: the paths over which it is managed, alternatives to one another.
        dependents: By device: who needs it directly; once for each path.
        exits: By device: the different paths that leave it, those of management included.
        ranks: By device: steps to what needs nothing, over its shortest alternatives. For each of its needs
            a device has a path to one of lower rank. What is fed by nothing, because its paths only lead in
            circles, has no rank.
        circular: The devices on circles, and those between two circles; management included.
    """

    def __init__(
        self,
        dependencies: Iterable[Dependency],
        canonical: Callable[[str], str],
        floor: float = CONFIDENCE_FLOOR,
    ) -> None:
        """Draw the graph.

        Args:
            canonical: Gives the key of a device by any of its addresses or names. What turns out to
                depend on itself is left out.
            floor: The least confidence of a dependency that suppresses.
        """
        known: dict[Path, Path] = {}
        paths: dict[str, dict[DependencyType, list[Path]]] = {}
        for dependency in dependencies:
            device, provider = canonical(dependency.device_ip), canonical(dependency.depends_on_ip)
            if device == provider:
                continue
            via = tuple(sorted(set(dependency.via_resources)))
            of_type = paths.setdefault(device, {}).setdefault(dependency.dependency_type, [])
            is_power = dependency.dependency_type is DependencyType.POWER
            is_sure = dependency.missing_since is None and dependency.confidence >= floor
            is_management = dependency.dependency_type is DependencyType.MANAGEMENT
            path = Path(provider, via, is_power, is_sure, is_management)
            of_type.append(known.setdefault(path, path))
        managing = {device: found.pop(DependencyType.MANAGEMENT, ()) for device, found in paths.items()}
        needs = {
            device: tuple(Need(kind, tuple(found)) for kind, found in by_type.items() if _is_any_sure(found))
            for device, by_type in paths.items()
        }
        self.needs = {device: found for device, found in needs.items() if found}
        self.management = {device: tuple(found) for device, found in managing.items() if _is_any_sure(found)}
        self.dependents = _turned(self.needs)
        self.exits = _exits(self.needs, self.management)
        self.ranks = self._ranked()
        self.circular = frozenset(self._circular())
        self._counts: dict[str, int] = {}

    def _ranked(self) -> Mapping[str, int]:
        """Find the ranks by going downstream from what needs nothing."""
        unmet = {device: set(range(len(found))) for device, found in self.needs.items()}
        ranks = {device: 0 for device in self.dependents if device not in unmet}
        waiting = deque(ranks)
        while waiting:
            provider = waiting.popleft()
            for dependent in self.dependents.get(provider, ()):
                missing = unmet[dependent]
                if not missing:
                    continue
                missing -= {
                    position
                    for position in missing
                    if any(path.provider == provider for path in self.needs[dependent][position].paths)
                }
                if not missing:
                    ranks[dependent] = ranks[provider] + 1
                    waiting.append(dependent)
        return ranks

    def _circular(self) -> set[str]:
        providers = {
            device: [path.provider for need in found for path in need.paths]
            for device, found in self.needs.items()
        }
        managed: dict[str, list[str]] = {}
        for device, paths in self.management.items():
            providers.setdefault(device, []).extend(path.provider for path in paths)
            for path in paths:
                managed.setdefault(path.provider, []).append(device)
        dependents = dict(self.dependents)
        for provider, devices in managed.items():
            dependents[provider] = (*dependents.get(provider, ()), *devices)
        return _peeled(providers, dependents) & _peeled(dependents, providers)

    def downstream(self, starts: Iterable[str]) -> Iterator[str]:
        """Walk from devices to everything that depends on them, the nearest first.

        The starts themselves come first; every device comes once.
        """
        seen = dict.fromkeys(starts)
        waiting = deque(seen)
        while waiting:
            device = waiting.popleft()
            yield device
            for dependent in self.dependents.get(device, ()):
                if dependent not in seen:
                    seen[dependent] = None
                    waiting.append(dependent)

    def dependents_count(self, device: str) -> int:
        """Count the devices that depend on a device, directly or through others."""
        if device not in self.dependents:
            return 0
        if device not in self._counts:
            self._counts[device] = sum(1 for _ in self.downstream([device])) - 1
        return self._counts[device]

    def has_dependents(self, device: str, count: int) -> bool:
        """Tell whether at least so many devices depend on a device; stops looking once it knows."""
        if device not in self.dependents:
            return count <= 0
        if device in self._counts:
            return self._counts[device] >= count
        return any(found >= count for found, _ in enumerate(self.downstream([device])))


def _is_any_sure(paths: Iterable[Path]) -> bool:
    return any(path.is_sure for path in paths)


def _turned(needs: Mapping[str, tuple[Need, ...]]) -> dict[str, tuple[str, ...]]:
    """List by device who needs it directly."""
    dependents: dict[str, list[str]] = {}
    for device, found in needs.items():
        for need in found:
            for path in need.paths:
                dependents.setdefault(path.provider, []).append(device)
    return {device: tuple(found) for device, found in dependents.items()}


def _exits(
    needs: Mapping[str, tuple[Need, ...]], management: Mapping[str, tuple[Path, ...]]
) -> dict[str, tuple[Path, ...]]:
    """List by device the different paths that leave it."""
    exits: dict[str, dict[Path, None]] = {}
    for found in needs.values():
        for need in found:
            for path in need.paths:
                exits.setdefault(path.provider, {})[path] = None
    for paths in management.values():
        for path in paths:
            exits.setdefault(path.provider, {})[path] = None
    return {device: tuple(found) for device, found in exits.items()}


def _peeled(onward: Mapping[str, Sequence[str]], back: Mapping[str, Sequence[str]]) -> set[str]:
    """List the devices from which one never comes to an end, by taking away the ends one after another."""
    left = {device: len(found) for device, found in onward.items()}
    ends = deque(device for device in back if device not in onward)
    while ends:
        for device in back.get(ends.popleft(), ()):
            left[device] -= 1
            if not left[device]:
                del left[device]
                ends.append(device)
    return set(left)
