"""What was set aside lately, as the database tells it, for the alerts of the daemon on itself."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from opsconductor.errors import StoreError
from opsconductor.store.aside import AsideSum, read_aside
from opsconductor.store.postgres.connection import Pool

LATELY = timedelta(days=1)
"""So long people are told of what was set aside."""
EVERY_S = 10.0


class Asides:
    """Looks now and then into the table; what it has found stays while the database is away.

    Attributes:
        sums: By kind and origin.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.sums: Sequence[AsideSum] = ()

    async def keep(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Read the sums once."""
        try:
            self.sums = await read_aside(self._pool, datetime.now(UTC) - LATELY)
        except StoreError:
            return
