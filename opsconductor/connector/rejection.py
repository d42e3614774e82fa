"""Messages that a connector rejects or cannot decode, by sender and reason, in bounded memory.

Every connector reports here through `ConnectorContext.rejected`, and the API for posts. Repeated ones are
shown in the connector's status, by the doctor and as an alert.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from opsconductor.limits import BoundedMap
from opsconductor.model.text import one_line

MOST_KNOWN = 500
"""Pairs of sender and reason below the threshold that are remembered; the least recent is evicted."""
MOST_SHOWN = 10
KEPT_BYTES = 64
LONGEST_SENDER = 120
LONGEST_WORDS = 400
MANY_SENDERS = "many_senders"
"""Reason of the single summary of all senders beyond the limit."""
OTHERS = "other senders"


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionLimits:
    """When rejected messages count as repeated, and how many senders are distinguished.

    Attributes:
        messages: Number of messages of one sender for one reason within `within_s` that counts as repeated.
        quiet_s: Seconds without another message after which they are over.
        senders: Pairs of sender and reason that are reported individually; the rest is summarized.
    """

    messages: int = 5
    within_s: float = 3_600.0
    quiet_s: float = 1_800.0
    senders: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Messages of one sender that one connector has rejected for one reason.

    Attributes:
        sender: Address, or the best identifier of the sender (a topic).
        reason: One of a closed set of the connector; the loss ledger counts by it.
        explanation: The reason in plain words.
        remedy: What to do about it.
        is_repeated: It has reached the threshold, and continues.
        first_bytes: Beginning of the latest message that could not be read, secrets masked, in
            hexadecimal; empty: it was not read.
    """

    connector: str
    sender: str
    reason: str
    explanation: str
    remedy: str
    count: int
    first_at: datetime
    last_at: datetime
    is_repeated: bool
    first_bytes: str = ""


class Reject(Protocol):
    """Records rejected messages."""

    def __call__(
        self,
        sender: str,
        reason: str,
        *,
        explanation: str,
        remedy: str,
        amount: int = 1,
        first_bytes: bytes = b"",
    ) -> None:
        """Record `amount` messages of a sender; see `Rejection`. Counts nothing in the loss ledger.

        Args:
            first_bytes: Beginning of what could not be decoded; the caller has masked all secrets.
        """


class RejectionLog:
    """Recent rejections of one connector."""

    def __init__(
        self,
        connector: str,
        limits: RejectionLimits = RejectionLimits(),
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._connector = connector
        self._limits = limits
        self._clock = clock
        self._now = now
        self._known: BoundedMap[tuple[str, str], _Entry] = BoundedMap(MOST_KNOWN)
        self._repeated: dict[tuple[str, str], _Entry] = {}
        self._others: _Entry | None = None

    def add(
        self,
        sender: str,
        reason: str,
        *,
        explanation: str,
        remedy: str,
        amount: int = 1,
        first_bytes: bytes = b"",
    ) -> None:
        """Record messages; see `Reject`."""
        sender, now_s = sender[:LONGEST_SENDER], self._clock()
        entry = self._entry(sender, reason, now_s)
        entry.explanation, entry.remedy = explanation[:LONGEST_WORDS], remedy[:LONGEST_WORDS]
        if first_bytes:
            entry.first_bytes = first_bytes[:KEPT_BYTES]
        self._count(entry, amount, now_s)
        if entry.is_repeated or not self._is_repeated(entry):
            return
        if self._has_place(now_s):
            entry.is_repeated = True
            self._repeated[sender, reason] = self._known.pop((sender, reason))
        else:
            self._add_to_others(entry, amount, now_s)

    def repeated(self) -> Sequence[Rejection]:
        """Return repeated rejections, latest first."""
        return [each for each in self._all() if each.is_repeated]

    def latest(self) -> Sequence[Rejection]:
        """Return the latest rejections, repeated ones first."""
        return sorted(self._all(), key=lambda each: not each.is_repeated)[:MOST_SHOWN]

    def clear(self) -> None:
        """Remove everything: the connector is configured anew."""
        self._known.clear()
        self._repeated.clear()
        self._others = None

    def _entry(self, sender: str, reason: str, now_s: float) -> "_Entry":
        key = sender, reason
        entry = self._repeated.get(key) or self._known.use(key)
        if entry is not None:
            return entry
        if self._known.is_full:
            _, evicted = self._known.pop_oldest()
            if now_s - evicted.last_s < self._limits.within_s:
                self._add_to_others(evicted, evicted.count, now_s)
        entry = self._known[key] = self._new(sender, reason)
        return entry

    def _new(self, sender: str, reason: str) -> "_Entry":
        return _Entry(sender, reason, first_at=self._now(), recent=deque(maxlen=self._limits.messages))

    def _count(self, entry: "_Entry", amount: int, now_s: float) -> None:
        entry.count += amount
        entry.last_s, entry.last_at = now_s, self._now()
        entry.recent.extend([now_s] * min(amount, self._limits.messages))

    def _is_repeated(self, entry: "_Entry") -> bool:
        recent = entry.recent
        return len(recent) == recent.maxlen and recent[-1] - recent[0] <= self._limits.within_s

    def _has_place(self, now_s: float) -> bool:
        if len(self._repeated) >= self._limits.senders:
            self._forget(now_s)
        return len(self._repeated) < self._limits.senders

    def _add_to_others(self, latest: "_Entry", amount: int, now_s: float) -> None:
        """Summarize senders beyond the limit."""
        others = self._others
        if others is None:
            others = self._others = self._new(OTHERS, MANY_SENDERS)
        others.explanation = (
            f"more senders are rejected than are kept apart; the latest is {latest.sender}: "
            f"{latest.explanation}"
        )
        others.remedy = f"look for forged addresses, and limit who may send; {latest.remedy}"
        self._count(others, amount, now_s)
        others.is_repeated = others.is_repeated or self._is_repeated(others)

    def _forget(self, now_s: float) -> None:
        """Remove rejections that are over."""
        limits = self._limits
        for key, entry in list(self._repeated.items()):
            if now_s - entry.last_s >= limits.quiet_s:
                del self._repeated[key]
        while (oldest := self._known.oldest()) and now_s - oldest[1].last_s >= limits.within_s:
            del self._known[oldest[0]]
        if self._others is not None and now_s - self._others.last_s >= limits.quiet_s:
            self._others = None

    def _all(self) -> list[Rejection]:
        self._forget(self._clock())
        others = [] if self._others is None else [self._others]
        entries = [*others, *self._repeated.values(), *self._known.values()]
        entries.sort(key=lambda entry: entry.last_s, reverse=True)
        return [entry.shown(self._connector) for entry in entries]


@dataclass(slots=True)
class _Entry:
    sender: str
    reason: str
    first_at: datetime
    recent: deque[float]
    explanation: str = ""
    remedy: str = ""
    first_bytes: bytes = b""
    count: int = 0
    last_s: float = 0.0
    last_at: datetime = field(init=False)
    is_repeated: bool = False

    def __post_init__(self) -> None:
        self.last_at = self.first_at

    def shown(self, connector: str) -> Rejection:
        return Rejection(
            connector=connector,
            sender=one_line(self.sender, LONGEST_SENDER),
            reason=self.reason,
            explanation=one_line(self.explanation, LONGEST_WORDS),
            remedy=self.remedy,
            count=self.count,
            first_at=self.first_at,
            last_at=self.last_at,
            is_repeated=self.is_repeated,
            first_bytes=self.first_bytes.hex(),
        )
