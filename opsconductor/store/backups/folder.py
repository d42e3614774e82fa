"""The folder of backups: names, the newest one, deletion of old ones. Blocks: call it in a thread."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

NAME = re.compile(r"opsconductor-(\d{8}-\d{6})\.backup")


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFile:
    """A complete backup in the folder."""

    path: Path
    made_at: datetime
    bytes: int


def name_of(made_at: datetime) -> str:
    """Return the file name of a backup, which holds its time in UTC."""
    return f"opsconductor-{made_at.astimezone(UTC):%Y%m%d-%H%M%S}.backup"


def list_backups(folder: Path) -> Sequence[BackupFile]:
    """Return the backups in a folder, newest first; none if the folder does not exist.

    Raises:
        OSError: The folder cannot be read.
    """
    found = []
    for path in folder.iterdir() if folder.exists() else ():
        if match := NAME.fullmatch(path.name):
            made_at = datetime.strptime(match[1], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
            found.append(BackupFile(path=path, made_at=made_at, bytes=path.stat().st_size))
    return sorted(found, key=lambda each: each.made_at, reverse=True)


def prune_backups(folder: Path, keep: int) -> Sequence[BackupFile]:
    """Delete all but the newest backups; return the deleted ones.

    Raises:
        OSError: One cannot be deleted.
    """
    old = list_backups(folder)[keep:]
    for each in old:
        each.path.unlink(missing_ok=True)
    return old
