"""Answers each inform after its commit, and takes one that is sent again for what it is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from opsconductor.connector.recent_keys import MOST as MOST_ACKNOWLEDGED
from opsconductor.connector.recent_keys import RecentKeys
from opsconductor.limits import BoundedMap
from opsconductor.model.keys import key_of

Answer = Callable[[], None]

MOST_WAITING = 200_000
"""Informs that wait for their commit; more than the intake takes, so that all of them are known."""

KEPT_S = 300.0
"""Longer than any device goes on resending; shorter than it takes to meet the same bytes by chance."""
WAITING_KEPT_S = 3_600.0
"""So long one that is never committed is known: while nothing can be committed, its device resends it."""

MAX_OWED = 4
"""Answers owed to one inform: one for each time it was sent. Each may hold a whole datagram, and who
sends it a fifth time hears the others."""


class Duplicate(StrEnum):
    """Why an inform is not taken, as a reason in the loss ledger."""

    SENT_AGAIN = ""
    EARLIER_LIFE = "earlier_life"


@dataclass(slots=True)
class _Inform:
    received_s: float
    owed: list[Answer] = field(default_factory=list)


class Informs:
    """The informs of the last minutes, known by sender and content (request ID included).

    Attributes:
        is_recalled: Those that an earlier life of the daemon has committed are known.
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
        """Take in what was committed before we began to listen; it may not have been answered."""
        self._earlier.update(keys, now_s)

    def take(self, key: bytes, answer: Answer, now_s: float) -> Callable[[], None] | Duplicate:
        """Note an inform.

        Returns:
            For a new one: what is to be called after its commit. For one that is known: why it is not to be
            taken; it is answered now, or with the first as soon as that is committed.
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
            return Duplicate.EARLIER_LIFE
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
    """Name an inform: who sent it, by what name, and everything that it says."""
    return key_of(peer.encode(), who, pdu)
