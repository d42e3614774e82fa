"""One attempt to send one message, and the decision about its outcome."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import perf_counter

from opsconductor import metrics
from opsconductor.connector.interface import Channel
from opsconductor.connector.outgoing.appearance import shortened
from opsconductor.errors import ContractError, Rejected, Unreachable
from opsconductor.guard import guarded
from opsconductor.limits import Backoff
from opsconductor.model.masking import BLOT, known_secrets
from opsconductor.model.notifications.notification import Notification, Receipt
from opsconductor.model.text import fitted, folded, storable
from opsconductor.notify.render import Renderer
from opsconductor.notify.settings import Draw
from opsconductor.store.notifications.outbox import CRITICAL, Claimed
from opsconductor.store.notifications.outcomes import GivenBack, Outcome, Postponed, Sent, Undeliverable

LONGEST_ERROR = 1000
LONGEST_METADATA = 10_000
LONGEST_KEPT = 4_000
"""Characters of a text that the log keeps."""
LONGEST_PAUSE_OF_CRITICAL = timedelta(minutes=1)
"""Maximum time until a critical is retried, whatever the backoff says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The other side accepted the message."""

    subject: str
    text: str
    receipt: Receipt
    sent_at: datetime
    response_time: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTask:
    """A message in flight."""

    claimed: Claimed
    task: asyncio.Task[Delivered]
    started_at: datetime


async def send_once(
    channel: Channel | None,
    claimed: Claimed,
    *,
    renderer: Renderer,
    within: timedelta,
    draw: Draw | None = None,
) -> Delivered:
    """Render a message and send it through its channel; raises whatever the channel raises.

    Args:
        channel: None when there is no such channel.
        claimed: What to send.
        renderer: Renders the texts.
        within: Timeout of the attempt, whatever the channel does.
        draw: Draws the picture of the message; None: it has none.

    Raises:
        Unreachable: The channel does not exist.
        TimeoutError: The channel does not answer in time.
    """
    if channel is None:
        raise Unreachable(f"no channel named {claimed.channel!r} is configured and enabled")
    notification = renderer.render(claimed)
    if draw is not None:
        notification = replace(notification, picture=await draw(claimed.facts))
    started = perf_counter()
    try:
        async with asyncio.timeout(within.total_seconds()):
            receipt = await receipt_of(channel, notification)
    finally:
        elapsed_s = perf_counter() - started
        metrics.notification_seconds.labels(claimed.channel).observe(elapsed_s)
    return Delivered(
        subject=notification.subject,
        text=text_for_log(notification),
        receipt=receipt,
        sent_at=datetime.now(UTC),
        response_time=timedelta(seconds=elapsed_s),
    )


async def receipt_of(channel: Channel, notification: Notification) -> Receipt:
    """Send through a channel.

    Raises:
        ContractError: The channel returned something else than a receipt.
        Exception: Whatever the channel raises; RuntimeError if something that it waited for was cancelled.
    """
    with guarded() as sending:
        receipt: object = await channel.send(notification)
        if not isinstance(receipt, Receipt):
            raise ContractError(f"send returned {type(receipt).__name__} instead of a Receipt")
        if not isinstance(receipt.detail, str) or not isinstance(receipt.metadata, Mapping):
            raise ContractError("send returned a Receipt whose detail is not str or metadata not a mapping")
        return replace(receipt, metadata=metadata_of(receipt))
    assert sending.error is not None
    if isinstance(sending.error, Unreachable) and not _is_pause(sending.error.retry_after):
        raise ContractError(
            "send raised Unreachable whose retry_after is not a timedelta, or negative"
        ) from sending.error
    raise sending.error


def _is_pause(value: object) -> bool:
    return value is None or (isinstance(value, timedelta) and value >= timedelta(0))


def outcome_of(send_task: SendTask, retry: Backoff, now: datetime, chance: float) -> Outcome:
    """Return the outcome of an attempt that has ended: sent, to be retried, given up, or cancelled.

    A wait requested by the other side does not count here: it applies to the channel, see `ChannelHealth`.

    Args:
        send_task: Its task is done.
        retry: Backoff of retries.
        now: The present time.
        chance: A random number, 0 <= chance < 1.
    """
    claimed = send_task.claimed
    if send_task.task.cancelled():
        return GivenBack(id=claimed.id, attempt=claimed.attempt)
    error = send_task.task.exception()
    if error is None:
        delivered = send_task.task.result()
        return Sent(
            id=claimed.id,
            attempt=claimed.attempt,
            subject=delivered.subject,
            detail=folded(delivered.receipt.detail, LONGEST_ERROR),
            sent_at=delivered.sent_at,
            response_time=delivered.response_time,
            metadata=delivered.receipt.metadata,
            text=delivered.text,
        )
    text, took = text_of(error), max(now - send_task.started_at, timedelta(0))
    if isinstance(error, Rejected):
        return Undeliverable(id=claimed.id, attempt=claimed.attempt, error=text, response_time=took)
    age = now - claimed.created_at
    if retry.is_over(age):
        error_text = f"given up after {age}: {text}"
        return Undeliverable(id=claimed.id, attempt=claimed.attempt, error=error_text, response_time=took)
    delay = retry.pause(claimed.attempt, chance)
    if claimed.urgency == CRITICAL:
        delay = min(delay, LONGEST_PAUSE_OF_CRITICAL)
    return Postponed(id=claimed.id, attempt=claimed.attempt, error=text, delay=delay, response_time=took)


def text_for_log(notification: Notification) -> str:
    """Return what the log keeps of a text: its beginning, without the link that acknowledges."""
    text = notification.text
    if notification.acknowledge_url:
        text = text.replace(notification.acknowledge_url, BLOT)
    return fitted(shortened(text, LONGEST_KEPT))


def metadata_of(receipt: Receipt) -> Mapping[str, object]:
    """Return the metadata of a receipt as JSON that PostgreSQL can store; too much of it is dropped."""
    kept = storable(receipt.metadata)
    assert isinstance(kept, dict)
    return kept if len(json.dumps(kept)) <= LONGEST_METADATA else {}


def is_foreseen(error: BaseException) -> bool:
    """Return True if an error is one that channels are meant to raise, False if it is a bug."""
    return isinstance(error, (Unreachable, Rejected, TimeoutError))


def text_of(error: BaseException) -> str:
    """Describe an error in one line; for a bug with its type."""
    text = str(error)
    if isinstance(error, TimeoutError) and not text:
        text = "no answer in time"
    elif not is_foreseen(error):
        text = f"{type(error).__name__}: {text}"
    return folded(known_secrets.hide(text), LONGEST_ERROR)
