"""The daemon under test, kept running as systemd would: its port lent, started again whenever it ends."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.soak.log_pipe import LogPipe
from tests.support.daemons.daemon import Daemon
from tests.support.daemons.forking import forked

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 20.0
START_PAUSE_S = 0.2
LARGEST_NOTE = 4096


class StoppedBadlyError(Exception):
    """Raised when the daemon does not do as ordered."""


class SoakDaemon(Daemon):
    """One daemon in many lives.

    Args of the constructor:
        folder: For its settings, data and log.
        is_lent: Its port is opened by us and outlives it, as with systemd's socket activation.
        is_forked: Its lives are forked, which saves the time of imports, unless they have an environment
            of their own.

    Attributes:
        life: How often it was started.
    """

    def __init__(self, folder: Path, *, is_lent: bool, is_forked: bool = False) -> None:
        super().__init__(folder)
        self.life = 0
        self._is_forked = is_forked
        self._pipe = LogPipe(self.log)
        self._lent: socket.socket | None = None
        self._notes = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notes.bind(str(folder / "notify"))
        self._notes.settimeout(0)
        if is_lent:
            self._lent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._lent.bind(("127.0.0.1", self.trap_port))

    @property
    def pid(self) -> int:
        """Its process."""
        assert self.process is not None
        return self.process.pid

    @property
    def pipe(self) -> LogPipe:
        """Where its log goes."""
        return self._pipe

    async def come_up(self, environment: Mapping[str, str] | None = None) -> None:
        """Start it, and start it again when it ends before it is ready; returns when it is ready."""
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            await self.launch(environment)
            if await self._is_ready(deadline - time.monotonic()):
                return
            await asyncio.sleep(START_PAUSE_S)
        raise StoppedBadlyError(f"the daemon does not get ready:\n{self.tail()}")

    async def launch(self, environment: Mapping[str, str] | None = None) -> None:
        """Start the daemon anew; returns at once."""
        self.life += 1
        self.bring_packs()
        while await self._note(0):
            continue
        more = {**os.environ, "NOTIFY_SOCKET": str(self.folder / "notify"), **(environment or {})}
        if self._is_forked and environment is None:
            lent = None if self._lent is None else self._lent.fileno()
            self.process = await forked(self.arguments("run"), self.code, more, self._pipe.input, lent)
            return
        command = ["setpriv", "--pdeathsig=KILL", "--"]
        if self._lent is not None:
            command += [sys.executable, "-m", "tests.soak.lend", str(self._lent.fileno())]
        self.process = await asyncio.create_subprocess_exec(
            *command,
            *self.command("run"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=self._pipe.input,
            stderr=self._pipe.input,
            cwd=self.code,
            env=more,
            pass_fds=() if self._lent is None else (self._lent.fileno(),),
        )

    async def end(self, how: signal.Signals) -> int:
        """Send a signal and wait for the end; returns the exit status, 0 when it had ended before.

        Raises:
            StoppedBadlyError: It goes on; it is killed.
        """
        assert self.process is not None
        if self.process.returncode is not None:
            return 0
        self.process.send_signal(how)
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                return await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
            raise StoppedBadlyError(f"the daemon does not stop:\n{self.tail()}") from None

    async def reload(self) -> None:
        """Send SIGHUP and wait until it is ready again."""
        while await self._note(0):
            continue
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)
        if not await self._is_ready(READY_WITHIN_S):
            raise StoppedBadlyError(f"the daemon does not come back from a reload:\n{self.tail()}")

    async def is_connected(self) -> bool:
        """Return whether it reports that PostgreSQL has everything."""
        try:
            answer = await self.api("/system/health")
        except OSError:
            return False
        state = answer.get("data")
        return isinstance(state, dict) and state.get("database") == "connected"

    def memory_kib(self) -> int:
        """Read how much memory it has; 0: it does not run."""
        try:
            lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        except OSError:
            return 0
        return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)

    def tail(self) -> str:
        """Show the end of its log."""
        return self.log.read_text(errors="replace")[-4000:]

    async def close(self) -> None:
        """Kill it if it lives and release everything."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        self._pipe.close()
        self._notes.close()
        if self._lent is not None:
            self._lent.close()

    async def _is_ready(self, within_s: float) -> bool:
        assert self.process is not None
        gone = asyncio.ensure_future(self.process.wait())
        ready = asyncio.ensure_future(self._hears_ready(within_s))
        await asyncio.wait({gone, ready}, return_when=asyncio.FIRST_COMPLETED)
        for task in (gone, ready):
            task.cancel()
        return ready.done() and not ready.cancelled() and ready.result()

    async def _hears_ready(self, within_s: float) -> bool:
        deadline = time.monotonic() + within_s
        while (left := deadline - time.monotonic()) > 0:
            if "READY=1" in await self._note(left):
                return True
        return False

    async def _note(self, within_s: float) -> str:
        """Return the next notification to systemd; empty: none in that time."""
        loop = asyncio.get_running_loop()
        try:
            return self._notes.recv(LARGEST_NOTE).decode()
        except BlockingIOError:
            pass
        if within_s <= 0:
            return ""
        try:
            async with asyncio.timeout(within_s):
                return (await loop.sock_recv(self._notes, LARGEST_NOTE)).decode()
        except TimeoutError:
            return ""
