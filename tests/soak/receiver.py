"""A web server that takes notifications, keeps each, and can hang or fail."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from aiohttp import web

MOST_HANGING_S = 60.0


class Receiver:
    """The receiver of notifications.

    Attributes:
        received: How often each notification came, by its id.
        attempts: The attempts by which each notification came, by its id.
        hung: How many came while it hung.
        first_of: Notifications by alert: kind and id, in the order in which they came first.
    """

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()
        self.attempts: dict[str, list[int]] = {}
        self.first_of: dict[str, list[tuple[str, str]]] = {}
        self._works = asyncio.Event()
        self._works.set()
        self._runner: web.AppRunner | None = None
        self.hung = 0

    def hang(self) -> None:
        """Answer nothing from now on; every other message that comes meanwhile is kept all the same."""
        self._works.clear()

    def answer(self) -> None:
        """Answer again."""
        self._works.set()

    async def open(self) -> str:
        """Listen on a free port; returns the URL."""
        app = web.Application()
        app.router.add_post("/hook", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"

    async def close(self) -> None:
        """Listen no more."""
        self.answer()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        if not self._works.is_set():
            self.hung += 1
            if self.hung % 2:
                self._receive(body)
            async with asyncio.timeout(MOST_HANGING_S):
                await self._works.wait()
            return web.Response(status=503)
        self._receive(body)
        return web.Response(status=204)

    def _receive(self, body: Mapping[str, Any]) -> None:
        identifier = body["id"]
        if identifier not in self.received:
            self.first_of.setdefault(body["alert"]["id"], []).append((body["kind"], identifier))
        self.received[identifier] += 1
        self.attempts.setdefault(identifier, []).append(body["attempt"])
