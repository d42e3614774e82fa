"""Cache of the devices that are cut off, invalidated when a path of the answer changes."""

import re
from collections.abc import Collection, Iterator, Sequence
from fnmatch import translate
from itertools import chain, islice

from opsconductor.engine.agenda import Agenda
from opsconductor.engine.alert_index import AlertIndex
from opsconductor.engine.correlation.branches import PathState, climb, concerned, leave
from opsconductor.engine.correlation.cuts import Cut, CutOff, cut_by, cutters, severed
from opsconductor.engine.correlation.pending import CROWD
from opsconductor.inventory.graph import DependencyGraph, Need, Path
from opsconductor.model.alert import Alert
from opsconductor.model.enums import DependencyType

PORTION = 20
"""Devices of a crowd that are taken over at once: to skip those that are done costs as much as a look."""
LookedAt = dict[PathState, None]


class _Answer:
    """What cuts a device off.

    Attributes:
        known: The types of dependency and paths.
        looked_at: The paths on which that depended when it was found.
        found_at: Number of changes of cuts before it was found.
    """

    __slots__ = ("found_at", "known", "looked_at")

    def __init__(self) -> None:
        self.known: tuple[CutOff, ...] = ()
        self.looked_at: Sequence[PathState] = ()
        self.found_at = -1


class Reachability:
    """Finds what cuts devices off, and the devices for which that changes.

    A cut that begins or ends concerns the devices to which that path matters, and no others: a search stops
    at the nearest cut, so devices below another cut are not among them. In a tree that follows from its
    paths. Elsewhere the answers are cached, with the paths on which each depended.

    A device whose management paths are all cut cannot be reached. An alert that means only that (of a
    reachability type) is then a consequence, and itself cuts nothing but management.
    """

    def __init__(
        self, graph: DependencyGraph, book: AlertIndex, reachability_types: Sequence[str], agenda: Agenda
    ) -> None:
        self._graph = graph
        self._book = book
        self._agenda = agenda
        self._is_type = re.compile("|".join(map(translate, reachability_types)) or r"(?!)").match
        # by `id(path)`: a graph has one object for all equal paths, and their hash is slow
        self._states: dict[int, PathState] = {}
        self._answers: dict[str, _Answer] = {}
        self._management: dict[str, tuple[Path, ...]] = {}
        self._changes = 0
        self._crowds: list[tuple[Iterator[str], int]] = []
        self._taken_at: dict[str, int] = {}

    def depends(self, device: str, alert_type: str) -> bool:
        """Return True if an alert of a device may have a cause on another device."""
        graph = self._graph
        if device in graph.trees:  # looked up next, for what cuts it off
            return True
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
        need = self._graph.trees.get(device)
        if need is not None:
            state = self._states.get(id(need.paths[0]))
            if state is None or device not in state.devices:
                state = self._branch(device, need)
            return climb(state, need.dependency_type)
        answer = self._answers.get(device)
        if answer is None:
            answer = self._answers[device] = _Answer()
        elif all(state.changed_at <= answer.found_at for state in answer.looked_at):
            return answer.known
        looked_at: LookedAt = {}
        answer.known, answer.found_at = self._found(device, looked_at), self._changes
        self._watch(device, answer, looked_at)
        return answer.known

    def _branch(self, device: str, need: Need) -> PathState:
        """Return the only path of a device in a tree; changes concern the device from now on."""
        found = state = self._state(need.paths[0])
        is_used = state.is_used
        state.devices[device] = None
        while not is_used and (path := self._graph.single.get(state.path.provider)) is not None:
            above = state.above = self._state(path)
            is_used = above.is_used
            above.below[id(state.path)] = None
            state = above
        return found

    def _found(self, device: str, looked_at: LookedAt) -> tuple[CutOff, ...]:
        """Search for what cuts a device off; note the paths that are looked at."""

        def is_cut(path: Path) -> bool:
            state = self._state(path)
            looked_at[state] = None
            return state.cut is not None

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

    def _climbed(self, device: str, looked_at: LookedAt) -> tuple[CutOff, ...] | None:
        """Walk upstream while there is one path only to the nearest cut.

        Returns:
            None: there are several paths or a cycle further on, so that a full search is needed.
        """
        graph, current = self._graph, device
        while (path := graph.single.get(current)) is not None:
            state = self._state(path)
            looked_at[state] = None
            if state.cut is not None:
                return state.cut_off(graph.needs[device][0].dependency_type)
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
        found: dict[str, None] = {}
        for path in self._graph.exits.get(provider, ()):
            state = self._states.get(id(path))
            if state is None or (cut := self._cut_of(path)) is state.cut:
                continue
            self._changes += 1
            state.cut, state.changed_at = cut, self._changes
            watchers, state.watchers = state.watchers, {}
            devices = concerned(state, watchers, self._states)
            first = dict.fromkeys(islice(devices, CROWD + 1))
            if len(first) > CROWD:
                self._crowds.append((chain(first, devices), self._changes))
                self._agenda.add_work()
            else:
                found |= first
            hidden, state.hidden = state.hidden, {}
            for device in hidden:  # what its alerts cut changes
                found |= dict.fromkeys((*self.watchers(device), *self.update(device)))
        return found

    @property
    def has_concerned(self) -> bool:
        """Return True if devices wait for `next_concerned`."""
        return bool(self._crowds)

    def next_concerned(self) -> list[str]:
        """Remove and return some devices that wait because very many are concerned."""
        if not self._crowds:
            return []
        devices, changed_at = self._crowds[-1]
        portion = list(islice(devices, PORTION))
        taken_at = self._taken_at
        found = [device for device in portion if taken_at.get(device, 0) < changed_at]
        if len(portion) < PORTION:
            self._crowds.pop()
            if not self._crowds:
                self._taken_at = {}
        return found

    def take(self, device: str) -> None:
        """Record that every alert of a device is being evaluated: it need not wait any more."""
        if self._crowds:
            self._taken_at[device] = self._changes

    def watchers(self, provider: str) -> Collection[str]:
        """Return the devices for which the paths that leave a device matter."""
        found: dict[str, None] = {}
        for path in self._graph.exits.get(provider, ()):
            state = self._states.get(id(path))
            if state is not None:
                found |= dict.fromkeys(concerned(state, state.watchers, self._states))
        return found

    def forget(self, device: str) -> None:
        """Forget a device without open alerts."""
        need = self._graph.trees.get(device)
        if need is not None:
            leave(device, self._state(need.paths[0]))
            return
        answer = self._answers.pop(device, None)
        if answer is not None:
            self._watch(device, answer, {})

    def _state(self, path: Path) -> PathState:
        state = self._states.get(id(path))
        if state is None:
            state = self._states[id(path)] = PathState(path)
            state.cut = self._cut_of(path)
        return state

    def _is_cut(self, path: Path) -> bool:
        return self._state(path).cut is not None

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
            self._state(path).hidden[device] = None
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

    @staticmethod
    def _watch(device: str, answer: _Answer, looked_at: LookedAt) -> None:
        """Replace the paths on which the answer for a device depends."""
        for state in answer.looked_at:
            if state not in looked_at:
                state.watchers.pop(device, None)
        for state in looked_at:
            state.watchers[device] = None
        answer.looked_at = tuple(looked_at)
