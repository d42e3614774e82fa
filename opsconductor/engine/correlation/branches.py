"""Paths in a tree of devices, and the devices that are to be evaluated when one of them changes."""

from collections.abc import Iterator, Mapping

from opsconductor.engine.correlation.cuts import Cut, CutOff
from opsconductor.inventory.graph import Path
from opsconductor.model.enums import DependencyType


class PathState:
    """A path, whether alerts cut it now, and what depends on that.

    Attributes:
        cut: How alerts cut it; None: it is not cut.
        changed_at: Number of the change of cuts by which it became so.
        watchers: Devices whose answers were searched over this path.
        hidden: Devices whose alerts cut more than management only as long as this path is not cut.
        devices: Devices with this only path in a tree, without an answer: they are looked up by `climb`.
        above: The path of its provider in the tree; None: the provider is the root.
        below: The paths from which `climb` leads here next, as far as there are devices; by `id`, since
            objects that refer to each other are not freed before the garbage collector finds them.
    """

    __slots__ = ("_cut_off", "above", "below", "changed_at", "cut", "devices", "hidden", "path", "watchers")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cut: Cut | None = None
        self.changed_at = 0
        self.watchers: dict[str, None] = {}
        self.hidden: dict[str, None] = {}
        self.devices: dict[str, None] = {}
        self.above: PathState | None = None
        self.below: dict[int, None] = {}
        self._cut_off: tuple[CutOff, ...] = ()

    @property
    def is_used(self) -> bool:
        """Return True if devices of a tree are reached over this path."""
        return bool(self.devices or self.below)

    def cut_off(self, kind: DependencyType) -> tuple[CutOff, ...]:
        """Return the one object for all devices that this path cuts off."""
        known = self._cut_off
        if not known or known[0].dependency_type is not kind:
            known = self._cut_off = (CutOff(kind, (self.path,)),)
        return known


def climb(start: PathState, kind: DependencyType) -> tuple[CutOff, ...]:
    """Return the nearest cut on the way from a device with this path to the root of its tree."""
    state: PathState | None = start
    while state is not None:
        if state.cut is not None:
            return state.cut_off(kind)
        state = state.above
    return ()


def concerned(
    changed: PathState, watchers: Mapping[str, None], states: Mapping[int, PathState]
) -> Iterator[str]:
    """Yield the devices that a change of a path concerns: in a tree, all up to the next paths that are cut.

    A path that begins or ceases to be cut during the iteration is a change of its own.

    Args:
        watchers: Those who watch the path.
        states: All paths by `id`.
    """
    yield from watchers
    waiting = [changed]
    for state in waiting:
        yield from tuple(state.devices)
        if state.below:
            waiting.extend(each for number in state.below if (each := states[number]).cut is None)


def leave(device: str, state: PathState) -> None:
    """Remove a device from its path, and paths without devices from those above."""
    state.devices.pop(device, None)
    while not state.is_used and state.above is not None:
        state.above.below.pop(id(state.path), None)
        state = state.above
