"""Disks that can be filled: a small tmpfs for root, a limit on the size of files for others."""

import os
import resource
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

LIMIT_BYTES = 64 * 1024
WRITERS_PAUSE_S = 0.01


class Disk(Protocol):
    """Where something writes, and how to leave it no room."""

    def fill(self) -> None:
        """Leave no room."""

    def free(self) -> None:
        """Free the space again."""


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
        """Unmount it, with everything in it."""
        subprocess.run(["umount", "-l", str(self.folder)], check=True)

    def fill(self) -> None:
        """Make it as small as what is on it; costs no memory, unlike a file that takes all that is left."""
        while not self._resize(str(self._used_bytes())):
            time.sleep(WRITERS_PAUSE_S)

    def free(self) -> None:
        """Restore its size."""
        assert self._resize(f"{self._mib}m")

    def _used_bytes(self) -> int:
        now = os.statvfs(self.folder)
        return (now.f_blocks - now.f_bfree) * now.f_frsize

    def _resize(self, size: str) -> bool:
        """Change its size; False: more than that is on it by now."""
        remount = ["mount", "-o", f"remount,size={size}", str(self.folder)]
        return subprocess.run(remount, check=False, capture_output=True).returncode == 0


class LimitedFiles:
    """Lets the files of some processes grow no more: the limit that is possible without root.

    Args of the constructor:
        processes: Lists those that write there.
    """

    def __init__(self, processes: Callable[[], Iterable[int]]) -> None:
        self._processes = processes

    def fill(self) -> None:
        """Limit every file to what the smallest log already has."""
        self._limit(LIMIT_BYTES)

    def free(self) -> None:
        """Lift the limit."""
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        for pid in self._processes():
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
