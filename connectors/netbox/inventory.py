"""Synchronization of the inventory with a NetBox."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from functools import partial

from connectors.netbox.assembly import Assembled, assemble
from connectors.netbox.checking import check_connection
from connectors.netbox.client import NetboxClient
from connectors.netbox.config import NetboxConfig
from connectors.netbox.dependencies.ranks import Ranking
from connectors.netbox.failures import MayNotView, rights_wanted
from connectors.netbox.mirror import Mirror
from connectors.netbox.reading import Progress
from connectors.netbox.threads import in_thread
from connectors.netbox.webhook import admit, admit_head
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult, Publish
from opsconductor.connector.post import Post, PostResult
from opsconductor.errors import Rejected, StoreUnavailable, Unreachable

log = logging.getLogger(__name__)

GATHER_S = 1.0
"""Webhooks arrive in bursts: the changelog is read this long after the first one, for all of them."""

LONGEST_SYNC_S = 1_800.0
LONGEST_CHECK_S = 50.0


class NetboxInventory:
    """Full sync at the start and every `sync_interval`, and changes in between."""

    def __init__(self, config: NetboxConfig, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._ranking = Ranking(config.role_ranks)
        self._mirror = Mirror(config.ifindex_field)
        self._due = asyncio.Event()
        self._is_full_due = True
        self._is_published = False
        self._remarks: tuple[str, ...] = ()

    async def run(self, publish: Publish) -> None:
        """Sync until cancelled; failures are retried at the next `changes_interval`."""
        from apscheduler.schedulers.asyncio import AsyncIOScheduler  # noqa: PLC0415 - a start without NetBox

        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None}
        )
        config = self._config
        scheduler.add_job(self._want_all, "interval", seconds=config.sync_interval.total_seconds())
        scheduler.add_job(self._want_changes, "interval", seconds=config.changes_interval.total_seconds())
        scheduler.start()
        try:
            while True:
                self._due.clear()
                await self._sync(publish)
                await self._due.wait()
                await asyncio.sleep(GATHER_S)
        finally:
            scheduler.shutdown(wait=False)

    def is_proven(self, head: Post) -> bool:
        """Return False: the signature covers the body; raises Refused when there is none."""
        secret = self._config.webhook_secret
        admit_head(head, secret.get_secret_value() if secret else None)
        return False

    async def receive(self, post: Post) -> PostResult:
        """Accept a signed post of an event rule, which triggers a read of the changelog; raises Refused."""
        secret = self._config.webhook_secret
        admit(post, secret.get_secret_value() if secret else None)
        self._due.set()
        return PostResult()

    async def check(self) -> CheckResult:
        """Test address, TLS, token and permissions."""
        try:
            async with asyncio.timeout(LONGEST_CHECK_S), self._connected() as client:
                return await in_thread(partial(check_connection, self._config, client))
        except (Unreachable, Rejected) as error:
            return CheckResult(ok=False, message=str(error))
        except TimeoutError:
            return CheckResult(ok=False, message=f"{self._config.place} answers too slowly")

    async def _want_all(self) -> None:
        self._is_full_due = True
        self._due.set()

    async def _want_changes(self) -> None:
        self._due.set()

    async def _sync(self, publish: Publish) -> None:
        """Sync once, and report the result."""
        self._context.report_polling()
        try:
            async with asyncio.timeout(LONGEST_SYNC_S), self._connected() as client:
                await self._read_and_publish(client, publish)
        except (Unreachable, Rejected, StoreUnavailable) as error:
            self._context.report_down(error)
        except TimeoutError:
            self._context.report_down(Unreachable(f"{self._config.place} is too slow: the sync was aborted"))
        else:
            self._report_status()

    def _report_status(self) -> None:
        """Report the connector as up, or the missing permissions."""
        unread = self._mirror.holdings.unread
        if unread:
            kept = "their objects stay unchanged"
            self._context.degraded(f"{self._config.place}: {rights_wanted(unread)}; {kept}")
        else:
            self._context.report_up()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[NetboxClient]:
        """Provide a client within the context; reads still running at its end stop at their next page."""
        client = await in_thread(partial(NetboxClient, self._config, self._context.destinations))
        try:
            yield client
        finally:
            client.close()

    async def _read_and_publish(self, client: NetboxClient, publish: Publish) -> None:
        started_at, started_s = self._context.now(), time.monotonic()
        await in_thread(client.connect)
        progress = Progress(self._context.name)
        if not await self._read(client, progress) and self._is_published:
            return
        self._is_published = False
        roots, ranking = self._config.roots, self._ranking
        assembled = await in_thread(
            partial(assemble, self._mirror.holdings, ranking, roots, taken_at=started_at)
        )
        if not assembled.inventory.devices:
            if unread := self._mirror.holdings.unread:
                raise Rejected(f"{self._config.place}: {rights_wanted(unread)}: the inventory is unchanged")
            raise Rejected(
                f"{self._config.place} shows no device with an address: the inventory is unchanged"
            )
        await publish(assembled.inventory)
        self._is_published = True
        self._log(assembled, time.monotonic() - started_s)

    async def _read(self, client: NetboxClient, progress: Progress) -> bool:
        """Sync fully when due or when permissions changed, else read changes; False: there were none."""
        if not self._is_full_due and not await self._mirror.has_right_again(client):
            try:
                return await self._mirror.catch_up(client, progress)
            except MayNotView:
                self._is_full_due = True
        await self._mirror.read_all(client, progress)
        self._is_full_due = False
        return True

    def _log(self, assembled: Assembled, seconds: float) -> None:
        name = self._context.name
        for root in assembled.missing_roots:
            log.warning("no device in service has a name of roots", extra={"connector": name, "device": root})
        if (remarks := assembled.inventory.remarks) != self._remarks:
            self._remarks = remarks
            for remark in remarks:
                log.warning("%s", remark, extra={"connector": name})
        log.info(
            "inventory is synchronized with NetBox",
            extra={
                "connector": name,
                "seconds": round(seconds, 1),
                "devices": len(assembled.inventory.devices),
                "dependencies": len(assembled.inventory.dependencies),
                "not_listed": assembled.not_listed,
            },
        )
