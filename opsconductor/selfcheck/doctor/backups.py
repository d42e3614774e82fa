"""Findings on backups and on the archive of the WAL."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from opsconductor.config.sections.backup import BackupSettings
from opsconductor.connector.settings.duration import format_duration
from opsconductor.selfcheck.doctor.finding import DoctorFinding, bad, ok, warning
from opsconductor.selfcheck.doctor.sizes import size_text
from opsconductor.store.backups.folder import BackupFile, list_backups
from opsconductor.store.diagnosis import Archiving, read_archiving
from opsconductor.store.postgres.connection import Pool

AREA = "backups"
LATE = timedelta(hours=26)
REMEDY = "opsconductor backup shows what prevents it; so does the log"


async def examine_backups(pool: Pool, settings: BackupSettings, now: datetime) -> list[DoctorFinding]:
    """Examine the folder of backups, and the archiver of the server if the WAL is archived."""
    findings = await asyncio.to_thread(_of_folder, settings, now)
    if settings.wal_archive is not None:
        findings += judge_archiving(await read_archiving(pool), now)
    return findings


def judge_backups(backups: Sequence[BackupFile], now: datetime) -> list[DoctorFinding]:
    """Return the finding on the age of the newest backup.

    Args:
        backups: Newest first.
    """
    if not backups:
        return [bad(AREA, "there is no backup in backup.folder", REMEDY)]
    newest = backups[0]
    age = timedelta(seconds=int((now - newest.made_at).total_seconds()))
    text = (
        f"{len(backups)} kept, the newest is {format_duration(age)} old ({newest.path}, "
        f"{size_text(newest.bytes)})"
    )
    return [bad(AREA, text, REMEDY)] if age > LATE else [ok(AREA, text)]


def judge_archiving(archiving: Archiving, now: datetime) -> list[DoctorFinding]:
    """Return the finding on the archive of the WAL."""
    if not archiving.is_on:
        remedy = "it is turned on when the embedded server starts next: restart the daemon"
        return [warning(AREA, "backup.wal_archive is set, the server does not archive yet", remedy)]
    if archiving.is_failing:
        text = f"the WAL is not archived since {archiving.failed_at:%Y-%m-%d %H:%M:%S} UTC"
        return [bad(AREA, text, "is there room in backup.wal_archive? See log/ of the server in data_dir")]
    if archiving.archived_at is None:
        return [ok(AREA, "the WAL is archived; no segment was complete yet")]
    age = timedelta(seconds=int((now - archiving.archived_at).total_seconds()))
    return [ok(AREA, f"the WAL is archived, the last segment {format_duration(age)} ago")]


def _of_folder(settings: BackupSettings, now: datetime) -> list[DoctorFinding]:
    if settings.folder is None:
        return [ok(AREA, "no daily backup is configured (backup.folder, see docs/backup.md)")]
    try:
        return judge_backups(list_backups(settings.folder), now)
    except OSError as error:
        text = f"backup.folder {settings.folder} cannot be read: {error.strerror or error}"
        return [bad(AREA, text, "mount it, or give the daemon's user access")]
