"""Periodic work: partitions, retention, systemd's watchdog."""

import asyncio
import logging
from datetime import UTC, datetime
from time import monotonic

from opsconductor import systemd
from opsconductor.config.sections.retention import RetentionSettings
from opsconductor.errors import StoreError
from opsconductor.store.acknowledged import prune_keys
from opsconductor.store.alerts.overview import record_days
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.retention.guard import (
    clock_fault,
    count_old,
    needs_count,
    read_clocks,
    read_last_prune,
    read_newest_stored,
    record_prune,
    size_fault,
)
from opsconductor.store.retention.old_rows import make_partitions, overdue, prune
from opsconductor.store.retention.sizes import record_sizes

log = logging.getLogger(__name__)

RETENTION_EVERY_S = 3600.0
RETRY_S = 60.0
"""Interval while retention waits for a correct clock, a confirmation or a lock."""
FAILS_FOR_S = 86_400.0
"""After failing for as long it is an alert."""
PRUNE_KEYS_EVERY_S = 300.0
PINGS_PER_WATCHDOG_TIME = 3


class Retention:
    """Creates partitions ahead and deletes old rows, every hour.

    Args of the constructor:
        newest_stored_at: The newest stored time before this run; see `open_retention`.

    Attributes:
        waits_for: Why nothing is deleted now, with the remedy; empty: nothing prevents it.
    """

    def __init__(self, pool: Pool, settings: RetentionSettings, newest_stored_at: datetime | None) -> None:
        self._pool = pool
        self._settings = settings
        self._newest_stored_at = newest_stored_at
        self._done_s = monotonic()
        self.waits_for = ""

    async def keep(self) -> None:
        """Run every hour until cancelled; more often while deletion is prevented."""
        while True:
            try:
                await self.run_once(datetime.now(UTC))
                self._done_s = monotonic()
            except StoreError as error:
                log.warning("retention is postponed by an hour", extra={"error": str(error)})
                if monotonic() - self._done_s > FAILS_FOR_S:
                    self._note(f"it has failed for a day: {error}")
            await asyncio.sleep(RETRY_S if self.waits_for else RETENTION_EVERY_S)

    async def run_once(self, now: datetime) -> None:
        """Create partitions, store sums of days, and delete what is too old, unless that is not safe.

        Raises:
            StoreUnavailable: PostgreSQL is away.
        """
        await make_partitions(self._pool, now)
        await record_sizes(self._pool, now)
        await record_days(self._pool, now)
        if fault := await self._fault(now):
            self._note(fault)
            return
        deleted = await prune(self._pool, self._settings, now)
        await record_prune(self._pool, self._settings, now)
        for table, amount in deleted.items():
            if amount:
                log.info("old rows are deleted", extra={"table": table, "amount": amount})
        self._note(await overdue(self._pool, self._settings, now))

    async def _fault(self, now: datetime) -> str:
        last = await read_last_prune(self._pool)
        stored_at = last.at if last else self._newest_stored_at
        fault = clock_fault(await read_clocks(self._pool, now, stored_at))
        if fault or not needs_count(self._settings, last):
            return fault
        return size_fault(await count_old(self._pool, self._settings, now))

    def _note(self, fault: str) -> None:
        if bool(fault) != bool(self.waits_for):
            if fault:
                log.warning("retention waits, nothing is deleted", extra={"reason": fault})
            else:
                log.info("retention continues")
        self.waits_for = fault


async def open_retention(pool: Pool, settings: RetentionSettings) -> Retention:
    """Build the retention; call it before anything of this run is stored.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    return Retention(pool, settings, await read_newest_stored(pool))


async def keep_acknowledged(pool: Pool) -> None:
    """Delete expired deduplication keys every few minutes, until cancelled."""
    while True:
        await asyncio.sleep(PRUNE_KEYS_EVERY_S)
        try:
            await prune_keys(pool)
        except StoreError as error:
            log.warning("expired keys are deleted later", extra={"error": str(error)})


async def keep_watchdog() -> None:
    """Notify systemd's watchdog at the interval it requests, until cancelled."""
    within_s = systemd.watchdog_s()
    while True:
        if within_s is None:
            await asyncio.sleep(RETENTION_EVERY_S)
        else:
            systemd.ping()
            await asyncio.sleep(within_s / PINGS_PER_WATCHDOG_TIME)
