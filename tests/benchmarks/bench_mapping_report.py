"""Cost of the report on mappings on a large archive: time, memory, and the lag of a loop beside it.

Run with `python -m tests.benchmarks.bench_mapping_report --events 200000`; the archive is that of 2,000
devices: links that go down and up, failures that merge, messages that split, pairs, and unmapped traps.
"""

import argparse
import asyncio
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from opsconductor.app.connectors.types import installed_types
from opsconductor.app.mappings.report import ReportLimits, make_report
from opsconductor.app.mappings.report_service import MappingReports
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.model.changes import Changes
from opsconductor.store.commit.commit import commit
from opsconductor.store.declared.provisioning import apply
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.postgres.database import open_database
from tests.support.snmp.trap_archive import ACME, MAPPINGS, TrapArchive, number, text

DEVICES = 2_000
TICK_S = 0.005
IF_INDEX, IF_DESCR, IF_STATUS = "1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.2", "1.3.6.1.2.1.2.2.1.8"


def an_archive(events: int) -> TrapArchive:
    """Return an archive of about this many events within six days."""
    archive = TrapArchive(datetime.now(UTC) - timedelta(days=6))
    step_s = 5 * 86_400 / events
    for count in range(events * 5 // 10):
        peer, port = f"10.1.{count % DEVICES // 250}.{count % 250}", count // DEVICES % 48 + 1
        is_down = count // DEVICES // 48 % 2 == 0
        archive.add(
            step_s * 2 * count,
            peer,
            f"1.3.6.1.6.3.1.1.5.{3 if is_down else 4}",
            number(f"{IF_INDEX}.{port}", port),
            text(f"{IF_DESCR}.{port}", f"GigabitEthernet0/{port}"),
            number(f"{IF_STATUS}.{port}", 2 if is_down else 1),
        )
    for device in range(10):
        archive.add_fans(events // 100, 12, f"10.2.0.{device}")
        archive.add_log(events // 100, 3, f"10.3.0.{device}")
        archive.add_cards(events // 800, 2, f"10.4.0.{device}")
    for count in range(events * 2 // 10):
        peer = f"10.5.0.{count % 200}"
        archive.add(
            step_s * 5 * count, peer, f"{ACME}.77.{count % 50}", text(f"{ACME}.78.1.0", f"value {count}")
        )
    return archive


async def stored(pool: Pool, events: int, folder: Path) -> int:
    """Store mappings and the archive."""
    await pool.execute("INSERT INTO connectors (name, type, config) VALUES ('traps', 'snmp_trap', '{}')")
    file = folder / "mappings.yaml"
    file.write_text(MAPPINGS)
    installed = installed_types()
    await apply(pool, read_provision([file], installed), installed, key=bytes(32), actor="bench")
    archive = an_archive(events)
    for part in archive.parts():
        await commit(pool, Changes(archive=tuple(part)))
    await pool.execute("ANALYZE raw_events")
    return len(archive.events)


async def lag(until: asyncio.Event) -> list[float]:
    """Return by how many seconds a timer of 5 ms was late, each time."""
    found = []
    while not until.is_set():
        before = time.perf_counter()
        await asyncio.sleep(TICK_S)
        found.append(time.perf_counter() - before - TICK_S)
    return sorted(found)


async def beside(settings: Settings) -> None:
    """Make the report as the API does, and print how late a timer of this process was meanwhile."""
    done = asyncio.Event()
    watching = asyncio.create_task(lag(done))
    began = time.perf_counter()
    document = await MappingReports(settings=settings).make(days=7, events=200_000, time_limit_s=600.0)
    took = time.perf_counter() - began
    done.set()
    late = await watching
    print(f"as the API: {took:.1f} s, {document['archive']['events']:,} events")
    middle, most = late[len(late) // 2], late[int(len(late) * 0.99)]
    print(f"timer late: p50 {1e3 * middle:.1f} ms, p99 {1e3 * most:.1f} ms,"
          f" longest {1e3 * late[-1]:.1f} ms")  # fmt: skip


async def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    events = parser.parse_args().events
    with tempfile.TemporaryDirectory(prefix="opsconductor-bench-") as name:
        folder = Path(name)
        settings = Settings(data_dir=folder, database=DatabaseSettings(pool_size=2))
        async with open_database(settings, upgrade=True) as pool:
            print(f"{await stored(pool, events, folder):,} events stored")
            await beside(settings)
            cpu = time.process_time()
            report = await make_report(
                settings, ReportLimits(events=events, time_limit_s=600.0), lambda _: None
            )
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"in this process: {report.took_s:.1f} s, CPU {time.process_time() - cpu:.1f} s,"
                  f" {memory:.0f} MiB at most (with the archive that was stored)")  # fmt: skip
            for each in report.resources:
                print(each.kind, each.alert_type, len(each.devices), each.preview and each.preview.text)
            for pair in report.pairs:
                print(pair.clear, pair.followed, pair.confidence, pair.preview and pair.preview.text)


if __name__ == "__main__":
    asyncio.run(main())
