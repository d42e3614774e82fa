"""What the administrator asks of the running daemon: stop, reload."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """Catches SIGTERM and SIGINT (stop) and SIGHUP (reload) from the moment it is made."""

    def __init__(self) -> None:
        self._stop = False
        self._reload = False
        self._asked = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._ask_stop)
        loop.add_signal_handler(signal.SIGHUP, self._ask_reload)

    async def until_stop(self, reload: Callable[[], Awaitable[None]]) -> None:
        """Reload whenever asked; return when asked to stop."""
        while not self._stop:
            await self._asked.wait()
            self._asked.clear()
            if self._reload and not self._stop:
                self._reload = False
                await reload()

    def _ask_stop(self) -> None:
        self._stop = True
        self._asked.set()

    def _ask_reload(self) -> None:
        self._reload = True
        self._asked.set()
