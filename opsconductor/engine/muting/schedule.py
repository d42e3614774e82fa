"""When a maintenance window is active."""

from datetime import datetime

from opsconductor.model.notifications.maintenance import MaintenanceWindow, Recurrence
from opsconductor.model.notifications.time_window import WindowState


def state_at(window: MaintenanceWindow, at: datetime) -> WindowState:
    """Return the state of a window at a time."""
    if window.fault:
        return WindowState(is_open=False, since=at, until=None)
    if at < window.start_at:
        return WindowState(is_open=False, since=at, until=window.start_at)
    if window.end_at is not None and at >= window.end_at:
        return WindowState(is_open=False, since=window.end_at, until=None)
    if window.recurrence is None:
        return _single(window, at)
    return _recurring(window, window.recurrence, at)


def _single(window: MaintenanceWindow, at: datetime) -> WindowState:
    """Return the state of a window without recurrence that has begun, before its planned end."""
    cut_at = window.cut_at
    if cut_at is None or cut_at < window.start_at:
        return WindowState(is_open=True, since=window.start_at, until=window.end_at)
    if at >= cut_at:
        return WindowState(is_open=False, since=cut_at, until=None)
    return WindowState(is_open=True, since=window.start_at, until=cut_at)


def _recurring(window: MaintenanceWindow, recurrence: Recurrence, at: datetime) -> WindowState:
    # imported when a recurring window is there: few have one, and importing the library takes a while
    from opsconductor.engine.muting.recurrence import occurrences  # noqa: PLC0415

    for begin, end in occurrences(recurrence, window.start_at, at):
        is_cut = window.cut_at is not None and begin <= window.cut_at < end
        if is_cut and window.cut_at is not None and at >= window.cut_at:
            continue
        if window.end_at is not None and begin >= window.end_at:
            break
        if begin > at:
            return WindowState(is_open=False, since=at, until=begin)
        return WindowState(is_open=True, since=begin, until=window.cut_at if is_cut else end)
    return WindowState(is_open=False, since=at, until=None)
