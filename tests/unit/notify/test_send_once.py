"""One attempt to send: what a channel returns or raises against the contract is an error of this attempt."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from opsconductor.errors import ContractError, Unreachable
from opsconductor.limits import Backoff
from opsconductor.model.notifications.notification import Receipt
from opsconductor.notify.render import Renderer
from opsconductor.notify.sending import SendTask, outcome_of, send_once
from opsconductor.store.notifications.outcomes import Postponed
from tests.unit.notify.test_outcome import CLAIMED
from tests.unit.test_guard import cancelled_elsewhere


class Sends:
    """A channel that returns or raises what is asked of it."""

    def __init__(self, found: Any) -> None:
        self._found = found

    async def send(self, notification: object) -> Any:
        """Return or raise it."""
        del notification
        if isinstance(self._found, Exception):
            raise self._found
        if self._found is asyncio.CancelledError:
            await cancelled_elsewhere()
        return self._found


async def attempt(found: Any) -> SendTask:
    """Send once through such a channel, and wait for the end."""
    sending = send_once(Sends(found), CLAIMED, renderer=Renderer(UTC), within=timedelta(seconds=5))
    task = asyncio.ensure_future(sending)
    await asyncio.wait([task])
    return SendTask(claimed=CLAIMED, task=task, started_at=datetime.now(UTC))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, "send returned NoneType instead of a Receipt"),
        (Receipt(detail=None), "detail is not str"),
        (Receipt(detail="sent", metadata=["id"]), "metadata not a mapping"),
        (Unreachable("busy", retry_after=30), "retry_after is not a timedelta"),
        (
            Unreachable("busy", retry_after=timedelta(days=-1_000_000)),
            "retry_after is not a timedelta, or negative",
        ),
    ],
)
async def test_a_channel_that_breaks_the_contract_fails_with_words(found: Any, words: str) -> None:
    """The outbox worker goes on; the message is tried again, as after every error of a channel."""
    sent = await attempt(found)
    error = sent.task.exception()
    assert isinstance(error, ContractError)
    assert words in str(error)
    outcome = outcome_of(sent, Backoff(first=timedelta(seconds=1)), CLAIMED.created_at, 0.5)
    assert isinstance(outcome, Postponed)


async def test_a_connection_cancelled_by_its_library_is_a_failed_attempt() -> None:
    """It counts as an attempt and has its pause: otherwise it would be repeated at once, for ever."""
    sent = await attempt(asyncio.CancelledError)
    assert not sent.task.cancelled()
    assert "was cancelled" in str(sent.task.exception())


class Unreadable:
    """A value of a library whose text cannot be made."""

    def __str__(self) -> str:
        """Fail."""
        raise LookupError("no text")


async def test_metadata_that_cannot_be_read_fails_its_attempt() -> None:
    """Not the worker, with which the daemon would end."""
    sent = await attempt(Receipt(detail="sent", metadata={"id": Unreadable()}))
    assert isinstance(sent.task.exception(), LookupError)
