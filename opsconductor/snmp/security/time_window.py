"""Timeliness check of signed messages, which refuses replayed ones (RFC 3414 3.2, step 7)."""

from dataclasses import dataclass
from typing import NamedTuple

from opsconductor.limits import BoundedMap
from opsconductor.snmp.security.engine import MAX_BOOTS, MAX_TIME_S, LocalEngine

WINDOW_S = 150
MAX_ENGINES = 20_000
"""Engines whose clocks are kept. Only messages with a correct signature are counted, so an outsider
cannot evict the others.
"""

_ADMIT = "or set time_window: relaxed for its user, which allows replayed messages"


class ClockFault(NamedTuple):
    """A fault of a sender's clock: explanation and remedy."""

    explanation: str
    remedy: str


CLOCK_FAULTS = {
    "zero": ClockFault(
        "the device sends engineBoots 0 and engineTime 0 in every SNMPv3 message: it has no clock",
        f"update its firmware, {_ADMIT}",
    ),
    "stands_still": ClockFault(
        "the engineTime of the device's SNMPv3 messages stands still",
        f"restart its SNMP agent or update its firmware, {_ADMIT}",
    ),
    "boots_not_counted": ClockFault(
        "engineTime went back and engineBoots did not grow: the device restarted without counting it, "
        "or an old SNMPv3 message is replayed",
        f"give the device a new engine ID, restart the daemon once, {_ADMIT}",
    ),
    "boots_went_back": ClockFault(
        "engineBoots went back: the device was replaced or reset, or an old SNMPv3 message is replayed",
        f"give the device a new engine ID, restart the daemon once, {_ADMIT}",
    ),
    "boots_at_end": ClockFault(
        "engineBoots has reached its maximum, after which an SNMPv3 engine ID is no longer valid",
        f"give the device a new engine ID, {_ADMIT}",
    ),
}
"""Reasons to distrust a sender's clock: what was seen, and what to do."""


@dataclass(slots=True, kw_only=True)
class RemoteClock:
    """Last known state of a sender's clock.

    Attributes:
        latest_s: Greatest engineTime received in this boot.
        noted_s: Our monotonic clock when it was received.
    """

    boots: int
    latest_s: int
    noted_s: float

    def time_s(self, now_s: float) -> int:
        """Return the estimated engineTime of the sender now."""
        return min(self.latest_s + int(now_s - self.noted_s), MAX_TIME_S)

    def admit(self, boots: int, time_s: int, now_s: float) -> str:
        """Update from a message with a correct signature, and check that it is timely.

        Returns:
            One of `CLOCK_FAULTS`; empty: the message is timely.
        """
        if (boots, time_s) > (self.boots, self.latest_s):
            self.boots, self.latest_s, self.noted_s = boots, time_s, now_s
        present_s = self.latest_s + (now_s - self.noted_s)
        if boots != MAX_BOOTS and boots == self.boots and time_s >= present_s - WINDOW_S:
            return ""
        return _fault(self, boots, time_s)


class RemoteClocks:
    """The clocks of all trap senders; the one silent for longest is evicted first.

    A clock belongs to an engine ID and a sender address: cloned devices send one engine ID from several
    addresses, each with a clock of its own.
    """

    def __init__(self, limit: int = MAX_ENGINES) -> None:
        self._clocks: BoundedMap[tuple[bytes, str], RemoteClock] = BoundedMap(limit)

    def __len__(self) -> int:
        return len(self._clocks)

    def admit(self, engine_id: bytes, boots: int, time_s: int, *, peer: str = "", now_s: float) -> str:
        """Update from a message with a correct signature, and check that it is timely.

        The first message of an engine from an address is always timely: there is nothing to
        compare with.

        Args:
            peer: Address of the sender.

        Returns:
            One of `CLOCK_FAULTS`; empty: the message is timely.
        """
        key = engine_id, peer
        clock = self._clocks.use(key)
        if clock is None:
            clock = RemoteClock(boots=boots, latest_s=time_s, noted_s=now_s)
            self._clocks[key] = clock
        return clock.admit(boots, time_s, now_s)


def _fault(clock: RemoteClock, boots: int, time_s: int) -> str:
    """Return the fault of a clock that is outside the time window."""
    if boots == MAX_BOOTS:
        return "boots_at_end"
    if boots < clock.boots:
        return "boots_went_back"
    if time_s < clock.latest_s:
        return "boots_not_counted"
    return "stands_still" if boots or time_s else "zero"


def admit_to(engine: LocalEngine, boots: int, time_s: int, *, now_s: float) -> bool:
    """Return True if a correctly signed message to our own engine is timely."""
    is_same_boot = boots == engine.boots and boots != MAX_BOOTS
    return is_same_boot and abs(engine.time_s(now_s) - time_s) <= WINDOW_S
