"""A write is given up in time, and none begins before the one given up has ended."""

import asyncio

import pytest

from opsconductor.errors import StoreRejected, StoreUnavailable
from opsconductor.model.changes import Changes
from opsconductor.store.commit.commit import BoundedWrite

LONG_S = 60.0


class Writing:
    """A write that ends when a test lets it, whether it was cancelled or not."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.error: Exception | None = None

    async def __call__(self, changes: Changes) -> None:
        """Begin, wait for the gate, end."""
        self.begun.append(changes.folded)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            await self.gate.wait()
            raise
        finally:
            self.ended.append(changes.folded)
        if self.error is not None:
            raise self.error


async def turns() -> None:
    """Make all ready tasks run."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_write_in_time_is_simply_done() -> None:
    """When the store answers nothing else happens."""
    writing = Writing()
    writing.gate.set()
    await BoundedWrite(writing)(Changes(folded=1), LONG_S)
    assert writing.ended == [1]


@pytest.mark.parametrize("error", [StoreRejected("no"), StoreUnavailable("away"), TypeError("bug")])
async def test_errors_of_the_store_come_through(error: Exception) -> None:
    """The caller gets the store's error, and the next write begins at once."""
    writing = Writing()
    writing.gate.set()
    writing.error = error
    write = BoundedWrite(writing)
    with pytest.raises(type(error)):
        await write(Changes(folded=1), LONG_S)
    writing.error = None
    await write(Changes(folded=2), LONG_S)
    assert writing.ended == [1, 2]


async def test_no_write_begins_before_the_one_given_up_has_ended() -> None:
    """The next write waits for a store that ignores cancellation, also only so long."""
    writing = Writing()
    write = BoundedWrite(writing)
    first = asyncio.create_task(write(Changes(folded=1), 0.001))
    with pytest.raises(StoreUnavailable, match="did not answer within"):
        await first
    with pytest.raises(StoreUnavailable, match="did not answer within"):
        await write(Changes(folded=2), 0.001)
    assert writing.begun == [1]
    third = asyncio.create_task(write(Changes(folded=3), LONG_S))
    await turns()
    assert writing.begun == [1]
    writing.gate.set()
    await third
    assert (writing.begun, writing.ended) == ([1, 3], [1, 3])


async def test_the_result_of_a_write_given_up_is_ignored() -> None:
    """An error of a write that was given up affects neither the next one nor the log."""
    writing = Writing()
    write = BoundedWrite(writing)
    with pytest.raises(StoreUnavailable):
        await write(Changes(folded=1), 0.001)
    writing.error = StoreRejected("no")
    writing.gate.set()
    await turns()
    writing.error = None
    await write(Changes(folded=2), LONG_S)
    assert writing.ended == [1, 2]


async def test_a_cancelled_caller_cancels_the_write() -> None:
    """When the daemon stops, the write is cancelled too and can be waited for."""
    writing = Writing()
    caller = asyncio.create_task(BoundedWrite(writing)(Changes(folded=1), LONG_S))
    await turns()
    caller.cancel()
    writing.gate.set()
    await asyncio.wait({caller})
    assert caller.cancelled()
    await turns()
    assert writing.ended == [1]


class GivingUp:
    """Giving up of earlier writes, which fails until a test lets it work."""

    def __init__(self, writing: Writing) -> None:
        self.error: Exception | None = StoreUnavailable("away")
        self.calls: list[int] = []
        self._writing = writing

    async def __call__(self) -> None:
        """Record how many writes had begun."""
        self.calls.append(len(self._writing.begun))
        if self.error is not None:
            raise self.error


async def test_a_write_whose_outcome_is_unknown_is_given_up_before_the_next() -> None:
    """None begins before that has worked; afterwards, and after a write that was rejected, none is."""
    writing = Writing()
    writing.gate.set()
    giving_up = GivingUp(writing)
    write = BoundedWrite(writing, giving_up)
    writing.error = StoreRejected("no")
    with pytest.raises(StoreRejected):
        await write(Changes(folded=1), LONG_S)
    writing.error = StoreUnavailable("the connection is lost")
    with pytest.raises(StoreUnavailable):
        await write(Changes(folded=2), LONG_S)
    assert giving_up.calls == []
    writing.error = None
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="away"):
            await write(Changes(folded=3), LONG_S)
    assert (writing.begun, giving_up.calls) == ([1, 2], [2, 2])
    giving_up.error = None
    await write(Changes(folded=3), LONG_S)
    await write(Changes(folded=4), LONG_S)
    assert (writing.begun, giving_up.calls) == ([1, 2, 3, 4], [2, 2, 2])


async def test_a_write_that_timed_out_and_ended_is_given_up_too() -> None:
    """That it has ended for us does not mean that its server process has."""
    writing = Writing()
    giving_up = GivingUp(writing)
    giving_up.error = None
    write = BoundedWrite(writing, giving_up)
    with pytest.raises(StoreUnavailable):
        await write(Changes(folded=1), 0.001)
    writing.gate.set()
    await write(Changes(folded=2), LONG_S)
    assert (writing.begun, giving_up.calls) == ([1, 2], [1])
