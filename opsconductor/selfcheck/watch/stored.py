"""What the database says of faults of the daemon, read at intervals for the alerts on itself."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from opsconductor.errors import StoreError
from opsconductor.selfcheck.watch.undelivered import GIVEN_UP
from opsconductor.store.aside import AsideSum, read_aside
from opsconductor.store.notifications.undelivered import Undelivered, read_undelivered
from opsconductor.store.postgres.connection import Pool

Row = TypeVar("Row")

EVERY_S = 5.0
LATELY = timedelta(days=1)
"""How long something set aside is reported."""


class StoredFindings(Generic[Row]):
    """Reads rows at intervals; the last result stays while the database is away.

    Args of the constructor:
        read: Reads the present rows; may raise `StoreError`.

    Attributes:
        rows: Of the last reading that succeeded.
    """

    def __init__(self, read: Callable[[], Awaitable[Sequence[Row]]]) -> None:
        self._read = read
        self.rows: Sequence[Row] = ()

    async def keep(self) -> None:
        """Read until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Read once."""
        try:
            self.rows = await self._read()
        except StoreError:
            return


def asides_of(pool: Pool) -> StoredFindings[AsideSum]:
    """Return what was set aside lately, by kind and origin."""
    return StoredFindings(lambda: read_aside(pool, datetime.now(UTC) - LATELY))


def undelivered_of(pool: Pool, within: timedelta) -> StoredFindings[Undelivered]:
    """Return what was given up within a time and whose recipients have received nothing since, by channel."""
    return StoredFindings(lambda: read_undelivered(pool, within, GIVEN_UP))
