"""Storms of more than the daemon can take: memory, losses by name, and how responsive it stays.

`python -m tests.benchmarks.bench_storm [--seconds 60] [--only NAME]`. Each storm meets a fresh daemon with
its embedded PostgreSQL, while a page follows the live feed, a script asks the API, and a quiet device
reports a new problem every two seconds. All of it shares this machine's processors.
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from opsconductor.config.settings import Settings
from opsconductor.store.postgres.database import open_database
from tests.benchmarks.load.page import Page, Waits
from tests.benchmarks.load.processes import AS_COMMAND
from tests.support.daemons.daemon import Daemon, running

STANDS_STILL_S = 3.0
LAST_BLOCKS = re.compile(r'^opsconductor_event_loop_lag_seconds_bucket\{le="(\S+)"\} (\S+)', re.MULTILINE)
EVENTS = re.compile(
    r'^opsconductor_connector_events_total\{connector="snmp_trap",reason="(.*?)",stage="(.*?)"\} (\S+)',
    re.MULTILINE,
)
TARGETS = "targets: RSS < 1,024 MiB, API p99 < 200 ms, block < 50 ms, news < 1,000 ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A storm: see `flood.py`."""

    name: str
    kind: str
    rate: float
    seconds: float
    senders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The effects of a storm on the daemon.

    Attributes:
        counted: Sum of `occurrence_count` over all alerts of traps and of storms.
        block_ms: The longest time for which the event loop did nothing else.
    """

    sent: int
    stages: Counter[str]
    counted: int
    alerts: int
    rss_mib: float
    block_ms: float
    waits: Waits


def loads(seconds: float) -> Sequence[Load]:
    """List the storms."""
    return (
        Load(
            name="(a) 1,000,000 distinct, 250 senders",
            kind="distinct",
            rate=50_000,
            seconds=seconds / 3,
            senders=250,
        ),
        Load(name="(a1) distinct, one sender", kind="distinct", rate=50_000, seconds=seconds / 3, senders=1),
        Load(name="(b) 50,000/s, one sender", kind="repeats", rate=50_000, seconds=seconds, senders=1),
        Load(name="(b2) 50,000/s, 250 senders", kind="repeats", rate=50_000, seconds=seconds, senders=250),
        Load(name="(c) 65 kB traps, 5,000/s", kind="large", rate=5_000, seconds=seconds / 3, senders=2),
    )


async def measure(load: Load) -> Outcome:
    """Send a storm to a fresh daemon."""
    with tempfile.TemporaryDirectory() as folder:
        daemon = Daemon(Path(folder))
        async with running(daemon, *AS_COMMAND):
            is_over = asyncio.Event()
            watching = asyncio.create_task(Page(daemon).watch(is_over))
            await asyncio.sleep(1)
            sent = await asyncio.to_thread(send, load, daemon.trap_port)
            is_over.set()
            waits = await watching
            stages = await asyncio.to_thread(settled, daemon)
            assert daemon.process is not None
            rss_mib = peak_rss_mib(daemon.process.pid)
            block_ms = await asyncio.to_thread(longest_block_ms, daemon)
            counted, alerts = await counts_of(Path(folder) / "var")
    return Outcome(
        sent=sent,
        stages=stages,
        counted=counted,
        alerts=alerts,
        rss_mib=rss_mib,
        block_ms=block_ms,
        waits=waits,
    )


def send(load: Load, port: int) -> int:
    """Send from a process of its own."""
    arguments = [load.kind, str(port), str(load.rate), str(load.seconds), str(load.senders)]
    command = [sys.executable, "-m", "tests.benchmarks.load.flood", *arguments]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def settled(daemon: Daemon) -> Counter[str]:
    """Wait until the ledger of the trap connector stands still; returns it by stage."""
    last: Counter[str] = Counter()
    while (now := stages_of(daemon)) != last:
        last = now
        time.sleep(STANDS_STILL_S)
    return last


def stages_of(daemon: Daemon) -> Counter[str]:
    """Read the ledger of the trap connector."""
    with urllib.request.urlopen(f"http://127.0.0.1:{daemon.api_port}/metrics", timeout=60) as answer:
        text = answer.read().decode()
    stages: Counter[str] = Counter()
    for reason, stage, amount in EVENTS.findall(text):
        stages[stage] += int(float(amount))
        if reason:
            stages[f"{stage}/{reason}"] += int(float(amount))
    return stages


def longest_block_ms(daemon: Daemon) -> float:
    """Ask for the longest time of the last minute in which the event loop did nothing else."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{daemon.api_port}/api/v1/system/health",
        headers={"Authorization": f"Bearer {daemon.local_token()}"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - our own daemon
        return float(json.load(answer)["data"]["event_loop_longest_block_ms"])


def peak_rss_mib(pid: int) -> float:
    """Read how much memory a process has had at most."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


async def counts_of(data_dir: Path) -> tuple[int, int]:
    """Add up in the database what all alerts of traps and of device storms count, and count them."""
    async with open_database(Settings(data_dir=data_dir), upgrade=False) as pool:
        row = await pool.fetchrow(
            "SELECT sum(occurrence_count) FILTER (WHERE source_system = 'snmp_trap') AS traps,"
            " count(*) AS alerts FROM alerts"
        )
        return int(row["traps"] or 0), int(row["alerts"])


def show(load: Load, outcome: Outcome) -> None:
    """Print what a storm did."""
    stages, waits = outcome.stages, outcome.waits
    own = len(waits.news_s) + waits.missing
    answers = sorted(waits.answers_s)
    p99_ms = answers[int(len(answers) * 0.99)] * 1_000 if answers else 0.0
    news_ms = [wait * 1_000 for wait in waits.news_s]
    dropped = stages["kernel_drop"]
    print(f"{load.name}: {outcome.sent:,} sent in {load.seconds:.0f} s")
    print(
        f"  received {stages['received']:,} + kernel drops {dropped:,}; unaccounted on the way in:"
        f" {outcome.sent + own - stages['received'] - dropped:,}"
    )
    print(
        f"  reported {stages['reported']:,} = committed {stages['committed']:,}"
        f" + spooled {stages['spooled']:,}; in the alerts' counts {outcome.counted:,}"
        f" + summarized {stages['summarized']:,} = {outcome.counted + stages['summarized']:,}"
    )
    print(
        f"  alerts {outcome.alerts:,}; RSS {outcome.rss_mib:,.0f} MiB; API p99 {p99_ms:.0f} ms, longest"
        f" {answers[-1] * 1_000 if answers else 0:.0f} ms of {len(answers)}; longest block"
        f" {outcome.block_ms:.0f} ms"
    )
    print(
        f"  the quiet device: {len(news_ms)} of {own} shown,"
        f" after {min(news_ms, default=0):.0f} to {max(news_ms, default=0):.0f} ms",
        flush=True,
    )


async def main() -> None:
    """Send all storms, one after another."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=60, help="length of the storms (b) (default 60)")
    options.add_argument("--only", default="", help="only the storms whose names begin so")
    chosen = options.parse_args()
    print(TARGETS)
    for load in loads(chosen.seconds):
        if load.name.startswith(chosen.only):
            show(load, await measure(load))


if __name__ == "__main__":
    asyncio.run(main())
