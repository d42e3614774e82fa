"""Takes over what a look at a device has found out about an alert."""

from opsconductor.model.alert import Alert
from opsconductor.model.command import Verified
from opsconductor.model.enums import HistoryAction, Status
from opsconductor.pipeline.clock import later
from opsconductor.pipeline.correlate import depends
from opsconductor.pipeline.transition import clear, end_hold
from opsconductor.pipeline.work import Work


def verified(work: Work, alert: Alert, command: Verified) -> None:
    """End an alert that is over; tell at once of one that was only held for the look.

    What was reported again since the look began is not over because of it.
    """
    if command.is_over:
        at = work.state.clock.place(command.looked_at)
        if alert.last_occurrence_at <= at:
            clear(work, alert, at, "verify.over", by=command)
        return
    rule = "verify.unknown" if command.is_over is None else "verify.stands"
    if alert.status is Status.ACTIVE and alert.notify_at is not None:
        _end_hold(work, alert, command, rule)
    else:
        work.record(alert, HistoryAction.NOTED, rule, old=alert.status, by=command)


def _end_hold(work: Work, alert: Alert, command: Verified, rule: str) -> None:
    """Tell people now, or when its settle time is over: a cause may still be on its way."""
    assert alert.notify_at is not None
    began_at = alert.transitions[-1] if alert.transitions else alert.received_at
    settled_at = later(began_at, work.state.settings.settle_time)
    if depends(work, alert) and settled_at > work.now:
        alert = work.change(alert, notify_at=min(alert.notify_at, settled_at))
        work.record(alert, HistoryAction.NOTED, rule, old=alert.status, by=command)
    else:
        end_hold(work, alert, rule, by=command)
