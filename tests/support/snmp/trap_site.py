"""A daemon that listens for traps, a receiver of its notifications, and a device that reports."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from tests.soak.daemon import SoakDaemon
from tests.soak.packets import INFORM, LINK_DOWN, TRAP, answered_id, notice
from tests.soak.receiver import Receiver

RATE = 200.0
SETTLE_S = 4.0
WITHIN_S = 40.0
COUNTS = "SELECT resource, occurrence_count, status FROM alerts WHERE alert_type = 'network_link_down'"
SPANS = "SELECT stage FROM loss_ledger WHERE connector = '' AND amount > 0 ORDER BY stage"


class Site:
    """A daemon on a database of its own, a receiver of its notifications, and a device that reports."""

    def __init__(self, folder: Path, database_url: str, *, is_lent: bool) -> None:
        self.daemon = SoakDaemon(folder, is_lent=is_lent, is_forked=True)
        self.receiver = Receiver()
        self.url = database_url
        self._out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._out.connect(("127.0.0.1", self.daemon.trap_port))
        self._out.settimeout(0)

    async def open(self, **settings: object) -> None:
        """Declare the receiver, and start with further settings."""
        hook = await self.receiver.open()
        channel = {"name": "hook", "type": "webhook", "config": {"url": hook, "timeout": "2s"}}
        conditions = {"severity": ["major"], "device_ip_pattern": ["127.0.0.1"]}
        rule = {"name": "all", "conditions": conditions, "channels": [{"channel": "hook"}]}
        self.daemon.write_settings(
            {"database": {"url": self.url}, "engine": {"settle_time": f"{SETTLE_S}s"}, **settings},
        )
        self.daemon.declare("people", connectors=[channel], notification_rules=[rule])
        await self.daemon.come_up()

    async def close(self) -> None:
        """Stop everything."""
        await self.daemon.close()
        await self.receiver.close()
        self._out.close()

    def send(self, port: int, trap_oid: tuple[int, ...] = LINK_DOWN, pdu: int = TRAP) -> None:
        """Report on an interface."""
        self._out.send(notice(pdu, port, trap_oid, port))

    async def ask(self, port: int) -> int | None:
        """Send an INFORM once and wait for its answer; return which request that answers."""
        self.send(port, pdu=INFORM)
        loop = asyncio.get_running_loop()
        return answered_id(await asyncio.wait_for(loop.sock_recv(self._out, 4096), WITHIN_S))

    def is_answered(self) -> bool:
        """Return whether an unread answer has come."""
        try:
            return bool(self._out.recv(4096, socket.MSG_PEEK))
        except BlockingIOError:
            return False

    async def send_while(self, work: Awaitable[None], first: int = 1) -> int:
        """Report one interface after the other as down until some work is done; returns the last."""
        working = asyncio.ensure_future(work)
        started, port = time.monotonic(), first
        while not working.done():
            while port < first + (time.monotonic() - started) * RATE:
                self.send(port)
                port += 1
            await asyncio.sleep(0.005)
        await working
        return port - 1

    async def counts(self) -> dict[int, tuple[int, str]]:
        """Read how often each interface was reported as down, and its status."""
        connection = await asyncpg.connect(self.url)
        try:
            rows = await connection.fetch(COUNTS)
        finally:
            await connection.close()
        return {
            int(row["resource"].partition("=")[2]): (row["occurrence_count"], row["status"]) for row in rows
        }

    async def spans(self) -> list[str]:
        """Read from the ledger in which spans the daemon did not listen."""
        connection = await asyncpg.connect(self.url)
        try:
            return [row["stage"] for row in await connection.fetch(SPANS)]
        finally:
            await connection.close()

    async def counted_once(self, last: int) -> None:
        """Wait until every interface up to the last is down, and was reported once."""
        wanted = dict.fromkeys(range(1, last + 1), (1, "active"))
        await eventually(self.counts, lambda found: len(found) >= last)
        assert await self.counts() == wanted

    def sent(self) -> list[str]:
        """List the sent notifications, in order, each once."""
        return [kind for notified in self.receiver.first_of.values() for kind, _ in notified]


async def eventually(look: Callable[[], Awaitable[object]], is_right: Callable[..., bool]) -> None:
    """Wait until a condition holds; the assertion after it shows the fault."""
    deadline = time.monotonic() + WITHIN_S
    while not is_right(await look()) and time.monotonic() < deadline:
        await asyncio.sleep(0.2)


@asynccontextmanager
async def running(
    folder: Path, database_url: str, *, is_lent: bool, **settings: object
) -> AsyncIterator[Site]:
    """Run a site while the context lasts."""
    site = Site(folder, database_url, is_lent=is_lent)
    try:
        await site.open(**settings)
        yield site
    finally:
        await site.close()
