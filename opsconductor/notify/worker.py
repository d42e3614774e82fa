"""Outbox worker: claims due notifications, sends them and stores the outcomes.

Only the worker's own loop uses the database; the tasks it starts only send. So an outcome that cannot be
stored because PostgreSQL is away is kept until it can.
"""

import asyncio
import logging
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from uuid import UUID

from opsconductor import metrics
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.interface import Channel
from opsconductor.errors import StoreError
from opsconductor.notify.lanes import ChannelHealths, Report
from opsconductor.notify.render import Renderer
from opsconductor.notify.sending import Flight, outcome_of, send_once
from opsconductor.notify.settings import DeliverySettings
from opsconductor.store.outbox import (
    NEVER_HEARD,
    Claimed,
    Outcome,
    Postponed,
    Room,
    Sent,
    Undeliverable,
    claim,
    conclude,
    count_waiting,
    hurry,
    promote,
)
from opsconductor.store.postgres.connection import Pool

log = logging.getLogger(__name__)

CANCEL_WITHIN_S = 1.0
COUNT_EVERY_TURNS = 10
OUTCOME_WORDS = {Sent: "sent", Postponed: "retried", Undeliverable: "failed"}


async def deliver_forever(
    pool: Pool,
    channels: Mapping[str, Channel],
    settings: DeliverySettings,
    wake: asyncio.Event,
    *,
    report: Report | None = None,
    traits: Mapping[str, ChannelTraits] = MappingProxyType({}),
) -> None:
    """Deliver the outbox at least once until cancelled.

    When cancelled, messages in flight get `settings.finish_within` to arrive; those that have not arrived by
    then are released, so that the next start sends them without waiting.

    Args:
        pool: Database of the outbox.
        channels: By connector name; read for each message, so it may change meanwhile.
        settings: Times and numbers.
        wake: Set it after a commit that may hold notifications; it is only a hint.
        report: Called when a channel works and when it is down.
        traits: Abilities and limits by channel; read when a channel is new or changed.
    """
    courier = OutboxWorker(pool, channels, settings, wake=wake, report=report, traits=traits)
    try:
        while True:
            await courier.turn()
    finally:
        await courier.finish()


class OutboxWorker:
    """Messages in flight, and the state of each channel."""

    def __init__(
        self,
        pool: Pool,
        channels: Mapping[str, Channel],
        settings: DeliverySettings,
        *,
        wake: asyncio.Event,
        report: Report | None,
        traits: Mapping[str, ChannelTraits] = MappingProxyType({}),
    ) -> None:
        self._pool = pool
        self._channels = channels
        self._settings = settings
        self._wake = wake
        self._lanes = ChannelHealths(settings, report, traits)
        self._renderer = Renderer(settings.time_zone, public_url=settings.public_url)
        self._flights: dict[UUID, Flight] = {}
        self._unwritten: list[Outcome] = []
        self._is_store_away = False
        self._turns = 0
        self._promoted_at = datetime.min.replace(tzinfo=UTC)

    async def turn(self) -> None:
        """Store ended attempts, send what is due, then wait for an event."""
        self._wake.clear()
        try:
            await self._write_down()
            self._lanes.use(self._channels, datetime.now(UTC))
            await self._hurry()
            await self._promote()
            await self._start_due()
            await self._count()
        except StoreError as error:
            self._store_failed(error)
            await asyncio.sleep(self._settings.poll_every.total_seconds())
            return
        self._store_worked()
        await self._rest()

    async def finish(self) -> None:
        """Wait for messages in flight, release the rest, store all outcomes."""
        tasks = {flight.task for flight in self._flights.values()}
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
        landed = [flight for flight in self._flights.values() if flight.task.done()]
        for flight in landed:
            del self._flights[flight.claimed.id]
            self._unwritten.append(self._judge(flight))
        if self._unwritten:
            await conclude(self._pool, self._unwritten)
            self._unwritten.clear()

    async def _hurry(self) -> None:
        """Make due the failed messages of recovered channels."""
        now = datetime.now(UTC)
        back = self._lanes.back(now)
        if back:
            await hurry(self._pool, back)
            self._lanes.hurried(back, now)

    async def _promote(self) -> None:
        """Promote the oldest of the messages that have waited long, at intervals."""
        now = datetime.now(UTC)
        if now - self._promoted_at >= self._settings.promote_every:
            await promote(self._pool, self._settings.fair_after)
            self._promoted_at = now

    async def _start_due(self) -> None:
        room = self._lanes.room(datetime.now(UTC))
        new = Room(slots=self._settings.slots, retries=max(1, self._settings.slots - 1))
        for claimed in await claim(self._pool, room, otherwise=new, lease=self._settings.lease):
            # after its lease ended a message that hangs may be claimed again: it is still ours
            if claimed.id not in self._flights:
                self._start(claimed)

    def _start(self, claimed: Claimed) -> None:
        """Send one message in its own task; drop a recovery that has no recipient any more."""
        if claimed.is_unheard:
            self._unwritten.append(Undeliverable(id=claimed.id, attempt=claimed.attempt, error=NEVER_HEARD))
            self._wake.set()
            return
        sending = send_once(
            self._channels.get(claimed.channel),
            claimed,
            renderer=self._renderer,
            within=self._settings.send_timeout,
        )
        task = asyncio.create_task(sending, name=f"notification {claimed.id}")
        task.add_done_callback(lambda _: self._wake.set())
        flight = Flight(claimed=claimed, task=task, started_at=datetime.now(UTC))
        self._flights[claimed.id] = flight
        self._lanes.started(flight)

    def _judge(self, flight: Flight) -> Outcome:
        """Return the outcome of an ended attempt, and update its channel."""
        now = datetime.now(UTC)
        channel = flight.claimed.channel
        outcome = outcome_of(flight, self._settings.retry, now, random.random())  # noqa: S311 - jitter
        if flight.task.cancelled():
            self._lanes.stopped(flight)
            return outcome
        self._lanes.ended(flight, now, flight.task.exception())
        metrics.notifications.labels(channel, OUTCOME_WORDS[type(outcome)]).inc()
        if isinstance(outcome, Undeliverable):
            _log_dead_letter(flight.claimed, outcome)
        return outcome

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


def _log_dead_letter(claimed: Claimed, outcome: Undeliverable) -> None:
    log.error(
        "notification is given up",
        extra={
            "notification_id": str(claimed.id),
            "alert_id": str(claimed.alert_id),
            "channel": claimed.channel,
            "recipient": claimed.recipient,
            "attempt": claimed.attempt,
            "error": outcome.error,
        },
    )
