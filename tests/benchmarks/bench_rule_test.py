"""Cost of a test of rules over 30 days: time, and memory of the process that tests.

Run with `python -m tests.benchmarks.bench_rule_test --alerts 100000`. The past is made first, by an engine
whose changes are committed: links of 2,000 devices that go down and come back, all of them notified.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from opsconductor.app.connectors.types import installed_types
from opsconductor.app.rule_test.document import document_of
from opsconductor.app.rule_test.testing import RuleTestRequest, run_rule_test
from opsconductor.cli.rules.outcome_text import headline
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.store.declared.provisioning import apply
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.postgres.database import open_database
from tests.support.snmp.trap_archive import TrapArchive, number
from tests.support.store.lived_past import live_through

DEVICES = 2_000
DAYS = 30
IF_INDEX = "1.3.6.1.2.1.2.2.1.1"
IN_FORCE = """
connectors:
  - {name: traps, type: snmp_trap, config: {}}
  - {name: hook, type: webhook, config: {url: "http://127.0.0.1:9/"}}
notification_rules:
  - {name: everything, channels: [{channel: hook, recipients: [noc]}]}
"""
TRIED = """
notification_rules:
  - name: everything
    conditions: {device_ip_pattern: 10.1.1.0/24}
    channels: [{channel: hook, recipients: [noc]}]
  - name: long
    conditions: {unacknowledged_for: 1h}
    channels: [{channel: hook, recipients: [boss]}]
"""


def an_archive(alerts: int) -> TrapArchive:
    """Return an archive of so many links that go down, most of which come back within an hour."""
    archive = TrapArchive(datetime.now(UTC) - timedelta(days=DAYS))
    step_s = (DAYS - 1) * 86_400 / alerts
    for count in range(alerts):
        peer, port = f"10.1.{count % DEVICES // 250}.{count % 250}", count // DEVICES + 1
        index = number(f"{IF_INDEX}.{port}", port)
        archive.add(step_s * count, peer, "1.3.6.1.6.3.1.1.5.3", index)
        if count % 20:
            archive.add(step_s * count + 60 + 37 * count % 7_200, peer, "1.3.6.1.6.3.1.1.5.4", index)
    return archive


async def stored(pool: Pool, alerts: int, folder: Path) -> int:
    """Store the configuration and the past."""
    file, installed = folder / "rules.yaml", installed_types()
    file.write_text(IN_FORCE)
    archive = an_archive(alerts)
    await apply(pool, read_provision([file], installed), installed, key=bytes(32), actor="bench")
    await live_through(pool, archive.parts(), folder)
    await pool.execute("ANALYZE")
    return len(archive.events)


def measure(folder: Path) -> None:
    """Test other rules in this process, and print time and memory."""
    file, end = folder / "tried.yaml", datetime.now(UTC)
    file.write_text(TRIED)
    provision = read_provision([file], installed_types())
    request = RuleTestRequest(begin=end - timedelta(days=DAYS), end=end, provision=provision)
    before_mb = most_memory_mb()
    started, cpu = time.perf_counter(), time.process_time()
    test = asyncio.run(run_rule_test(settings_in(folder), request, lambda _: None))
    took_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu
    memory_mb = most_memory_mb()
    print(headline(document_of(request, test)))
    print(
        f"{test.outcome.events:,} events of {DAYS} days: {took_s:.1f} s (CPU {cpu_s:.1f} s),"
        f" {memory_mb:.0f} MB at most, {before_mb:.0f} MB before",
        flush=True,
    )


def most_memory_mb() -> float:
    """Return the most memory that this process has had; its parent's counts in `ru_maxrss`."""
    (line,) = [each for each in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in each]
    return int(line.split()[1]) / 1_024


def settings_in(folder: Path) -> Settings:
    """Return settings with an embedded database in a folder."""
    return Settings(data_dir=folder, database=DatabaseSettings(pool_size=2))


async def main() -> None:
    """Make a past, and test rules on it in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument("--measure", type=Path, help="test on the past in this folder")
    options = parser.parse_args()
    if options.measure is not None:
        await asyncio.to_thread(measure, options.measure)
        return
    with tempfile.TemporaryDirectory(prefix="opsconductor-bench-") as name:
        folder = Path(name)
        async with open_database(settings_in(folder), upgrade=True) as pool:
            print(f"{await stored(pool, options.alerts, folder):,} events stored", flush=True)
            command = (sys.executable, "-m", "tests.benchmarks.bench_rule_test", "--measure", name)
            await asyncio.to_thread(subprocess.run, command, check=True)


if __name__ == "__main__":
    asyncio.run(main())
