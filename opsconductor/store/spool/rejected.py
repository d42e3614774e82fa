"""Entries that PostgreSQL rejects permanently, one file each: a line with the reason, then the body."""

import os
from collections.abc import Sequence
from pathlib import Path

FOLDER = "rejected"


def rejected_files(folder: Path) -> Sequence[Path]:
    """Return their files, oldest first."""
    return sorted((folder / FOLDER).glob("[0-9]*"))


def keep_rejected(folder: Path, number: int, content: bytes, keep_bytes: int) -> None:
    """Store one; if all together exceed a size, the oldest are deleted.

    Raises:
        OSError: The disk is full or fails.
    """
    (folder / FOLDER).mkdir(mode=0o700, exist_ok=True)
    path = folder / FOLDER / f"{number:016d}"
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, content)
        os.fsync(file)
    finally:
        os.close(file)
    files = [(each, each.stat().st_size) for each in rejected_files(folder)]
    used = sum(size for _, size in files)
    for each, size in files:
        if used <= keep_bytes:
            return
        each.unlink(missing_ok=True)
        used -= size
