"""Writes changes until PostgreSQL has them."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from time import perf_counter

from opsconductor import metrics
from opsconductor.errors import StoreUnavailable
from opsconductor.model.changes import Changes
from opsconductor.pipeline.balance import Safe

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0


class Committer:
    """Commits changes in order; while PostgreSQL is away it waits, and says so once.

    While it waits the intake fills, then sources stop reading: nothing is acknowledged that is
    not committed.
    """

    def __init__(self, write: Callable[[Changes], Awaitable[None]]) -> None:
        self._write = write
        self.is_away = False

    async def commit(self, changes: Changes) -> Safe:
        """Return when the changes are committed.

        Raises:
            StoreRejected: PostgreSQL refuses the data itself.
        """
        if changes.is_empty:
            return "committed"
        started = perf_counter()
        failures = 0
        while True:
            try:
                await self._write(changes)
                break
            except StoreUnavailable as error:
                failures += 1
                await self._wait(failures, error)
        if self.is_away:
            self.is_away = False
            log.info("database is back", extra={"attempt": failures + 1})
        metrics.batch_seconds.labels("commit").observe(perf_counter() - started)
        return "committed"

    async def _wait(self, failures: int, error: StoreUnavailable) -> None:
        metrics.commit_retries.inc()
        if not self.is_away:
            self.is_away = True
            log.error("database is away, holding all changes until it is back", extra={"error": str(error)})
        pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(failures, 10))
        await asyncio.sleep(pause * (0.5 + random.random() / 2))  # noqa: S311 - jitter
