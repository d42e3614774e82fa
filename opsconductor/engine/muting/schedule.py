"""When a maintenance window is active."""

from datetime import datetime

from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.model.notifications.time_window import WindowState


def state_at(window: MaintenanceWindow, at: datetime) -> WindowState:
    """Return the state of a window at a time."""
    if window.fault:
        return WindowState(is_open=False, since=at, until=None)
    if at < window.start_at:
        return WindowState(is_open=False, since=at, until=window.start_at)
    if window.end_at is None or at < window.end_at:
        return WindowState(is_open=True, since=window.start_at, until=window.end_at)
    return WindowState(is_open=False, since=window.end_at, until=None)
