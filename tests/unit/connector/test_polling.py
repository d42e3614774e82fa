"""Polling: even times, and failures that are reported and clear nothing."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.polling import poll_forever, watched
from opsconductor.errors import Rejected, Unreachable
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.table import MappingTable

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def event(text: str) -> RawEvent:
    """Make an event with a text."""
    return RawEvent(connector="prtg", payload=text.encode(), received_at=NOW)


class Enough(Exception):
    """Ends a poller."""


async def test_a_poller_goes_on_and_hands_on_what_it_finds() -> None:
    """One emit for every poll, in order; an unexpected error of the poll ends it."""
    answers, emitted = [[event("a")], [event("b"), event("c")], []], []

    async def poll() -> Sequence[RawEvent]:
        if not answers:
            raise Enough
        return answers.pop(0)

    async def emit(events: Sequence[RawEvent]) -> None:
        emitted.append([each.payload for each in events])

    with pytest.raises(Enough):
        await poll_forever(poll, MILLISECOND, emit)
    assert emitted == [[b"a"], [b"b", b"c"], []]


async def test_missed_polls_are_skipped() -> None:
    """After a poll as long as many intervals the next one comes once, not many times."""
    starts: list[float] = []

    async def poll() -> Sequence[RawEvent]:
        starts.append(asyncio.get_running_loop().time())
        if len(starts) == 3:
            raise Enough
        await asyncio.sleep(0.05)
        return ()

    async def emit(events: Sequence[RawEvent]) -> None:
        del events

    with pytest.raises(Enough):
        await poll_forever(poll, MILLISECOND, emit)
    assert starts[2] - starts[1] >= 0.05


@pytest.mark.parametrize("failure", [Unreachable("no route"), Rejected("wrong password")])
async def test_a_system_that_does_not_answer_is_an_event_and_shows_in_the_status(
    tmp_path: Path, failure: Unreachable | Rejected
) -> None:
    """The status fails with its reason and is good again with the next answer; each poll is recorded."""
    story: list[str] = []
    context = ConnectorContext(
        name="prtg",
        data_dir=tmp_path,
        mappings=lambda: MappingTable([]),
        vendor_of=lambda _: None,
        count=lambda *_, **__: None,
        report_up=lambda: story.append("works"),
        report_down=lambda error: story.append(f"fails: {error}"),
        report_polling=lambda: story.append("polls"),
    )
    answers: list[Sequence[RawEvent] | Exception] = [failure, [event("fine")]]

    async def poll() -> Sequence[RawEvent]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    asking = watched(poll, lambda error: [event(str(error))], context)
    assert [each.payload for each in await asking()] == [str(failure).encode()]
    assert [each.payload for each in await asking()] == [b"fine"]
    assert story == ["polls", f"fails: {failure}", "polls", "works"]
