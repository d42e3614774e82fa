"""Segment files of the spool: appended to, read, restored, removed when drained."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from opsconductor.errors import StoreRejected
from opsconductor.store.spool import record as records

SEGMENT_BYTES = 16 * 1024 * 1024
"""Size from which the next record begins a new file, so that drained space is freed."""
ENDING = ".log"


class Segment:
    """One open segment file; every method raises OSError when the disk fails.

    Attributes:
        end: Position of the next record.
        last: The largest number in it; 0: none is known yet.
        is_damaged: Something in it is missing or cannot be read: it is kept when it is drained.
    """

    def __init__(self, path: Path, *, is_new: bool = False) -> None:
        self.path = path
        self.last = 0
        self.is_damaged = False
        self.salt = bytes.fromhex(path.stem.partition("-")[2])
        flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT | os.O_EXCL if is_new else 0)
        self._file = os.open(path, flags, 0o600)
        self.end = os.fstat(self._file).st_size

    def content(self) -> bytes:
        """Read the whole file.

        Raises:
            StoreRejected: A newer version of the daemon has written it.
        """
        data = os.pread(self._file, os.fstat(self._file).st_size, 0)
        version = records.version_of(data)
        if version is not None and version > records.VERSION:
            raise StoreRejected(
                f"{self.path} was written by a newer version of OpsConductor (format {version}, this one "
                f"knows {records.VERSION}): start that version until the spool is drained, or move it away"
            )
        return data

    def append(self, data: bytes) -> int:
        """Append a record, fsync, and return its position."""
        start, position = self.end, self.end
        while position - start < len(data):
            position += os.pwrite(self._file, data[position - start :], position)
        os.fdatasync(self._file)
        self.end = position
        return start

    def cut(self) -> None:
        """Truncate what was written behind the end, as far as possible."""
        with suppress(OSError):
            os.ftruncate(self._file, self.end)
            os.fdatasync(self._file)

    def read(self, start: int, size: int) -> records.Record | None:
        """Return one record, or None if it is damaged."""
        found = records.read(os.pread(self._file, size, start), 0, self.salt)
        return None if found is None else found.record

    def is_in_place(self) -> bool:
        """Return True if the file is still at its path."""
        with suppress(FileNotFoundError):
            return self.path.stat().st_ino == os.fstat(self._file).st_ino
        return False

    def write_anew(self) -> None:
        """Write the content of a removed or replaced file to its path again."""
        data = os.pread(self._file, self.end, 0)
        fresh = self.path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        file = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            written = 0
            while written < len(data):
                written += os.write(file, data[written:])
            os.fsync(file)
        except OSError:
            os.close(file)
            raise
        fresh.rename(self.path)
        sync_folder(self.path.parent)
        os.close(self._file)
        self._file = file

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def drop(self) -> None:
        """Remove the file, or keep it as `damaged-...` if a part could not be read."""
        self.close()
        with suppress(OSError):
            if self.is_damaged:
                self.path.rename(self.path.with_name(f"damaged-{self.path.name}"))
            else:
                self.path.unlink()


def new_segment(folder: Path, first: int) -> Segment:
    """Create a segment whose records begin with a number."""
    name = f"{first:016d}-{secrets.token_hex(records.SALT_BYTES)}{ENDING}"
    segment = Segment(folder / name, is_new=True)
    try:
        segment.append(records.head())
    except OSError:
        segment.drop()
        raise
    sync_folder(folder)
    return segment


def segment_paths(folder: Path) -> list[Path]:
    """Return the segment files of a spool in order."""
    return sorted(path for path in folder.glob(f"[0-9]*{ENDING}") if _has_salt(path))


def sync_folder(folder: Path) -> None:
    """Fsync a folder, so that its entries survive a power cut."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _has_salt(path: Path) -> bool:
    salt = path.stem.partition("-")[2]
    try:
        return len(bytes.fromhex(salt)) == records.SALT_BYTES
    except ValueError:
        return False
