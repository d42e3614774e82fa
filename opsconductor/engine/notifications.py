"""Notifications of a transition: who is notified of what, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from uuid import UUID

from opsconductor.engine.alert_index import device_key
from opsconductor.engine.grouping.deliver import deliver
from opsconductor.engine.grouping.impact import impact_facts
from opsconductor.engine.muting.marking import held_back, is_muted
from opsconductor.engine.recipients.choosing import THROTTLED, choose, situation_in, with_notified
from opsconductor.engine.routing.recorded import decided, facts_asked
from opsconductor.engine.routing.router import Routing, verdicts_shown
from opsconductor.engine.routing.situation import Situation
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import NO_FIELDS, Alert, NotifiedRecipient
from opsconductor.model.enums import OPEN_STATUSES, AlertEvent, NotificationKind, Status
from opsconductor.model.notifications.rule import NotificationRule, RuleVerdict

EVENTS = {
    NotificationKind.WORSE: AlertEvent.ESCALATED,
    NotificationKind.FLAPPING: AlertEvent.FLAPPING,
    NotificationKind.STABLE: AlertEvent.STABLE,
}
"""The event behind a notification of a problem; of others it is `Alert.last_event`."""
ACKNOWLEDGED = Status.ACKNOWLEDGED
"""Looked up once, see `enums.CLEAR`."""
COLUMNS = tuple(each.name for each in fields(Alert) if each.name not in {"expires_after", "planned"})
"""What the engine has planned is none of a receiver's facts."""


def facts_of(alert: Alert, kind: NotificationKind) -> dict[str, object]:
    """Return all columns of an alert as text, numbers and lists; times as ISO 8601 in UTC.

    The caller adds what only it knows: `rule`, `cause`, `impacted`, `old_severity`.
    """
    facts = {name: plain(getattr(alert, name)) for name in COLUMNS}
    facts["expires_after_s"] = alert.expires_after.total_seconds() if alert.expires_after else None
    facts["kind"] = kind.value
    return facts


def plain(value: object) -> object:
    """Convert a value of the model to one that JSON has."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, UUID | str):
        return str(value)
    if isinstance(value, NotifiedRecipient):
        return {
            "rule_id": str(value.rule_id),
            "rule_name": value.rule_name,
            "channel": value.channel,
            "recipient": value.recipient,
            "batch": plain(value.batch),
            "person": value.person,
        }
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return value


def announce(
    work: EngineStep, alert: Alert, kind: NotificationKind, *, old_severity: str | None = None
) -> tuple[Alert, Mapping[str, object]]:
    """Evaluate the rules and notify the recipients of a problem.

    Recipients notified before get a notification of the kind; new ones get a problem notification. A
    notification of flapping or stability also goes to those whose rule no longer fires. A muted
    alert is not notified; at the end of muting it is announced again.

    Returns:
        The alert with its notified recipients, and the content of its history row.
    """
    if work.state.may_be_muted(alert):
        alert, held = held_back(work, alert, kind)
        if held is not None:
            return alert, held
    situation = situation_in(work, alert, EVENTS.get(kind, alert.last_event))
    router = work.state.router
    routing = router.route(situation)
    is_lasting = situation.event is alert.last_event or not router.waits
    later = routing if is_lasting else router.route(situation_in(work, alert, alert.last_event))
    alert = wait_for_rules(work, alert, later)
    if not (routing.fired or alert.notified or alert.planned):
        return alert, router.quiet.of(situation)
    before = {(notified.channel, notified.recipient): notified for notified in alert.notified}
    chosen = choose(work, alert, kind, routing.fired)
    if kind not in THROTTLED:
        chosen.notified = before | chosen.notified
    if chosen.notified:
        facts = facts_now(work, alert, kind, old_severity)
        for target, notified in chosen.notified.items():
            known = before.get(target)
            if known is None:
                is_new = kind in {NotificationKind.WORSE, NotificationKind.STABLE}
                first = NotificationKind.PROBLEM if is_new else kind
                chosen.notified[target] = deliver(work, alert, first, notified, facts, is_known=False)
            elif not work.state.batches.is_waiting(known):
                deliver(work, alert, kind, known, facts, is_known=True)
        chosen.note_waits(work)
    return with_notified(work, alert, chosen), decision(work, situation, chosen.verdicts)


def notify_more(
    work: EngineStep, alert: Alert, rules: Iterable[NotificationRule]
) -> tuple[Alert, list[RuleVerdict]]:
    """Notify of a problem those recipients of rules who have not been notified of it yet.

    Returns:
        The alert with its notified recipients, and the verdicts on the rules.
    """
    if is_muted(work, alert):  # a window has just begun; rules are evaluated again at its end
        return alert, []
    known = {(notified.channel, notified.recipient) for notified in alert.notified}
    chosen = choose(work, alert, NotificationKind.PROBLEM, rules, known=known)
    if chosen.notified:
        facts = facts_now(work, alert, NotificationKind.PROBLEM)
        for target, notified in chosen.notified.items():
            chosen.notified[target] = deliver(
                work, alert, NotificationKind.PROBLEM, notified, facts, is_known=False
            )
        chosen.note_waits(work)
    return with_notified(work, alert, chosen), chosen.verdicts


def inform(work: EngineStep, alert: Alert, kind: NotificationKind, event: AlertEvent) -> Mapping[str, object]:
    """Notify the recipients of rules that name an event after which nothing is to be done.

    Only alerts with a recipient that was notified. Those who get a recovery anyway get no second one.

    Returns:
        The content of the history row.
    """
    if not any(not work.state.batches.is_waiting(each) for each in alert.notified):
        return NO_FIELDS
    if not work.state.router.has_rules_on(event):
        return NO_FIELDS
    if event is AlertEvent.ACKNOWLEDGED and is_muted(work, alert):
        return NO_FIELDS
    situation = situation_in(work, alert, event)
    routing = work.state.router.route(situation)
    known = {(notified.channel, notified.recipient) for notified in alert.notified}
    chosen = choose(work, alert, kind, routing.fired, known=known if event is AlertEvent.RESOLVED else ())
    facts = facts_now(work, alert, kind)
    for notified in chosen.notified.values():
        deliver(work, alert, kind, notified, facts, is_known=True)
    return decision(work, situation, chosen.verdicts)


def wait_for_rules(work: EngineStep, alert: Alert, routing: Routing) -> Alert:
    """Set when a rule may fire because time has passed, or something planned is due."""
    if alert.status is ACKNOWLEDGED:
        return alert
    due = min((each.at for each in alert.planned), default=None) if alert.planned else None
    if due is None or (routing.look_again_at is not None and routing.look_again_at < due):
        due = routing.look_again_at
    return alert if alert.reroute_at == due else work.change(alert, reroute_at=due)


def decision(work: EngineStep, situation: Situation, verdicts: Iterable[RuleVerdict]) -> Mapping[str, object]:
    """Return the content of a history row: the rules that fired or were held back, and what was known.

    Why other rules did not fire follows from the rules and these facts, see `recorded`.
    """
    router, shown = work.state.router, verdicts_shown(verdicts)
    if not shown:
        return router.quiet.of(situation)
    return decided(shown, facts_asked(situation, router.asked), len(router.rules))


def kind_of(alert: Alert) -> NotificationKind:
    """Return the kind of the first notification of an alert."""
    return NotificationKind.PROBLEM if alert.flapping_since is None else NotificationKind.FLAPPING


def notify_recovery(work: EngineStep, alert: Alert) -> None:
    """Notify exactly those who were notified of the problem that it is over."""
    if alert.notified:
        facts = facts_now(work, alert, NotificationKind.RECOVERY)
        for notified in alert.notified:
            deliver(work, alert, NotificationKind.RECOVERY, notified, facts, is_known=True)


def notify_again(work: EngineStep, alert: Alert) -> Alert:
    """Notify the recipients of a recovery, and no others, that the problem is open again."""
    if not alert.notified:
        return alert
    facts, kind = facts_now(work, alert, NotificationKind.PROBLEM), NotificationKind.PROBLEM
    notified = tuple(deliver(work, alert, kind, each, facts, is_known=False) for each in alert.notified)
    return work.change(alert, notified=notified)


def facts_now(
    work: EngineStep, alert: Alert, kind: NotificationKind, old_severity: str | None = None
) -> Mapping[str, object]:
    """Return the facts of a message about one alert: of itself, its cause and its device."""
    facts = facts_of(alert, kind)
    cause = work.book.find(alert.correlated_to_id) if alert.correlated_to_id is not None else None
    facts["cause"] = cause.title if cause is not None else None
    device = work.state.inventory.device_at(device_key(alert))
    facts["site"] = device.site if device is not None else None
    if alert.status in OPEN_STATUSES:
        facts["impacted"] = impacted = work.book.chains.count(alert.id.int)
        if impacted:
            facts |= impact_facts(work.book, work.state.inventory, alert)
            work.state.batches.impacts.note(alert, impacted)
    if old_severity is not None:
        facts["old_severity"] = plain(old_severity)
    return facts
