"""Notifications of a transition: who is notified of what, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from uuid import UUID

from opsconductor.engine.alert_index import device_key
from opsconductor.engine.routing import Routing, shown
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import Alert, NotifiedRecipient
from opsconductor.model.changes import NotificationIntent
from opsconductor.model.enums import OPEN_STATUSES, SEVERITY_RANK, NotificationKind
from opsconductor.model.rule import NotificationRule, RuleVerdict

COLUMNS = tuple(field.name for field in fields(Alert) if field.name != "expires_after")


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
        }
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return value


THROTTLED = frozenset({NotificationKind.PROBLEM, NotificationKind.WORSE})
Target = tuple[str, str]


@dataclass(slots=True)
class Round:
    """One round of notifications about an alert: the recipients, and the rule of each.

    Attributes:
        told: By channel and recipient, in order of the rules.
        verdicts: Verdict of every rule, throttling and duplicates included.
    """

    told: dict[Target, NotifiedRecipient] = field(default_factory=dict)
    verdicts: list[RuleVerdict] = field(default_factory=list)


def announce(
    work: EngineStep, alert: Alert, kind: NotificationKind, *, old_severity: str | None = None
) -> tuple[Alert, Mapping[str, object]]:
    """Evaluate the rules and notify the recipients of a problem.

    Recipients notified before get a notification of the kind; new ones get a problem notification. A
    notification of flapping or stability also goes to those whose rule no longer fires.

    Returns:
        The alert with its notified recipients, and the content of its history row.
    """
    routing = work.state.router.route(alert)
    before = {(told.channel, told.recipient): told for told in alert.notified}
    if not routing.fired and (kind in THROTTLED or not before):
        return alert, routing.shown
    chosen = _choose(work, alert, kind, routing)
    if kind not in THROTTLED:
        chosen.told = before | chosen.told
    facts = _facts(work, alert, kind, old_severity)
    for target, told in chosen.told.items():
        is_first = target not in before and kind in {NotificationKind.WORSE, NotificationKind.STABLE}
        _write(work, alert, NotificationKind.PROBLEM if is_first else kind, told, facts)
    everyone = before | {target: told for target, told in chosen.told.items() if target not in before}
    if len(everyone) > len(before):
        alert = work.change(alert, notified=tuple(everyone.values()))
    return alert, shown(chosen.verdicts)


def tell_recovery(work: EngineStep, alert: Alert) -> None:
    """Notify exactly those who were notified of the problem that it is over."""
    if alert.notified:
        facts = _facts(work, alert, NotificationKind.RECOVERY, None)
        for told in alert.notified:
            _write(work, alert, NotificationKind.RECOVERY, told, facts)


def _choose(work: EngineStep, alert: Alert, kind: NotificationKind, routing: Routing) -> Round:
    chosen = Round()
    fired = iter(routing.fired)
    for verdict in routing.verdicts:
        if not verdict.fired:
            chosen.verdicts.append(verdict)
            continue
        rule = next(fired)
        refusal = _quiet(work, alert, kind, rule) or _add(chosen, rule)
        if refusal is None:
            work.triggered[rule.id] = work.now
            rank = SEVERITY_RANK[alert.severity]
            work.state.notices.remember(rule, work.state.notice_key(alert), at=work.now, rank=rank)
            chosen.verdicts.append(verdict)
        else:
            chosen.verdicts.append(RuleVerdict(rule=rule.name, fired=False, reason=refusal))
    return chosen


def _quiet(work: EngineStep, alert: Alert, kind: NotificationKind, rule: NotificationRule) -> str | None:
    if kind not in THROTTLED:
        return None
    rank = SEVERITY_RANK[alert.severity]
    until = work.state.notices.quiet_until(rule, work.state.notice_key(alert), now=work.now, rank=rank)
    if until is None:
        return None
    return f"throttled until {until.astimezone(UTC).isoformat(timespec='seconds')}"


def _add(chosen: Round, rule: NotificationRule) -> str | None:
    """Add the recipients of a rule whom no rule before it has named."""
    new = [target for target in _targets(rule) if target not in chosen.told]
    if not new:
        return "all its recipients are notified by an earlier rule"
    for channel, recipient in new:
        chosen.told[channel, recipient] = NotifiedRecipient(
            rule_id=rule.id, rule_name=rule.name, channel=channel, recipient=recipient
        )
    return None


def _targets(rule: NotificationRule) -> Iterator[Target]:
    return ((each.channel, recipient) for each in rule.channels for recipient in each.recipients)


def _facts(
    work: EngineStep, alert: Alert, kind: NotificationKind, old_severity: str | None
) -> Mapping[str, object]:
    facts = facts_of(alert, kind)
    cause = work.book.find(alert.correlated_to_id) if alert.correlated_to_id is not None else None
    facts["cause"] = cause.title if cause is not None else None
    device = work.state.inventory.device_at(device_key(alert))
    facts["site"] = device.site if device is not None else None
    if alert.status in OPEN_STATUSES:
        facts["impacted"] = work.book.chains.count(alert.id.int)
    if old_severity is not None:
        facts["old_severity"] = plain(old_severity)
    return facts


def _write(
    work: EngineStep,
    alert: Alert,
    kind: NotificationKind,
    told: NotifiedRecipient,
    facts: Mapping[str, object],
) -> None:
    at = work.state.clock.stamp()
    work.notifications.append(
        NotificationIntent(
            id=work.state.new_id(at),
            alert_id=alert.id,
            rule_id=told.rule_id,
            rule_name=told.rule_name,
            channel=told.channel,
            recipient=told.recipient,
            kind=kind,
            created_at=at,
            facts={**facts, "kind": kind.value, "rule": told.rule_name},
        )
    )
