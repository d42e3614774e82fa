"""Emulated operators' pages and scripts: how long they wait for the API, and for a new alert to appear."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp

from tests.benchmarks.load.traps import link_down
from tests.support.daemons.daemon import Daemon

QUESTIONS = (
    "/api/v1/alerts?per_page=50",
    "/api/v1/alerts/summary",
    "/api/v1/system/health",
    "/api/v1/alerts?per_page=50&severity=critical",
)
ASK_EVERY_S = 0.1
QUIET_DEVICE = "127.0.0.254"
REPORT_EVERY_S = 2.0
FIRST_INDEX = 1_900_000


@dataclass
class Waits:
    """The measured waits.

    Attributes:
        answers_s: Duration of each answer of the API.
        news_s: From sending a trap of a quiet device until a page could show its alert.
        missing: Traps of the quiet device that no page ever showed.
    """

    answers_s: list[float] = field(default_factory=list)
    news_s: list[float] = field(default_factory=list)
    missing: int = 0


class Page:
    """Asks the API all the time, follows the live feed, and reports new problems of a quiet device."""

    def __init__(self, daemon: Daemon) -> None:
        self.waits = Waits()
        self._daemon = daemon
        self._url = f"http://127.0.0.1:{daemon.api_port}"
        self._sent: dict[int, float] = {}
        self._next_index = FIRST_INDEX

    async def watch(self, until: asyncio.Event) -> Waits:
        """Measure until stopped."""
        headers = {"Authorization": f"Bearer {self._daemon.local_token()}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            tasks = [
                asyncio.create_task(work)
                for work in (self._ask(session), self._follow(session), self._report())
            ]
            await until.wait()
            await asyncio.sleep(REPORT_EVERY_S)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self.waits.missing = len(self._sent)
        return self.waits

    async def _ask(self, session: aiohttp.ClientSession) -> None:
        while True:
            for question in QUESTIONS:
                started = time.perf_counter()
                async with session.get(self._url + question) as answer:
                    await answer.read()
                self.waits.answers_s.append(time.perf_counter() - started)
                await asyncio.sleep(ASK_EVERY_S)

    async def _report(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            link.bind((QUIET_DEVICE, 0))
            while True:
                await asyncio.sleep(REPORT_EVERY_S)
                self._next_index += 1
                self._sent[self._next_index] = time.perf_counter()
                link.sendto(link_down(self._next_index, 1), ("127.0.0.1", self._daemon.trap_port))

    async def _follow(self, session: aiohttp.ClientSession) -> None:
        """Do as the page does: take over changed alerts, read the list anew when asked."""
        async for name, data in self._events(session):
            if name == "reload":
                query = f"/api/v1/alerts?per_page=200&device_ip={QUIET_DEVICE}"
                async with session.get(self._url + query) as answer:
                    self._note((await answer.json())["data"])
            elif name == "alerts":
                self._note(json.loads(data))

    async def _events(self, session: aiohttp.ClientSession) -> AsyncIterator[tuple[str, str]]:
        timeout = aiohttp.ClientTimeout(total=None)
        async with session.get(f"{self._url}/api/v1/alerts/stream", timeout=timeout) as stream:
            name = ""
            buffer = b""
            async for chunk in stream.content.iter_any():
                *lines, buffer = (buffer + chunk).split(b"\n")
                for line in lines:
                    key, _, value = line.decode().partition(": ")
                    if key == "event":
                        name = value
                    elif key == "data":
                        yield name, value

    def _note(self, alerts: list[dict[str, object]]) -> None:
        now = time.perf_counter()
        for alert in alerts:
            resource = str(alert["resource"])
            with suppress(ValueError):
                index = int(resource.rpartition("=")[2]) & ~(1 << 21)
                if alert["device_ip"] == QUIET_DEVICE and index in self._sent:
                    self.waits.news_s.append(now - self._sent.pop(index))
