"""Sends updates on causes whose consequences have become more since people were notified."""

from opsconductor.engine.clock import later
from opsconductor.engine.grouping.deliver import deliver
from opsconductor.engine.grouping.impact import EVERY, IN_PLACE, OTHERS, way_of
from opsconductor.engine.muting.marking import is_muted
from opsconductor.engine.notifications import facts_now
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import Alert, NotifiedRecipient
from opsconductor.model.enums import HistoryAction, NotificationKind, Status

COST_OF_UPDATE = 50
"""Cost of counting the devices behind a cause, as a multiple of the evaluation of an alert."""


def send_updates(work: EngineStep) -> None:
    """Send the updates that are due; what the budget does not cover is due in the next step."""
    impacts = work.state.batches.impacts
    while work.budget > 0 and (number := impacts.pop_due(work.now)) is not None:
        work.budget -= COST_OF_UPDATE
        alert = work.book.numbered(number)
        if alert is not None and _is_notifiable(work, alert):
            _update(work, alert)


def _is_notifiable(work: EngineStep, alert: Alert) -> bool:
    """Return True if an update on an alert is to be sent: it is unacknowledged, and nothing holds it back."""
    is_held = alert.notify_at is not None or alert.flapping_since is not None
    return alert.status is Status.ACTIVE and not is_held and not is_muted(work, alert)


def _update(work: EngineStep, alert: Alert) -> None:
    """Notify recipients whose latest message has a smaller number and is long enough ago."""
    batches, amount = work.state.batches, work.book.chains.count(alert.id.int)
    known = batches.impacts.known.get(alert.id.int)
    sent_before = list(known.amounts) if known is not None else [0, 0]
    facts = facts_now(work, alert, NotificationKind.UPDATED)
    is_sent = False
    for way in (OTHERS, IN_PLACE):
        reached = [entry for entry in alert.notified if _is_reached(work, entry, way)]
        at = known.updated_at[way] if known is not None else None
        is_outdated = known.is_outdated(way, amount) if known is not None else amount > 0
        if not reached or not is_outdated or (at is not None and later(at, EVERY[way]) > work.now):
            continue
        for entry in reached:
            more = {**facts, "old_impacted": sent_before[way]}
            deliver(work, alert, NotificationKind.UPDATED, entry, more, is_known=True)
        batches.impacts.updated(alert.id.int, way, amount, work.now)
        is_sent = True
    if is_sent:
        change = {"impacted": [min(sent_before), amount]}
        work.record(alert, HistoryAction.NOTIFIED, "impact.grown", old=alert.status, changes=change)
    batches.note_impact(alert, amount, work.now)


def _is_reached(work: EngineStep, entry: NotifiedRecipient, way: int) -> bool:
    batches = work.state.batches
    return way_of(batches.policies[entry.channel]) == way and not batches.is_waiting(entry)
