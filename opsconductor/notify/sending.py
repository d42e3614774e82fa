"""One attempt to send one message, and the judgement of how it ended."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter

from opsconductor import metrics
from opsconductor.connector.interface import Channel
from opsconductor.errors import Rejected, Unreachable
from opsconductor.limits import Backoff
from opsconductor.model.notification import Receipt
from opsconductor.model.text import folded
from opsconductor.notify.render import Renderer
from opsconductor.store.outbox import CRITICAL, Claimed, GivenBack, Outcome, Postponed, Sent, Undeliverable

LONGEST_ERROR = 1000
LONGEST_PAUSE_OF_CRITICAL = timedelta(minutes=1)
"""A critical is tried again after so long at most, whatever the backoff says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The other side took the message."""

    subject: str
    receipt: Receipt
    sent_at: datetime
    response_time: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """A message on its way."""

    claimed: Claimed
    task: asyncio.Task[Delivered]
    started_at: datetime


async def send_once(
    channel: Channel | None, claimed: Claimed, *, renderer: Renderer, within: timedelta
) -> Delivered:
    """Render a message and send it through its channel; raises whatever the channel raises.

    Args:
        channel: None when there is no such channel.
        claimed: What to send.
        renderer: Makes the texts.
        within: After so long the attempt has failed, whatever the channel does.

    Raises:
        Unreachable: The channel does not exist.
        TimeoutError: The channel does not answer in time.
    """
    if channel is None:
        raise Unreachable(f"no channel named {claimed.channel!r} is configured and enabled")
    notification = renderer.render(claimed)
    started = perf_counter()
    try:
        async with asyncio.timeout(within.total_seconds()):
            receipt = await channel.send(notification)
    finally:
        elapsed_s = perf_counter() - started
        metrics.notification_seconds.labels(claimed.channel).observe(elapsed_s)
    return Delivered(
        subject=notification.subject,
        receipt=receipt,
        sent_at=datetime.now(UTC),
        response_time=timedelta(seconds=elapsed_s),
    )


def outcome_of(flight: Flight, retry: Backoff, now: datetime, chance: float) -> Outcome:
    """Judge an attempt that has ended: sent, tried again later, given up, or not tried to the end.

    A wait for which the other side asks does not count here: it is the channel's, see `Lane`.

    Args:
        flight: Its task is done.
        retry: When to try again.
        now: The present time.
        chance: A random number, 0 <= chance < 1.
    """
    claimed = flight.claimed
    if flight.task.cancelled():
        return GivenBack(id=claimed.id, attempt=claimed.attempt)
    error = flight.task.exception()
    if error is None:
        delivered = flight.task.result()
        return Sent(
            id=claimed.id,
            attempt=claimed.attempt,
            subject=delivered.subject,
            detail=folded(delivered.receipt.detail, LONGEST_ERROR),
            sent_at=delivered.sent_at,
            response_time=delivered.response_time,
        )
    text = text_of(error)
    if isinstance(error, Rejected):
        return Undeliverable(id=claimed.id, attempt=claimed.attempt, error=text)
    age = now - claimed.created_at
    if retry.is_over(age):
        return Undeliverable(id=claimed.id, attempt=claimed.attempt, error=f"given up after {age}: {text}")
    delay = retry.pause(claimed.attempt, chance)
    if claimed.urgency == CRITICAL:
        delay = min(delay, LONGEST_PAUSE_OF_CRITICAL)
    return Postponed(id=claimed.id, attempt=claimed.attempt, error=text, delay=delay)


def is_foreseen(error: BaseException) -> bool:
    """Tell a failure that channels are meant to report from a fault in a channel's code."""
    return isinstance(error, (Unreachable, Rejected, TimeoutError))


def text_of(error: BaseException) -> str:
    """Say in one line what went wrong; for a fault in code also what kind."""
    text = str(error)
    if isinstance(error, TimeoutError) and not text:
        text = "no answer in time"
    elif not is_foreseen(error):
        text = f"{type(error).__name__}: {text}"
    return folded(text, LONGEST_ERROR)
