"""Information about the host: disk and clock."""

import ctypes
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

MIB, GIB = 1024**2, 1024**3

LOW_SHARE, LOW_BYTES = 0.10, 20 * GIB
"""A disk is low if less than both is free: a tenth of a large disk is plenty."""

FULL_BYTES = 512 * MIB
"""With less than this PostgreSQL may stop within minutes of a storm."""

FULL_FILES = 1_000
"""With fewer new files than this PostgreSQL and the spool may stop within minutes of a storm."""

_STATUS = struct.Struct("@i4xqqqqi")
"""The beginning of `struct timex`: modes, offset, freq, maxerror, esterror, status."""
_TIMEX_BYTES = 256
_UNSYNCHRONIZED = 0x0040
_MICROSECONDS = 1_000_000


class Disk(NamedTuple):
    """The disk that holds a folder: sizes in bytes.

    Attributes:
        files: Number of files that can still be created; None: the file system has no such limit.
        is_writable: Files can be created in the folder by this process.
    """

    path: Path
    total: int
    free: int
    files: int | None = None
    is_writable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelClock:
    """Status of the kernel's clock.

    Attributes:
        largest_error_s: Maximum error; only meaningful when the clock is synchronized.
    """

    is_synchronized: bool
    largest_error_s: float


def disk_of(folder: Path) -> Disk:
    """Return the disk of a folder, or of its nearest existing parent."""
    path = folder.absolute()
    while not path.exists():
        path = path.parent
    found = os.statvfs(path)
    return Disk(
        path=folder,
        total=found.f_blocks * found.f_frsize,
        free=found.f_bavail * found.f_frsize,
        files=found.f_favail if found.f_files else None,
        is_writable=os.access(path, os.W_OK),
    )


def disk_fault(disk: Disk) -> str:
    """Return what is wrong with a disk that is about to be full; empty: nothing."""
    if disk.free < FULL_BYTES:
        return f"only {disk.free // MIB} MiB are free for {disk.path}"
    if disk.files is not None and disk.files < FULL_FILES:
        return f"only {disk.files} more files can be created on the disk of {disk.path}"
    return ""


def is_low(disk: Disk) -> bool:
    """Return True if disk space is low."""
    return disk.free < LOW_BYTES and disk.free < LOW_SHARE * disk.total


def read_clock() -> KernelClock | None:
    """Return whether the kernel's clock is synchronized; None: unknown.

    Source:
        adjtimex(2): with `modes` 0 it only reads.
    """
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
    if ctypes.CDLL(None, use_errno=True).adjtimex(buffer) < 0:
        return None
    _, _, _, largest_error, _, status = _STATUS.unpack_from(buffer)
    return KernelClock(
        is_synchronized=not status & _UNSYNCHRONIZED, largest_error_s=largest_error / _MICROSECONDS
    )


def host_name() -> str:
    """Return the name of this host, as used in alerts on the daemon itself."""
    return os.uname().nodename or "opsconductor"
