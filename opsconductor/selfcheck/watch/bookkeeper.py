"""Writes the loss ledger to PostgreSQL, and records when the daemon runs, so that gaps in time are known."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from opsconductor import metrics
from opsconductor.errors import StoreError, StoreRejected
from opsconductor.ledger.ledger import Amounts, Ledger, MinuteBucket
from opsconductor.selfcheck.watch.ledger_rest import FILE, LedgerRest, read_rest, write_rest
from opsconductor.store.ledger import LedgerRow, Run, open_run, save
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.unmatched import add_unmatched

log = logging.getLogger(__name__)

WRITE_EVERY_S = 10.0
"""Interval of writing; a crash leaves this many seconds of counts unknown."""
LAST_WRITE_S = 2.0


class Bookkeeper:
    """Keeps the ledger of one run.

    While PostgreSQL is away it keeps the minutes in memory, and writes them when it is back.

    Attributes:
        error: Why the ledger is not written now; empty: it is.
        span: The span without counting before this run; None: unknown yet, or there was none.
    """

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        levels: Callable[[], Amounts],
        *,
        host: str,
        kept_sockets: bool,
        data_dir: Path,
    ) -> None:
        self.error = ""
        self.span: LedgerRow | None = None
        self._pool = pool
        self._ledger = ledger
        self._levels = levels
        self._kept_sockets = kept_sockets
        self._rest = data_dir / FILE
        self._is_open = False
        now = datetime.now(UTC)
        self.run = Run(
            id=uuid4(),
            host=host,
            version=version("opsconductor"),
            started_at=now,
            seen_at=now,
            stopped_at=None,
        )

    @property
    def unclean(self) -> int:
        """Seconds not counted because the previous run ended without shutdown; 0: it stopped in order."""
        return self.span.amount if self.span is not None and self.span.stage == "unknown" else 0

    async def keep(self) -> None:
        """Write the counts at intervals, until cancelled."""
        while True:
            with suppress(StoreError):
                await self.write()
            metrics.ledger_minutes_waiting.set(len(self._ledger.minutes))
            await asyncio.sleep(WRITE_EVERY_S)

    async def finish(self) -> None:
        """Write the rest, and that the run has stopped in order; to a file if PostgreSQL is away."""
        try:
            async with asyncio.timeout(LAST_WRITE_S):
                await self.write(is_last=True)
        except (StoreError, TimeoutError) as error:
            self._keep_rest(str(error))

    def _keep_rest(self, reason: str) -> None:
        if not self._is_open:
            return
        rows = _rows(self._ledger.minutes.pages())
        try:
            write_rest(self._rest, LedgerRest(self.run.id, datetime.now(UTC), rows))
        except OSError as error:
            log.warning("the end of the loss ledger could not be stored", extra={"error": str(error)})
        else:
            extra = {"reason": reason, "path": str(self._rest)}
            log.info("the next start stores the end of the loss ledger", extra=extra)

    async def _store_rest(self) -> None:
        """Store the end of the run before, if that was not possible at its stop."""
        rest = read_rest(self._rest)
        if rest is None:
            return
        with suppress(StoreRejected):  # another database, which does not know that run
            await save(self._pool, rest.run_id, rest.rows, seen_at=rest.stopped_at, is_last=True)
        with suppress(OSError):  # storing it again changes nothing
            self._rest.unlink()

    async def write(self, *, is_last: bool = False) -> None:
        """Write everything counted so far.

        Raises:
            StoreUnavailable: PostgreSQL is away; the counts are kept.
        """
        try:
            await self._write(is_last=is_last)
        except StoreError as error:
            if not self.error:
                log.warning("the loss ledger waits for the database", extra={"error": str(error)})
            self.error = str(error)
            raise
        self.error = ""

    async def _write(self, *, is_last: bool) -> None:
        if not self._is_open:
            await self._store_rest()
            self.span = await open_run(self._pool, self.run, kept_sockets=self._kept_sockets)
            self._is_open = True
        now = datetime.now(UTC)
        self._ledger.check(self._levels())
        pages = self._ledger.minutes.pages()
        await save(self._pool, self.run.id, _rows(pages), seen_at=now, is_last=is_last)
        self._ledger.minutes.forget(pages, now.timestamp())
        if clears := self._ledger.clears.waiting():
            await add_unmatched(self._pool, clears)
            self._ledger.clears.forget(clears)


def _rows(pages: Iterable[MinuteBucket]) -> list[LedgerRow]:
    return [LedgerRow(page.minute, *key, amount) for page in pages for key, amount in page.amounts.items()]
