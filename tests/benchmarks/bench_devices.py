"""What lists, graphs and previews of devices cost, with 100,000 devices and 10,000 open alerts.

Run with `python -m tests.benchmarks.bench_devices`. As in `bench_lists`, one client asks one question after
another; the API, the engine and the embedded server run in this process.
"""

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.store.postgres.database import open_database
from tests.benchmarks.bench_lists import measure_stage
from tests.support.api_stage import Stage
from tests.support.network_scene import network, use_network
from tests.support.stored import an_alert

DISTRIBUTIONS, ACCESS = 250, 398  # 100,002 devices
ALERTS = 10_000
OFTEN, SELDOM = 100, 3
QUESTIONS = {
    "first page by name": "/devices",
    "first page, worst first": "/devices?sort=severity",
    "search": "/devices?search=access-77-3",
    "site and role": "/devices?site=south&role=access",
    "with alerts": "/devices?alerting=true",
    "facets": "/inventory/facets",
    "a device": "/devices/10.7.0.1",
    "its alerts": "/devices/10.7.0.1/alerts?status=active,acknowledged,suppressed",
    "its graph, 401 devices": "/devices/10.7.0.1/graph",
    "upstream": "/devices/10.7.1.1/upstream?depth=100",
    "dependencies of a device": "/dependencies?device=10.7.1.1",
    "dependencies of a site": "/dependencies?site=south",
    "if a distribution switch failed": "/devices/10.7.0.1/failure",
}
LARGE = {"if a core failed": "/devices/10.0.0.1/failure", "a graph of 500 of them": "/devices/10.0.0.1/graph"}


async def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory(prefix="opsconductor-bench-") as folder:
        settings = Settings(data_dir=Path(folder), database=DatabaseSettings(pool_size=4))
        async with open_database(settings, upgrade=True) as pool:
            stage = Stage(pool)
            await use_network(stage, network(DISTRIBUTIONS, ACCESS))
            devices = stage.inventory.devices
            stage.engine.load(
                [an_alert(device_ip=devices[number * 9].ip_address) for number in range(ALERTS)],
                datetime.now(UTC),
            )
            about = f"{len(devices):,} devices, {ALERTS:,} open alerts"
            await measure_stage(stage, about, OFTEN, QUESTIONS)
            await measure_stage(stage, about, SELDOM, LARGE)


if __name__ == "__main__":
    asyncio.run(main())
