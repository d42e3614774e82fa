"""Dependencies by the devices at their ends, as they are declared: uncertain and missing ones too; pure."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from opsconductor.model.inventory.device import Dependency


class WalkDirection(StrEnum):
    """Where to look from a device."""

    UPSTREAM = "upstream"
    """At what it needs."""
    DOWNSTREAM = "downstream"
    """At what needs it."""


class Edge(NamedTuple):
    """A dependency between two devices, by their keys in alerts."""

    device: str
    provider: str
    dependency: Dependency


class Reached(NamedTuple):
    """A device at a distance from another one, and the dependencies over which it was first reached."""

    device: str
    depth: int
    edges: tuple[Edge, ...]


class DependencyIndex:
    """Every dependency, by both ends.

    Attributes:
        edges: All, by device, provider and type.
        upstream: By device: its dependencies.
        downstream: By device: the dependencies of others on it.
    """

    def __init__(self, dependencies: Iterable[Dependency], canonical: Callable[[str], str]) -> None:
        listed = tuple(dependencies)
        names = {name for each in listed for name in (each.device_ip, each.depends_on_ip)}
        keys = {name: canonical(name) for name in names}
        found = (Edge(keys[each.device_ip], keys[each.depends_on_ip], each) for each in listed)
        self.edges: Sequence[Edge] = sorted(found, key=place_of)
        self.upstream: Mapping[str, list[Edge]] = _grouped(self.edges, lambda edge: edge.device)
        self.downstream: Mapping[str, list[Edge]] = _grouped(self.edges, lambda edge: edge.provider)

    def around(self, device: str, direction: WalkDirection) -> Sequence[Edge]:
        """Return the dependencies of a device in a direction."""
        by_device = self.upstream if direction is WalkDirection.UPSTREAM else self.downstream
        return by_device.get(device, ())

    def walk(
        self, device: str, direction: WalkDirection, depth: int, among: Collection[str] | None = None
    ) -> Iterator[Reached]:
        """Yield the devices that are reached from a device, nearest first, each once; circles end.

        Args:
            depth: The greatest distance; 1: direct dependencies alone.
            among: The only devices over which to go; None: all.
        """
        is_up = direction is WalkDirection.UPSTREAM
        seen = {device}
        waiting = deque([(device, 0)])
        while waiting:
            current, distance = waiting.popleft()
            if distance >= depth:
                continue
            found: dict[str, list[Edge]] = {}
            for edge in self.around(current, direction):
                found.setdefault(edge.provider if is_up else edge.device, []).append(edge)
            for other, edges in found.items():
                if other not in seen and (among is None or other in among):
                    seen.add(other)
                    waiting.append((other, distance + 1))
                    yield Reached(other, distance + 1, tuple(edges))

    def closure(self, devices: Iterable[str]) -> set[str]:
        """Return some devices with everything that they need, directly or indirectly."""
        seen = set(devices)
        waiting = deque(seen)
        while waiting:
            for edge in self.upstream.get(waiting.popleft(), ()):
                if edge.provider not in seen:
                    seen.add(edge.provider)
                    waiting.append(edge.provider)
        return seen


def place_of(edge: Edge) -> tuple[str, str, str]:
    """Return the place of a dependency in a list: what identifies it."""
    return edge.device, edge.provider, edge.dependency.dependency_type.value


def _grouped(edges: Iterable[Edge], end: Callable[[Edge], str]) -> Mapping[str, list[Edge]]:
    found: dict[str, list[Edge]] = {}
    for edge in edges:
        found.setdefault(end(edge), []).append(edge)
    return found
