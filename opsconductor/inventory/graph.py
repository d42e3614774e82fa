"""Dependency graph of devices in both directions; cycles are harmless.

A dependency that its inventory no longer lists, or whose confidence is too low, is only an alternative
path: it can show that a device is not cut off, and never that it is. Management paths are kept apart from
needs: without them the device's traffic continues.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from opsconductor.model.enums import DependencyType
from opsconductor.model.inventory.device import Dependency


class Path(NamedTuple):
    """One path by which a device gets what it needs; equal paths of a graph are one object."""

    provider: str
    via: tuple[str, ...]
    """Resources of the provider that carry it; empty: the provider as a whole."""
    is_power: bool = False
    """It carries power: only power faults cut it, not an unreachable network card."""
    is_sure: bool = True
    """False: an alternative to other, certain paths; what cuts it is no cause."""
    is_management: bool = False
    """It carries management only: what cuts it hides the device from pollers."""


class Need(NamedTuple):
    """A need of a device: alternative paths, at least one of them certain."""

    dependency_type: DependencyType
    paths: tuple[Path, ...]


CONFIDENCE_FLOOR = 0.5
"""Default of `inventory.confidence_floor`: dependencies with a lower confidence suppress nothing."""


class DependencyGraph:
    """Dependencies as an immutable graph over the keys of devices.

    Attributes:
        needs: By device: one entry for each type of dependency it has, except `management`.
        management: By device: the alternative paths over which it is managed.
        dependents: By device: the devices that need it directly; once for each path.
        managers: The devices over which others are managed.
        exits: By device: the different paths that leave it, those of management included.
        ranks: By device: shortest distance to a device without needs. For each of its needs a device has a
            path to one of lower rank. A device whose paths only lead in cycles has no rank.
        circular: The devices on cycles, and those between two cycles; management included.
        single: By device: its only path, for devices outside of cycles that have one need with one path.
        trees: By device: that need, for such devices whose only way leads over others like it to a device
            without needs, and that are not managed over others.
    """

    def __init__(
        self,
        dependencies: Iterable[Dependency],
        canonical: Callable[[str], str],
        floor: float = CONFIDENCE_FLOOR,
    ) -> None:
        """Build the graph.

        Args:
            canonical: Returns the key of a device for any of its addresses or names. A device that turns out
                to depend on itself is left out.
            floor: The lowest confidence of a dependency that suppresses.
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
        self.managers = frozenset(path.provider for paths in self.management.values() for path in paths)
        self.exits = _exits(self.needs, self.management)
        self.ranks = self._ranked()
        self.circular = frozenset(self._circular())
        self.single = {
            device: found[0].paths[0]
            for device, found in self.needs.items()
            if len(found) == 1 and len(found[0].paths) == 1 and device not in self.circular
        }
        self.trees = self._trees()
        self._counts: dict[str, int] = {}

    def _trees(self) -> Mapping[str, Need]:
        found: dict[str, Need] = {}
        for device in self.ranks:  # providers come before what needs them
            path = self.single.get(device)
            if path is None:
                continue
            provider = path.provider
            if provider in found or (provider not in self.needs and provider not in self.circular):
                found[device] = self.needs[device][0]
        return {device: need for device, need in found.items() if device not in self.management}

    def _ranked(self) -> Mapping[str, int]:
        """Return the ranks, computed downstream from devices without needs."""
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
        """Yield everything that depends on some devices, in breadth-first order.

        The given devices come first; every device comes once.
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
        """Return the number of direct and indirect dependents of a device."""
        if device not in self.dependents:
            return 0
        if device not in self._counts:
            self._counts[device] = sum(1 for _ in self.downstream([device])) - 1
        return self._counts[device]

    def has_dependents(self, device: str, count: int) -> bool:
        """Return True if at least this many devices depend on a device; stops counting there."""
        if device not in self.dependents:
            return count <= 0
        if device in self._counts:
            return self._counts[device] >= count
        return any(found >= count for found, _ in enumerate(self.downstream([device])))


def _is_any_sure(paths: Iterable[Path]) -> bool:
    return any(path.is_sure for path in paths)


def _turned(needs: Mapping[str, tuple[Need, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the direct dependents by device."""
    dependents: dict[str, list[str]] = {}
    for device, found in needs.items():
        for need in found:
            for path in need.paths:
                dependents.setdefault(path.provider, []).append(device)
    return {device: tuple(found) for device, found in dependents.items()}


def _exits(
    needs: Mapping[str, tuple[Need, ...]], management: Mapping[str, tuple[Path, ...]]
) -> dict[str, tuple[Path, ...]]:
    """Return the different paths that leave each device."""
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
    """Return the devices from which paths never end, by repeatedly removing those without an exit."""
    left = {device: len(found) for device, found in onward.items()}
    ends = deque(device for device in back if device not in onward)
    while ends:
        for device in back.get(ends.popleft(), ()):
            left[device] -= 1
            if not left[device]:
                del left[device]
                ends.append(device)
    return set(left)
