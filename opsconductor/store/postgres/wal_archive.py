"""Archive of the embedded server's write-ahead log, for a restore to any moment.

Each cluster has its own folder in the archive, named by its system identifier, so that a new cluster never
meets the files of a former one. A segment is compressed, copied under another name, flushed and renamed.
"""

import os
import pwd
import re
import struct
from datetime import datetime
from pathlib import Path

from opsconductor.errors import StoreUnavailable

SUFFIX = ".gz"
SWITCH_EVERY = "5min"
"""A segment that is not full is archived after this time: at most so much is lost with the disk."""
SEGMENT = re.compile(r"[0-9A-F]{24}")


def system_identifier(cluster: Path) -> str:
    """Return the identifier of a cluster, which its backups and restores share."""
    with (cluster / "global" / "pg_control").open("rb") as file:
        return str(struct.unpack("=Q", file.read(8))[0])


def prepare(archive: Path, cluster: Path, account: pwd.struct_passwd | None) -> Path:
    """Create the folder of a cluster in the archive, and return it.

    Raises:
        StoreUnavailable: It cannot be created.
    """
    folder = archive / system_identifier(cluster)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
    except OSError as error:
        raise StoreUnavailable(f"backup.wal_archive: {folder} cannot be created: {error.strerror}") from error
    return folder


def settings_of(folder: Path | None) -> str:
    """Return the lines of PostgreSQL's configuration that archive to a folder; None: archiving is off."""
    if folder is None:
        return "archive_mode = off\n"
    return (
        f"archive_mode = on\narchive_timeout = {SWITCH_EVERY}\n"
        f"archive_command = '{archive_command(folder)}'\n"
    )


def archive_command(folder: Path) -> str:
    """Return the shell command that archives a segment; the same segment twice is no fault."""
    file = f"{folder}/%f{SUFFIX}"
    return (
        f'if test -f "{file}"; then gzip -dc "{file}" | cmp -s - "%p"; '
        f'else gzip -1 -c "%p" > "{file}.part" && sync "{file}.part" && mv "{file}.part" "{file}"; fi'
    )


def restore_command(folder: Path | None) -> str:
    """Return the shell command that fetches a segment; its failure ends the recovery."""
    if folder is None:
        return "false"
    file = f"{folder}/%f{SUFFIX}"
    return f'test -f "{file}" && gzip -dc "{file}" > "%p"'


def timeline_at(folder: Path, moment: datetime) -> int:
    """Return the timeline in which a moment lies: each restore begins one, which later moments are in.

    The archive has a history of each timeline but the first, written when it began.
    """
    histories = [
        path for path in folder.glob(f"*.history{SUFFIX}") if path.stat().st_mtime <= moment.timestamp()
    ]
    return max((int(path.name[:8], 16) for path in histories), default=1)


def prune_wal(folder: Path, first_needed: str) -> int:
    """Delete the archived segments older than one; return how many.

    Segments compare without their timeline, as `pg_archivecleanup` does; histories of timelines stay.
    """
    deleted = 0
    for path in folder.glob(f"*{SUFFIX}"):
        name = path.name[:24]
        if SEGMENT.fullmatch(name) and name[8:] < first_needed[8:]:
            path.unlink(missing_ok=True)
            deleted += 1
    return deleted
