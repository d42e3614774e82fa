"""A mass outage against the whole daemon: how long its API takes to answer, and how long its loop is held.

Run with `python -m tests.benchmarks.bench_mass_outage`. In a tree of ten, 10,000 devices send a linkDown in
random order at 5,000/s, and a linkUp a while later, while a page follows the live feed and a script asks the
API.
"""

import argparse
import asyncio
import random
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from opsconductor.config.settings import Settings
from opsconductor.store.postgres.database import open_database
from tests.benchmarks.bench_storm import longest_block_ms
from tests.benchmarks.bench_traps import NO_BUDGETS
from tests.benchmarks.engine.bench_outage import WIDTH
from tests.benchmarks.load.page import Page
from tests.benchmarks.load.processes import AS_COMMAND
from tests.benchmarks.load.traps import link_down
from tests.support.daemons.daemon import Daemon, running

DEVICES = 10_000
RATE = 5_000
BURSTS_PER_S = 500
IP_PKTINFO = 8
SETTLED_WITHIN_S = 120
LEAST_POLL_S = 0.5


def address(number: int) -> str:
    """Return the loopback address of a device by its position in the tree."""
    return f"127.{1 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


def send(port: int, *, is_up: bool) -> None:
    """Send one trap of every device, each from its own address, at a steady rate."""
    numbers = list(range(DEVICES))
    random.Random(1).shuffle(numbers)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        started, sent = time.perf_counter(), 0
        while sent < DEVICES:
            due = min(int((time.perf_counter() - started) * RATE) + 1, DEVICES)
            for number in numbers[sent:due]:
                source = struct.pack("I4s4s", 0, socket.inet_aton(address(number)), bytes(4))
                packet = link_down(1, number, is_up=is_up)
                link.sendmsg([packet], [(socket.IPPROTO_IP, IP_PKTINFO, source)], 0, ("127.0.0.1", port))
            sent = due
            time.sleep(1 / BURSTS_PER_S)


async def draw(data_dir: Path) -> None:
    """Write the dependencies into the database of a daemon that has not started yet."""
    rows = [(address(number), address((number - 1) // WIDTH)) for number in range(1, DEVICES)]
    async with open_database(Settings(data_dir=data_dir), upgrade=True) as pool:
        await pool.executemany("INSERT INTO dependencies (device_ip, depends_on_ip) VALUES ($1, $2)", rows)


async def run(daemon: Daemon, title: str, *, is_up: bool) -> None:
    """Send a trap of every device, wait until all are worked off, and print how responsive the daemon was."""
    is_over = asyncio.Event()
    watching = asyncio.create_task(Page(daemon).watch(is_over))
    started = time.perf_counter()
    command = [sys.executable, "-m", __spec__.name, "--send", str(daemon.trap_port)]
    await asyncio.to_thread(subprocess.run, [*command, *(["--up"] if is_up else [])], check=True)
    sent_s = time.perf_counter() - started
    wanted = {"suppressed": 0} if is_up else {"suppressed": DEVICES - 1}
    settled_s = await settled(daemon, wanted, started)
    is_over.set()
    answers = sorted((await watching).answers_s)
    block_ms = await asyncio.to_thread(longest_block_ms, daemon)
    print(
        f"{title:<12} {sent_s:>7.1f} {settled_s:>10.1f} {answers[int(len(answers) * 0.99)] * 1_000:>11.0f}"
        f" {answers[-1] * 1_000:>11.0f} {block_ms:>11.0f}",
        flush=True,
    )


async def settled(daemon: Daemon, wanted: dict[str, int], started: float) -> float:
    """Wait until the daemon counts as many alerts by status as wanted; returns how long after the start."""
    async with asyncio.timeout(SETTLED_WITHIN_S):
        while True:
            summary = await daemon.api("/alerts/summary")
            found = summary["data"]["status"]  # type: ignore[call-overload, index]
            if all(found[status] == amount for status, amount in wanted.items()):
                return time.perf_counter() - started
            await asyncio.sleep(LEAST_POLL_S)


async def main() -> None:
    """Measure every device failing and coming back, and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--send", type=int, help="send to this port, and nothing else")
    options.add_argument("--up", action="store_true", help="send linkUps")
    options.add_argument("--seconds", help="ignored: the outage lasts as long as it takes")
    chosen = options.parse_args()
    if chosen.send:
        send(chosen.send, is_up=chosen.up)
        return
    with tempfile.TemporaryDirectory() as folder:
        daemon = Daemon(Path(folder))
        daemon.write_settings({"storm": NO_BUDGETS})
        await draw(Path(folder) / "var")
        async with running(daemon, *AS_COMMAND):
            print("targets: API p99 < 200 ms, block < 50 ms")
            columns = (
                f"{'sent s':>7} {'settled s':>10} {'API p99 ms':>11} {'longest ms':>11} {'block ms':>11}"
            )
            print(f"{f'{DEVICES:,} devices':<12} {columns}")
            await run(daemon, "fail", is_up=False)
            await asyncio.sleep(60)  # the longest block is that of the last minute
            await run(daemon, "recover", is_up=True)


if __name__ == "__main__":
    asyncio.run(main())
