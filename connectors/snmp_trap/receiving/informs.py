"""Responses to informs after their commit, and recognition of retransmissions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from opsconductor.connector.recent_keys import MOST as MOST_ACKNOWLEDGED
from opsconductor.connector.recent_keys import RecentKeys
from opsconductor.limits import BoundedMap
from opsconductor.model.keys import key_of

Answer = Callable[[], None]

MOST_WAITING = 200_000
"""Informs waiting for their commit; more than the intake holds, so that all of them are known."""

KEPT_S = 300.0
"""Longer than any device retransmits; too short for the same bytes to occur by chance."""
WAITING_KEPT_S = 3_600.0
"""Time for which an uncommitted inform is known; its device retransmits until it is committed."""

MAX_OWED = 4
"""Responses kept for one inform, one for each transmission. Each may hold a whole datagram; the sender of
a fifth transmission gets the others.
"""


class Duplicate(StrEnum):
    """Why an inform is not accepted, as a reason in the loss ledger."""

    SENT_AGAIN = ""
    BEFORE_RESTART = "before_restart"


@dataclass(slots=True)
class _Inform:
    received_s: float
    owed: list[Answer] = field(default_factory=list)


class Informs:
    """Recent informs, identified by sender and content (request ID included).

    Attributes:
        is_recalled: The keys of informs committed before the restart are loaded.
    """

    def __init__(self) -> None:
        self.is_recalled = False
        self._waiting: BoundedMap[bytes, _Inform] = BoundedMap(MOST_WAITING)
        self._acknowledged = RecentKeys(KEPT_S, MOST_ACKNOWLEDGED)
        self._earlier = RecentKeys(KEPT_S, MOST_ACKNOWLEDGED)
        self._now_s = 0.0

    def __len__(self) -> int:
        return len(self._waiting) + len(self._acknowledged)

    def recall(self, keys: Iterable[bytes], now_s: float) -> None:
        """Load the keys of informs committed before the start; they may not have been answered."""
        self._earlier.update(keys, now_s)

    def take(self, key: bytes, answer: Answer, now_s: float) -> Callable[[], None] | Duplicate:
        """Register an inform.

        Returns:
            For a new one: the function to call after its commit. For a known one: why it is not
            accepted; it is answered now, or together with the first once that is committed.
        """
        self._forget(now_s)
        waiting = self._waiting.get(key)
        if waiting is not None:
            if len(waiting.owed) < MAX_OWED:
                waiting.owed.append(answer)
            return Duplicate.SENT_AGAIN
        if key in self._acknowledged:
            answer()
            return Duplicate.SENT_AGAIN
        if key in self._earlier:
            answer()
            self._acknowledged.add(key, now_s)
            return Duplicate.BEFORE_RESTART
        self._waiting[key] = _Inform(now_s, owed=[answer])
        return lambda: self._commit(key)

    def _commit(self, key: bytes) -> None:
        self._acknowledged.add(key, self._now_s)
        inform = self._waiting.pop(key, None)
        if inform is not None:
            for answer in inform.owed:
                answer()

    def _forget(self, now_s: float) -> None:
        self._now_s = now_s
        self._acknowledged.forget(now_s)
        self._earlier.forget(now_s)
        waiting = self._waiting
        while (oldest := waiting.oldest()) and now_s - oldest[1].received_s >= WAITING_KEPT_S:
            del waiting[oldest[0]]


def key_of_inform(peer: str, who: bytes, pdu: bytes) -> bytes:
    """Return the key of an inform: sender, community or user, and content."""
    return key_of(peer.encode(), who, pdu)
