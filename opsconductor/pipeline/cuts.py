"""Finds out whether every path of a device is cut, and by which alerts; pure.

A device is usable when for each type of dependency it has at least one path that is not cut, to a
provider that is usable itself. Paths are followed to any depth. A circle is not a path: what only
leads back to itself does not make a device usable, and without an alert does not cut it either.
"""

from collections.abc import Callable
from typing import NamedTuple

from opsconductor.inventory.graph import DependencyGraph, Path
from opsconductor.model.enums import DependencyType

Cutters = Callable[[Path], tuple[str, ...]]
"""Gives the fingerprints of the alerts that cut a path where it leaves its provider."""


class Severed(NamedTuple):
    """A type of dependency of which every path is cut, and the nearest alerts that cut them."""

    dependency_type: DependencyType
    fingerprints: tuple[str, ...]


class Reach(NamedTuple):
    """What lies upstream of a device as far as paths are not cut.

    Attributes:
        order: The devices, the nearest first.
        whole: By device and need: the providers of paths that are not cut.
        cut: By device and need: the alerts that cut paths.
    """

    order: list[str]
    whole: dict[str, list[list[str]]]
    cut: dict[str, list[list[str]]]


def severed(device: str, graph: DependencyGraph, cutters: Cutters) -> tuple[Severed, ...]:
    """List the types of dependency in which a device is cut off; empty: it is not."""
    reach = _explore(device, graph, cutters)
    if not any(any(by_need) for by_need in reach.cut.values()):
        return ()
    usable = _usable(reach)
    if device in usable:
        return ()
    found = []
    for position, need in enumerate(graph.needs[device]):
        if not any(provider in usable for provider in reach.whole[device][position]):
            fingerprints = _nearest(device, position, reach, usable)
            if fingerprints:
                found.append(Severed(need.dependency_type, fingerprints))
    return tuple(found)


def _explore(device: str, graph: DependencyGraph, cutters: Cutters) -> Reach:
    reach = Reach([device], {}, {})
    seen = {device}
    for current in reach.order:
        whole = reach.whole[current] = []
        cut = reach.cut[current] = []
        for need in graph.needs.get(current, ()):
            whole.append([])
            cut.append([])
            for path in need.paths:
                found = cutters(path)
                if found:
                    cut[-1].extend(found)
                    continue
                whole[-1].append(path.provider)
                if path.provider not in seen:
                    seen.add(path.provider)
                    reach.order.append(path.provider)
    return reach


def _usable(reach: Reach) -> set[str]:
    """Find the usable devices, from the far end on; circles take further rounds."""
    usable: set[str] = set()
    grown = True
    while grown:
        grown = False
        for device in reversed(reach.order):
            if device not in usable and all(
                any(provider in usable for provider in providers) for providers in reach.whole[device]
            ):
                usable.add(device)
                grown = True
    return usable


def _nearest(device: str, position: int, reach: Reach, usable: set[str]) -> tuple[str, ...]:
    """Collect the alerts that cut one need of a device, behind unusable providers too."""
    found = dict.fromkeys(reach.cut[device][position])
    waiting = [provider for provider in reach.whole[device][position] if provider not in usable]
    seen = set(waiting) | {device}
    for current in waiting:
        for whole, cut in zip(reach.whole[current], reach.cut[current], strict=True):
            if any(provider in usable for provider in whole):
                continue
            found.update(dict.fromkeys(cut))
            onward = [provider for provider in whole if provider not in usable and provider not in seen]
            seen.update(onward)
            waiting.extend(dict.fromkeys(onward))
    return tuple(found)
