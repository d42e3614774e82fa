"""What the API needs from the rest of the daemon."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from opsconductor.api.connections import ClientLimits
from opsconductor.model.alert import Alert
from opsconductor.model.command import Command
from opsconductor.store.connection import Pool

BODY_BYTES = 1024 * 1024


class Pipeline(Protocol):
    """Carries out what operators ask; the engine behind it is the only writer of alerts."""

    async def command(self, command: Command, /) -> Alert:
        """Return the alert once the change is committed; raises CommandError or StoreError."""


class LiveFeed(Protocol):
    """Hands out what has just been committed."""

    def subscribe(self) -> AbstractAsyncContextManager[asyncio.Queue[tuple[Alert, ...]]]:
        """Open a bounded queue of committed alerts, oldest first.

        An empty tuple in it means: some were left out, read everything anew.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """Arguments of `build_api`.

    Attributes:
        health: The state of the daemon, JSON-ready; under `status` one of `ok`, `degraded`
            (it works, someone should look) and `failing` (answered with HTTP 503).
        body_bytes: The longest request body that is read.
        limits: What clients may take of us.
    """

    pool: Pool
    pipeline: Pipeline
    feed: LiveFeed
    health: Callable[[], Mapping[str, object]]
    body_bytes: int = BODY_BYTES
    limits: ClientLimits = field(default_factory=ClientLimits)
