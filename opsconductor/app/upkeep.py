"""What has to be done now and then: partitions, retention, systemd's watchdog."""

import asyncio
import logging
from datetime import UTC, datetime

from opsconductor import systemd
from opsconductor.config.settings import RetentionSettings
from opsconductor.errors import StoreError
from opsconductor.store.connection import Pool
from opsconductor.store.retention import make_partitions, prune

log = logging.getLogger(__name__)

RETENTION_EVERY_S = 3600.0
PINGS_PER_WATCHDOG_TIME = 3


async def keep_retention(pool: Pool, settings: RetentionSettings) -> None:
    """Make partitions ahead and delete what is too old, every hour, for ever."""
    while True:
        now = datetime.now(UTC)
        try:
            await make_partitions(pool, now)
            deleted = await prune(pool, settings, now)
        except StoreError as error:
            log.warning("retention is put off by an hour", extra={"error": str(error)})
        else:
            for table, amount in deleted.items():
                if amount:
                    log.info("old rows are deleted", extra={"table": table, "amount": amount})
        await asyncio.sleep(RETENTION_EVERY_S)


async def keep_watchdog() -> None:
    """Tell systemd that the event loop turns, as often as it wants to know, for ever."""
    within_s = systemd.watchdog_s()
    while True:
        if within_s is None:
            await asyncio.sleep(RETENTION_EVERY_S)
        else:
            systemd.ping()
            await asyncio.sleep(within_s / PINGS_PER_WATCHDOG_TIME)
