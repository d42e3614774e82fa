"""How the result of an attempt is judged."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from opsconductor.errors import Rejected, Unreachable
from opsconductor.limits import Backoff
from opsconductor.model.enums import NotificationKind
from opsconductor.model.notifications.notification import Receipt
from opsconductor.notify.sending import LONGEST_ERROR, Delivered, SendTask, outcome_of, text_of
from opsconductor.store.notifications.outbox import Claimed
from opsconductor.store.notifications.outcomes import GivenBack, Outcome, Postponed, Sent, Undeliverable

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
RETRY = Backoff(first=timedelta(seconds=8))
CLAIMED = Claimed(
    id=UUID(int=1),
    alert_id=UUID(int=2),
    rule_name="all",
    channel="mail",
    recipient="noc@example.net",
    kind=NotificationKind.PROBLEM,
    facts={},
    created_at=NOW - timedelta(hours=1),
    attempt=2,
)


async def judged(error: BaseException | None, now: datetime = NOW, claimed: Claimed = CLAIMED) -> Outcome:
    """Judge an attempt that ended with an error, or without."""

    async def attempt() -> Delivered:
        if error is not None:
            raise error
        receipt = Receipt(detail="250 OK\x1b[2J")
        return Delivered(
            text="", subject="S", receipt=receipt, sent_at=NOW, response_time=timedelta(seconds=1)
        )

    task = asyncio.ensure_future(attempt())
    await asyncio.wait([task])
    return outcome_of(SendTask(claimed=claimed, task=task, started_at=NOW), RETRY, now, 0.5)


async def test_success_is_sent_with_a_harmless_receipt() -> None:
    """The server's words are in the log without control characters."""
    outcome = await judged(None)
    assert isinstance(outcome, Sent)
    assert (outcome.subject, outcome.detail, outcome.attempt) == ("S", "250 OK\\x1b[2J", 2)


async def test_unreachable_is_postponed_by_the_backoff() -> None:
    """Second attempt, chance one half: half of twice the first pause."""
    outcome = await judged(Unreachable("refused"))
    assert outcome == Postponed(
        id=CLAIMED.id,
        attempt=2,
        error="refused",
        delay=timedelta(seconds=8),
        response_time=timedelta(0),
    )


async def test_a_requested_wait_is_not_of_the_message() -> None:
    """The wait belongs to the channel."""
    outcome = await judged(Unreachable("busy", retry_after=timedelta(hours=1)))
    assert isinstance(outcome, Postponed)
    assert outcome.delay == timedelta(seconds=8)


async def test_a_critical_is_tried_again_earlier() -> None:
    """A critical after many failures within a minute, others within five."""
    tired = replace(CLAIMED, attempt=50)
    outcomes = [
        await judged(Unreachable("busy"), claimed=replace(tired, urgency=urgency)) for urgency in (0, 1)
    ]
    delays = [outcome.delay for outcome in outcomes if isinstance(outcome, Postponed)]
    assert delays == [timedelta(minutes=1), timedelta(minutes=2.5)]


async def test_rejected_is_given_up() -> None:
    """Another attempt would not help."""
    assert await judged(Rejected("550")) == Undeliverable(
        id=CLAIMED.id, attempt=2, error="550", response_time=timedelta(0)
    )


async def test_too_old_is_given_up_with_age_and_reason() -> None:
    """A day after its decision a message is useless; the log has the reason why it was not sent."""
    outcome = await judged(Unreachable("refused"), NOW + timedelta(hours=23))
    assert outcome == Undeliverable(
        id=CLAIMED.id,
        attempt=2,
        error="given up after 1 day, 0:00:00: refused",
        response_time=timedelta(hours=23),
    )


async def test_cancelled_is_given_back() -> None:
    """The daemon stops: the attempt does not count."""
    assert await judged(asyncio.CancelledError()) == GivenBack(id=CLAIMED.id, attempt=2)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (Unreachable("no route"), "no route"),
        (TimeoutError(), "no answer in time"),
        (KeyError("x"), "KeyError: 'x'"),
        (ZeroDivisionError("by zero"), "ZeroDivisionError: by zero"),
        (Rejected("550 no\r\nSent: yes\x00\x1b[31m\u202e"), "550 no Sent: yes\\x00\\x1b[31m\\u202e"),
    ],
)
def test_errors_are_one_harmless_line(error: BaseException, text: str) -> None:
    """A server's words cannot forge lines in logs; faults in code are shown by their type."""
    assert text_of(error) == text


def test_long_errors_are_cut() -> None:
    """A server cannot fill the log table with one answer."""
    assert len(text_of(Unreachable("x" * 100_000))) == LONGEST_ERROR
