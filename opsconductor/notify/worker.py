"""Outbox worker: claims due notifications, sends them and stores the outcomes.

Only the worker's own loop uses the database; the tasks it starts only send. So an outcome that cannot be
stored because PostgreSQL is away is kept until it can.
"""

import asyncio
import logging
from datetime import UTC, datetime
from uuid import UUID

from opsconductor import metrics
from opsconductor.errors import StoreError
from opsconductor.notify.notification_sender import NotificationSender
from opsconductor.notify.outage import OutageOutbox
from opsconductor.notify.outage_worker import OutageWorker
from opsconductor.notify.sending import SendTask
from opsconductor.store.notifications.outbox import (
    NEVER_NOTIFIED,
    Claimed,
    claim,
    count_waiting,
    fail_over,
    hurry,
    promote,
)
from opsconductor.store.notifications.outcomes import Outcome, Sent, Undeliverable, conclude
from opsconductor.store.postgres.connection import Pool

log = logging.getLogger(__name__)

CANCEL_WITHIN_S = 1.0
COUNT_EVERY_TURNS = 10


async def deliver_forever(
    pool: Pool, sender: NotificationSender, wake: asyncio.Event, outage: OutageOutbox
) -> None:
    """Deliver the outbox at least once until cancelled.

    When cancelled, messages in flight get `finish_within` to arrive; those that have not arrived by
    then are released, so that the next start sends them without waiting.

    Args:
        pool: Database of the outbox.
        sender: The channels.
        wake: Set it after a commit that may hold notifications; it is only a hint.
        outage: What is sent while PostgreSQL is away.
    """
    courier = OutboxWorker(pool, sender, wake=wake, outage=outage)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(OutageWorker(outage, sender).run(), name="outbox during outages")
        try:
            while True:
                await courier.turn()
        finally:
            await courier.finish()


class OutboxWorker:
    """Messages in flight that are claimed from the outbox."""

    def __init__(
        self, pool: Pool, sender: NotificationSender, *, wake: asyncio.Event, outage: OutageOutbox
    ) -> None:
        self._pool = pool
        self._sender = sender
        self._settings = sender.settings
        self._wake = wake
        self._healths = sender.healths
        self._outage = outage
        self._send_tasks: dict[UUID, SendTask] = {}
        self._unwritten: list[Outcome] = []
        self._is_store_away = False
        self._turns = 0
        self._promoted_at = datetime.min.replace(tzinfo=UTC)

    async def turn(self) -> None:
        """Store ended attempts, send what is due, then wait for an event."""
        self._wake.clear()
        try:
            await self._write_down()
            room = self._sender.room()
            await self._hurry()
            await self._promote()
            for claimed in await claim(self._pool, *room, lease=self._settings.lease):
                self._start(claimed)
            await self._count()
        except StoreError as error:
            self._store_failed(error)
            await asyncio.sleep(self._settings.poll_every.total_seconds())
            return
        self._store_worked()
        await self._rest()

    async def finish(self) -> None:
        """Wait for messages in flight, release the rest, store all outcomes."""
        tasks = {send_task.task for send_task in self._send_tasks.values()}
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._settings.finish_within.total_seconds())
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=CANCEL_WITHIN_S)
        try:
            await self._write_down()
        except StoreError as error:
            log.warning(
                "outcomes of notifications cannot be stored, some may be sent twice",
                extra={"amount": len(self._unwritten), "error": str(error)},
            )

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._settings.poll_every.total_seconds()):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _write_down(self) -> None:
        """Evaluate all ended attempts and commit their outcomes at once."""
        finished = [send_task for send_task in self._send_tasks.values() if send_task.task.done()]
        for send_task in finished:
            claimed = self._send_tasks.pop(send_task.claimed.id).claimed
            outcome = self._sender.ended(send_task)
            if isinstance(outcome, Sent | Undeliverable):
                self._outage.note(claimed, outcome.metadata if isinstance(outcome, Sent) else None)
            self._unwritten.append(outcome)
        given_up = {
            outcome.id: outcome.error
            for outcome in self._unwritten
            if isinstance(outcome, Undeliverable) and outcome.error != NEVER_NOTIFIED
        }
        await fail_over(self._pool, self._healths.down(datetime.now(UTC)), given_up)
        if self._unwritten:
            await conclude(self._pool, self._unwritten)
            self._unwritten.clear()

    async def _hurry(self) -> None:
        """Make due the failed messages of recovered channels."""
        now = datetime.now(UTC)
        back = self._healths.back(now)
        if back:
            await hurry(self._pool, back)
            self._healths.hurried(back, now)

    async def _promote(self) -> None:
        """Promote the oldest of the messages that have waited long, at intervals."""
        now = datetime.now(UTC)
        if now - self._promoted_at >= self._settings.promote_every:
            await promote(self._pool, self._settings.fair_after)
            self._promoted_at = now

    def _start(self, claimed: Claimed) -> None:
        """Send one message in its own task; drop a recovery that has no recipient any more."""
        # after its lease ended a message that hangs may be claimed again: it is still ours
        if claimed.id in self._send_tasks or not self._outage.hand_over(claimed):
            return
        if claimed.is_unheard:
            self._unwritten.append(
                Undeliverable(id=claimed.id, attempt=claimed.attempt, error=NEVER_NOTIFIED)
            )
            self._wake.set()
            return
        self._send_tasks[claimed.id] = self._sender.start(claimed, self._wake.set)

    async def _count(self) -> None:
        """Update the backlog metrics, at intervals."""
        if self._turns % COUNT_EVERY_TURNS == 0:
            metrics.outbox_waiting.set(sum((await count_waiting(self._pool)).values()))
        self._turns += 1

    def _store_failed(self, error: StoreError) -> None:
        if not self._is_store_away:
            log.error("outbox cannot be reached, trying again", extra={"error": str(error)})
        self._is_store_away = True

    def _store_worked(self) -> None:
        if self._is_store_away:
            log.info("outbox is back")
        self._is_store_away = False
