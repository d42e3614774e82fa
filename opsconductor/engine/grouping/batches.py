"""The messages that wait, the limits of recipients, and what is stored of both."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from typing import Any
from uuid import UUID

from opsconductor.engine.agenda import Agenda
from opsconductor.engine.clock import later
from opsconductor.engine.grouping.allowance import Allowance, allowance_of
from opsconductor.engine.grouping.batch import BatchKey, MessageBatch, batch_of, key_of
from opsconductor.engine.grouping.group import AlertGroup, group_of
from opsconductor.engine.grouping.impact import HELD_BY, IMPACT, ImpactMemory, way_of
from opsconductor.model.alert import Alert, NotifiedRecipient
from opsconductor.model.changes import EngineDocument
from opsconductor.model.enums import OPEN_STATUSES, SEVERITY_RANK, NotificationKind, Severity, Status
from opsconductor.model.notifications.policy import ChannelPolicy

BATCH, ALLOWANCE, GROUP = "batch", "allowance", "group"
"""Kinds of documents."""
AUDIBLE = frozenset({Status.ACTIVE, Status.ACKNOWLEDGED})
"""Statuses in which an alert stays in the messages that wait."""

Target = tuple[str, str]
UnreadableDocument = tuple[EngineDocument, Exception]


@dataclass(slots=True)
class Batches:
    """State of all messages that wait; only steps of the engine change it.

    Attributes:
        policies: How the messages of a channel may be combined; the default of one that is not known.
        pending: By id; also under the ids of those that they have absorbed.
        groups: Groups about which recipients have been notified, by key.
        impacts: What recipients know of the consequences of causes.
        changed: Kind and key of the documents that the present step has changed.
    """

    agenda: Agenda
    policies: defaultdict[str, ChannelPolicy] = field(default_factory=lambda: defaultdict(ChannelPolicy))
    pending: dict[UUID, MessageBatch] = field(default_factory=dict)
    groups: dict[BatchKey, AlertGroup] = field(default_factory=dict)
    impacts: ImpactMemory = field(init=False)
    changed: dict[tuple[str, str], None] = field(default_factory=dict)
    _by_key: dict[BatchKey, MessageBatch] = field(default_factory=dict)
    _allowances: defaultdict[Target, Allowance] = field(default_factory=lambda: defaultdict(Allowance))
    _dues: list[tuple[datetime, int, UUID]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)
    _keys: dict[str, BatchKey] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.impacts = ImpactMemory(self.agenda)

    def find(self, key: BatchKey) -> MessageBatch | None:
        """Return the message that waits under a key, or None."""
        return self._by_key.get(key)

    def allowance(self, target: Target) -> Allowance:
        """Return the latest messages to a recipient; call `note_allowance` after a change."""
        return self._allowances[target]

    def note_allowance(self, target: Target) -> None:
        """Store the allowance of a recipient with this step."""
        self.changed[ALLOWANCE, json.dumps(target)] = None

    def open(self, batch: MessageBatch) -> None:
        """Add a message that waits."""
        self.pending[batch.id] = self._by_key[batch.key] = batch
        self.pending |= dict.fromkeys(batch.absorbed, batch)
        self.store(batch)
        self.schedule(batch, batch.due_at)

    def store(self, batch: MessageBatch) -> None:
        """Store a message that waits with this step."""
        self.changed[BATCH, str(batch.id)] = None

    def schedule(self, batch: MessageBatch, due_at: datetime) -> None:
        """Set when a message is due; call `store` too unless it is new."""
        batch.due_at = due_at
        heappush(self._dues, (due_at, next(self._order), batch.id))
        self.agenda.add(due_at)

    def bring_forward(self, batch: MessageBatch, due_at: datetime) -> None:
        """Send a message by a time, unless it is due earlier."""
        if due_at < batch.due_at:
            self.schedule(batch, due_at)
            self.store(batch)

    def hurry(self, summary: MessageBatch, now: datetime) -> None:
        """Send a summary earlier, because a new critical problem waits in it."""
        channel, recipient, rule_id, _ = summary.key
        limit = self.policies[channel].limit
        if limit is not None and rule_id is None:
            self.bring_forward(summary, self._allowances[channel, recipient].next_urgent(limit, now))

    def close(self, batch: MessageBatch) -> None:
        """Remove a message: it is sent, or there is nothing left to send."""
        for each in (batch.id, *batch.absorbed):
            del self.pending[each]
        del self._by_key[batch.key]
        self.store(batch)

    def absorb(self, batch: MessageBatch, other: MessageBatch) -> None:
        """Send a message together with another one."""
        self.close(other)
        batch.absorb(other)
        self.pending |= dict.fromkeys(batch.absorbed, batch)
        self.store(batch)

    def note_sent(self, key: BatchKey, alert_id: UUID, now: datetime) -> AlertGroup:
        """Store that a message of a group is sent; the first one begins its thread."""
        group = self.groups.get(key)
        if group is None:
            group = self.groups[key] = AlertGroup(key=key, sent_at=now, alert_id=alert_id)
        group.sent_at = now
        self._store_group(key)
        return group

    def next_due(self) -> datetime | None:
        """Return when the next message is due; None: none waits."""
        while self._dues and not self._is_current(*self._dues[0]):
            heappop(self._dues)
        dues = (self._dues[0][0] if self._dues else None, self.impacts.next_due())
        return min((due for due in dues if due is not None), default=None)

    def pop_due(self, now: datetime) -> MessageBatch | None:
        """Return a message that is due, the longest overdue first; None: none is."""
        self.next_due()
        if not self._dues or self._dues[0][0] > now:
            return None
        return self.pending[heappop(self._dues)[2]]

    def is_waiting(self, entry: NotifiedRecipient) -> bool:
        """Return True if a recipient is still to be notified of the problem."""
        return entry.batch is not None and entry.batch in self.pending

    def follow(self, alert: Alert, values: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
        """Keep groups and the messages that wait in line with a change of an alert.

        What is over, expired, suppressed or muted before its message is sent is withdrawn; what is muted is
        announced when that ends.

        Returns:
            The values of the change.
        """
        status = values.get("status", alert.status)
        if status not in AUDIBLE:
            self.impacts.forget(alert.id.int)
        elif status is not alert.status or not values.keys().isdisjoint({"impacted", *HELD_BY}):
            self.note_impact(alert, values.get("impacted", alert.impacted), now)
        waiting = [entry for entry in alert.notified if self.is_waiting(entry)]
        if status not in OPEN_STATUSES:
            self._leave_groups(alert, is_notified=status is not Status.EXPIRED)
        if not waiting:
            return values
        is_muted = values.get("muted_by") is not None
        if status in AUDIBLE and not is_muted:
            severity = values.get("severity", alert.severity)
            for entry in waiting:
                batch = self.pending[entry.batch]  # type: ignore[index]
                batch.join(alert.id.int, SEVERITY_RANK[severity])
                if severity is Severity.CRITICAL is not alert.severity:
                    self.hurry(batch, now)
            return values
        for entry in waiting:
            self._withdraw(alert.id.int, self.pending[entry.batch])  # type: ignore[index]
        known = tuple(entry for entry in alert.notified if entry not in waiting)
        held = {"muted_kind": NotificationKind.PROBLEM.value} if is_muted else {}
        return {**values, **held, "notified": known}

    def note_impact(self, alert: Alert, amount: int, now: datetime) -> None:
        """Set when those who know of a cause get an update, if its consequences have become more."""
        ways = {way_of(self.policies[entry.channel]) for entry in alert.notified}
        self.impacts.grow(alert.id.int, amount, ways, now)

    def load(
        self, documents: Iterable[EngineDocument], alerts: Iterable[Alert], now: datetime
    ) -> list[UnreadableDocument]:
        """Replace the state by the stored one; return the documents that cannot be read."""
        state = (self.pending, self.groups, self._by_key, self._allowances, self._dues, self.impacts)
        for part in state:
            part.clear()
        loaded = [(each, self._load_one(each)) for each in documents]
        self.changed.clear()
        for alert in alerts:
            if alert.impacted and alert.notified and alert.status in AUDIBLE:
                self.note_impact(alert, alert.impacted, now)
            for entry in alert.notified:
                key = key_of(entry)
                group, own = self.groups.get(key), self._by_key.get(key)
                if entry.group and group is not None and (own is None or entry.batch != own.id):
                    group.open[alert.id.int] = None
                if self.is_waiting(entry):
                    self.pending[entry.batch].join(alert.id.int, SEVERITY_RANK[alert.severity])  # type: ignore[index]
        return [(each, error) for each, error in loaded if error is not None]

    def correct(self, now: datetime) -> None:
        """Correct times that only a wrong clock can have set."""
        self.impacts.correct(now)
        for target, allowance in self._allowances.items():
            if allowance.correct(now):
                self.note_allowance(target)
        for group in self.groups.values():
            if group.sent_at > now:
                group.sent_at = now
                self._store_group(group.key)
        for batch in self._by_key.values():
            if batch.opened_at > now:
                self.schedule(batch, max(now, later(now, batch.due_at - batch.opened_at)))
                batch.opened_at = now
                self.store(batch)

    def take_changes(self) -> tuple[EngineDocument, ...]:
        """Return the documents that have changed since the last call."""
        changed = tuple(self._document(kind, key) for kind, key in self.changed)
        self.changed.clear()
        self._keys.clear()
        return (*changed, *self.impacts.take_changes())

    def _load_one(self, each: EngineDocument) -> Exception | None:
        """Load a document; return why it cannot be read, or None."""
        read: Mapping[str, Callable[[str, Mapping[str, Any]], None]] = {
            BATCH: lambda key, document: self.open(batch_of(key, document)),
            ALLOWANCE: self._load_allowance,
            GROUP: self._load_group,
            IMPACT: lambda key, document: self.impacts.load(document, key),
        }
        if each.document is None:
            return None
        try:
            read[each.kind](each.key, each.document)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return error
        return None

    def _load_allowance(self, key: str, document: Mapping[str, Any]) -> None:
        channel, recipient = json.loads(key)
        self._allowances[channel, recipient] = allowance_of(document)

    def _load_group(self, _: str, document: Mapping[str, Any]) -> None:
        group = group_of(document)
        self.groups[group.key] = group

    def _store_group(self, key: BatchKey) -> None:
        text = key.text
        self.changed[GROUP, text] = None
        self._keys[text] = key

    def _leave_groups(self, alert: Alert, *, is_notified: bool) -> None:
        """Remove a closed alert from the groups that have named it.

        Args:
            is_notified: The recipients are about to be notified that it is over.
        """
        for entry in alert.notified:
            group = self.groups.get(key_of(entry)) if entry.group else None
            if group is not None and group.open.pop(alert.id.int, 0) is None and not is_notified:
                self.end_if_over(group)

    def end_if_over(self, group: AlertGroup) -> None:
        """Forget a group without open alerts for which nothing waits."""
        batch = self._by_key.get(group.key)
        if group.open or (batch is not None and batch.has_news):
            return
        if batch is not None:
            self.close(batch)
        self.end(group.key)

    def end(self, key: BatchKey) -> None:
        """Forget a group, if it is known."""
        if self.groups.pop(key, None) is not None:
            self._store_group(key)

    def _withdraw(self, number: int, batch: MessageBatch) -> None:
        batch.leave(number)
        if not batch.has_news and not batch.repeats:
            self.close(batch)

    def _document(self, kind: str, key: str) -> EngineDocument:
        document: Mapping[str, object] | None = None
        if kind == BATCH:
            if (batch := self.pending.get(UUID(key))) is not None and str(batch.id) == key:
                document = batch.document()
        elif kind == GROUP:
            if (group := self.groups.get(self._keys[key])) is not None:
                document = group.document()
        else:
            channel, recipient = json.loads(key)
            document = self._allowances[channel, recipient].document((channel, recipient))
        return EngineDocument(kind=kind, key=key, document=document)

    def _is_current(self, due_at: datetime, _: int, batch_id: UUID) -> bool:
        batch = self.pending.get(batch_id)
        return batch is not None and batch.id == batch_id and batch.due_at == due_at
