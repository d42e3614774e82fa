"""Work that waits while the database is away: it is logged once, and once that it continues."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from opsconductor.errors import StoreUnavailable

Found = TypeVar("Found")


class DatabaseWait:
    """Logs when work begins to wait, and when it continues, however often it is tried meanwhile."""

    def __init__(self, log: logging.Logger, waits: str, continues: str) -> None:
        """Take the two messages, and the logger of the work."""
        self._log = log
        self._waits = waits
        self._continues = continues
        self._is_waiting = False

    def failed(self, error: Exception) -> None:
        """Record that the database was not available."""
        if not self._is_waiting:
            self._log.warning(self._waits, extra={"error": str(error)})
        self._is_waiting = True

    def worked(self) -> None:
        """Record that it was."""
        if self._is_waiting:
            self._log.info(self._continues)
        self._is_waiting = False

    async def insist(self, act: Callable[[], Awaitable[Found]], pause_s: float) -> Found:
        """Run a query, repeating it until the database is available."""
        while True:
            try:
                found = await act()
            except StoreUnavailable as error:
                self.failed(error)
                await asyncio.sleep(pause_s)
            else:
                self.worked()
                return found
