"""Slicing of a batch, so that garbage collection and the event loop run between the slices."""

import asyncio
import gc
from collections.abc import Iterator, Sequence
from time import perf_counter

from opsconductor.model.changes import Changes, JoinedChanges
from opsconductor.model.event import RawEvent

LONGEST_S = 0.003
"""Seconds of uninterrupted work. An answer of the API takes about ten iterations of the event loop, in each
of which the pipeline and the listener may both work this long."""
TURNS = 3
"""Iterations of the event loop in a pause: for what is ready, and for what becomes ready by that."""
UNTIL_COLLECTION_S = 0.12
"""Seconds of work until a collection, of which it takes up to a tenth when alerts are replaced. A batch
usually ends before: then most of its objects are freed, and only those that last are examined."""


class GarbageCollector:
    """Runs Python's garbage collector between pieces of work.

    Python itself counts allocations minus deallocations. Work that frees as much as it allocates, such as
    replacing alerts, is never counted, and the collection that finally runs examines everything since: 150 ms
    were measured.
    """

    def __init__(self) -> None:
        self._worked_s = 0.0

    def is_due(self, worked_s: float) -> bool:
        """Return True after much work; call it after each piece, with the seconds that it took."""
        self._worked_s += worked_s
        return self._worked_s >= UNTIL_COLLECTION_S

    def finish(self) -> None:
        """Collect at the end of a batch, when nothing of it is left to be examined but what lasts.

        All but the oldest objects are examined: to collect the youngest more often would only examine them
        twice, since what is left of them becomes old all the same.
        """
        self._worked_s = 0.0
        gc.collect(1)


garbage_collector = GarbageCollector()
"""The collector of this process, as Python has one."""


class CooperativeYield:
    """Pauses as soon as the work since the last pause has lasted long enough; a check is nearly free."""

    def __init__(self) -> None:
        self._since_s = perf_counter()

    async def rest(self) -> None:
        """Yield to the event loop, if it is time; collect the garbage of the work between two such pauses."""
        worked_s = perf_counter() - self._since_s
        if worked_s >= LONGEST_S:
            await _pause()
            if garbage_collector.is_due(worked_s):
                garbage_collector.finish()
                await _pause()
            self._since_s = perf_counter()


async def _pause() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


SLICE = 50
"""Events normalized in one slice: about a millisecond."""
SLICE_BYTES = 64 * 1024
"""Bytes of them: of the largest datagrams one, at most 4 ms."""
PART = 200
"""Alerts that are identified or reconciled in one slice: some milliseconds."""
FOLDED = 100
"""Reports that change an alert, folded in one step of the engine: about 5 ms."""


async def as_one(steps: Sequence[Changes], pace: CooperativeYield) -> Changes:
    """Merge steps of the engine into one."""
    if len(steps) == 1:
        return steps[0]
    whole = JoinedChanges()
    for step in steps:
        whole.add(step)
        await pace.rest()
    return whole.all()


def slices(batch: Sequence[RawEvent]) -> Iterator[Sequence[RawEvent]]:
    """Return the end of the next slice of a batch: after a number of events or of bytes."""
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
