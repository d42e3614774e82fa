"""Requests of the administrator to the running daemon: stop, reload."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from opsconductor.app.configuring.reload import Reloaded
from opsconductor.errors import Unanswered

log = logging.getLogger(__name__)

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """Handles SIGTERM and SIGINT (stop) and SIGHUP (reload) from its construction on.

    The API requests a reload here too, so that reloads are serialized.
    """

    def __init__(self) -> None:
        self._stop = False
        self._reload = False
        self._asked = asyncio.Event()
        self._start: asyncio.Timeout | None = None
        self._give_up: Callable[[], object] | None = None
        self._waiting: list[asyncio.Future[Reloaded]] = []
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._ask_stop)
        loop.add_signal_handler(signal.SIGHUP, self._ask_reload)

    @asynccontextmanager
    async def stoppable_start(self) -> AsyncIterator[None]:
        """Run a body whose beginning, up to `started`, a stop signal cancels at once."""
        try:
            async with asyncio.timeout(None) as self._start:
                yield
        except TimeoutError:
            if self._start is None or not self._start.expired():
                raise
            log.info("asked to stop before the start was complete")

    def started(self, give_up: Callable[[], object]) -> None:
        """Mark the end of the start: from now on `until_stop` handles stop signals.

        Args:
            give_up: Called at the first stop signal, also while a reload is in progress.
        """
        self._start = None
        self._give_up = give_up

    async def until_stop(self, reload: Callable[[], Awaitable[Reloaded]]) -> None:
        """Reload on every request; return when asked to stop."""
        while not self._stop:
            await self._asked.wait()
            self._asked.clear()
            if self._reload and not self._stop:
                self._reload = False
                waiting, self._waiting = self._waiting, []
                outcome = await reload()
                for each in waiting:
                    if not each.done():
                        each.set_result(outcome)
        for each in self._waiting:
            if not each.done():
                each.set_exception(Unanswered("the daemon is stopping"))

    async def reload(self) -> Reloaded:
        """Request a reload, and return its outcome.

        Raises:
            StoreUnavailable: The daemon is stopping.
        """
        if self._stop:
            raise Unanswered("the daemon is stopping")
        outcome: asyncio.Future[Reloaded] = asyncio.get_running_loop().create_future()
        self._waiting.append(outcome)
        self._ask_reload()
        return await outcome

    def _ask_stop(self) -> None:
        if self._give_up is not None and not self._stop:
            self._give_up()
        self._stop = True
        self._asked.set()
        if self._start is not None and not self._start.expired():
            self._start.reschedule(asyncio.get_running_loop().time())

    def _ask_reload(self) -> None:
        self._reload = True
        self._asked.set()
