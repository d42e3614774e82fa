"""What the administrator asks of the running daemon: stop, reload."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from opsconductor.app.reload import Reloaded
from opsconductor.errors import StoreUnavailable

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """Catches SIGTERM and SIGINT (stop) and SIGHUP (reload) from the moment it is made.

    The API asks for a reload here too, so that there is one after another.
    """

    def __init__(self) -> None:
        self._stop = False
        self._reload = False
        self._asked = asyncio.Event()
        self._waiting: list[asyncio.Future[Reloaded]] = []
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._ask_stop)
        loop.add_signal_handler(signal.SIGHUP, self._ask_reload)

    async def until_stop(self, reload: Callable[[], Awaitable[Reloaded]]) -> None:
        """Reload whenever asked; return when asked to stop."""
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
                each.set_exception(StoreUnavailable("the daemon is stopping"))

    async def reload(self) -> Reloaded:
        """Ask for a reload, and return its outcome.

        Raises:
            StoreUnavailable: The daemon is stopping.
        """
        if self._stop:
            raise StoreUnavailable("the daemon is stopping")
        outcome: asyncio.Future[Reloaded] = asyncio.get_running_loop().create_future()
        self._waiting.append(outcome)
        self._ask_reload()
        return await outcome

    def _ask_stop(self) -> None:
        self._stop = True
        self._asked.set()

    def _ask_reload(self) -> None:
        self._reload = True
        self._asked.set()
