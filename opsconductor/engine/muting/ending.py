"""Beginning, change and end of muting; what is still wrong at the end is notified then."""

from opsconductor.engine.correlation.correlate import (
    COST_OF_CHANGE,
    COST_OF_LOOK,
    suppress_if_cut,
)
from opsconductor.engine.muting.marking import marked, mute_of, shown, unmuted
from opsconductor.engine.notifications import announce, kind_of
from opsconductor.engine.recipients.steps import begin_again
from opsconductor.engine.rerouting import is_audible, look_again, notify_rest
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import Alert
from opsconductor.model.command import Command
from opsconductor.model.enums import SEVERITY_RANK, HistoryAction, NotificationKind, Severity, Status

OVER = "mute.over"


def follow_mutes(work: EngineStep, *, spare: int = 0) -> None:
    """Bring alerts into line with the windows, after a change of either; a part in each step.

    Args:
        spare: What is left of the budget for others.
    """
    waiting = work.state.unmarked
    while waiting and work.budget > spare:
        work.budget -= COST_OF_LOOK
        fingerprint = next(reversed(waiting))
        del waiting[fingerprint]
        alert = work.book.open.get(fingerprint)
        if alert is not None:
            follow_mute(work, alert)


def follow_mute(
    work: EngineStep, alert: Alert, rule: str = "mute.changed", *, by: Command | None = None
) -> None:
    """Mark an alert as muted, change its marks, or end its muting, as things are now.

    Args:
        rule: Identifier of the reason, for the history.
        by: The command that led to it.
    """
    if mute_of(work.state, alert) is not None:
        changed = marked(work, alert)
        if (alert.muted_by, alert.muted_until) != (changed.muted_by, changed.muted_until) or by is not None:
            work.budget -= COST_OF_CHANGE
            work.record(
                changed, HistoryAction.UPDATED, rule, old=alert.status, changes=shown(alert, changed), by=by
            )
    elif alert.muted_by is not None:
        work.budget -= COST_OF_CHANGE
        _end(work, alert, by)


def _end(work: EngineStep, alert: Alert, by: Command | None) -> None:
    """Notify of what was held back and is still so; else by the rules that have waited."""
    old = alert
    alert = work.change(alert, **unmuted(work, alert))
    changes = shown(old, alert)
    if alert.status is not Status.ACTIVE or alert.notify_at is not None or _is_cut(work, alert):
        alert = work.book.latest(alert)
        work.record(alert, HistoryAction.UPDATED, OVER, old=alert.status, changes=changes, by=by)
        return
    kind = _due(alert, old) if old.muted_kind else None
    if kind is not None:
        known = old.muted_severity if kind is NotificationKind.WORSE else None
        alert, routed = announce(work, alert, kind, old_severity=known)
        is_notified = any(verdict["fired"] for verdict in routed["routing"])  # type: ignore[attr-defined]
        action = HistoryAction.NOTIFIED if is_notified else HistoryAction.UPDATED
        work.record(alert, action, OVER, old=old.status, changes={**changes, **routed}, by=by)
        return
    work.record(alert, HistoryAction.UPDATED, OVER, old=old.status, changes=changes, by=by)
    if old.muted_kind == NotificationKind.PROBLEM:
        begin_again(work, alert, notify_rest(work, alert, OVER))
    elif is_audible(alert):
        begun = look_again(work, alert, before=old, at=old.muted_since or work.now, rule=OVER)
        begin_again(work, alert, begun)


def _is_cut(work: EngineStep, alert: Alert) -> bool:
    return work.state.is_unsettled and suppress_if_cut(work, alert)


def _due(alert: Alert, old: Alert) -> NotificationKind | None:
    """Return the kind of notification after muting; None: what was notified last still holds.

    Args:
        old: The alert with its marks.
    """
    if not alert.notified:
        return kind_of(alert)
    if alert.flapping_since is not None:
        is_new = old.muted_since is not None and alert.flapping_since >= old.muted_since
        return NotificationKind.FLAPPING if is_new else None
    if SEVERITY_RANK[alert.severity] > SEVERITY_RANK[Severity(old.muted_severity or alert.severity)]:
        return NotificationKind.WORSE
    return NotificationKind.STABLE if old.muted_kind == NotificationKind.STABLE else None
