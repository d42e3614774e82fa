"""What was recently set aside, read from the database for the alerts on the daemon itself."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from opsconductor.errors import StoreError
from opsconductor.store.aside import AsideSum, read_aside
from opsconductor.store.postgres.connection import Pool

LATELY = timedelta(days=1)
"""How long something set aside is reported."""
EVERY_S = 10.0


class Asides:
    """Reads the table at intervals; the last result stays while the database is away.

    Attributes:
        sums: By kind and origin.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.sums: Sequence[AsideSum] = ()

    async def keep(self) -> None:
        """Read until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Read the sums once."""
        try:
            self.sums = await read_aside(self._pool, datetime.now(UTC) - LATELY)
        except StoreError:
            return
