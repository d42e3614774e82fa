"""Does what is due: tells what was held, looks again after grace, expires, ends flapping."""

from itertools import islice

from opsconductor.model.alert import Alert
from opsconductor.model.enums import Status
from opsconductor.pipeline.correlate import end_grace, propagate
from opsconductor.pipeline.flap import stable_at
from opsconductor.pipeline.timers import TimerKind
from opsconductor.pipeline.transition import end_flapping, end_hold, expire
from opsconductor.pipeline.work import Work

MOST_AT_ONCE = 1_000
"""Timers of one step, some 20 ms of work: after a storm thousands are due in the same second."""


def elapse(work: Work) -> None:
    """Do what is due, the longest overdue first; what is left is due in the next step."""
    look = {TimerKind.NOTIFY: _notify, TimerKind.EXPIRE: _expire, TimerKind.STABLE: _stable}
    for kind, fingerprint in islice(work.state.timers.pop_due(work.now), MOST_AT_ONCE):
        alert = work.book.open.get(fingerprint)
        if alert is not None:
            look[kind](work, alert)
            propagate(work)


def _notify(work: Work, alert: Alert) -> None:
    if alert.notify_at is None or alert.notify_at > work.now:
        return
    if alert.status is Status.SUPPRESSED:
        end_grace(work, alert)
    else:
        end_hold(work, alert)


def _expire(work: Work, alert: Alert) -> None:
    if alert.expires_at is None:
        return
    if alert.expires_at <= work.now:
        expire(work, alert)
    else:  # repeats have put it off
        work.state.timers.push(alert.expires_at, TimerKind.EXPIRE, alert.fingerprint)


def _stable(work: Work, alert: Alert) -> None:
    if alert.flapping_since is None:
        return
    due = stable_at(alert, work.state.settings)
    if due <= work.now:
        end_flapping(work, alert)
    else:
        work.state.timers.push(due, TimerKind.STABLE, alert.fingerprint)
