"""The PostgreSQL under test: one that we run and break ourselves, or the one that the daemon brings along."""

import asyncio
import os
import pwd
import signal
import subprocess
import time
from pathlib import Path
from typing import Protocol

import asyncpg

from opsconductor.store.postgres import cluster as files
from opsconductor.store.postgres import postmaster
from tests.benchmarks.load.processes import descendants

DATABASE = "opsconductor"
START_WITHIN_S = 60
OPTIONS = (
    "listen_addresses=",
    "max_connections=60",
    "shared_buffers=128MB",
    "max_wal_size=256MB",
    "checkpoint_timeout=5min",
    "logging_collector=off",
)


class Postgres(Protocol):
    """The interface of a server for faults."""

    @property
    def url(self) -> str:
        """Where it is."""

    def pid(self) -> int | None:
        """Find its main process; None: it does not run."""

    async def start(self) -> None:
        """Wait until it answers, after starting it where that is our task."""

    async def stop(self, how: signal.Signals) -> None:
        """Send the main process a signal and wait until all of the server is gone."""


class OwnPostgres:
    """A server of its own in a folder of its own, reached through a Unix socket.

    Its data are as durable as the folder: killing processes loses nothing, cutting the power is not tried.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._as: list[str] = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self._as = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"postgresql://postgres@/{DATABASE}?host={self._folder}"

    def pid(self) -> int | None:
        """Find its main process."""
        found = postmaster.find(self._data)
        return found.pid if found else None

    async def make(self) -> None:
        """Make the cluster and its database."""
        initdb = self._command("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "--no-sync")
        await asyncio.to_thread(subprocess.run, initdb, check=True, capture_output=True, cwd="/")
        await self.start()
        await asyncio.to_thread(
            subprocess.run,
            self._command("createdb", "-h", str(self._folder), "-U", "postgres", DATABASE),
            check=True,
            capture_output=True,
            cwd="/",
        )

    async def start(self) -> None:
        """Start it unless it runs, and wait until it lets clients in; again and again if it must be."""
        deadline = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline:
            found = postmaster.find(self._data)
            if found is not None and found.status == "ready":
                return
            if found is None and not self._is_starting() and postmaster.clear_stale(self._data):
                self._launch()
            await asyncio.sleep(0.05)
        raise RuntimeError((self._folder / "log").read_text()[-4000:])

    async def stop(self, how: signal.Signals) -> None:
        """Send the main process a signal and wait until all of the server is gone."""
        pid = self.pid()
        if pid is not None:
            os.kill(pid, how)
        while not await asyncio.to_thread(postmaster.clear_stale, self._data):
            if self._server is not None:
                self._server.poll()
            await asyncio.sleep(0.02)
        if self._server is not None:
            await asyncio.to_thread(self._server.wait)

    def _is_starting(self) -> bool:
        """Return whether one was launched that has not written its pid file yet."""
        return self._server is not None and self._server.poll() is None

    def _launch(self) -> None:
        options = [f"--{setting}" for setting in (*OPTIONS, f"unix_socket_directories={self._folder}")]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                self._command("postgres", "-D", str(self._data), *options),
                cwd=self._folder,
                stdout=log,
                stderr=log,
                env=files.ENVIRONMENT,
                start_new_session=True,
            )

    def _command(self, program: str, *arguments: str) -> list[str]:
        path = str(files.programs() / program)
        return ["setpriv", *self._as, "--pdeathsig=INT", "--", path, *arguments]


class EmbeddedPostgres:
    """The server that the daemon starts, watches and restarts."""

    def __init__(self, data_dir: Path) -> None:
        self._cluster = data_dir.resolve() / "postgres"

    @property
    def url(self) -> str:
        """Where it is."""
        folder = files.socket_folder(self._cluster)
        return f"postgresql://{files.SUPERUSER}@/{files.DATABASE}?host={folder}"

    def pid(self) -> int | None:
        """Find its main process."""
        found = postmaster.find(self._cluster)
        return found.pid if found else None

    async def start(self) -> None:
        """Wait until the daemon has restarted it."""
        async with asyncio.timeout(START_WITHIN_S):
            while not ((found := postmaster.find(self._cluster)) and found.status == "ready"):
                await asyncio.sleep(0.05)

    async def stop(self, how: signal.Signals) -> None:
        """Send the main process a signal and wait until it is gone; the next one may run already."""
        pid = self.pid()
        if pid is None:
            return
        os.kill(pid, how)
        while self.pid() == pid:
            await asyncio.sleep(0.02)


def processes_of(server: Postgres) -> list[int]:
    """List the processes of a server, the main one first."""
    pid = server.pid()
    return [] if pid is None else [pid, *descendants(pid)]


async def connect(server: Postgres) -> asyncpg.Connection:
    """Connect as the oracle: may write whatever the database's default is."""
    settings = {"application_name": "soak", "default_transaction_read_only": "off", "timezone": "UTC"}
    return await asyncpg.connect(server.url, server_settings=settings, timeout=30)
