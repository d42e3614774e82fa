"""Daily backups."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from opsconductor.config.settings import Settings
from opsconductor.errors import OpsConductorError
from opsconductor.store.backups.folder import BackupFile, list_backups, name_of
from opsconductor.store.backups.make import BackupPlan, make_backup, prune
from opsconductor.store.postgres.database import open_server

log = logging.getLogger(__name__)

LOOK_EVERY_S = 30.0
RETRY_AFTER = timedelta(minutes=10)


class Backups:
    """Makes a backup at the configured time of every day, and deletes old ones.

    That a backup is due follows from the files in the folder: one that was missed while the daemon did not
    run is made after the start, and none is made twice.

    Attributes:
        fault: Why the last backup failed; empty: it did not.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._failed_at: datetime | None = None
        self.fault = ""

    async def keep(self) -> None:
        """Make the daily backup until cancelled; without `backup.folder` do nothing."""
        folder = self._settings.backup.folder
        while folder is not None:
            await self.look(folder, datetime.now(UTC))
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self, folder: Path, now: datetime) -> None:
        """Make a backup if one is due; after a failure, wait some minutes first."""
        if self._failed_at is not None and now - self._failed_at < RETRY_AFTER:
            return
        try:
            made = await asyncio.to_thread(list_backups, folder)
            if not is_due(self._settings, made[0] if made else None, now):
                return
            await self._make(folder, now)
        except (OpsConductorError, OSError) as error:
            if not self.fault:
                log.error("the daily backup failed, trying again", extra={"error": str(error)})
            self._failed_at, self.fault = now, str(error)
        else:
            self._failed_at, self.fault = None, ""

    async def _make(self, folder: Path, now: datetime) -> None:
        settings = self._settings
        plan = BackupPlan(
            target=folder / name_of(now),
            method=settings.backup.method,
            with_key=settings.backup.include_key,
        )
        async with open_server(settings) as url:
            await make_backup(settings, url, plan)
        deleted = await asyncio.to_thread(prune, settings, folder)
        log.info("the daily backup is complete", extra={"path": str(plan.target), "deleted": deleted})


def is_due(settings: Settings, newest: BackupFile | None, now: datetime) -> bool:
    """Return True if the newest backup is older than the last time at which one was to be made."""
    return newest is None or newest.made_at < last_due(settings, now)


def last_due(settings: Settings, now: datetime) -> datetime:
    """Return the latest moment, not after now, at which a backup was to be made."""
    zone = ZoneInfo(settings.backup.time_zone)
    day = now.astimezone(zone).date()
    due_at = datetime.combine(day, settings.backup.at, zone)
    if due_at > now:
        due_at = datetime.combine(day - timedelta(days=1), settings.backup.at, zone)
    return due_at.astimezone(UTC)
