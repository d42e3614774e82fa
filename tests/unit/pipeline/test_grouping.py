"""Messages whose senders wait for the commit are grouped into one."""

import asyncio
from datetime import UTC, datetime

from opsconductor.ledger.ledger import Ledger
from opsconductor.model.event import RawEvent
from opsconductor.pipeline.grouping import CommitGroup
from opsconductor.pipeline.intake import Intake

EVENT = RawEvent(connector="hook", payload=b"", received_at=datetime(2026, 1, 2, tzinfo=UTC))
LONG_S = 3600.0
"""A batch that took this long makes the pause as long as it may be."""


class Stage:
    """An intake and the task that gathers from it."""

    def __init__(self, shortest_s: float = LONG_S, longest_s: float = LONG_S) -> None:
        self.intake = Intake(1_000, Ledger())
        self.group = CommitGroup(self.intake, shortest_s=shortest_s, longest_s=longest_s)
        self.is_urgent = False

    async def arrive(self, amount: int) -> None:
        """Put messages into the intake."""
        await self.intake.put([EVENT] * amount)

    def gather(self) -> asyncio.Task[None]:
        """Begin to gather."""
        return asyncio.create_task(self.group.gather(lambda: self.is_urgent))


async def _a_turn() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_the_next_message_of_a_lone_sender_waits_for_none() -> None:
    """After a batch with one sender, one message is enough."""
    stage = Stage()
    stage.group.note(1, LONG_S)
    await stage.arrive(1)
    gathering = stage.gather()
    await _a_turn()
    assert gathering.done()


async def test_traps_are_not_delayed() -> None:
    """After a batch for which no sender waited, there is no pause."""
    stage = Stage()
    await stage.arrive(20)
    stage.group.note(0, LONG_S)
    gathering = stage.gather()
    await _a_turn()
    assert gathering.done()


async def test_all_senders_of_a_conversation_are_awaited() -> None:
    """One commit takes the messages of answered senders and those that came during the last commit."""
    stage = Stage()
    await stage.arrive(2)
    stage.group.note(3, LONG_S)
    gathering = stage.gather()
    await _a_turn()
    assert not gathering.done()
    await stage.arrive(2)
    await _a_turn()
    assert not gathering.done()
    await stage.arrive(1)
    await gathering
    assert len(stage.intake) == 5


async def test_the_pause_for_missing_senders_is_short() -> None:
    """The pause ends by itself."""
    stage = Stage(longest_s=0.001)
    stage.group.note(5, LONG_S)
    await stage.arrive(1)
    async with asyncio.timeout(10):
        await stage.gather()
    assert len(stage.intake) == 1


async def _gather(stage: Stage, *, arriving: int, took_s: float = 0.004) -> None:
    """After a batch of four senders, gather while so many messages follow the first."""
    stage.intake.take(10)
    stage.group.note(4, took_s)
    await stage.arrive(1)
    gathering = stage.gather()
    await _a_turn()
    await stage.arrive(arriving)
    async with asyncio.timeout(10):
        await gathering


async def test_the_pause_is_longer_after_messages_came_in_it() -> None:
    """It is doubled each time up to its maximum, and halved once few of the awaited messages come."""
    stage = Stage(shortest_s=0.001, longest_s=0.0025)
    pauses = []
    for arriving in (3, 2, 1, 0):
        await _gather(stage, arriving=arriving)
        pauses.append(stage.group.pause_s)
    assert pauses == [0.002, 0.0025, 0.00125, 0.001]


async def test_the_pause_is_at_least_a_quarter_of_the_batch_before() -> None:
    """Where commits take long, so do senders; a limit from faster times would never find that out."""
    stage = Stage(shortest_s=0.001, longest_s=0.01)
    await _gather(stage, arriving=0)
    stage.group.note(4, 0.02)
    assert stage.group.pause_s == 0.005
    stage.group.note(4, 0.1)
    assert stage.group.pause_s == 0.01


async def test_the_pause_is_at_most_as_long_as_the_batch_before() -> None:
    """A batch of 1.5 ms is followed by a pause of 1.5 ms at most."""
    stage = Stage(shortest_s=0.001)
    await _gather(stage, arriving=3)
    stage.group.note(4, 0.0015)
    assert stage.group.pause_s == 0.0015


async def test_an_operators_command_ends_the_pause() -> None:
    """An urgent task wakes the intake."""
    stage = Stage()
    stage.group.note(5, LONG_S)
    await stage.arrive(1)
    gathering = stage.gather()
    await _a_turn()
    stage.is_urgent = True
    stage.intake.wake.set()
    await _a_turn()
    assert gathering.done()
    assert stage.intake.wake.is_set()


async def test_messages_before_the_last_do_not_wake_the_pipeline() -> None:
    """While it gathers, it is woken by the last message that it waits for, and after that by each."""
    stage = Stage()
    stage.group.note(4, LONG_S)
    await stage.arrive(1)
    gathering = stage.gather()
    await _a_turn()
    await stage.arrive(2)
    assert not stage.intake.wake.is_set()
    await stage.arrive(1)
    await _a_turn()
    assert gathering.done()
    assert len(stage.intake.take(10)) == 4
    stage.intake.wake.clear()
    await stage.arrive(1)
    assert stage.intake.wake.is_set()
