"""Questions to the API of a real daemon, one after another: how long the answers take, and what they cost.

The clock of the wall counts whatever else runs on the machine. CPU is what the daemon and its PostgreSQL use
themselves, as the kernel accounts it: it can be compared whatever the load is, and with nothing else running
an answer takes little more than it.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession

from tests.benchmarks.load.processes import AS_COMMAND, cpu_of, cpu_of_tree, postmaster_of
from tests.support.daemons.daemon import Daemon, running

SETTLED_SHARE = 0.05
QUIET_TIMES = 3
SETTLED_WITHIN_S = 180
IDLE_S = 5.0
HEAD = f"{'':<44} {'p50':>7} {'p99':>7} {'CPU':>7} {'PG':>7}"


@dataclass(frozen=True, slots=True)
class Used:
    """CPU seconds of a daemon and of its PostgreSQL."""

    daemon_s: float
    database_s: float


@dataclass(frozen=True, slots=True)
class Asked:
    """The cost of a question: times in milliseconds, CPU for one answer."""

    p50_ms: float
    p99_ms: float
    daemon_ms: float
    database_ms: float


class Asker:
    """Asks a daemon."""

    def __init__(self, daemon: Daemon, http: ClientSession) -> None:
        assert daemon.process is not None
        self._daemon, self._http = daemon, http
        self._pid = daemon.process.pid
        self._postmaster = postmaster_of(daemon.folder / "var")
        self._headers = {"Authorization": f"Bearer {daemon.local_token()}"}

    async def settle(self) -> None:
        """Wait until what a start causes is done: sums of past days, work of the server on new data."""
        until_s, quiet = time.monotonic() + SETTLED_WITHIN_S, 0
        while time.monotonic() < until_s and quiet < QUIET_TIMES:
            before = self.used()
            await asyncio.sleep(IDLE_S)
            after = self.used()
            used_s = after.daemon_s + after.database_s - before.daemon_s - before.database_s
            quiet = quiet + 1 if used_s / IDLE_S < SETTLED_SHARE else 0

    def used(self) -> Used:
        """Return what daemon and server have used until now."""
        return Used(cpu_of(self._pid).seconds, cpu_of_tree(self._postmaster).seconds)

    async def ask(self, path: str) -> float:
        """Ask, and return how many seconds the answer took; of an export its first part."""
        started = time.perf_counter()
        url = f"http://127.0.0.1:{self._daemon.api_port}/api/v1{path}"
        async with self._http.get(url, headers=self._headers) as reply:
            assert reply.status == 200, (path, reply.status, (await reply.text())[:300])
            if "/export" in path:
                await reply.content.readany()
                reply.close()
            else:
                await reply.read()
        return time.perf_counter() - started

    async def measure(self, path: str, times: int) -> Asked:
        """Ask a question so many times."""
        await self.ask(path)
        before = self.used()
        waits = sorted([await self.ask(path) for _ in range(times)])
        after = self.used()
        daemon_s = after.daemon_s - before.daemon_s
        database_s = after.database_s - before.database_s
        return Asked(
            waits[times // 2] * 1e3,
            waits[times * 99 // 100] * 1e3,
            daemon_s / times * 1e3,
            database_s / times * 1e3,
        )

    async def table(self, about: str, questions: Mapping[str, str], times: int) -> None:
        """Ask every question and print a row for each."""
        print(f"\n{about}; load {os.getloadavg()[0]:.1f}; milliseconds, CPU of daemon and PostgreSQL\n{HEAD}")
        for title, path in questions.items():
            found = await self.measure(path, times)
            print(
                f"{title:<44} {found.p50_ms:>7.1f} {found.p99_ms:>7.1f} {found.daemon_ms:>7.1f} "
                f"{found.database_ms:>7.1f}",
                flush=True,
            )


def daemon_on(data: Path, place: Path) -> Daemon:
    """Return a daemon without sources on a data directory, with its other files in a place."""
    place.chmod(0o711)  # the embedded PostgreSQL of root runs as another user
    (place / "var").symlink_to(data)
    daemon = Daemon(place)
    daemon.write_settings({"data_dir": str(data), "provision": []})
    return daemon


@asynccontextmanager
async def asking(data: Path) -> AsyncIterator[Asker]:
    """Start a daemon on a data directory, without sources, and give who asks it."""
    with tempfile.TemporaryDirectory(prefix="opsconductor-bench-") as folder:
        place = Path(folder)
        daemon = daemon_on(data, place)
        async with running(daemon, *AS_COMMAND), ClientSession() as http:
            asker = Asker(daemon, http)
            await asker.settle()
            yield asker
