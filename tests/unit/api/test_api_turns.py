"""Questions about the live state run one at a time, and equal ones share an answer that is never too old."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from opsconductor.api.http.single_flight import SingleFlight
from opsconductor.model.alert import Alert
from tests.support.engine.alert_changes import alert_of


class Engine:
    """An engine whose state changes, and whose work lasts until the test lets it end."""

    def __init__(self) -> None:
        self.known: list[Alert] = []
        self.let_go = threading.Event()
        self.runs = 0
        self.at_a_time = 0
        self.most_at_a_time = 0

    def snapshot(self) -> Sequence[Alert]:
        """Take the alerts of this moment."""
        return list(self.known)

    def count(self, alerts: Sequence[Alert]) -> int:
        """Count them, slowly."""
        self.runs += 1
        self.at_a_time += 1
        self.most_at_a_time = max(self.at_a_time, self.most_at_a_time)
        self.let_go.wait(10)
        self.at_a_time -= 1
        return len(alerts)


async def begun(engine: Engine, runs: int) -> None:
    """Wait until work has begun so many times."""
    async with asyncio.timeout(10):
        while engine.runs < runs:
            await asyncio.sleep(0.001)


async def test_waiting_callers_share_and_later_ones_get_the_newer_state() -> None:
    """No caller gets a state that is older than its question, and each state is computed once."""
    turns, engine = SingleFlight(), Engine()
    early = asyncio.create_task(turns.ask("count", engine.snapshot, engine.count))
    await begun(engine, 1)
    engine.known.append(alert_of(1))
    late = [asyncio.create_task(turns.ask("count", engine.snapshot, engine.count)) for _ in range(50)]
    await asyncio.sleep(0)
    engine.let_go.set()
    assert await early == 0
    assert await asyncio.gather(*late) == [1] * 50
    assert engine.runs == 2


async def test_different_questions_wait_for_each_other() -> None:
    """However many ask, one question is computed at a time."""
    turns, engine = SingleFlight(), Engine()
    engine.let_go.set()
    asked = (turns.ask(number, engine.snapshot, engine.count) for number in range(20))
    assert await asyncio.gather(*asked) == [0] * 20
    assert (engine.runs, engine.most_at_a_time) == (20, 1)


async def test_a_caller_that_leaves_does_not_affect_the_others() -> None:
    """A client that disconnects while it waits does not end the work for the others."""
    turns, engine = SingleFlight(), Engine()
    first, second = (asyncio.create_task(turns.ask("q", engine.snapshot, engine.count)) for _ in range(2))
    await begun(engine, 1)
    first.cancel()
    engine.let_go.set()
    assert await second == 0


async def test_a_failure_reaches_only_the_callers_of_that_work() -> None:
    """The next question is computed as if there had been no failure."""
    turns, engine = SingleFlight(), Engine()
    engine.let_go.set()

    def broken(_alerts: Sequence[Alert]) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await turns.ask("q", engine.snapshot, broken)
    assert await turns.ask("q", engine.snapshot, engine.count) == 0
