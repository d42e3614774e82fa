"""Notifications that are in the spool because PostgreSQL is away, and are sent from memory meanwhile."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from uuid import UUID

from opsconductor.limits import BoundedMap
from opsconductor.model.changes import Changes, NotificationIntent
from opsconductor.model.enums import NotificationKind
from opsconductor.store.outbox import Claimed, Room

MOST = 20_000
"""Beyond this many notifications that wait here, newer ones wait for PostgreSQL, in the spool."""
MOST_REMEMBERED = 20_000
MOST_LOOKS = 2_000
"""Waiting notifications that one look for due ones examines."""
URGENCIES = {"critical": 0, "major": 1, "minor": 2, "warning": 3, "info": 4}
"""Urgency by severity, as `add_notifications` in `commit.sql` computes it."""

Recipient = tuple[UUID, str, str]
"""Alert, channel and recipient: of these only one message is in flight, in order."""


@dataclass(slots=True)
class _Waiting:
    claimed: Claimed
    due_at: datetime


class OutageOutbox:
    """What waits, by urgency and in order; none of it needs to be durable, the spool holds it all.

    While something is here PostgreSQL may come back at any time: what the outbox claims then is handed over
    to it, unless it was sent or is in flight.

    Attributes:
        commit: Makes attempts durable, behind the notifications that they belong to.
        is_away: Returns True while the spool holds anything.
        wake: Called when there is something new.
    """

    def __init__(self, commit: Callable[[Changes], Awaitable[object]], is_away: Callable[[], bool]) -> None:
        self.commit = commit
        self.is_away = is_away
        self._waiting: dict[int, dict[UUID, _Waiting]] = {}
        self._orders: dict[Recipient, deque[UUID]] = {}
        self._busy: dict[UUID, Recipient] = {}
        self._ended: set[UUID] = set()
        self._reached: BoundedMap[Recipient, Mapping[str, object] | None] = BoundedMap(MOST_REMEMBERED)
        self._amount = 0

    def __len__(self) -> int:
        return self._amount

    def add(self, intents: Iterable[NotificationIntent]) -> None:
        """Add notifications whose changes were spooled."""
        for intent in islice(intents, MOST - self._amount):
            claimed = claimed_of(intent)
            place = self._waiting.setdefault(claimed.urgency, {})
            place[claimed.id] = _Waiting(claimed, claimed.created_at)
            self._orders.setdefault(_recipient(claimed), deque()).append(claimed.id)
            self._amount += 1

    def due(self, now: datetime, room: Mapping[str, Room], otherwise: Room) -> list[Claimed]:
        """Return what may be sent now, most urgent first.

        A recovery is sent only if its problem is known to have reached the recipient; else it waits for
        PostgreSQL, which knows.
        """
        chosen: list[Claimed] = []
        used: dict[str, list[int]] = {}
        for each in islice(self._by_urgency(), MOST_LOOKS):
            claimed = each.claimed
            is_retry = claimed.attempt > 0
            given, counts = room.get(claimed.channel, otherwise), used.setdefault(claimed.channel, [0, 0])
            fits = counts[0] < given.slots and (not is_retry or counts[1] < given.retries)
            if not fits or claimed.urgency > given.least_urgency or each.due_at > now:
                continue
            if self._is_first(claimed):
                counts[0] += 1
                counts[1] += is_retry
                earlier = self._reached.get(_recipient(claimed)) or {}
                chosen.append(replace(claimed, attempt=claimed.attempt + 1, earlier=earlier))
        return chosen

    def start(self, claimed: Claimed) -> bool:
        """Take out one that `due` returned; return False if it was handed over meanwhile."""
        if self._waiting.get(claimed.urgency, {}).pop(claimed.id, None) is None:
            return False
        self._busy[claimed.id] = _recipient(claimed)
        self._amount -= 1
        return True

    def postpone(self, claimed: Claimed, due_at: datetime) -> None:
        """Put back one that was not sent."""
        del self._busy[claimed.id]
        self._waiting.setdefault(claimed.urgency, {})[claimed.id] = _Waiting(claimed, due_at)
        self._amount += 1

    def end(self, claimed: Claimed, metadata: Mapping[str, object] | None) -> None:
        """Note that one was sent, with the channel's metadata, or given up (None)."""
        self.note(claimed, metadata)
        self._ended.add(claimed.id)
        self._leave_order(self._busy.pop(claimed.id), claimed.id)

    def note(self, claimed: Claimed, metadata: Mapping[str, object] | None) -> None:
        """Note that a recipient was reached, by the outbox or from here, or was not (None)."""
        recipient = _recipient(claimed)
        if claimed.kind is NotificationKind.RECOVERY:
            self._reached.pop(recipient, None)
        elif metadata is not None or recipient not in self._reached:
            self._reached[recipient] = metadata

    def hand_over(self, claimed: Claimed) -> bool:
        """Leave a notification to the outbox; return False if it was sent from here or is being sent."""
        if claimed.id in self._ended or claimed.id in self._busy:
            return False
        for place in self._waiting.values():
            if place.pop(claimed.id, None) is not None:
                self._amount -= 1
                self._leave_order(_recipient(claimed), claimed.id)
        return True

    def clear(self) -> None:
        """Leave everything but what is in flight to the outbox: PostgreSQL has it all."""
        self._waiting.clear()
        self._ended.clear()
        self._orders = {recipient: deque([each]) for each, recipient in self._busy.items()}
        self._amount = 0

    def _by_urgency(self) -> Iterator[_Waiting]:
        for urgency in sorted(self._waiting):
            yield from self._waiting[urgency].values()

    def _is_first(self, claimed: Claimed) -> bool:
        recipient = _recipient(claimed)
        if self._orders[recipient][0] != claimed.id:
            return False
        return claimed.kind is not NotificationKind.RECOVERY or self._reached.get(recipient) is not None

    def _leave_order(self, recipient: Recipient, notification: UUID) -> None:
        order = self._orders[recipient]
        order.remove(notification)
        if not order:
            del self._orders[recipient]


def claimed_of(intent: NotificationIntent) -> Claimed:
    """Return a notification as the outbox would claim it; `attempt` is 0 until `due` returns it."""
    severity = str(intent.facts.get("severity"))
    return Claimed(
        id=intent.id,
        alert_id=intent.alert_id,
        rule_name=intent.rule_name,
        channel=intent.channel,
        recipient=intent.recipient,
        kind=intent.kind,
        facts=intent.facts,
        created_at=intent.created_at,
        attempt=0,
        urgency=URGENCIES.get(severity, 2) + (intent.kind is NotificationKind.RECOVERY),
    )


def _recipient(claimed: Claimed) -> Recipient:
    return claimed.alert_id, claimed.channel, claimed.recipient
