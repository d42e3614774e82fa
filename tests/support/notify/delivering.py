"""A running outbox worker and channels whose results a test chooses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import asyncpg

from opsconductor.connector.interface import Channel, CheckResult
from opsconductor.limits import Backoff
from opsconductor.model.changes import Changes
from opsconductor.model.enums import ConnectorStatus
from opsconductor.model.notifications.notification import Notification, Receipt
from opsconductor.notify.notification_sender import NotificationSender
from opsconductor.notify.outage import OutageOutbox
from opsconductor.notify.settings import DeliverySettings
from opsconductor.notify.worker import deliver_forever
from opsconductor.store.notifications.outbox import end_leases

QUICK = DeliverySettings(
    poll_every=timedelta(milliseconds=20),
    send_timeout=timedelta(seconds=1),
    finish_within=timedelta(milliseconds=200),
    retry=Backoff(first=timedelta(0), give_up_after=timedelta(days=36_500)),
    probe=Backoff(first=timedelta(0)),
)


class Recorder:
    """A channel that returns chosen results and keeps its notifications."""

    def __init__(self, act: Callable[[Notification], Awaitable[None]] | None = None) -> None:
        self.given: list[Notification] = []
        self._act = act

    async def send(self, notification: Notification) -> Receipt:
        """Keep the notification, then return the next result."""
        self.given.append(notification)
        if self._act is not None:
            await self._act(notification)
        return Receipt(detail="taken")

    async def check(self) -> CheckResult:
        """Succeed."""
        return CheckResult(ok=True, message="works")

    async def close(self) -> None:
        """Do nothing."""

    @property
    def ids(self) -> list[UUID]:
        """Ids in the order in which they came."""
        return [notification.id for notification in self.given]


def failing(*errors: BaseException | None) -> Recorder:
    """Make a channel that fails in this order, once each, and works from then on (None: works)."""
    left = list(errors)

    async def act(_: Notification) -> None:
        error = left.pop(0) if left else None
        if error is not None:
            raise error

    return Recorder(act)


def no_outage() -> OutageOutbox:
    """Return the outbox of an outage that never comes."""

    async def commit(changes: Changes) -> None:
        raise AssertionError(changes)

    return OutageOutbox(commit, lambda: False)


@asynccontextmanager
async def delivering(
    pool: asyncpg.Pool, channels: Mapping[str, Channel], settings: DeliverySettings = QUICK
) -> AsyncIterator[list[tuple[str, ConnectorStatus, str | None]]]:
    """Run a worker and stop it at the end; yield its reports about channels.

    As when a daemon starts, what an earlier worker claimed is due: its end may have met it while claiming.
    """
    await end_leases(pool)
    reports: list[tuple[str, ConnectorStatus, str | None]] = []

    def report(name: str, status: ConnectorStatus, error: str | None) -> None:
        reports.append((name, status, error))

    worker = asyncio.create_task(
        deliver_forever(pool, NotificationSender(channels, settings, report), asyncio.Event(), no_outage())
    )
    try:
        yield reports
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
        assert worker.cancelled(), worker.exception()


async def until_logged(pool: asyncpg.Pool, status: str, amount: int = 1) -> list[asyncpg.Record]:
    """Wait until so many notifications have a status in the log; return their rows."""
    async with asyncio.timeout(10):
        while True:
            rows: list[asyncpg.Record] = await pool.fetch(
                "SELECT * FROM notification_log WHERE status = $1 ORDER BY created_at, id", status
            )
            if len(rows) >= amount:
                return rows
            await asyncio.sleep(0.01)
