"""The maintenance windows, compiled: which of those that are active an alert is in."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cached_property

from opsconductor.engine.alert_index import device_key
from opsconductor.engine.muting.schedule import state_at
from opsconductor.engine.muting.subtree import devices_behind
from opsconductor.engine.routing.checks import EveryTest
from opsconductor.engine.routing.compiling import compile_conditions
from opsconductor.engine.routing.patterns import bits_of
from opsconductor.engine.routing.rule_index import columns_of, is_indexed, rows_of
from opsconductor.engine.routing.situation import Situation
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.model.notifications.time_window import WindowState


class CompiledWindow:
    """A window, its test and its present state.

    Attributes:
        state: At the time that was observed last.
    """

    def __init__(self, window: MaintenanceWindow, inventory: InventorySnapshot) -> None:
        self.window = window
        self.state: WindowState | None = None
        self._inventory = inventory
        self._is_decided = is_indexed(window.conditions)

    @cached_property
    def _test(self) -> EveryTest:
        return compile_conditions(self.window.conditions)

    @cached_property
    def _behind(self) -> frozenset[str]:
        return devices_behind(self._inventory, self.window.behind)

    def accepts(self, situation: Situation) -> bool:
        """Return True if an alert that the index has found is in the window."""
        if self.window.behind and device_key(situation.alert) not in self._behind:
            return False
        return self._is_decided or self._test.holds(situation)


class MuteWindows:
    """All windows, found by an index over their conditions as rules are.

    Attributes:
        windows: As given.
        is_active: Whether a window is active.
        next_change: When a window begins or ends; None: none does. Before that `observe` changes nothing.
    """

    def __init__(
        self, windows: Sequence[MaintenanceWindow] = (), inventory: InventorySnapshot | None = None
    ) -> None:
        self.windows = tuple(windows)
        self.is_active = False
        self.next_change: datetime | None = None
        known = inventory or InventorySnapshot()
        self._compiled = [CompiledWindow(window, known) for window in self.windows]
        rows = [
            (each, row)
            for each in self._compiled
            if not each.window.fault
            for row in rows_of(each.window.conditions)
        ]
        self._window_of_row = [each for each, _ in rows]
        self._columns = columns_of(row for _, row in rows)
        self._active = 0
        self._has_ended = False
        self._has_moved = False
        self._observed_at: datetime | None = None

    def observe(self, now: datetime) -> bool:
        """Take on a time; return True if a window has begun since the last, or time went back."""
        before = self._observed_at
        if before is None or now < before or (self.next_change is not None and now >= self.next_change):
            known = self._active
            self._look(now)
            is_begun = bool(self._active & ~known) or (before is not None and now < before)
            self._has_ended |= bool(known & ~self._active)
        else:
            is_begun = False
        self._observed_at = now
        return is_begun

    def take_ended(self) -> bool:
        """Return True once after a window has ended: others may continue, which do not hide for example."""
        has_ended, self._has_ended = self._has_ended, False
        return has_ended

    def take_moved(self) -> bool:
        """Return True once after a window may have begun, ended, or got another end."""
        has_moved, self._has_moved = self._has_moved, False
        return has_moved

    @property
    def has_moved(self) -> bool:
        """Return what `take_moved` would return."""
        return self._has_moved

    def active(self) -> Iterator[tuple[MaintenanceWindow, WindowState]]:
        """Yield the active windows, each with since when and until when it is."""
        for each in self._compiled:
            if each.state is not None and each.state.is_open:
                yield each.window, each.state

    def around(self, situation: Situation) -> Iterator[tuple[MaintenanceWindow, datetime | None]]:
        """Yield the active windows that an alert is in, each with its end."""
        mask = self._active
        for column in self._columns:
            if not mask:
                return
            mask &= column.mask(situation)
        seen = None
        for row in bits_of(mask):
            each = self._window_of_row[row]
            if each is not seen and each.accepts(situation):
                seen = each
                yield each.window, None if each.state is None else each.state.until

    def _look(self, now: datetime) -> None:
        for each in self._compiled:
            if each.state is None or not _holds(each.state, now):
                each.state = state_at(each.window, now)
        self._has_moved = True
        self._active = sum(1 << row for row, each in enumerate(self._window_of_row) if _is_open(each))
        self.is_active = bool(self._active)
        self.next_change = _first(each.state.until for each in self._compiled if each.state is not None)


def _holds(state: WindowState, now: datetime) -> bool:
    return state.since <= now and (state.until is None or now < state.until)


def _is_open(each: CompiledWindow) -> bool:
    return each.state is not None and each.state.is_open


def _first(times: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in times if at is not None), default=None)
