"""Timers that are due: end of holding, re-evaluation after grace, expiry, end of flapping."""

from opsconductor.engine.acknowledging import expire_acknowledgement
from opsconductor.engine.correlation.correlate import (
    COST_OF_CHANGE,
    COST_OF_LOOK,
    end_grace,
    end_hold,
    propagate,
    reconsider,
    suppress_if_cut,
)
from opsconductor.engine.flap import stable_at
from opsconductor.engine.grouping.flush import flush_due
from opsconductor.engine.grouping.updating import send_updates
from opsconductor.engine.muting.ending import follow_mute, follow_mutes
from opsconductor.engine.rerouting import reroute, review_waits
from opsconductor.engine.step import EngineStep
from opsconductor.engine.timers import TimerKind
from opsconductor.engine.transitions import end_flapping, expire
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Status


def elapse(work: EngineStep) -> None:
    """Do what is due, the longest overdue first; what the budget does not cover is due in the next step.

    Timers do not wait for pending alerts: they have half of the budget first. Only while there may be causes
    of a former inventory those alerts come before.
    """
    follow_mutes(work, spare=work.budget // 2)
    if work.state.rejected is None:
        _run_timers(work, spare=work.budget // 2)
    propagate(work)
    _run_timers(work, spare=0)
    propagate(work)
    flush_due(work)
    send_updates(work)
    review_waits(work)


def _run_timers(work: EngineStep, *, spare: int) -> None:
    look = {
        TimerKind.NOTIFY: _notify,
        TimerKind.EXPIRE: _expire,
        TimerKind.STABLE: _stable,
        TimerKind.REROUTE: _reroute,
        TimerKind.MUTE: _mute,
    }
    while work.budget > spare and (due := work.state.timers.pop_due(work.now)) is not None:
        kind, fingerprint = due
        work.budget -= COST_OF_LOOK
        alert = work.book.open.get(fingerprint)
        if alert is not None:
            look[kind](work, alert)


def _notify(work: EngineStep, alert: Alert) -> None:
    if alert.notify_at is None or alert.notify_at > work.now:
        return
    if work.state.is_unsettled and suppress_if_cut(work, alert):
        return
    work.budget -= COST_OF_CHANGE
    if alert.status is Status.SUPPRESSED:
        end_grace(work, alert)
    else:
        end_hold(work, alert)


def _reroute(work: EngineStep, alert: Alert) -> None:
    if alert.status is Status.ACKNOWLEDGED and alert.reroute_at is not None:
        expire_acknowledgement(work, alert)
    else:
        reroute(work, alert)


def _expire(work: EngineStep, alert: Alert) -> None:
    if alert.expires_at is None:
        return
    if alert.expires_at <= work.now:
        work.budget -= COST_OF_CHANGE
        expire(work, alert)
    else:  # repeats have put it off
        work.state.timers.push(alert.expires_at, TimerKind.EXPIRE, alert.fingerprint)


def _mute(work: EngineStep, alert: Alert) -> None:
    if alert.muted_until is not None and alert.muted_until <= work.now:
        follow_mute(work, alert)


def _stable(work: EngineStep, alert: Alert) -> None:
    if alert.flapping_since is None:
        return
    due = stable_at(alert, work.state.settings)
    if due <= work.now:
        if work.state.is_unsettled:
            reconsider(work, alert)
            alert = work.book.latest(alert)
        end_flapping(work, alert)
    else:
        work.state.timers.push(due, TimerKind.STABLE, alert.fingerprint)
