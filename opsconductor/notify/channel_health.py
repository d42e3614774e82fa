"""Circuit breaker of one channel: how many messages it may be given now."""

from dataclasses import replace
from datetime import datetime, timedelta

from opsconductor.limits import Backoff, Rate, TokenBucket
from opsconductor.store.notifications.outbox import CRITICAL, Room

DOWN_AFTER = 3
"""Consecutive failures, of whichever messages, after which the channel counts as down."""

NOT_DELIVERING = timedelta(minutes=1)
"""A requested wait of at least this length also makes a channel count as down."""

FIRST_ATTEMPTS = Backoff(first=timedelta(seconds=1), longest=timedelta(seconds=5))
"""Pauses between first attempts while the channel is down: messages that are always refused make a channel
look down, and only another message shows that it is not. There is no pause when the other side answers and
refuses only that message.
"""

CRITICAL_EVERY = timedelta(seconds=15)
"""Interval at which a critical is tried although the other side requested a longer wait."""

NO_ROOM = Room(slots=0, retries=0)


class ChannelHealth:
    """Counts messages in flight and consecutive failures; never reads a clock.

    A channel that is down gets one message at a time with growing pauses: the others wait without being
    tried, and go out at once when one of them gets through. A wait requested by the other side applies to the
    whole channel, too.

    Args of the constructor:
        slots: Maximum number of messages in flight; one slot is reserved for first attempts.
        probe: Pauses while the channel is down.
        longest_wait: Maximum wait that the other side may request.
        rate: Maximum number of attempts per second; None: unlimited.
    """

    def __init__(self, slots: int, probe: Backoff, longest_wait: timedelta, rate: Rate | None = None) -> None:
        self._slots = slots
        self._probe = probe
        self._longest_wait = longest_wait
        self._rate = rate
        self._bucket: TokenBucket | None = None
        self._failures = 0
        self._first_failures = 0
        self._closed_until: datetime | None = None
        self._first_closed_until: datetime | None = None
        self._asked_at: datetime | None = None
        self._waits_until: datetime | None = None
        self._critical_at: datetime | None = None
        self.running = 0
        self.retrying = 0

    def renew(self, slots: int, rate: Rate | None) -> None:
        """Reset failures and waits of the previous configuration; messages in flight still count."""
        self._slots = slots
        self._rate, self._bucket = rate, None
        self._failures = self._first_failures = 0
        self._closed_until = self._first_closed_until = None
        self._asked_at = self._waits_until = self._critical_at = None

    def is_down(self, now: datetime) -> bool:
        """Return True if the channel does not deliver."""
        waits = self._waits_until is not None and self._waits_until - now >= NOT_DELIVERING
        return self._failures >= DOWN_AFTER or waits

    def started(self, now: datetime) -> None:
        """Count an attempt against the rate."""
        if self._rate is not None:
            self._available(self._rate, now)
            assert self._bucket is not None
            self._bucket.take(1)

    def room(self, now: datetime) -> Room:
        """Return how many and which messages the channel may be given."""
        room = self._healthy_room(now)
        if self._rate is None:
            return room
        return replace(room, slots=min(room.slots, max(0, self._available(self._rate, now))))

    def _available(self, rate: Rate, now: datetime) -> int:
        """Return how many attempts the rate allows now."""
        at_s = now.timestamp()
        if self._bucket is None:
            self._bucket = TokenBucket(rate, at_s)
        return self._bucket.available(rate, at_s)

    def _healthy_room(self, now: datetime) -> Room:
        if self._waits_until is not None and now < self._waits_until:
            is_closed = self.running or (self._critical_at is not None and now < self._critical_at)
            return NO_ROOM if is_closed else Room(slots=1, retries=1, least_urgency=CRITICAL)
        if self._failures < DOWN_AFTER:
            most_retries = max(1, self._slots - 1)
            return Room(
                slots=max(0, self._slots - self.running), retries=max(0, most_retries - self.retrying)
            )
        if self.running:
            return NO_ROOM
        if self._closed_until is None or now >= self._closed_until:
            return Room(slots=1, retries=1)
        if self._first_closed_until is None or now >= self._first_closed_until:
            return Room(slots=1, retries=0)
        return NO_ROOM

    def worked(self, started_at: datetime) -> bool:
        """Record an answer of the other side, even a refusal; return True if the channel was down before.

        Args:
            started_at: Start of that attempt: a wait requested later stays in force.
        """
        asked_later = self._asked_at is not None and started_at < self._asked_at
        was_down = self._failures >= DOWN_AFTER or (self._waits_until is not None and not asked_later)
        self._failures = self._first_failures = 0
        self._first_closed_until = None
        if not asked_later:
            self._asked_at = self._waits_until = self._critical_at = None
        return was_down

    def failed(
        self,
        now: datetime,
        chance: float,
        *,
        is_first: bool,
        wait: timedelta | None = None,
        is_about_message: bool = False,
    ) -> None:
        """Record that the other side could not be reached.

        Args:
            now: The present time.
            chance: A random number, 0 <= chance < 1.
            is_first: It was the first attempt of that message.
            wait: Wait requested by the other side.
            is_about_message: The other side answered; another message may get through.
        """
        self._failures += 1
        self._closed_until = now + self._probe.pause(self._failures - DOWN_AFTER + 1, chance)
        if is_first and not is_about_message and self._failures >= DOWN_AFTER:
            self._first_failures += 1
            self._first_closed_until = now + FIRST_ATTEMPTS.pause(self._first_failures, chance)
        if wait is not None:
            self._asked_at = now
            self._waits_until = now + min(wait, self._longest_wait)
        self._critical_at = now + CRITICAL_EVERY
