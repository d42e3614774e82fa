"""Notifications that were given up, as the database tells it, for the alerts of the daemon on itself."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from opsconductor.errors import StoreError
from opsconductor.store.outbox import Undelivered, read_undelivered
from opsconductor.store.postgres.connection import Pool

GIVEN_UP = "application_notifications_given_up"
"""Type of the alert; notifications about it that are given up raise no other, so that it cannot loop."""

EVERY_S = 5.0


class UndeliveredWatch:
    """Looks now and then into the log; what it has found stays while the database is away.

    Args of the constructor:
        within: So long ago at most.

    Attributes:
        channels: By channel what was given up and to whom nothing has been delivered since.
    """

    def __init__(self, pool: Pool, within: timedelta) -> None:
        self._pool = pool
        self._within = within
        self.channels: Sequence[Undelivered] = ()

    async def keep(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Read the log once."""
        try:
            self.channels = await read_undelivered(self._pool, self._within, GIVEN_UP)
        except StoreError:
            return


def text_of(undelivered: Undelivered) -> str:
    """Write what was not delivered, why, and what to do."""
    what = " on ".join(part for part in (undelivered.title, undelivered.device) if part)
    return (
        f"{_many(undelivered.amount, 'notification')} over {undelivered.channel} to"
        f" {_many(undelivered.recipients, 'recipient')} were given up and never arrived, the latest about"
        f" {what or 'an alert'}: {undelivered.error}. Correct the recipients in the rules or the"
        f" configuration of the channel, and try it: opsconductor connectors check {undelivered.channel}."
        " It clears when a recipient is reached again."
    )


def _many(amount: int, word: str) -> str:
    return f"{amount:,} {word}{'' if amount == 1 else 's'}"
