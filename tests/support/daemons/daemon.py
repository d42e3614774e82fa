"""The daemon as a process, used from outside as its users use it."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import yaml

from opsconductor.config.provision.packs import BUILT
from tests.support.daemons.daemon_data import built_packs
from tests.support.daemons.forking import ForkedProcess, forked
from tests.support.daemons.terminal import invoked
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[3]
READY_WITHIN_S = 60
STOP_WITHIN_S = 15


class Daemon:
    """One OpsConductor daemon with a data directory of its own.

    Args of the constructor:
        folder: For its settings, data and log.
        code: Where its Python code is: the checkout, or what a wheel was unpacked to.
        cluster: An embedded PostgreSQL to copy before the first start, so that the daemon need not make one.
    """

    def __init__(self, folder: Path, *, code: Path = ROOT, cluster: Path | None = None) -> None:
        self.folder = folder
        self.code = code
        self._cluster = cluster
        self.trap_port = free_port(socket.SOCK_DGRAM)
        self.api_port = free_port()
        self.provision = folder / "provision"
        self.log = folder / "daemon.log"
        self.process: asyncio.subprocess.Process | ForkedProcess | None = None
        self._notices: socket.socket | None = None
        self.provision.mkdir()
        self.declare("traps", connectors=[self.trap_connector()])
        self.write_settings({})

    def trap_connector(self, **config: object) -> dict[str, object]:
        """Declare the trap listener on this daemon's port."""
        listen = {"listen": [f"127.0.0.1:{self.trap_port}"], "communities": ["public"]}
        return {"name": "snmp_trap", "type": "snmp_trap", "config": {**listen, **config}}

    def write_settings(self, more: Mapping[str, object]) -> None:
        """Write the daemon's YAML file; `more` adds or replaces sections."""
        settings: dict[str, object] = {
            "data_dir": str(self.folder / "var"),
            "api": {"listen": f"127.0.0.1:{self.api_port}"},
            "provision": [str(self.provision)],
            "log": {"format": "json"},
        }
        (self.folder / "opsconductor.yaml").write_text(yaml.safe_dump({**settings, **more}))

    def declare(self, name: str, **documents: object) -> None:
        """Write a provisioning file."""
        (self.provision / f"{name}.yaml").write_text(yaml.safe_dump(documents))

    def command(self, *arguments: str) -> list[str]:
        """Spell an `opsconductor` command line with this daemon's configuration."""
        return [sys.executable, "-m", "opsconductor", *self.arguments(*arguments)]

    def arguments(self, *arguments: str) -> list[str]:
        """Return the arguments of an `opsconductor` command with this daemon's configuration."""
        return ["--config", str(self.folder / "opsconductor.yaml"), *arguments]

    async def start(self, *wrapper: str) -> None:
        """Start the daemon; returns when it says READY=1.

        Args:
            wrapper: A command before that of the daemon, such as `env`. Without one, the daemon is forked.
        """
        self.bring_cluster()
        self.bring_packs()
        path = self.folder / "notify"
        path.unlink(missing_ok=True)
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notices.bind(str(path))
        self._notices.settimeout(0)
        environment = {**os.environ, "NOTIFY_SOCKET": str(path)}
        with self.log.open("ab") as log:
            if wrapper or self.code != ROOT:
                self.process = await asyncio.create_subprocess_exec(
                    *wrapper, *self.command("run"), stdout=log, stderr=log, cwd=self.code, env=environment
                )
            else:
                self.process = await forked(self.arguments("run"), self.code, environment, log.fileno())
        await self.notified("READY=1", READY_WITHIN_S)

    def bring_cluster(self) -> None:
        """Copy the embedded PostgreSQL, unless the daemon has one, or uses another database."""
        place = self.folder / "var" / "postgres"
        settings = yaml.safe_load((self.folder / "opsconductor.yaml").read_text())
        if self._cluster is None or "database" in settings or place.exists():
            return
        place.parent.mkdir(mode=0o711, exist_ok=True)
        subprocess.run(["cp", "--archive", "--reflink=auto", self._cluster, place], check=True)

    def bring_packs(self) -> None:
        """Copy the built file of the mapping packs, unless the daemon has one."""
        place = self.folder / "var" / BUILT
        if self.code == ROOT and not place.exists():
            place.parent.mkdir(mode=0o711, exist_ok=True)
            shutil.copy(built_packs(), place)

    async def notified(self, word: str, within_s: float) -> None:
        """Wait until the daemon notifies systemd of a state."""
        assert self._notices is not None
        assert self.process is not None
        loop = asyncio.get_running_loop()
        gone = asyncio.ensure_future(self.process.wait())
        try:
            async with asyncio.timeout(within_s):
                while True:
                    notice = asyncio.ensure_future(loop.sock_recv(self._notices, 4096))
                    await asyncio.wait({notice, gone}, return_when=asyncio.FIRST_COMPLETED)
                    if notice.done() and word in notice.result().decode():
                        return
                    if gone.done():
                        notice.cancel()
                        pytest.fail(f"the daemon ended with {gone.result()}:\n{self.log.read_text()[-4000:]}")
        except TimeoutError:
            pytest.fail(f"the daemon did not say {word}:\n{self.log.read_text()[-4000:]}")
        finally:
            gone.cancel()

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; returns the exit status."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(how)
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                status = await self.process.wait()
        except TimeoutError:
            self.process.kill()
            pytest.fail(f"the daemon did not stop:\n{self.log.read_text()[-4000:]}")
        self.clean_up()
        return status

    def clean_up(self) -> None:
        """Kill the process if it still runs, and close its resources here."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
        if isinstance(self.process, ForkedProcess):
            self.process.close()
        if self._notices is not None:
            self._notices.close()
            self._notices = None

    async def run(self, *arguments: str) -> str:
        """Run an `opsconductor` command to its end in this process; returns what it printed."""
        done = await invoked("--config", str(self.folder / "opsconductor.yaml"), *arguments)
        assert done.exit_code == 0, f"{arguments} ended with {done.exit_code}: {done.output}"
        return done.stdout

    async def ended(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Run an `opsconductor` command in a forked process to its end.

        Returns:
            Its exit status, and all that it printed on both outputs.
        """
        with tempfile.TemporaryFile() as output:
            variables = {**os.environ, **environment}
            process = await forked(self.arguments(*arguments), self.code, variables, output.fileno())
            status = await process.wait()
            output.seek(0)
            return status, output.read().decode()

    async def run_as_process(self, *arguments: str) -> str:
        """Run an `opsconductor` command to its end as its users do; returns what it printed."""
        process = await asyncio.create_subprocess_exec(
            *self.command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.code
        )
        out, err = await process.communicate()
        assert process.returncode == 0, f"{arguments} ended with {process.returncode}: {err.decode()}"
        return out.decode()

    async def trap(self, oid: str, *varbinds: str, source: str = "127.0.0.1", tool: str = "snmptrap") -> None:
        """Send a v2c trap or inform with net-snmp's own tool from a loopback address."""
        process = await asyncio.create_subprocess_exec(
            # -t 20: an inform is not repeated while a busy machine takes its time to answer
            *(tool, "-v2c", "-c", "public", "-t", "20", f"--clientaddr={source}"),
            *(f"127.0.0.1:{self.trap_port}", "", oid, *varbinds),
            stderr=subprocess.PIPE,
        )
        _, err = await process.communicate()
        assert process.returncode == 0, err.decode()

    async def api(self, path: str, body: object = None, token: str | None = None) -> dict[str, object]:
        """Ask the API; a body makes it a POST. Returns the whole answer."""
        return await asyncio.to_thread(self._ask, path, body, token or self.local_token())

    async def delete(self, path: str) -> dict[str, object]:
        """Delete something through the API. Returns the whole answer."""
        return await asyncio.to_thread(self._ask, path, None, self.local_token(), method="DELETE")

    def local_token(self) -> str:
        """Read the key that the daemon leaves for the command line."""
        return (self.folder / "var" / "cli.token").read_text().strip()

    def _ask(self, path: str, body: object, token: str, method: str | None = None) -> dict[str, object]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.api_port}/api/v1{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            return dict(json.load(error))

    async def alerts(self, query: str = "", *, on_itself: bool = False) -> list[dict[str, object]]:
        """List alerts through the API: those on devices, or those on the daemon itself."""
        answer = await self.api(f"/alerts?per_page=200&{query}")
        assert answer["success"], answer
        found: list[dict[str, object]] = list(answer["data"])  # type: ignore[call-overload]
        return [alert for alert in found if (alert["source_system"] == "opsconductor") is on_itself]

    async def troubles_when(
        self, wanted: Callable[[set[tuple[str, str]]], bool], within_s: float = 15
    ) -> set[tuple[str, str]]:
        """List type and status of the alerts on the daemon itself until they are as wanted."""
        found: set[tuple[str, str]] = set()
        try:
            async with asyncio.timeout(within_s):
                while not wanted(found):
                    await asyncio.sleep(0.1)
                    alerts = await self.alerts(on_itself=True)
                    found = {(str(alert["alert_type"]), str(alert["status"])) for alert in alerts}
        except TimeoutError:
            pytest.fail(f"the troubles are not as wanted: {found}\n{self.log.read_text()[-4000:]}")
        return found

    async def database_is_back(self, within_s: float = 30) -> None:
        """Wait until the daemon has its database and everything that waited for it is there."""
        answer: dict[str, object] = {"success": False}
        try:
            async with asyncio.timeout(within_s):
                while not (answer["success"] and answer["data"]["database"] == "connected"):  # type: ignore[index]
                    await asyncio.sleep(0.1)
                    answer = await self.api("/system/health")
        except TimeoutError:
            pytest.fail(f"the database is not back: {answer}")

    async def alerts_when(
        self, wanted: Callable[[list[dict[str, object]]], bool], query: str = "", within_s: float = 15
    ) -> list[dict[str, object]]:
        """List alerts until they are as wanted."""
        found: list[dict[str, object]] = []
        try:
            async with asyncio.timeout(within_s):
                while not wanted(found := await self.alerts(query)):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            pytest.fail(f"alerts are not as wanted: {json.dumps(found, indent=1)[:4000]}")
        return found


@asynccontextmanager
async def running(daemon: Daemon, *wrapper: str) -> AsyncIterator[Daemon]:
    """Start a daemon, behind a wrapping command if given; stop it at the end, however the test ends."""
    await daemon.start(*wrapper)
    try:
        yield daemon
    finally:
        if daemon.process is not None and daemon.process.returncode is None:
            await daemon.stop()
