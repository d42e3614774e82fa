"""How many messages a recipient has got lately, and when the next summary may be sent."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from opsconductor.engine.clock import earlier, later
from opsconductor.model.notifications.policy import RecipientLimit

GATHER = timedelta(seconds=10)
"""How long the first summary waits for more: a storm has begun, and is worth a number."""
URGENT_EVERY = timedelta(minutes=1)
"""Shortest time between two summaries, if a new critical problem waits."""


@dataclass(slots=True)
class Allowance:
    """The latest messages to one recipient of a channel.

    Attributes:
        sent: Times of the messages within the window, oldest first.
        summary_at: When the latest summary was sent; None: there was none.
    """

    sent: deque[datetime] = field(default_factory=deque)
    summary_at: datetime | None = None

    def may_send(self, limit: RecipientLimit, now: datetime) -> bool:
        """Return True if another message is within the limit."""
        begin = earlier(now, limit.within)
        while self.sent and self.sent[0] <= begin:
            self.sent.popleft()
        return len(self.sent) < limit.messages

    def note(self, now: datetime, *, is_summary: bool = False) -> None:
        """Count a message."""
        self.sent.append(now)
        if is_summary:
            self.summary_at = now

    def next_summary(self, limit: RecipientLimit, now: datetime) -> datetime:
        """Return when the next summary may be sent."""
        return self._next(limit.summary_every, now)

    def next_urgent(self, limit: RecipientLimit, now: datetime) -> datetime:
        """Return when the next summary may be sent if a new critical problem waits in it."""
        return self._next(min(limit.summary_every, URGENT_EVERY), now)

    def _next(self, every: timedelta, now: datetime) -> datetime:
        due = later(now, GATHER)
        return due if self.summary_at is None else max(due, later(self.summary_at, every))

    def correct(self, now: datetime) -> bool:
        """Count messages of the future, sent before the clock was set back, as sent now.

        Returns:
            True if there were any.
        """
        is_right = all(at <= now for at in (*self.sent, *([self.summary_at] if self.summary_at else [])))
        if not is_right:
            self.sent = deque(min(at, now) for at in self.sent)
            self.summary_at = min(self.summary_at, now) if self.summary_at else None
        return not is_right

    def document(self, target: tuple[str, str]) -> Mapping[str, Any]:
        """Return what is stored of it."""
        return {
            "channel": target[0],
            "recipient": target[1],
            "sent": [at.isoformat() for at in self.sent],
            "summary_at": self.summary_at.isoformat() if self.summary_at else None,
        }


def allowance_of(document: Mapping[str, Any]) -> Allowance:
    """Read what `Allowance.document` has written.

    Raises:
        ValueError: It is damaged; also KeyError and TypeError.
    """
    at = document["summary_at"]
    return Allowance(
        sent=deque(datetime.fromisoformat(each) for each in document["sent"]),
        summary_at=datetime.fromisoformat(at) if at else None,
    )
