"""Which devices are cut off, remembered until a path changes that the answer depended on."""

from collections.abc import Callable, Collection

from opsconductor.engine.cuts import CutOff, severed
from opsconductor.engine.cutters import Cut
from opsconductor.inventory.graph import DependencyGraph, Path


class Reachability:
    """Remembers what cuts devices off, and which paths each of these answers depended on.

    A cut that begins or ends concerns the devices whose answers depended on that path, and no others: the
    search behind `severed` stops at the nearest cut, so devices below another cut are not among them.
    """

    def __init__(self, graph: DependencyGraph, cut_of: Callable[[Path], Cut | None]) -> None:
        self._graph = graph
        self._cut_of = cut_of
        self._cuts: dict[Path, Cut | None] = {}
        self._severed: dict[str, tuple[CutOff, ...]] = {}
        self._looked_at: dict[str, dict[Path, None]] = {}
        self._watchers: dict[Path, dict[str, None]] = {}

    def severed(self, device: str) -> tuple[CutOff, ...]:
        """List the types of dependency in which a device is cut off, and the nearest paths that are cut."""
        known = self._severed.get(device)
        if known is None:
            looked_at: dict[Path, None] = {}

            def is_cut(path: Path) -> bool:
                looked_at[path] = None
                return self._is_cut(path)

            known = self._severed[device] = severed(device, self._graph, is_cut)
            self._watch(device, looked_at)
        return known

    def update(self, provider: str) -> Collection[str]:
        """Look at the paths that leave a device anew; returns the devices for which that may matter."""
        concerned: dict[str, None] = {}
        for path in self._graph.exits.get(provider, ()):
            if path in self._cuts and (cut := self._cut_of(path)) is not self._cuts[path]:
                self._cuts[path] = cut
                concerned |= self._watchers.pop(path, {})
        for device in concerned:
            self._severed.pop(device, None)
        return concerned

    def watchers(self, provider: str) -> Collection[str]:
        """List the devices for which it matters whether paths that leave a device are cut."""
        found: dict[str, None] = {}
        for path in self._graph.exits.get(provider, ()):
            found |= self._watchers.get(path, {})
        return found

    def forget(self, device: str) -> None:
        """Forget the answer for a device on which nothing is open any more."""
        self._severed.pop(device, None)
        self._watch(device, {})
        del self._looked_at[device]

    def _is_cut(self, path: Path) -> bool:
        if path not in self._cuts:
            self._cuts[path] = self._cut_of(path)
        return self._cuts[path] is not None

    def _watch(self, device: str, looked_at: dict[Path, None]) -> None:
        """Note the paths on which the answer for a device depends, in place of those before."""
        for path in self._looked_at.get(device, ()):
            watching = self._watchers.get(path)
            if watching is not None and path not in looked_at:
                watching.pop(device, None)
                if not watching:
                    del self._watchers[path]
        for path in looked_at:
            self._watchers.setdefault(path, {})[device] = None
        self._looked_at[device] = looked_at
