"""The queue before the pipeline is bounded in events and in bytes, whatever the senders send."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from opsconductor.ledger.ledger import Ledger
from opsconductor.model.event import RawEvent
from opsconductor.pipeline.intake import BATCH_BYTES, Intake
from opsconductor.pipeline.slicing import SLICE, SLICE_BYTES, slices

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def events(amount: int, size: int) -> list[RawEvent]:
    """Make events with payloads of a size."""
    return [RawEvent(connector="traps", payload=bytes(size), received_at=NOW) for _ in range(amount)]


def sizes(taken: Sequence[RawEvent]) -> int:
    """Sum the bytes."""
    return sum(len(event.payload) for event in taken)


async def test_the_intake_is_full_of_bytes_before_it_is_full_of_events() -> None:
    """A source of the largest datagrams waits at the limit of bytes, and goes on when there is room."""
    intake = Intake(1_000, Ledger(), limit_bytes=1_000_000)
    await intake.put(events(20, 60_000))
    waiting = asyncio.create_task(intake.put(events(1, 60_000)))
    await asyncio.sleep(0)
    assert (len(intake), waiting.done()) == (20, False)
    assert intake.is_full
    while len(intake) > 16:
        intake.take(1)
    assert not intake.is_full
    await waiting
    assert len(intake) == 17


async def test_events_that_cannot_wait_are_refused_by_a_full_intake() -> None:
    """Events are added at once and counted, or not at all; never before those that wait for room."""
    ledger = Ledger()
    intake = Intake(2, ledger)
    assert intake.put_at_once(events(2, 10))
    assert intake.wake.is_set()
    assert not intake.put_at_once(events(1, 10))
    assert (len(intake), ledger.total("traps", "taken")) == (2, 2)
    intake.take(1)
    assert intake.put_at_once(events(1, 10))


async def test_a_batch_of_large_events_is_small() -> None:
    """A batch takes events up to a number of bytes, at least one, in order; usual traps are all taken."""
    intake = Intake(100_000, Ledger(), limit_bytes=100_000_000)
    await intake.put(events(200, 60_000))
    taken = intake.take(5_000)
    assert BATCH_BYTES - 60_000 <= sizes(taken) <= BATCH_BYTES
    assert intake.wake.is_set()
    rest = 0
    while batch := intake.take(5_000):
        rest += len(batch)
    assert len(taken) + rest == 200
    await intake.put(events(1, BATCH_BYTES + 1))
    assert len(intake.take(5_000)) == 1
    await intake.put(events(5_000, 300))
    assert len(intake.take(5_000)) == 5_000


def test_slices_are_small_in_events_and_in_bytes() -> None:
    """One slice has at most so many events and so many bytes; nothing is left out."""
    for batch in (events(1_200, 300), events(40, 60_000), events(3, SLICE_BYTES + 1), []):
        parts = list(slices(batch))
        assert [event for part in parts for event in part] == batch
        assert all(len(part) == 1 or sizes(part) <= SLICE_BYTES for part in parts)
        assert all(0 < len(part) <= SLICE for part in parts)
