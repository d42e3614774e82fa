"""Heartbeat for an external dead man's switch, which alarms when it stops."""

import asyncio
import logging
from collections.abc import Callable

import aiohttp

from opsconductor import metrics
from opsconductor.config.sections.watch import HeartbeatSettings
from opsconductor.connector.destinations import Destinations

log = logging.getLogger(__name__)

TIMEOUT = aiohttp.ClientTimeout(total=10)
FIRST_BAD_STATUS = 400


class Heartbeat:
    """Sends an HTTP GET while the daemon is healthy, and nothing while it is not.

    Args of the constructor:
        destinations: The addresses that may be connected to, redirects included.
        fault: Returns why the daemon is not healthy; empty: it is.
    """

    def __init__(
        self, settings: HeartbeatSettings, destinations: Destinations, fault: Callable[[], str]
    ) -> None:
        self._settings = settings
        self._destinations = destinations
        self._fault = fault
        self._is_failing = False
        self._is_withheld = False

    async def beat(self, url: str) -> None:
        """Send heartbeats until cancelled."""
        connector = aiohttp.TCPConnector(socket_factory=self._destinations.open_socket)
        async with aiohttp.ClientSession(connector=connector, timeout=TIMEOUT) as http:
            while True:
                fault = self._fault()
                self._note_withheld(fault)
                if not fault:
                    await self._send(http, url)
                await asyncio.sleep(self._settings.every.total_seconds())

    async def _send(self, http: aiohttp.ClientSession, url: str) -> None:
        """Send one; log an error once, without the URL, which may be a secret."""
        try:
            async with http.get(url) as answer:
                error = "" if answer.status < FIRST_BAD_STATUS else f"HTTP {answer.status}"
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as failure:
            error = type(failure).__name__
        metrics.heartbeats.labels("failed" if error else "sent").inc()
        if error and not self._is_failing:
            log.error("the heartbeat cannot be sent, trying again", extra={"error": error})
        if not error and self._is_failing:
            log.info("the heartbeat is sent again")
        self._is_failing = bool(error)

    def _note_withheld(self, fault: str) -> None:
        if fault:
            metrics.heartbeats.labels("withheld").inc()
        if fault and not self._is_withheld:
            log.error("the heartbeat is withheld", extra={"reason": fault})
        if not fault and self._is_withheld:
            log.info("the heartbeat is no longer withheld")
        self._is_withheld = bool(fault)
