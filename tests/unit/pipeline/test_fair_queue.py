"""The order of senders before the pipeline, and which are admitted to a full intake."""

import asyncio
from datetime import UTC, datetime
from zlib import crc32

import pytest

from opsconductor.ledger.ledger import Ledger
from opsconductor.model.event import RawEvent
from opsconductor.pipeline import intake
from opsconductor.pipeline.intake import FAIR_FROM, LANES, FairQueue, Intake

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MUCH = 10**9


@pytest.fixture(autouse=True)
def lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Assign each sender of these tests a lane of its own: by `hash` two share one in 4,096 processes."""
    monkeypatch.setattr(intake, "_lane_of", lambda event: crc32(event.peer.encode()) % LANES)


def traps(peer: str, amount: int, *, size: int = 10, first: int = 0) -> list[RawEvent]:
    """Make numbered traps of one sender, which are not repeated."""
    return [
        RawEvent("traps", number.to_bytes(size, "big"), NOW, peer, is_fleeting=True)
        for number in range(first, first + amount)
    ]


def numbers(events: list[RawEvent], peer: str) -> list[int]:
    """List the numbers of one sender's traps, in order."""
    return [int.from_bytes(event.payload, "big") for event in events if event.peer == peer]


def test_a_short_queue_keeps_the_order_of_arrival() -> None:
    """Senders that report the same from different addresses are not reordered in normal times."""
    queue = FairQueue()
    arrived = [event for turn in range(50) for event in traps("a", 1, first=turn) + traps("b", 1, first=turn)]
    queue.extend(arrived)
    assert queue.take(30, MUCH) + queue.take(1_000, MUCH) == arrived
    assert (len(queue), queue.bytes) == (0, 0)


def test_behind_a_flood_a_quiet_sender_is_served_in_the_next_batch() -> None:
    """It does not wait for the flood; each sender's own order is kept."""
    queue = FairQueue()
    queue.extend(traps("flood", 5 * FAIR_FROM))
    queue.extend(traps("quiet", 3))
    first = queue.take(1_000, MUCH)
    assert numbers(first, "quiet") == [0, 1, 2]
    assert len(first) == 1_000
    rest = []
    while batch := queue.take(1_000, MUCH):
        rest += batch
    assert numbers(first + rest, "flood") == list(range(5 * FAIR_FROM))
    assert (len(queue), queue.bytes, list(queue)) == (0, 0, [])


def test_many_senders_get_their_turn_although_a_batch_is_small() -> None:
    """A served sender goes to the end of the round."""
    queue = FairQueue()
    for number in range(FAIR_FROM // 10):
        queue.extend(traps(f"10.0.0.{number}", 11))
    served = {event.peer for _ in range(FAIR_FROM // 100) for event in queue.take(10, MUCH)}
    assert len(served) >= FAIR_FROM // 10 * 0.8  # some share a lane


def test_batches_of_large_messages_are_small_for_every_sender() -> None:
    """The bytes of a batch are bounded while senders take turns, too."""
    queue = FairQueue()
    queue.extend(traps("large", 100, size=60_000))
    queue.extend(traps("small", 100))
    taken = queue.take(1_000, 300_000)
    assert sum(len(event.payload) for event in taken) <= 300_000
    assert numbers(taken, "small") == list(range(100))


async def test_a_full_intake_drops_what_the_flood_sends_and_lets_others_in() -> None:
    """Each dropped trap is counted; senders that can wait or repeat are never dropped."""
    ledger = Ledger()
    intake = Intake(1_000, ledger)
    await intake.put(traps("flood", 1_000))
    await intake.put([*traps("flood", 200), *traps("quiet", 5)])
    assert ledger.total("traps", "dropped") == 200
    assert ledger.total("traps", "taken") == 1_005
    repeated = [event._replace(is_fleeting=False) for event in traps("flood", 7)]
    await intake.put([*repeated, *traps("flood", 1)])
    assert ledger.total("traps", "dropped") == 201
    assert len(intake) == 1_012


async def test_senders_that_can_wait_wait_for_room() -> None:
    """Also those of a flood of informs, once the intake holds twice its limit."""
    ledger = Ledger()
    intake = Intake(1_000, ledger)
    await intake.put(traps("flood", 1_000))
    polled = asyncio.create_task(intake.put([RawEvent("poller", b"snapshot", NOW)]))
    await asyncio.sleep(0)
    assert not polled.done()
    informs = [event._replace(is_fleeting=False) for event in traps("flood", 1_500)]
    await intake.put([*informs, *traps("quiet", 1)])
    waiting = asyncio.create_task(intake.put([*informs, *traps("quiet", 1)]))
    await asyncio.sleep(0)
    assert not waiting.done()
    while len(intake) >= 1_000:
        intake.take(500)
    await asyncio.gather(polled, waiting)
    assert ledger.total("traps", "dropped") == 0


async def test_a_flood_of_large_traps_leaves_room_for_others() -> None:
    """Memory is the limit then, not the number of events."""
    ledger = Ledger()
    intake = Intake(100_000, ledger, limit_bytes=1_000_000)
    await intake.put(traps("large", 20, size=60_000))
    await intake.put([*traps("large", 10, size=60_000), *traps("quiet", 5)])
    assert (ledger.total("traps", "dropped"), len(intake)) == (10, 25)
