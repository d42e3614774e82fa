"""Sums of the notifications of a replay, in memory that grows only with the alerts that were notified of."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from opsconductor.engine.engine import Engine
from opsconductor.model import canary
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes, NotificationIntent
from opsconductor.model.enums import NotificationKind
from opsconductor.replay.compare import NotifiedInReplay, device_of

MOST_REASONS = 3


class NotifiedFault(NamedTuple):
    """A fault about which a recipient is or was notified.

    Attributes:
        first_at: When the first message was decided on.
        recipients: Channel and recipient, sorted.
        reason: Why no recipient would be notified; empty: one would.
    """

    device: str
    alert_type: str
    resource: str
    title: str
    severity: str
    first_at: datetime
    messages: int
    recipients: tuple[str, ...] = ()
    reason: str = ""


@dataclass(slots=True)
class Tally:
    """Messages of a replay by rule, channel, recipient and kind, and the faults that they are about.

    Attributes:
        notified: By fingerprint.
    """

    engine: Engine
    messages: Counter[NotifiedInReplay] = field(default_factory=Counter)
    notified: dict[str, NotifiedFault] = field(default_factory=dict)
    _waiting: dict[UUID, dict[UUID, None]] = field(default_factory=dict)

    def add(self, changes: Changes) -> None:
        """Count the notifications of a step about alerts; canaries do not count."""
        self._note_waiting(changes)
        intents = [
            each
            for each in changes.notifications
            if each.rule_id != canary.RULE_ID and each.kind is not NotificationKind.MAINTENANCE
        ]
        if not intents:
            return
        written = {each.id: each for each in (*changes.updated, *changes.repeated, *changes.created)}
        for intent in intents:
            self.messages[
                NotifiedInReplay(intent.rule_name, intent.channel, intent.recipient, str(intent.kind))
            ] += 1
            recipient = f"{intent.channel} {intent.recipient}".strip()
            for alert_id, batch in self._named(intent):
                alert = self._alert(alert_id, written)
                if alert is not None and (batch is None or batch in {each.batch for each in alert.notified}):
                    self._add_fault(alert, intent.created_at, recipient)

    def _note_waiting(self, changes: Changes) -> None:
        """Note which alerts wait for a message about several."""
        for alert in (*changes.created, *changes.updated):
            for entry in alert.notified:
                if entry.batch is not None:
                    self._waiting.setdefault(entry.batch, {})[alert.id] = None

    def _named(self, intent: NotificationIntent) -> Iterator[tuple[UUID, UUID | None]]:
        """Yield the alerts that a message is about; with each that has waited for it, for what."""
        if intent.kind is not NotificationKind.SUMMARY:
            self._waiting.pop(intent.id, None)
            yield intent.alert_id, None
            return
        absorbed: Any = intent.facts.get("absorbed", ())
        batches = (intent.id, *map(UUID, absorbed))
        found: list[tuple[UUID, UUID | None]] = [
            (alert_id, each) for each in batches for alert_id in self._waiting.pop(each, ())
        ]
        yield from found or [(intent.alert_id, None)]

    def _alert(self, wanted: UUID, written: Mapping[UUID, Alert]) -> Alert | None:
        return written.get(wanted) or self.engine.get(wanted)

    def _add_fault(self, alert: Alert, at: datetime, recipient: str) -> None:
        known = self.notified.get(alert.fingerprint)
        if known is None:
            self.notified[alert.fingerprint] = fault_of(alert, at, 1, (recipient,))
            return
        recipients = known.recipients
        if recipient not in recipients:
            recipients = tuple(sorted((*recipients, recipient)))
        self.notified[alert.fingerprint] = known._replace(messages=known.messages + 1, recipients=recipients)


def fault_of(
    alert: Alert, at: datetime, messages: int, recipients: tuple[str, ...], reason: str = ""
) -> NotifiedFault:
    """Return the readable facts of an alert and of its messages."""
    return NotifiedFault(
        device=device_of(alert),
        alert_type=alert.alert_type,
        resource=alert.resource,
        title=alert.title,
        severity=str(alert.severity),
        first_at=at,
        messages=messages,
        recipients=recipients,
        reason=reason,
    )


def reason_for_silence(engine: Engine, alert: Alert, at: datetime) -> str:
    """Return why the rules would notify no recipient of an alert at a time."""
    verdicts = engine.forecast(alert, at)
    if any(verdict.fired for verdict in verdicts):
        return (
            "a rule fires, but the alert is held back: it ends early, is muted, throttled, or a consequence"
        )
    names = {rule.name for rule in engine.router.rules if rule.id != canary.RULE_ID}
    refusals = [f"rule {each.rule}: {each.reason}" for each in verdicts if each.rule in names]
    rest = len(refusals) - MOST_REASONS
    more = [f"and {rest} more rules"] if rest > 0 else []
    return "; ".join([*refusals[:MOST_REASONS], *more]) or "there is no rule"
