"""Reading the configuration from the database: how long it takes, and how long it holds the event loop.

Run with `python -m tests.benchmarks.bench_configuration`: 5,000 mappings, 5,000 devices and 17,000
dependencies are read as a reload does it, which finds nothing changed. Before, a file of 6,000 mappings is
applied, twice.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter, process_time

import asyncpg

from opsconductor.app.collector import spare_long_lived_objects
from opsconductor.app.configuring.loading import Configuration, read_configuration, with_same_parts
from opsconductor.app.connectors.types import installed_types
from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.store.configuration import load_dependencies, load_devices, load_mappings
from opsconductor.store.declared.provisioning import apply_provision
from opsconductor.store.postgres.database import open_database
from tests.benchmarks.engine.bench_outage import address
from tests.benchmarks.engine.bench_reload import DEVICES, dependencies

MAPPINGS = 5_000
TICK_S = 0.001
FILL_MAPPINGS = """
INSERT INTO oid_mappings (oid_pattern, alert_type, category, default_severity, title_template, severity_map)
SELECT '1.3.6.1.4.1.99.' || n, 'network_test_' || n % 100, 'network', 'major', 'Test ' || n,
       '{"varbind": "1.3.6.1.4.1.99.1.1", "values": {"1": "critical", "2": "clear"}}'
FROM generate_series(1, $1::integer) n
"""


DECLARED = 6_000
DECLARED_ROW = """  - oid_pattern: 1.3.6.1.4.1.98.{number}.0.1
    vendor: acme
    mib_name: ACME-MIB
    alert_type: environment_fan_failure
    category: environment
    default_severity: major
    title_template: Fan {{1.3.6.1.4.1.98.{number}.1.2}} has failed - {{device_name}}
    resource_expression: fan={{1.3.6.1.4.1.98.{number}.1.2#}}
    severity_map:
      varbind: 1.3.6.1.4.1.98.{number}.1.2
      values: {{1: clear, 2: minor, 3: critical}}
"""


def declared_in(folder: Path) -> Path:
    """Write a file that declares mappings."""
    file = folder / "mappings.yaml"
    rows = (DECLARED_ROW.format(number=number) for number in range(DECLARED))
    file.write_text(f"oid_mappings:\n{''.join(rows)}")
    return file


async def fill(pool: asyncpg.Pool) -> None:
    """Write mappings, devices and dependencies."""
    await pool.execute(FILL_MAPPINGS, MAPPINGS)
    names = [(address(number), f"switch-{number}") for number in range(DEVICES)]
    await pool.executemany("INSERT INTO devices (ip_address, name) VALUES ($1, $2)", names)
    rows = [(each.device_ip, each.depends_on_ip) for each in dependencies()]
    await pool.executemany("INSERT INTO dependencies (device_ip, depends_on_ip) VALUES ($1, $2)", rows)


async def measure(title: str, work: Callable[[], Awaitable[object]]) -> None:
    """Print what some work costs, and the longest time for which the event loop did nothing else."""
    longest_s = 0.0

    async def watch() -> None:
        nonlocal longest_s
        while True:
            due_s = perf_counter() + TICK_S
            await asyncio.sleep(TICK_S)
            longest_s = max(longest_s, perf_counter() - due_s)

    watching = asyncio.create_task(watch())
    started, own = perf_counter(), process_time()
    await work()
    took_s, cpu_s = perf_counter() - started, process_time() - own
    watching.cancel()
    print(f"{title:<32} {took_s * 1_000:>9.0f} {cpu_s * 1_000:>9.0f} {longest_s * 1_000:>11.1f}", flush=True)


async def reload(pool: asyncpg.Pool, present: Configuration) -> None:
    """Read everything, and keep the parts in which nothing has changed."""
    read = await read_configuration(pool)
    again = await asyncio.to_thread(with_same_parts, read, present)
    assert again.inventory is present.inventory
    assert again.mappings is present.mappings
    assert again.rules is present.rules


async def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="opsconductor-bench-") as folder:
        settings = Settings(data_dir=Path(folder), database=DatabaseSettings(pool_size=2))
        async with open_database(settings, upgrade=True) as pool:
            file, key = declared_in(Path(folder)), bytes(32)
            spare_long_lived_objects()
            print(f"{'apply, read':<32} {'took ms':>9} {'CPU ms':>9} {'longest ms':>11}")
            for title in (f"{DECLARED:,} mappings applied", "applied again, nothing changes"):
                await measure(title, lambda: apply_provision(pool, [file], installed_types(), key=key))
            await pool.execute("TRUNCATE oid_mappings")
            await fill(pool)
            present = await read_configuration(pool)
            spare_long_lived_objects()
            await measure(f"{MAPPINGS:,} mappings", lambda: load_mappings(pool))
            await measure(f"{DEVICES:,} devices", lambda: load_devices(pool))
            await measure("17,000 dependencies", lambda: load_dependencies(pool))
            await measure("all, nothing has changed", lambda: reload(pool, present))


if __name__ == "__main__":
    asyncio.run(main())
