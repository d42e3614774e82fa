"""Lock on a folder, released when the process that holds it ends."""

import fcntl
import os
import time
from pathlib import Path

from opsconductor.errors import StoreUnavailable

WAIT_S = 5.0
"""Seconds to wait: a daemon that is just stopping may still hold it."""
POLL_S = 0.05


class FolderLock:
    """Held by one process at a time; everything here blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None

    def take(self) -> None:
        """Take the lock.

        Raises:
            StoreUnavailable: Another process holds it.
            OSError: The folder cannot be written.
        """
        self._file = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + WAIT_S
        while not self._is_taken(self._file):
            if time.monotonic() > deadline:
                raise StoreUnavailable(f"{self._folder} is locked: another OpsConductor daemon uses it")
            time.sleep(POLL_S)

    def release(self) -> None:
        """Release the lock."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _is_taken(self, file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
