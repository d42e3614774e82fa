"""End of anomalies that are open in PostgreSQL, but not in the state of rules and detector.

They are left over when rules or detector begin anew: a checkpoint that is damaged, refused or deleted, a
detector that was switched off, or an end that PostgreSQL refused.
"""

import logging
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from opsconductor.store.anomalies.rows import end_lost
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.series.log import newest_entry

log = logging.getLogger(__name__)


class LostAnomalies:
    """Ends, once after the start, the anomalies that are not in the state of rules and detector.

    Before that, all batches that the daemon had judged are judged again: an anomaly that began after the
    checkpoint begins anew with the same id, and is not lost.

    Attributes:
        is_done: Nothing is left to do.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._newest: int | None = None
        self.is_done = False

    async def is_due(self, sequence: int) -> bool:
        """Return True if every batch of the log as it was at the first call is judged.

        Args:
            sequence: The last batch that is judged.

        Raises:
            StoreError: The log cannot be read.
        """
        if self._newest is None:
            self._newest = await newest_entry(self._pool)
        return not self.is_done and sequence >= self._newest

    async def end(self, known: Collection[UUID], at: datetime) -> None:
        """End all but those that are known.

        Args:
            at: Time of these ends.

        Raises:
            StoreError: Nothing has ended; try again.
        """
        amount = await end_lost(self._pool, known, at)
        self.is_done = True
        if amount:
            extra = {"amount": amount}
            log.warning("open anomalies of an earlier rule or detector state have ended", extra=extra)
