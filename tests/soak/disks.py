"""Disks that can be filled: a small tmpfs for root, a limit on the size of files for others."""

import errno
import os
import resource
import subprocess
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

BALLAST = "ballast"
MIB = 1024 * 1024
STEP = 64 * 1024


class Disk(Protocol):
    """Where something writes, and how to leave it no room."""

    def fill(self) -> None:
        """Leave no room."""

    def free(self) -> None:
        """Give the room back."""


class Tmpfs(AbstractContextManager["Tmpfs"]):
    """A folder with a size of its own."""

    def __init__(self, folder: Path, mib: int) -> None:
        self.folder = folder
        self._mib = mib

    def __enter__(self) -> Self:
        """Mount it."""
        self.folder.mkdir()
        options = f"size={self._mib}m,mode=0711"
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder)],
            check=True,
            capture_output=True,
        )
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Take it away, with everything in it."""
        subprocess.run(["umount", "-l", str(self.folder)], check=True)

    def fill(self) -> None:
        """Put a file there that takes all that is left, to the last byte."""
        with (self.folder / BALLAST).open("ab") as ballast:
            for size in (MIB, 4096):
                self._grow(ballast.fileno(), size)

    def free(self) -> None:
        """Remove that file."""
        (self.folder / BALLAST).unlink(missing_ok=True)

    def _grow(self, descriptor: int, step: int) -> None:
        while True:
            try:
                os.posix_fallocate(descriptor, os.fstat(descriptor).st_size, step)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                return


class LimitedFiles:
    """Lets the files of some processes grow no more: what can be had without root.

    Args of the constructor:
        processes: Lists those that write there.
    """

    def __init__(self, processes: Callable[[], Iterable[int]]) -> None:
        self._processes = processes

    def fill(self) -> None:
        """Limit every file to what the smallest log already has."""
        self._limit(STEP)

    def free(self) -> None:
        """Lift the limit."""
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        for pid in self._processes():
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
