"""Notifications that are in the spool because PostgreSQL is away, and are sent from memory meanwhile."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from uuid import UUID

from opsconductor.limits import BoundedMap
from opsconductor.model.changes import Changes, NotificationIntent
from opsconductor.model.enums import NotificationKind
from opsconductor.notify.outage_failover import FailoverCopies, Recipient
from opsconductor.notify.render import FAILOVER
from opsconductor.store.notifications.outbox import Claimed, Room

MOST = 20_000
"""Beyond this many notifications that wait here, newer ones wait for PostgreSQL, in the spool.

Those of an urgency and channel of which less than its share waits are still taken: a channel that is down
keeps out no other.
"""
MOST_REMEMBERED = 20_000
MOST_LOOKS = 1_000
"""Waiting notifications of one urgency and channel that one look for due ones examines."""
URGENCIES = {"critical": 0, "major": 1, "minor": 2, "warning": 3, "info": 4}
"""Urgency by severity, as `add_notifications` in `commit.sql` computes it."""

Place = tuple[int, str]
"""Urgency and channel."""


@dataclass(slots=True)
class _Waiting:
    claimed: Claimed
    due_at: datetime


class OutageOutbox:
    """What waits, by urgency and channel, in order; none of it needs to be durable: the spool holds it all.

    While something is here PostgreSQL may come back at any time: what the outbox claims then is handed over
    to it, unless it was sent or is in flight.

    Attributes:
        commit: Makes attempts durable, behind the notifications that they belong to.
        is_away: Returns True while the spool holds anything.
        wake: Set when something is added.
    """

    def __init__(self, commit: Callable[[Changes], Awaitable[object]], is_away: Callable[[], bool]) -> None:
        self.commit = commit
        self.is_away = is_away
        self.wake = asyncio.Event()
        self._waiting: dict[Place, dict[UUID, _Waiting]] = {}
        self._orders: dict[Recipient, deque[UUID]] = {}
        self._busy: dict[UUID, Recipient] = {}
        self._ended: set[UUID] = set()
        self._reached: BoundedMap[Recipient, Mapping[str, object] | None] = BoundedMap(MOST_REMEMBERED)
        self._left_out: BoundedMap[Recipient, None] = BoundedMap(MOST_REMEMBERED)
        self._copies = FailoverCopies()
        self._new_ends: deque[UUID] = deque()
        self._amount = 0

    def __len__(self) -> int:
        return self._amount

    def add(self, intents: Iterable[NotificationIntent]) -> None:
        """Add notifications whose changes were spooled."""
        for claimed in map(claimed_of, intents):
            if _recipient(claimed) in self._left_out or not self._has_room(claimed):
                self._left_out[_recipient(claimed)] = None  # what follows must not overtake it
                continue
            self._put(claimed, claimed.created_at)
            if claimed.kind is NotificationKind.RECOVERY and FAILOVER in claimed.facts:
                self._new_ends.append(claimed.id)
            self._orders.setdefault(_recipient(claimed), deque()).append(claimed.id)
            self.wake.set()

    def due(self, now: datetime, room: Mapping[str, Room], otherwise: Room) -> list[Claimed]:
        """Return what may be sent now, most urgent first.

        A recovery is sent only if its problem is known to have reached the recipient; else it waits for
        PostgreSQL, which knows.
        """
        chosen: list[Claimed] = []
        for place in sorted(self._waiting):
            given = room.get(place[1], otherwise)
            before = [each for each in chosen if each.channel == place[1]]
            if place[0] <= given.least_urgency:
                chosen += self._due_in(place, now, given, before)
        return chosen

    def _due_in(self, place: Place, now: datetime, given: Room, before: Sequence[Claimed]) -> list[Claimed]:
        """Return what may be sent of one urgency and channel, after more urgent ones of the channel."""
        slots = given.slots - len(before)
        retries = given.retries - sum(each.attempt > 1 for each in before)
        chosen: list[Claimed] = []
        for each in islice(self._waiting[place].values(), MOST_LOOKS if slots > 0 else 0):
            claimed = each.claimed
            is_retry = claimed.attempt > 0
            if each.due_at > now or (is_retry and not retries) or not self._is_first(claimed):
                continue
            is_summary = claimed.kind is NotificationKind.SUMMARY
            earlier = {} if is_summary else self._reached.get(_recipient(claimed)) or {}
            chosen.append(replace(claimed, attempt=claimed.attempt + 1, earlier=earlier))
            retries -= is_retry
            if len(chosen) == slots:
                break
        return chosen

    def fail_over(self, down: Mapping[str, str], now: datetime) -> list[NotificationIntent]:
        """Return copies for the failovers of what waits for channels that are down, and of recoveries.

        Args:
            down: Reason by channel that does not deliver.
        """
        ends = {self._new_ends.popleft() for _ in range(len(self._new_ends))}
        places = [place for (_, channel), place in self._waiting.items() if ends or channel in down]
        stuck = [
            each
            for place in places
            for each in place.values()
            if FAILOVER in each.claimed.facts and (each.claimed.channel in down or each.claimed.id in ends)
        ]
        copies: list[NotificationIntent] = []
        for each in sorted(stuck, key=lambda each: each.claimed.created_at):
            copies += self._copies.of(each.claimed, down.get(each.claimed.channel, ""), now)
            rest = {name: value for name, value in each.claimed.facts.items() if name != FAILOVER}
            each.claimed = replace(each.claimed, facts=rest)
        return copies

    def copies_of(self, claimed: Claimed, error: str, now: datetime) -> list[NotificationIntent]:
        """Return the copies of a message that is given up."""
        return list(self._copies.of(claimed, error, now))

    def start(self, claimed: Claimed) -> bool:
        """Take out one that `due` returned; return False if it was handed over meanwhile."""
        if not self._take(claimed):
            return False
        self._busy[claimed.id] = _recipient(claimed)
        return True

    def postpone(self, claimed: Claimed, due_at: datetime) -> None:
        """Put back one that was not sent."""
        del self._busy[claimed.id]
        self._put(claimed, due_at)

    def end(self, claimed: Claimed, metadata: Mapping[str, object] | None) -> None:
        """Note that one was sent, with the channel's metadata, or given up (None)."""
        self.note(claimed, metadata)
        self._ended.add(claimed.id)
        self._leave_order(self._busy.pop(claimed.id), claimed.id)

    def note(self, claimed: Claimed, metadata: Mapping[str, object] | None) -> None:
        """Note that a recipient was reached, by the outbox or from here, or was not (None)."""
        recipient = _recipient(claimed)
        self._copies.note(claimed)
        if claimed.kind is NotificationKind.SUMMARY:
            for each in _named(claimed) if metadata is not None else ():
                if each not in self._reached:
                    self._reached[each] = {}
        elif claimed.kind is NotificationKind.RECOVERY:
            self._reached.pop(recipient, None)
        elif metadata is not None or recipient not in self._reached:
            self._reached[recipient] = metadata

    def hand_over(self, claimed: Claimed) -> bool:
        """Leave a notification to the outbox; return False if it was sent from here or is being sent."""
        if claimed.id in self._ended or claimed.id in self._busy:
            return False
        if self._take(claimed):
            self._leave_order(_recipient(claimed), claimed.id)
        return True

    def clear(self) -> None:
        """Leave everything but what is in flight to the outbox: PostgreSQL has it all."""
        self._waiting.clear()
        self._ended.clear()
        self._left_out.clear()
        self._new_ends.clear()
        self._orders = {recipient: deque([each]) for each, recipient in self._busy.items()}
        self._amount = 0

    def _has_room(self, claimed: Claimed) -> bool:
        if self._amount < MOST:
            return True
        place = self._waiting.get((claimed.urgency, claimed.channel), {})
        return len(place) < MOST // (len(self._waiting) + 1)

    def _put(self, claimed: Claimed, due_at: datetime) -> None:
        self._waiting.setdefault((claimed.urgency, claimed.channel), {})[claimed.id] = _Waiting(
            claimed, due_at
        )
        self._amount += 1

    def _take(self, claimed: Claimed) -> bool:
        """Take out one that waits; return False if it does not, whatever urgency the outbox gave it."""
        for (_, channel), place in self._waiting.items():
            if channel == claimed.channel and place.pop(claimed.id, None) is not None:
                self._amount -= 1
                return True
        return False

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


def _named(claimed: Claimed) -> Iterator[Recipient]:
    """Yield the recipient with each problem that a message about several alerts names."""
    members = claimed.facts.get("members")
    for each in members if isinstance(members, list | tuple) else ():
        if isinstance(each, Mapping) and each.get("is_new"):
            yield UUID(str(each["alert_id"])), claimed.channel, claimed.recipient
