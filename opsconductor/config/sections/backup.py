"""Settings of backups."""

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from opsconductor.config.section import Section

PLAIN_PATH = re.compile(r"/[A-Za-z0-9/._+-]+")
"""Paths that need no quoting in PostgreSQL's configuration and in a shell."""


def known_zone(name: str) -> str:
    """Return the name of a time zone if it is known.

    Raises:
        ValueError: It is not.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("a time zone such as Europe/Berlin or UTC") from None
    return name


def hour_and_minute(value: object) -> object:
    """Accept 02:30 without quotes, which YAML reads as 150 (minutes)."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return time(value // 60, value % 60)
    return value


ZoneName = Annotated[str, AfterValidator(known_zone)]
TimeOfDay = Annotated[time, BeforeValidator(hour_and_minute)]


class BackupSettings(Section):
    """Daily backups, and the archive of PostgreSQL's write-ahead log (WAL)."""

    folder: Path | None = None
    """Folder for daily backups, best on another disk or a mounted share. Null (default): no daily backup;
    `opsconductor backup` makes one at any time."""

    at: TimeOfDay = time(2, 30)
    """Time of day of the daily backup. 02:30: when little happens. A backup that was missed while the
    daemon did not run is made after its start."""

    time_zone: ZoneName = "UTC"
    """Time zone of `at`, such as Europe/Berlin."""

    keep: int = Field(default=7, ge=1, le=1000)
    """Daily backups kept; older ones are deleted after a new one is complete. 7: a week."""

    method: Literal["dump", "base"] = "dump"
    """`dump` (pg_dump): restored into any PostgreSQL that is as new or newer. `base` (pg_basebackup): a copy
    of the server's files, faster to restore when large, and needed for a restore to any moment."""

    include_key: bool = False
    """Whether the vault's key `secrets.key` is in the backup. False: who gets hold of a backup cannot read
    the secrets in it; the key must then be kept in another place."""

    wal_archive: Path | None = None
    """Folder to which the embedded server copies its WAL, for a restore to any moment since the oldest kept
    backup (`opsconductor restore --to`). Null (default): none. Needs `method: base`."""

    @model_validator(mode="after")
    def _archive_fits(self) -> Self:
        if self.wal_archive is None:
            return self
        if self.method != "base":
            raise ValueError("backup.wal_archive needs backup.method: base")
        if not PLAIN_PATH.fullmatch(str(self.wal_archive)):
            raise ValueError("backup.wal_archive: an absolute path of letters, digits and /._+-")
        return self
