"""The trap path end to end: CPU per trap, loss and latency, beside snmptrapd and pysnmp.

All receivers run on loopback, one after another, in the same run, and get the same traps of six
varbinds, encoded before.
"""

import argparse
import asyncio
import itertools
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.load.processes import AS_COMMAND, CpuTime, cpu_of, cpu_of_tree, postmaster_of
from tests.benchmarks.load.traps import link_down
from tests.support.daemons.daemon import Daemon, running
from tests.support.ports import free_port

STORM_FINGERPRINTS = 1_000
SNMPTRAPD_RATE = 5_000
PYSNMP_RATE = 700
QUIET_POLL_S = 0.2
NO_BUDGETS = dict.fromkeys(
    ("sender_per_s", "sender_burst", "new_alerts_per_s", "new_alerts_burst", "most_alerts"), 100_000_000
)
"""Settings under which every distinct trap becomes an alert of its own."""
SENDER = [sys.executable, "-m", "tests.benchmarks.load.send"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of one receiver with one load."""

    name: str
    sent: int
    received: int
    seconds: float
    cpu_us: float
    database_us: float = 0.0

    def line(self, reference_us: float) -> str:
        """Write the result as one row of the table."""
        return (
            f"{self.name:<34} {self.sent:>9,} {self.sent - self.received:>7,} "
            f"{self.sent / self.seconds:>9,.0f} {self.cpu_us:>9.1f} {self.database_us:>9.1f} "
            f"{self.cpu_us / reference_us:>7.2f}"
        )


def send(kind: str, port: int, rate: float, seconds: float) -> int:
    """Send from a process of its own, so that the sender's time is not counted."""
    command = [*SENDER, kind, str(port), str(rate), str(seconds)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def settled(count: Callable[[], int]) -> int:
    """Wait until a count stands still; returns it."""
    last = -1
    while (now := count()) != last:
        last = now
        time.sleep(QUIET_POLL_S * 5)
    return last


def measure_snmptrapd(folder: Path, seconds: float) -> Result:
    """Measure net-snmp's snmptrapd writing a text log."""
    port, log, conf = free_port(), folder / "snmptrapd.log", folder / "snmptrapd.conf"
    conf.write_text("authCommunity log public\n")
    process = subprocess.Popen(
        ["snmptrapd", "-f", "-Lf", str(log), "-n", "-On", "-C", "-c", str(conf), f"udp:127.0.0.1:{port}"]
    )
    try:
        while not log.exists() or "NET-SNMP" not in log.read_text():
            time.sleep(0.05)
        before, started = cpu_of(process.pid), time.perf_counter()
        sent = send("storm", port, SNMPTRAPD_RATE, seconds)
        elapsed = time.perf_counter() - started
        received = settled(lambda: log.read_bytes().count(b"1.3.6.1.6.3.1.1.5.3"))
        used = cpu_of(process.pid).since(before)
    finally:
        process.terminate()
        process.wait()
    return Result(
        name="snmptrapd -Lf", sent=sent, received=received, seconds=elapsed, cpu_us=used / received * 1e6
    )


def measure_pysnmp(seconds: float) -> Result:
    """Measure pysnmp's NotificationReceiver with a callback that only counts."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.load.pysnmp_receiver", str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    before, started = cpu_of(process.pid), time.perf_counter()
    sent = send("storm", port, PYSNMP_RATE, seconds)
    elapsed = time.perf_counter() - started
    time.sleep(2)
    used = cpu_of(process.pid).since(before)
    out, _ = process.communicate("stop\n")
    received = int(out)
    return Result(
        name="pysnmp NotificationReceiver",
        sent=sent,
        received=received,
        seconds=elapsed,
        cpu_us=used / received * 1e6,
    )


class Meter:
    """Reads a running daemon's own counters and the processor time of its processes."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        assert daemon.process is not None
        self._pid = daemon.process.pid
        self._postmaster = postmaster_of(daemon.folder / "var")

    def normalized(self) -> int:
        """Count the traps that have been committed."""
        return self._metric(
            r'^opsconductor_connector_events_total\{connector="snmp_trap",.*stage="normalized"\} (\S+)'
        )

    def cpu(self) -> tuple[CpuTime, CpuTime]:
        """Read the times of the daemon and of its PostgreSQL."""
        return cpu_of(self._pid), cpu_of_tree(self._postmaster)

    def _metric(self, pattern: str) -> int:
        url = f"http://127.0.0.1:{self._daemon.api_port}/metrics"
        with urllib.request.urlopen(url, timeout=30) as answer:
            text = answer.read().decode()
        return int(sum(float(value) for value in re.findall(pattern, text, re.MULTILINE)))


async def measure_daemon(
    name: str, kind: str, rate: float, seconds: float, *, storm: object = None
) -> Result:
    """Measure a fresh daemon with its embedded PostgreSQL.

    Args:
        storm: Its settings of that name; None: the defaults.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = Daemon(Path(folder))
        made.write_settings({} if storm is None else {"storm": storm})
        async with running(made, *AS_COMMAND) as daemon:
            meter = Meter(daemon)
            (daemon_before, database_before), started = meter.cpu(), time.perf_counter()
            sent = await asyncio.to_thread(send, kind, daemon.trap_port, rate, seconds)
            elapsed = time.perf_counter() - started
            received = await asyncio.to_thread(settled, meter.normalized)
            daemon_after, database_after = meter.cpu()
    return Result(
        name=name,
        sent=sent,
        received=received,
        seconds=elapsed,
        cpu_us=daemon_after.since(daemon_before) / received * 1e6,
        database_us=database_after.since(database_before) / received * 1e6,
    )


async def measure_latency(rate: float, seconds: float) -> tuple[float, float, float]:
    """Measure from sending an inform to its answer, which leaves after the commit.

    Returns:
        Milliseconds: median, 99th percentile, longest.
    """
    with tempfile.TemporaryDirectory() as folder:
        async with running(Daemon(Path(folder)), *AS_COMMAND) as daemon:
            command = [*SENDER, "inform", str(daemon.trap_port), str(rate), str(seconds)]
            done = await asyncio.to_thread(
                subprocess.run, command, check=True, capture_output=True, text=True
            )
    p50, p99, longest = (float(value) for value in done.stdout.split())
    return p50, p99, longest


async def main() -> None:
    """Run all measurements and print one table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=20, help="length of each load (default 20)")
    options.add_argument(
        "--rate", type=float, default=20_000, help="traps per second for (a) (default 20000)"
    )
    options.add_argument(
        "--distinct-rate", type=float, default=8_000, help="traps per second for (b) (default 8000)"
    )
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        peer = await asyncio.to_thread(measure_snmptrapd, Path(folder), chosen.seconds / 2)
    results = [
        peer,
        await asyncio.to_thread(measure_pysnmp, chosen.seconds / 2),
        await measure_daemon("(a) storm over 1,000 fingerprints", "storm", chosen.rate, chosen.seconds),
        await measure_daemon(
            "(b) distinct, each a new alert",
            "distinct",
            chosen.distinct_rate,
            chosen.seconds,
            storm=NO_BUDGETS,
        ),
        await measure_daemon("(c) distinct, default budgets", "distinct", chosen.rate, chosen.seconds),
    ]
    print(f"{'receiver':<34} {'sent':>9} {'lost':>7} {'traps/s':>9} {'CPU us':>9} {'PG us':>9} {'ratio':>7}")
    for result in results:
        print(result.line(peer.cpu_us))
    p50, p99, longest = await measure_latency(1_000, chosen.seconds / 2)
    print(f"send to commit at 1,000/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {longest:.1f} ms")


def packets_of(kind: str) -> Iterator[bytes]:
    """Encode the traps of a load: `storm` repeats 1,000 of them, `distinct` never repeats one."""
    if kind == "storm":
        return itertools.cycle([link_down(index, index) for index in range(STORM_FINGERPRINTS)])
    return (link_down(index, index) for index in itertools.count())


if __name__ == "__main__":
    asyncio.run(main())
