"""Notifications that were given up, read from the database for the alerts on the daemon itself."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from opsconductor.errors import StoreError
from opsconductor.store.outbox import Undelivered, read_undelivered
from opsconductor.store.postgres.connection import Pool

GIVEN_UP = "application_notifications_given_up"
"""Type of the alert; given-up notifications about it raise no further alert, so that it cannot loop."""

EVERY_S = 5.0


class UndeliveredWatch:
    """Reads the log at intervals; the last result stays while the database is away.

    Args of the constructor:
        within: Maximum age.

    Attributes:
        channels: What was given up and whose recipients have received nothing since, by channel.
    """

    def __init__(self, pool: Pool, within: timedelta) -> None:
        self._pool = pool
        self._within = within
        self.channels: Sequence[Undelivered] = ()

    async def keep(self) -> None:
        """Read until cancelled."""
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
    """Return what was not delivered, why, and the remedy."""
    what = " on ".join(part for part in (undelivered.title, undelivered.device) if part)
    return (
        f"{_many(undelivered.amount, 'notification')} over {undelivered.channel} to"
        f" {_many(undelivered.recipients, 'recipient')} were given up and never arrived, the latest about"
        f" {what or 'an alert'}: {undelivered.error}. Correct the recipients in the rules or the"
        f" configuration of the channel, and test it: opsconductor connectors check {undelivered.channel}."
        " It clears when a recipient is reached again."
    )


def _many(amount: int, word: str) -> str:
    return f"{amount:,} {word}{'' if amount == 1 else 's'}"
