"""Copies to failovers while PostgreSQL is away; they are those that `fail_over` in `outbox.sql` would make.

Both give a copy the same id, so that one which was made here is not made again when PostgreSQL is back.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import md5
from uuid import UUID

from opsconductor.limits import BoundedMap
from opsconductor.model.changes import NotificationIntent
from opsconductor.model.enums import NotificationKind
from opsconductor.store.notifications.outbox import Claimed

MOST_REMEMBERED = 20_000
NO_RULE = UUID(int=0)

Recipient = tuple[UUID, str, str]
"""Alert, channel and recipient."""


@dataclass(slots=True)
class FailoverCopies:
    """Makes each copy once, of several recipients with one failover too; recoveries follow problems."""

    _made_at: BoundedMap[tuple[Recipient, NotificationKind, str], datetime] = field(
        default_factory=lambda: BoundedMap(MOST_REMEMBERED)
    )
    _notified: BoundedMap[Recipient, None] = field(default_factory=lambda: BoundedMap(MOST_REMEMBERED))

    def note(self, claimed: Claimed) -> None:
        """Note a copy that is sent, also one that the outbox has made."""
        if "failover_of" in claimed.facts and claimed.kind is not NotificationKind.RECOVERY:
            self._notified[claimed.alert_id, claimed.channel, claimed.recipient] = None

    def of(self, claimed: Claimed, error: str, now: datetime) -> Iterator[NotificationIntent]:
        """Yield the copies of a message that cannot be delivered.

        Args:
            error: Why; not used for a recovery, which goes to those who got a copy of the problem.
        """
        failover = claimed.facts.get("failover")
        if not isinstance(failover, Mapping):
            return
        is_end = claimed.kind is NotificationKind.RECOVERY
        place = {"channel": claimed.channel, "recipient": claimed.recipient}
        facts = {name: value for name, value in claimed.facts.items() if name != "failover"}
        facts["failover_of"] = place if is_end else {**place, "error": error}
        for recipient in failover["recipients"]:
            target = (claimed.alert_id, failover["channel"], recipient)
            what = (target, claimed.kind, _announced(claimed))
            if is_end:
                is_wanted = self._notified.pop(target, True) is None
            else:
                made_at = self._made_at.get(what)
                is_wanted = made_at is None or made_at < claimed.created_at
            if is_wanted:
                if not is_end:
                    self._made_at[what], self._notified[target] = now, None
                yield _copy(claimed, failover["channel"], recipient, facts, now)


def _announced(claimed: Claimed) -> str:
    """Return what identifies the announcement of a window; empty for other messages."""
    window = claimed.facts.get("window")
    return json.dumps(window, sort_keys=True) if isinstance(window, Mapping) else ""


def _copy(
    claimed: Claimed, channel: str, recipient: str, facts: Mapping[str, object], now: datetime
) -> NotificationIntent:
    name = f"{claimed.id}/{channel}/{recipient}".encode()
    return NotificationIntent(
        id=UUID(md5(name, usedforsecurity=False).hexdigest()),
        alert_id=claimed.alert_id,
        rule_id=NO_RULE,
        rule_name=claimed.rule_name,
        channel=channel,
        recipient=recipient,
        kind=claimed.kind,
        created_at=now,
        facts=facts,
    )
