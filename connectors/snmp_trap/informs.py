"""Answers each inform after its commit, and takes one that is sent again for what it is."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from opsconductor.model.event import ArchivedEvent

Answer = Callable[[], None]

KEPT = 50_000
"""Answered informs that are remembered: 20 MB, and a minute of what 800 a second send."""

MOST = 200_000
"""Informs in all; more than the intake takes, so that those that wait for their commit are all known."""

KEPT_S = 300.0
"""Longer than any device goes on resending; shorter than it takes to meet the same bytes by chance."""

MAX_WAITING = 4
"""Answers owed to one inform: one for each time it was sent. Each may hold a whole datagram, and who
sends it a fifth time hears the others."""


@dataclass(slots=True)
class _Inform:
    received_s: float
    is_committed: bool = False
    owed: list[Answer] = field(default_factory=list)


class Informs:
    """The informs of the last minutes, known by sender and content (request ID included)."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, _Inform] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def take(self, key: bytes, answer: Answer, now_s: float) -> Callable[[], None] | None:
        """Note an inform.

        Returns:
            For a new one: what is to be called after its commit. For one that is known: None; it is
            answered now, or with the first as soon as that is committed.
        """
        self._forget(now_s)
        known = self._known.get(key)
        if known is None:
            known = _Inform(now_s, owed=[answer])
            self._known[key] = known
            return lambda: _commit(known)
        if known.is_committed:
            answer()
        elif len(known.owed) < MAX_WAITING:
            known.owed.append(answer)
        return None

    def _forget(self, now_s: float) -> None:
        known = self._known
        while known:
            oldest = next(iter(known.values()))
            most = KEPT if oldest.is_committed else MOST
            if now_s - oldest.received_s < KEPT_S and len(known) < most:
                return
            known.popitem(last=False)


class Earlier:
    """What was committed shortly before we began to listen, known by sender and by what the archive keeps.

    An inform among it that is sent again was committed by an earlier life of the daemon, which did not
    live to answer it, or whose answer was lost.
    """

    def __init__(self) -> None:
        self._digests: set[bytes] = set()
        self._until_s = 0.0

    def __len__(self) -> int:
        return len(self._digests)

    def remember(self, events: Iterable[ArchivedEvent], now_s: float) -> None:
        """Take in what the archive has kept; for as long as a device may go on resending."""
        self._until_s = now_s + KEPT_S
        self._digests |= {_digest(event.peer, event.payload) for event in events if event.payload is not None}

    def knows(self, peer: str, record: Callable[[], bytes], now_s: float) -> bool:
        """Tell whether a message was committed before; `record` writes it as the archive does."""
        if not self._digests:
            return False
        if now_s >= self._until_s:
            self._digests.clear()
            return False
        return _digest(peer, record()) in self._digests


def key_of(peer: str, who: bytes, pdu: bytes) -> bytes:
    """Name an inform in 16 bytes: who sent it, by what name, and everything that it says."""
    name = hashlib.blake2b(pdu, digest_size=16, key=who[:64])
    name.update(peer.encode())
    return name.digest()


def _digest(peer: str, record: bytes) -> bytes:
    name = hashlib.blake2b(record, digest_size=16)
    name.update(peer.encode())
    return name.digest()


def _commit(inform: _Inform) -> None:
    inform.is_committed = True
    for answer in inform.owed:
        answer()
    inform.owed.clear()
