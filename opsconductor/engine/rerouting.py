"""Rules that fire later: because time has passed, or a count has grown."""

from collections.abc import Sequence
from datetime import datetime

from opsconductor.engine.clock import TICK
from opsconductor.engine.correlation.correlate import COST_OF_CHANGE, COST_OF_LOOK, suppress_if_cut
from opsconductor.engine.muting.marking import is_muted, muted_from
from opsconductor.engine.notifications import decision, notify_more, wait_for_rules
from opsconductor.engine.recipients.choosing import situation_in
from opsconductor.engine.recipients.steps import acknowledgement_expiry, run_planned
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import Alert
from opsconductor.model.enums import HistoryAction, Status
from opsconductor.model.notifications.rule import NotificationRule


def is_audible(alert: Alert) -> bool:
    """Return True if an alert may notify now: active, not held, not flapping, not muted."""
    is_silent = alert.flapping_since is not None or alert.muted_by is not None
    return alert.status is Status.ACTIVE and alert.notify_at is None and not is_silent


def look_again(
    work: EngineStep, alert: Alert, *, before: Alert, at: datetime, rule: str, is_rest: bool = False
) -> Sequence[NotificationRule]:
    """Notify by the rules that fire now and did not for the alert as it was; return these rules.

    Args:
        before: As it was, at that time; a time that a rule has waited for, and that is overdue, is earlier.
        rule: Identifier of the reason, for the history.
        is_rest: Also by rules without people that have notified no one of it: they were throttled, or their
            message was withdrawn.
    """
    if alert.reroute_at is not None and alert.reroute_at <= work.now:
        at = min(at, alert.reroute_at - TICK)
    at = min(at, _known_until(work))
    if is_muted(work, alert):
        muted_from(work, alert, at)
        return ()
    router = work.state.router
    situation = situation_in(work, alert, alert.last_event)
    routing = router.route(situation)
    alert = wait_for_rules(work, alert, routing)
    fired_before = {each.id for each in router.route(situation_in(work, before, alert.last_event, at)).fired}
    if is_rest:
        begun = {each.rule_id for each in alert.notified}
        fired_before -= {each.id for each in routing.fired if not (each.targets or each.id in begun)}
    new = [each for each in routing.fired if each.id not in fired_before]
    if not new:
        return new
    known = alert.notified
    alert, verdicts = notify_more(work, alert, new)
    action = HistoryAction.UPDATED if alert.notified == known else HistoryAction.NOTIFIED
    work.record(alert, action, rule, old=alert.status, changes=decision(work, situation, verdicts))
    return new


def notify_rest(work: EngineStep, alert: Alert, rule: str) -> Sequence[NotificationRule]:
    """Notify those recipients of the rules that fire now who have not been notified yet.

    Args:
        rule: Identifier of the reason, for the history.

    Returns:
        The rules by which a recipient was notified.
    """
    situation = situation_in(work, alert, alert.last_event)
    routing = work.state.router.route(situation)
    alert = wait_for_rules(work, alert, routing)
    known = alert.notified
    alert, verdicts = notify_more(work, alert, routing.fired)
    action = HistoryAction.UPDATED if alert.notified == known else HistoryAction.NOTIFIED
    work.record(alert, action, rule, old=alert.status, changes=decision(work, situation, verdicts))
    fired = {verdict.rule for verdict in verdicts if verdict.fired}
    return [each for each in routing.fired if each.name in fired]


def wait_again(work: EngineStep, alert: Alert) -> None:
    """Set when a rule may fire because time passes, after a change of the alert or of the rules.

    That may be a time that is over, if it has come since the change: then the alert is looked at next.
    """
    if alert.status is Status.ACKNOWLEDGED:
        expiry = acknowledgement_expiry(work, alert)
        due = None if expiry is None else expiry.at
        if due != alert.reroute_at:
            work.change(alert, reroute_at=due)
    if not is_audible(alert) or not (work.state.router.waits or alert.reroute_at):
        return
    at = _known_until(work)
    if alert.reroute_at is None or alert.reroute_at > at:
        situation = situation_in(work, alert, alert.last_event, at)
        wait_for_rules(work, alert, work.state.router.route(situation))


def _known_until(work: EngineStep) -> datetime:
    """Return the time up to which it is known what rules wait for: now, or when they were changed."""
    return min(work.now, work.state.unrouted_since or work.now)


def reroute(work: EngineStep, alert: Alert) -> None:
    """Look at an alert for which a rule has waited for this time, or something is planned."""
    due = alert.reroute_at
    if due is None or due > work.now:
        return
    if work.state.is_unsettled and suppress_if_cut(work, alert):
        return
    work.budget -= COST_OF_CHANGE
    if is_audible(alert):
        look_again(work, alert, before=alert, at=work.now, rule="route.time")
        alert = work.book.latest(alert)
        if is_audible(alert):
            run_planned(work, alert)
    elif is_muted(work, alert):
        muted_from(work, alert, due - TICK)
    elif alert.status is Status.ACTIVE and alert.notify_at is None and not alert.notified:
        run_planned(work, alert)  # of its flapping no one has been notified yet
    else:
        work.change(alert, reroute_at=None, planned=())


def reroute_grown(work: EngineStep) -> None:
    """Evaluate the rules for alerts with a count that a rule waits for."""
    for fingerprint, before in work.grown.items():
        alert = work.book.open.get(fingerprint)
        if alert is not None and is_audible(alert):
            look_again(work, alert, before=before, at=work.now, rule="route.count")
    work.grown.clear()


def review_waits(work: EngineStep) -> None:
    """Set anew for what rules wait, after a change of rules or inventory; a part in each step."""
    if work.state.review:
        return
    waiting = work.state.unrouted
    while waiting and work.budget > 0:
        work.budget -= COST_OF_LOOK
        alert = work.book.open.get(waiting.pop())
        if alert is not None:
            wait_again(work, alert)
    if not waiting:
        work.state.unrouted_since = None
