"""Posts of alerts end to end: how many a second, and CPU per alert, beside Prometheus Alertmanager.

Alertmanager is measured if it is installed (`apt-get install prometheus-alertmanager`): it takes the same
alerts on its own API, in memory. OpsConductor answers each post after the commit.
"""

import argparse
import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path

from tests.benchmarks.bench_traps import NO_BUDGETS
from tests.benchmarks.load.processes import AS_COMMAND, cpu_of, cpu_of_tree, postmaster_of
from tests.support.daemons.daemon import Daemon, running
from tests.support.ports import free_port

TOKEN = "a token for the benchmark"
PEER = "prometheus-alertmanager"
WANTED_PER_S = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The load that is posted.

    Attributes:
        form: See `post.py`, as `kind`.
        amount: Alerts in a post.
        connections: Posts at a time.
    """

    form: str
    kind: str
    amount: int
    connections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The measured result."""

    name: str
    alerts: int
    seconds: float
    cpu_us: float
    database_us: float = 0.0

    def line(self) -> str:
        """Write one row of the table."""
        core = self.cpu_us * WANTED_PER_S / 1e6
        rate = self.alerts / self.seconds
        return (
            f"{self.name:<42} {self.alerts:>9,} {rate:>9,.0f} {self.cpu_us:>8.1f} {self.database_us:>8.1f}"
            f" {core:>8.0%}"
        )


def send(url: str, load: Load, seconds: float, token: str = "") -> int:
    """Post from a process of its own, so that the sender's time is not counted."""
    command = [sys.executable, "-m", "tests.benchmarks.load.post", url, load.form, load.kind]
    command += [str(load.amount), str(load.connections), str(seconds), *([token] if token else [])]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


async def measure_daemon(name: str, load: Load, seconds: float) -> Result:
    """Measure a fresh daemon with its embedded PostgreSQL; every distinct alert becomes one."""
    with tempfile.TemporaryDirectory() as folder:
        made = Daemon(Path(folder))
        made.write_settings({"storm": NO_BUDGETS})
        config = {"format": "alertmanager", "token": TOKEN, "posts_per_minute": 1_000_000}
        made.declare("hook", connectors=[{"name": "am", "type": "webhook_in", "config": config}])
        async with running(made, *AS_COMMAND) as daemon:
            assert daemon.process is not None
            postmaster = postmaster_of(daemon.folder / "var")
            is_event = load.form == "event"
            path, token = ("events", daemon.local_token()) if is_event else ("connectors/am/webhook", TOKEN)
            url = f"http://127.0.0.1:{daemon.api_port}/api/v1/{path}"
            # a storm is measured once all of its alerts are there
            await asyncio.to_thread(send, url, replace(load, amount=100), 1.0, token)
            before, database_before = cpu_of(daemon.process.pid), cpu_of_tree(postmaster)
            started = time.perf_counter()
            taken = await asyncio.to_thread(send, url, load, seconds, token)
            elapsed = time.perf_counter() - started
            used, database = cpu_of(daemon.process.pid), cpu_of_tree(postmaster)
    return Result(
        name=name,
        alerts=taken,
        seconds=elapsed,
        cpu_us=used.since(before) / taken * 1e6,
        database_us=database.since(database_before) / taken * 1e6,
    )


def measure_alertmanager(name: str, load: Load, seconds: float) -> Result:
    """Measure Debian's Alertmanager, which keeps alerts in memory and answers at once."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "alertmanager.yml")
        config.write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
        process = subprocess.Popen(
            [
                PEER,
                f"--config.file={config}",
                f"--storage.path={folder}/data",
                f"--web.listen-address=127.0.0.1:{port}",
                "--cluster.listen-address=",
                "--log.level=error",
            ]
        )
        try:
            _await_ready(f"http://127.0.0.1:{port}/-/ready")
            url = f"http://127.0.0.1:{port}/api/v2/alerts"
            send(url, load, 1.0)
            before, started = cpu_of(process.pid), time.perf_counter()
            taken = send(url, load, seconds)
            elapsed, used = time.perf_counter() - started, cpu_of(process.pid).since(before)
        finally:
            process.terminate()
            process.wait()
    return Result(name=name, alerts=taken, seconds=elapsed, cpu_us=used / taken * 1e6)


def measure_bare(name: str, load: Load, seconds: float) -> Result:
    """Measure aiohttp with a handler that does nothing: the least that a receiver on it can cost."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.load.bare_http", str(port)])
    try:
        _await_ready(f"http://127.0.0.1:{port}/-/ready")
        url = f"http://127.0.0.1:{port}/post"
        send(url, load, 1.0)
        before, started = cpu_of(process.pid), time.perf_counter()
        taken = send(url, load, seconds)
        elapsed, used = time.perf_counter() - started, cpu_of(process.pid).since(before)
    finally:
        process.terminate()
        process.wait()
    return Result(name=name, alerts=taken, seconds=elapsed, cpu_us=used / taken * 1e6)


def _await_ready(url: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise TimeoutError(f"{url} is not ready")


async def main() -> None:
    """Measure all, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="How long each load is posted.")
    seconds = parser.parse_args().seconds
    single = Load(form="alertmanager", kind="storm", amount=1, connections=8)
    hundreds = Load(form="alertmanager", kind="storm", amount=100, connections=4)
    print(f"{'receiver':<42} {'alerts':>9} {'alerts/s':>9} {'CPU us':>8} {'PG us':>8} {'5,000/s':>8}")
    if shutil.which(PEER) is None:
        print(f"({PEER} is not installed: apt-get install {PEER})")
    else:
        for name, load in (("Alertmanager, single posts", single), ("Alertmanager, posts of 100", hundreds)):
            print((await asyncio.to_thread(measure_alertmanager, name, load, seconds)).line())
    print((await asyncio.to_thread(measure_bare, "aiohttp alone, single posts", single, seconds)).line())
    for name, load in (
        ("(a) single posts, 1,000 fingerprints", replace(single, form="webhook")),
        ("(b) posts of 100, 1,000 fingerprints", replace(hundreds, form="webhook")),
        ("(c) posts of 100, each alert a new one", replace(hundreds, form="webhook", kind="distinct")),
        ("(d) single events, 1,000 fingerprints", replace(single, form="event")),
        ("(e) as (d), on 64 connections", replace(single, form="event", connections=64)),
    ):
        print((await measure_daemon(name, load, seconds)).line())


if __name__ == "__main__":
    asyncio.run(main())
