"""Findings on maintenance windows: those that mute more, or for longer, than is usual."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from opsconductor.engine.muting.schedule import state_at
from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.model.notifications.rule import Conditions
from opsconductor.selfcheck.doctor.finding import DoctorFinding, bad, ok, warning
from opsconductor.store.maintenance import MutedNow, load_windows, read_muted
from opsconductor.store.postgres.connection import Pool

AREA = "maintenance"
LONG = timedelta(days=30)
REMEDY = "is that meant? opsconductor maintenance list, end, extend --until, delete"


async def examine_maintenance(pool: Pool, now: datetime) -> list[DoctorFinding]:
    """Examine the maintenance windows and what they hold."""
    return judge_maintenance(await load_windows(pool), await read_muted(pool), now)


def judge_maintenance(
    windows: Sequence[MaintenanceWindow], muted: MutedNow, now: datetime
) -> list[DoctorFinding]:
    """Return findings on windows that are unusable, mute everything or last long, and what is held now."""
    states = [(window, state_at(window, now)) for window in windows]
    active = [window for window, state in states if state.is_open]
    findings = [
        bad(AREA, f"{window.name} mutes nothing: {window.fault}", "declare or add it again")
        for window in windows
        if window.fault
    ]
    findings += [_everything(window) for window in active if _is_for_all(window)]
    findings += [_long(window, now) for window in active if _is_long(window, now)]
    text = f"{len(active)} of {len(windows)} maintenance windows are active"
    if muted.alerts:
        text += f"; {muted.alerts:,} open alerts are muted by windows and shelves"
    if muted.held:
        text += f", of which {muted.held:,} ({muted.critical:,} critical) are notified at the end"
    return [*findings, ok(AREA, text)]


def _is_for_all(window: MaintenanceWindow) -> bool:
    return window.conditions == Conditions() and not window.behind


def _everything(window: MaintenanceWindow) -> DoctorFinding:
    until = f"until {_at(window.end_at)}" if window.end_at else "whenever it recurs"
    return warning(AREA, f"no alert is notified: {window.name} mutes every alert {until}", REMEDY)


def _is_long(window: MaintenanceWindow, now: datetime) -> bool:
    """Return True if a window lasts for long; one that recurs or follows a status may."""
    return window.recurrence is None and window.end_at is not None and window.end_at - now > LONG


def _long(window: MaintenanceWindow, now: datetime) -> DoctorFinding:
    assert window.end_at is not None
    days = (window.end_at - now).days
    return warning(AREA, f"{window.name} mutes for {days} more days, until {_at(window.end_at)}", REMEDY)


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
