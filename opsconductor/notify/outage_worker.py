"""Delivers notifications while PostgreSQL is away.

Before a message is sent, that its attempt begins is made durable behind it in the spool; afterwards its
outcome. When PostgreSQL is back the spool brings all of them there in order. So a message is sent twice
only if the daemon is killed between the two; its second attempt has a higher number.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from opsconductor.errors import StoreError
from opsconductor.model.changes import Changes, NotificationIntent
from opsconductor.model.notifications.delivery import AttemptStatus, DeliveryAttempt
from opsconductor.notify.notification_sender import NotificationSender
from opsconductor.notify.outage import OutageOutbox
from opsconductor.notify.sending import SendTask
from opsconductor.store.notifications.outbox import Claimed
from opsconductor.store.notifications.outcomes import Outcome, Postponed, Sent, Undeliverable

log = logging.getLogger(__name__)

COMMIT_WITHIN_S = 3.0
"""When the daemon stops, time to make outcomes durable."""


class OutageWorker:
    """Messages in flight that are not claimed from the outbox."""

    def __init__(self, outage: OutageOutbox, sender: NotificationSender) -> None:
        self._outage = outage
        self._sender = sender
        self._send_tasks: dict[UUID, SendTask] = {}
        self._finished = outage.wake

    async def run(self) -> None:
        """Deliver until cancelled; then wait a short time for messages in flight."""
        try:
            while True:
                await self._turn()
                await self._rest()
        finally:
            await self._finish()

    async def _turn(self) -> None:
        self._finished.clear()
        await self._conclude()
        if self._outage.is_away():
            await self._fail_over()
            await self._start_due()
        else:
            self._outage.clear()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._sender.settings.poll_every.total_seconds()):
                await self._finished.wait()
        except TimeoutError:
            return

    async def _fail_over(self) -> None:
        """Copy what waits for a channel that is down to its failovers."""
        now = datetime.now(UTC)
        await self._store((), self._outage.fail_over(self._sender.healths.down(now), now))

    async def _store(self, attempts: Sequence[DeliveryAttempt], copies: Sequence[NotificationIntent]) -> None:
        """Make the end of attempts durable, and copies for failovers; the outbox has these if it is back."""
        if not attempts and not copies:
            return
        place = await self._outage.commit(Changes(attempts=tuple(attempts), notifications=tuple(copies)))
        if place == "spooled":
            self._outage.add(copies)

    async def _start_due(self) -> None:
        now = datetime.now(UTC)
        due = self._outage.due(now, *self._sender.room())
        if not due:
            return
        await self._outage.commit(Changes(attempts=tuple(_begun(claimed, now) for claimed in due)))
        for claimed in due:
            if self._outage.start(claimed):
                self._send_tasks[claimed.id] = self._sender.start(claimed, self._finished.set)

    async def _conclude(self) -> None:
        finished = [send_task for send_task in self._send_tasks.values() if send_task.task.done()]
        attempts, copies = [], []
        for send_task in finished:
            claimed = self._send_tasks.pop(send_task.claimed.id).claimed
            outcome = self._sender.ended(send_task)
            attempts += self._ended(claimed, outcome)
            if isinstance(outcome, Undeliverable):
                copies += self._outage.copies_of(claimed, outcome.error, datetime.now(UTC))
        await self._store(attempts, copies)

    def _ended(self, claimed: Claimed, outcome: Outcome) -> list[DeliveryAttempt]:
        """Return what is to be stored about the end of an attempt."""
        match outcome:
            case Sent():
                self._outage.end(claimed, outcome.metadata)
                return [_sent(outcome)]
            case Undeliverable():
                self._outage.end(claimed, None)
                return [_given_up(outcome)]
            case Postponed():
                self._outage.postpone(claimed, datetime.now(UTC) + outcome.delay)
        return []

    async def _finish(self) -> None:
        tasks = {send_task.task for send_task in self._send_tasks.values()}
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=self._sender.settings.finish_within.total_seconds())
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=COMMIT_WITHIN_S)
        try:
            async with asyncio.timeout(COMMIT_WITHIN_S):
                await self._conclude()
        except (StoreError, TimeoutError) as error:
            log.warning(
                "outcomes of notifications cannot be stored, some may be sent twice",
                extra={"amount": len(tasks), "error": str(error)},
            )


def _begun(claimed: Claimed, at: datetime) -> DeliveryAttempt:
    return DeliveryAttempt(id=claimed.id, attempt=claimed.attempt, status=AttemptStatus.BEGUN, at=at)


def _sent(outcome: Sent) -> DeliveryAttempt:
    return DeliveryAttempt(
        id=outcome.id,
        attempt=outcome.attempt,
        status=AttemptStatus.SENT,
        at=outcome.sent_at,
        subject=outcome.subject,
        detail=outcome.detail,
        response_time=outcome.response_time,
        metadata=outcome.metadata,
    )


def _given_up(outcome: Undeliverable) -> DeliveryAttempt:
    return DeliveryAttempt(
        id=outcome.id,
        attempt=outcome.attempt,
        status=AttemptStatus.FAILED,
        at=datetime.now(UTC),
        error=outcome.error,
    )
