"""Lag of the event loop, and the live feed during a storm."""

import asyncio
import time

from opsconductor.app.status.lag import LoopLag
from opsconductor.model.changes import Changes
from opsconductor.pipeline.feed import MOST_AT_ONCE, Feed
from opsconductor.pipeline.slicing import LONGEST_S, CooperativeYield
from tests.support.store.stored import an_alert


def test_the_longest_block_of_the_last_minute_is_remembered() -> None:
    """The longest of each second; after a minute it is removed."""
    lag = LoopLag()
    assert lag.longest_s == 0
    lag.note(0.002, 100.0)
    lag.note(0.080, 100.5)
    lag.note(0.001, 100.9)
    assert lag.longest_s == 0.080
    lag.note(0.010, 159.0)
    assert lag.longest_s == 0.080
    lag.note(0.003, 161.0)
    assert lag.longest_s == 0.010
    assert len(lag._latest) == 2


async def test_a_block_is_seen() -> None:
    """Work that blocks the event loop delays the next measurement."""
    lag = LoopLag()
    watching = asyncio.create_task(lag.watch())
    await asyncio.sleep(0)
    block_until = time.perf_counter() + 0.1
    while time.perf_counter() < block_until:
        pass
    while not lag.longest_s:
        await asyncio.sleep(0.001)
    watching.cancel()
    assert 0.05 < lag.longest_s < 1


async def test_long_work_lets_others_go_on() -> None:
    """It yields only after it has lasted long enough: asking is cheap."""
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    pace = CooperativeYield()
    running = asyncio.create_task(other())
    await pace.rest()
    assert turns == 0
    work_until = time.perf_counter() + LONGEST_S
    while time.perf_counter() < work_until:
        pass
    await pace.rest()
    running.cancel()
    assert turns >= 2


async def test_a_batch_of_many_changes_is_sent_as_a_request_to_reload() -> None:
    """The queues of slow subscribers hold no storm in memory."""
    feed = Feed()
    async with feed.subscribe() as queue:
        few = tuple(an_alert() for _ in range(3))
        feed.publish(Changes(created=few))
        feed.publish(Changes(created=few * MOST_AT_ONCE))
        assert [queue.get_nowait().alerts for _ in range(2)] == [few, ()]
