"""A message about several alerts that waits until it is due."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from opsconductor.model.alert import NotifiedRecipient
from opsconductor.model.enums import SEVERITY_RANK, NotificationKind, Severity

MOST_LISTED = 50
"""Maximum number of alerts, and of updates, that a message names; the others are counted."""
RANKS = tuple(sorted(SEVERITY_RANK.values(), reverse=True))

ENDS = frozenset({NotificationKind.RECOVERY, NotificationKind.EXPIRED})
"""Kinds after which a problem is over."""

Document = Mapping[str, Any]


class BatchKey(NamedTuple):
    """Whose messages wait together.

    Attributes:
        rule_id: The rule that combines them; None: they wait because of the recipient's limit.
        group: The group of the rule; empty for a limit.
    """

    channel: str
    recipient: str
    rule_id: UUID | None = None
    group: str = ""

    @property
    def text(self) -> str:
        """Return it as short text, whatever the names of its group."""
        return sha256(json.dumps([*self[:2], str(self.rule_id), self.group]).encode()).hexdigest()


def key_of(entry: NotifiedRecipient) -> BatchKey:
    """Return the key of the group that names an alert to a recipient."""
    return BatchKey(entry.channel, entry.recipient, entry.rule_id, entry.group)


@dataclass(slots=True)
class MessageBatch:
    """A message that waits, for one recipient.

    Problems that the recipient is still to be notified of are members: that an alert is one is stored with
    the alert (`NotifiedRecipient.batch`), and no document grows with their number. Updates on alerts that the
    recipient knows are counted, and the most severe are kept in full.

    Attributes:
        rule_id: Of the first rule that put something into it; `rule_name` is its name.
        person: Name of the recipient, whose contact method may have a failover; empty: rules name it itself.
        rules: Names of all rules that did.
        failover: Facts with the failover of the first of them that has one, as the delivery reads it.
        members: Numbers of the ids of alerts, by rank of severity, in order of arrival.
        updates: What is kept of updates, as `content.brief` returns it.
        counts: Number of updates by kind of notification.
        repeats: When due, what is still open and unacknowledged is sent too, however little is new.
        absorbed: Ids of messages that are sent with this one, because of the recipient's limit.
    """

    id: UUID
    key: BatchKey
    rule_id: UUID
    rule_name: str
    opened_at: datetime
    due_at: datetime
    members: dict[int, dict[int, None]] = field(default_factory=lambda: {rank: {} for rank in RANKS})
    updates: list[Document] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    repeats: bool = False
    absorbed: tuple[UUID, ...] = ()
    person: str = ""
    rules: dict[str, None] = field(default_factory=dict)
    failover: Document = field(default_factory=dict)

    @property
    def has_news(self) -> bool:
        """True if there is something to send that the recipient does not know."""
        return bool(self.counts) or any(self.members.values())

    @property
    def amount(self) -> int:
        """Number of problems that wait."""
        return sum(map(len, self.members.values()))

    def severities(self) -> dict[str, int]:
        """Count the problems that wait by severity, the worst first."""
        return {each.value: len(found) for each in Severity if (found := self.members[SEVERITY_RANK[each]])}

    def join(self, number: int, rank: int) -> None:
        """Add a problem, or move it to another rank."""
        self.leave(number)
        self.members[rank][number] = None

    def leave(self, number: int) -> None:
        """Remove a problem."""
        for found in self.members.values():
            if number in found:
                del found[number]
                return

    def worst(self) -> Iterator[int]:
        """Yield the problems that wait, the worst first."""
        for rank in RANKS:
            yield from self.members[rank]

    def update(self, kind: NotificationKind, brief: Document) -> None:
        """Add an update on an alert; of one alert only the latest is kept, and that it was over before."""
        same = [each for each in self.updates if each["alert_id"] == brief["alert_id"]]
        known = next((each for each in same if kind in ENDS or each["kind"] not in ENDS), None)
        if known is not None:
            self.drop(known)
            if kind is NotificationKind.UPDATED:
                kind = NotificationKind(known["kind"])  # the number of consequences is in every line
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.updates.append({**brief, "kind": kind.value})
        if len(self.updates) > MOST_LISTED:
            self.updates.remove(min(self.updates, key=rank_of))

    def document(self) -> Document:
        """Return what is stored of it."""
        return {
            "channel": self.key.channel,
            "recipient": self.key.recipient,
            "group": self.key.group,
            "is_limit": self.key.rule_id is None,
            "rule_id": str(self.rule_id),
            "rule_name": self.rule_name,
            "opened_at": self.opened_at.isoformat(),
            "due_at": self.due_at.isoformat(),
            "updates": list(self.updates),
            "counts": dict(self.counts),
            "repeats": self.repeats,
            "absorbed": [str(each) for each in self.absorbed],
            "person": self.person,
            "rules": list(self.rules),
            "failover": dict(self.failover),
        }

    def absorb(self, other: "MessageBatch") -> None:
        """Take over what waits in another message."""
        for rank, found in other.members.items():
            self.members[rank] |= found
        for kind, amount in other.counts.items():
            self.counts[kind] = self.counts.get(kind, 0) + amount
        kept = sorted([*self.updates, *other.updates], key=rank_of, reverse=True)
        self.updates = kept[:MOST_LISTED]
        self.absorbed = (*self.absorbed, other.id, *other.absorbed)
        self.person = self.person or other.person
        self.rules |= other.rules
        self.failover = self.failover or other.failover

    def drop(self, known: Document) -> None:
        """Remove an update that is kept."""
        self.updates.remove(known)
        kind = known["kind"]
        self.counts[kind] -= 1
        if not self.counts[kind]:
            del self.counts[kind]


def batch_of(key: str, document: Document) -> MessageBatch:
    """Read what `MessageBatch.document` has written.

    Raises:
        ValueError: It is damaged; also KeyError and TypeError.
    """
    rule_id = UUID(document["rule_id"])
    return MessageBatch(
        id=UUID(key),
        key=BatchKey(
            document["channel"],
            document["recipient"],
            None if document["is_limit"] else rule_id,
            document["group"],
        ),
        rule_id=rule_id,
        rule_name=document["rule_name"],
        opened_at=datetime.fromisoformat(document["opened_at"]),
        due_at=datetime.fromisoformat(document["due_at"]),
        updates=[dict(each) for each in document["updates"]],
        counts={str(NotificationKind(kind)): int(amount) for kind, amount in document["counts"].items()},
        repeats=bool(document["repeats"]),
        absorbed=tuple(map(UUID, document["absorbed"])),
        person=str(document.get("person", "")),
        rules=dict.fromkeys(map(str, document.get("rules", ()))),
        failover=dict(document.get("failover", {})),
    )


def rank_of(brief: Document) -> int:
    """Return the rank of severity of what is kept of an alert."""
    return next((rank for word, rank in SEVERITY_RANK.items() if word == brief.get("severity")), 0)
