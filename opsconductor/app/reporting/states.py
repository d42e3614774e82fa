"""States of devices: stored every hour where they have changed; old ones and old reports are deleted."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from opsconductor.config.sections.report import ReportSettings
from opsconductor.errors import StoreError
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.reports.states import prune_reports, record_states

log = logging.getLogger(__name__)

EVERY_S = 3600.0


async def keep_states(pool: Pool, settings: ReportSettings) -> None:
    """Store the states of devices every hour, until cancelled."""
    while True:
        try:
            await record_states(pool)
            now = datetime.now(UTC)
            await prune_reports(
                pool, now - timedelta(days=settings.keep_days), now - timedelta(days=settings.snapshots_days)
            )
        except StoreError as error:
            log.warning("states of devices are stored later", extra={"error": str(error)})
        await asyncio.sleep(EVERY_S)
