"""Cost of lists, graphs and previews of devices, with 100,000 devices and 10,000 open alerts.

Run with `python -m tests.benchmarks.bench_devices`. A real daemon answers one question after another,
as in `bench_lists`.
"""

import asyncio
import tempfile
from pathlib import Path

import asyncpg

from opsconductor.store.commit.commit import commit
from tests.benchmarks.load.asking import asking
from tests.benchmarks.load.years import open_data
from tests.support.api.network_scene import network
from tests.support.store.stored import a_creation, an_alert

DISTRIBUTIONS, ACCESS = 250, 398  # 100,002 devices
ALERTS, AT_ONCE = 10_000, 2_000
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


async def make_network(pool: asyncpg.Pool) -> int:
    """Store the devices, what they need and alerts; return the number of devices."""
    made = network(DISTRIBUTIONS, ACCESS)
    devices = [(each.ip_address, each.name, each.site, each.role) for each in made.devices]
    needs = [(each.device_ip, each.depends_on_ip, each.dependency_type) for each in made.dependencies]
    await pool.copy_records_to_table(
        "devices", records=devices, columns=("ip_address", "name", "site", "role")
    )
    await pool.copy_records_to_table(
        "dependencies", records=needs, columns=("device_ip", "depends_on_ip", "dependency_type")
    )
    alerts = [an_alert(device_ip=made.devices[number * 9].ip_address) for number in range(ALERTS)]
    for start in range(0, ALERTS, AT_ONCE):
        await commit(pool, a_creation(*alerts[start : start + AT_ONCE]))
    await pool.execute("ANALYZE")
    return len(devices)


async def main(data: Path) -> None:
    """Print the tables."""
    async with open_data(data) as pool:
        amount = await make_network(pool)
    about = f"{amount:,} devices, {ALERTS:,} open alerts"
    async with asking(data) as asker:
        await asker.table(about, QUESTIONS, OFTEN)
        await asker.table(about, LARGE, SELDOM)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="opsconductor-bench-") as folder:
        Path(folder).chmod(0o711)
        asyncio.run(main(Path(folder) / "var"))
