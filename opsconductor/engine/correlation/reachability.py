"""Cache of the devices that are cut off, invalidated when a path of the answer changes."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from fnmatch import translate
from itertools import islice

from opsconductor.engine.alert_index import AlertIndex
from opsconductor.engine.correlation.cuts import Cut, CutOff, cut_by, cutters, severed
from opsconductor.engine.correlation.pending import CROWD
from opsconductor.inventory.graph import DependencyGraph, Path
from opsconductor.model.alert import Alert
from opsconductor.model.enums import DependencyType

PORTION = 20
"""Devices of a crowd that are taken over at once: to skip those that are done costs as much as a look."""


class _Answer:
    """What cuts a device off.

    Attributes:
        known: The types of dependency and paths.
        looked_at: The paths on which that depended when it was found, by `id`.
        found_at: Number of changes of cuts before it was found.
        used_at: Number of changes of cuts before all alerts of the device were evaluated last.
    """

    __slots__ = ("found_at", "known", "looked_at", "used_at")

    def __init__(self) -> None:
        self.known: tuple[CutOff, ...] = ()
        self.looked_at: Sequence[int] = ()
        self.found_at = -1
        self.used_at = -1


class Reachability:
    """Caches what cuts devices off, and which paths each of these answers depended on.

    A cut that begins or ends concerns the devices whose answers depended on that path, and no others: the
    search behind `severed` stops at the nearest cut, so devices below another cut are not among them.

    A device of which every management path is cut cannot be reached. An alert that means only that (of a
    reachability type) is then a consequence, and itself cuts nothing but management.
    """

    def __init__(self, graph: DependencyGraph, book: AlertIndex, reachability_types: Sequence[str]) -> None:
        self._graph = graph
        self._book = book
        self._is_type = re.compile("|".join(map(translate, reachability_types)) or r"(?!)").match
        # by `id(path)`: a graph has one object for all equal paths, and their hash is slow
        self._cuts: dict[int, Cut | None] = {}
        self._answers: dict[str, _Answer] = {}
        self._watchers: dict[int, dict[str, None]] = {}
        self._management: dict[str, tuple[Path, ...]] = {}
        self._providers: dict[int, dict[str, None]] = {}
        self._changes = 0
        self._changed_at: dict[int, int] = {}
        self._crowds: list[tuple[Iterator[str], int]] = []

    def depends(self, device: str, alert_type: str) -> bool:
        """Return True if an alert of a device may have a cause on another device."""
        graph = self._graph
        return device in graph.needs or (
            device in graph.management and self.is_about_reachability(alert_type)
        )

    def is_about_reachability(self, alert_type: str) -> bool:
        """Return True if an alert of a type only means that its device cannot be reached."""
        return self._is_type(alert_type) is not None

    def severed(self, device: str) -> tuple[CutOff, ...]:
        """Return the types of dependency in which a device is cut off, and the nearest paths that are cut.

        Management comes last: it counts for alerts about reachability only.
        """
        answer = self._answers.get(device)
        if answer is None:
            answer = self._answers[device] = _Answer()
        elif self._is_valid(answer):
            return answer.known
        looked_at: dict[int, None] = {}
        answer.known, answer.found_at = self._found(device, looked_at), self._changes
        self._watch(device, answer, looked_at)
        return answer.known

    def _is_valid(self, answer: _Answer) -> bool:
        """Return True if no path on which an answer depends has changed since it was found."""
        changed_at, found_at = self._changed_at, answer.found_at
        for number in answer.looked_at:  # noqa: SIM110 - as fast as it is short
            if changed_at.get(number, 0) > found_at:
                return False
        return True

    def _found(self, device: str, looked_at: dict[int, None]) -> tuple[CutOff, ...]:
        """Search for what cuts a device off; note the paths that are looked at."""

        def is_cut(path: Path) -> bool:
            looked_at[id(path)] = None
            return self._is_cut(path)

        graph = self._graph
        found: tuple[CutOff, ...] = ()
        if device in graph.needs:
            climbed = self._climbed(device, looked_at)
            found = severed(device, graph, is_cut) if climbed is None else climbed
        if device in graph.management:
            paths = self._managing(device)
            if paths and all(map(is_cut, paths)):
                sure = tuple(path for path in paths if path.is_sure)
                return (*found, CutOff(DependencyType.MANAGEMENT, sure))
        return found

    def _climbed(self, device: str, looked_at: dict[int, None]) -> tuple[CutOff, ...] | None:
        """Walk upstream while there is one path only, as in a tree, to the nearest cut.

        Returns:
            None: there are several paths or a cycle further on, so that a full search is needed.
        """
        graph, current = self._graph, device
        while (path := graph.single.get(current)) is not None:
            looked_at[id(path)] = None
            if self._is_cut(path):
                return (CutOff(graph.needs[device][0].dependency_type, (path,)),)
            current = path.provider
        return () if current not in graph.needs and current not in graph.circular else None

    def cutters(self, path: Path) -> Sequence[Alert]:
        """Return the alerts that cut a path."""
        is_managed = path.provider in self._graph.management
        return cutters(self._book, path, self._cuts_traffic if is_managed else None)

    def update(self, provider: str) -> Collection[str]:
        """Re-evaluate the paths that leave a device; return the devices for which that may matter.

        If these are very many they wait for `next_concerned` instead.
        """
        exits = self._graph.exits.get(provider)
        if not exits:
            return ()
        concerned: dict[str, None] = {}
        for path in exits:
            number = id(path)
            if number in self._cuts and (cut := self._cut_of(path)) is not self._cuts[number]:
                self._cuts[number] = cut
                self._changes += 1
                self._changed_at[number] = self._changes
                watching = self._watchers.pop(number, {})
                if len(watching) > CROWD:
                    self._crowds.append((iter(watching), self._changes))
                else:
                    concerned |= watching
                for device in self._providers.pop(number, ()):  # what its alerts cut changes
                    concerned |= dict.fromkeys((*self.watchers(device), *self.update(device)))
        return concerned

    @property
    def has_concerned(self) -> bool:
        """Return True if devices wait for `next_concerned`."""
        return bool(self._crowds)

    def next_concerned(self) -> list[str]:
        """Remove and return some devices that wait because very many are concerned."""
        if not self._crowds:
            return []
        answers = self._answers
        devices, changed_at = self._crowds[-1]
        portion = list(islice(devices, PORTION))
        if len(portion) < PORTION:
            self._crowds.pop()
        return [
            device
            for device in portion
            if (answer := answers.get(device)) is None or answer.used_at < changed_at
        ]

    def take(self, device: str) -> None:
        """Record that every alert of a device is being evaluated: it need not wait any more."""
        answer = self._answers.get(device)
        if answer is not None:
            answer.used_at = self._changes

    def watchers(self, provider: str) -> Collection[str]:
        """Return the devices whose answers depend on the paths that leave a device."""
        found: dict[str, None] = {}
        for path in self._graph.exits.get(provider, ()):
            found |= self._watchers.get(id(path), {})
        return found

    def forget(self, device: str) -> None:
        """Forget the answer for a device without open alerts."""
        answer = self._answers.pop(device, None)
        if answer is not None:
            self._watch(device, answer, {})

    def _is_cut(self, path: Path) -> bool:
        number = id(path)
        if number not in self._cuts:
            self._cuts[number] = self._cut_of(path)
        return self._cuts[number] is not None

    def _cut_of(self, path: Path) -> Cut | None:
        if path.provider not in self._book.cutting:
            return None
        return cut_by(path, self.cutters(path))

    def _cuts_traffic(self, device: str, alert: Alert) -> bool:
        """Return True if an alert cuts more than management: not if its device is only hidden to pollers."""
        if device not in self._graph.management or not self.is_about_reachability(alert.alert_type):
            return True
        paths = self._managing(device)
        for path in paths:
            self._providers.setdefault(id(path), {})[device] = None
        return not paths or not all(map(self._is_cut, paths))

    def _managing(self, device: str) -> tuple[Path, ...]:
        """Return the paths over which a device is managed; empty if one of them depends on that device alone.

        Then the device being down explains that its manager cannot be reached, and not the reverse.
        """
        paths = self._management.get(device)
        if paths is None:
            paths = self._graph.management[device]
            if device in self._graph.dependents and any(
                self._hangs_on(path.provider, device) for path in paths
            ):
                paths = ()
            self._management[device] = paths
        return paths

    def _hangs_on(self, device: str, provider: str) -> bool:
        """Return True if a device gets no traffic without another one."""

        def is_cut(path: Path) -> bool:
            return path.provider == provider and not path.is_power

        return device in self._graph.needs and bool(severed(device, self._graph, is_cut))

    def _watch(self, device: str, answer: _Answer, looked_at: Mapping[int, None]) -> None:
        """Replace the paths on which the answer for a device depends."""
        watchers = self._watchers
        for number in answer.looked_at:
            if number not in looked_at and (watching := watchers.get(number)) is not None:
                watching.pop(device, None)
                if not watching:
                    del watchers[number]
        for number in looked_at:
            watching = watchers.get(number)
            if watching is None:
                watchers[number] = {device: None}
            else:
                watching[device] = None
        answer.looked_at = tuple(looked_at)
