"""Refuses signed messages that are old: recorded ones that somebody sends again (RFC 3414 3.2, step 7)."""

from collections import OrderedDict
from dataclasses import dataclass

from opsconductor.snmp.engine import MAX_BOOTS, LocalEngine

WINDOW_S = 150
MAX_ENGINES = 20_000
"""Engines whose clocks are remembered. Only messages with a right signature get here, so no stranger
can push the others out."""


@dataclass(slots=True, kw_only=True)
class RemoteClock:
    """What we know of the clock of a sender.

    Attributes:
        latest_s: Greatest engineTime received in this boot.
        noted_s: Our monotonic clock when that was noted.
    """

    boots: int
    latest_s: int
    noted_s: float


class RemoteClocks:
    """The clocks of all senders of traps; the longest silent is forgotten first."""

    def __init__(self, limit: int = MAX_ENGINES) -> None:
        self._clocks: OrderedDict[bytes, RemoteClock] = OrderedDict()
        self._limit = limit

    def __len__(self) -> int:
        return len(self._clocks)

    def admit(self, engine_id: bytes, boots: int, time_s: int, *, now_s: float) -> bool:
        """Learn from a message with a right signature, and tell whether it is of the present.

        The first message of an engine is always of the present: there is nothing to compare with.
        """
        clock = self._clocks.get(engine_id)
        if clock is None:
            clock = RemoteClock(boots=boots, latest_s=time_s, noted_s=now_s)
            self._clocks[engine_id] = clock
            if len(self._clocks) > self._limit:
                self._clocks.popitem(last=False)
        self._clocks.move_to_end(engine_id)
        if (boots, time_s) > (clock.boots, clock.latest_s):
            clock.boots, clock.latest_s, clock.noted_s = boots, time_s, now_s
        present_s = clock.latest_s + (now_s - clock.noted_s)
        return boots != MAX_BOOTS and boots == clock.boots and time_s >= present_s - WINDOW_S


def admit_to(engine: LocalEngine, boots: int, time_s: int, *, now_s: float) -> bool:
    """Tell whether a message to our own engine, with a right signature, is of the present."""
    is_same_boot = boots == engine.boots and boots != MAX_BOOTS
    return is_same_boot and abs(engine.time_s(now_s) - time_s) <= WINDOW_S
