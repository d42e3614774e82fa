"""Cuts a batch into parts, between which garbage is collected and the event loop gets its turn."""

import asyncio
import gc
from collections.abc import Iterator, Sequence
from time import perf_counter

from opsconductor.model.changes import Changes, JoinedChanges
from opsconductor.model.event import RawEvent

LONGEST_S = 0.003
"""Work at a stretch. An answer of the API takes some ten turns of the event loop, in each of which the
pipeline and the listener may both work so long."""
TURNS = 3
"""Turns of the event loop in a rest: for what is ready, and for what becomes ready by that."""
COLLECTIONS = 4
"""Collections of the youngest objects until those that have outlived one are looked at as well."""


class GarbageCollector:
    """Runs Python's garbage collector between pieces of work.

    By itself Python counts new objects less freed ones. Work that frees as much as it makes, as when alerts
    are replaced, is never counted, and the collection that comes at last looks at everything since: it was
    seen to take 150 ms.
    """

    def __init__(self) -> None:
        self._collections = 0

    def collect(self) -> None:
        """Look at the objects that have been made since the last call."""
        self._collections += 1
        gc.collect(0 if self._collections % COLLECTIONS else 1)


garbage_collector = GarbageCollector()
"""The one of this process, as Python has one."""


class CooperativeYield:
    """Rests as soon as the work since the last rest has lasted long enough; asking costs next to nothing."""

    def __init__(self) -> None:
        self._since_s = perf_counter()

    async def rest(self) -> None:
        """Let others go on, if it is time; before that, collect the garbage of the work."""
        if perf_counter() - self._since_s >= LONGEST_S:
            garbage_collector.collect()
            for _ in range(TURNS):
                await asyncio.sleep(0)
            self._since_s = perf_counter()


SLICE = 50
"""Events that are normalized at a stretch: about a millisecond."""
SLICE_BYTES = 64 * 1024
"""Bytes of them: of the largest datagrams one, at most 4 ms."""
PART = 200
"""Alerts that are identified or reconciled at a stretch: some milliseconds."""
FOLDED = 100
"""Reports that change an alert, folded in one step of the engine: some 5 ms."""


async def as_one(steps: Sequence[Changes], pace: CooperativeYield) -> Changes:
    """Put steps of the engine into one."""
    if len(steps) == 1:
        return steps[0]
    whole = JoinedChanges()
    for step in steps:
        whole.add(step)
        await pace.rest()
    return whole.all()


def slices(batch: Sequence[RawEvent]) -> Iterator[Sequence[RawEvent]]:
    """Cut a batch where others must get their turn: after so many events or so many bytes."""
    for start in range(0, len(batch), SLICE):
        part = batch[start : start + SLICE]
        if sum([len(raw.payload) for raw in part]) <= SLICE_BYTES:
            yield part
        else:
            yield from _few_bytes(part)


def _few_bytes(part: Sequence[RawEvent]) -> Iterator[Sequence[RawEvent]]:
    start, size = 0, 0
    for position, raw in enumerate(part):
        size += len(raw.payload)
        if size > SLICE_BYTES and position > start:
            yield part[start:position]
            start, size = position, len(raw.payload)
    yield part[start:]
