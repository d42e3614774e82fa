"""Cost of a sync: an inventory of 5,000 devices with 4 addresses each and 15,000 dependencies.

Run with `python -m tests.benchmarks.bench_inventory`; the embedded server runs with the settings of the
product. Printed are wall seconds, CPU of this process and of PostgreSQL, and the longest time for which the
event loop was held.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from opsconductor.app.collector import spare_long_lived_objects
from opsconductor.app.configuring.loading import read_inventory
from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.inventory.enforce import Bounds, enforce
from opsconductor.model.enums import DependencyType
from opsconductor.model.inventory.listed import FoundDependency, FoundDevice, Inventory
from opsconductor.store.postgres.database import open_database
from tests.benchmarks.store.bench_commit import cpu_s

DEVICES = 5_000
WAYS_EACH = 3
KEEP = timedelta(days=7)
WATCH_S = 0.001


async def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="opsconductor-bench-") as folder:
        settings = Settings(data_dir=Path(folder), database=DatabaseSettings(pool_size=2))
        async with open_database(settings, upgrade=True) as pool:
            print(f"{'seconds':<34} {'wall':>8} {'here':>8} {'postgres':>8} {'loop held':>10}")
            spare_long_lived_objects()  # as the daemon does
            every = [device(number) for number in range(DEVICES)]
            await sync(pool, "first sync", every)
            await pool.execute("ANALYZE")
            await sync(pool, "nothing changed", every)
            await sync(pool, "1 % changed", renamed(every, DEVICES // 100))
            await sync(pool, "10 % retired", every[: DEVICES * 9 // 10])
            await sync(pool, "10 % back", every)
            await takeover(pool)


async def sync(pool: asyncpg.Pool, title: str, devices: Sequence[FoundDevice]) -> None:
    """Put an inventory into force and print what it has cost."""
    given = Inventory(devices=tuple(devices), dependencies=ways(devices), taken_at=datetime.now(UTC))
    changes = await measured(pool, title, enforce(pool, "netbox", given, Bounds(keep=KEEP)))
    print(f"    {changes.changes.summary}")


async def takeover(pool: asyncpg.Pool) -> None:
    """Read everything and build the snapshot that the engine works with."""
    snapshot = await measured(pool, "read for the engine", read_inventory(pool))
    assert len(snapshot.devices) == DEVICES


async def measured(pool: asyncpg.Pool, title: str, work):  # noqa: ANN001, ANN201 - any coroutine
    """Await something and print its line of the table."""
    backend = await pool.fetchval("SELECT pg_backend_pid()")
    watching = asyncio.create_task(longest_hold())
    await asyncio.sleep(0)
    database, own, wall = cpu_s(backend), time.process_time(), time.perf_counter()
    result = await work
    spent = (time.perf_counter() - wall, time.process_time() - own, cpu_s(backend) - database)
    watching.cancel()
    held = await watching
    print(f"{title:<34}", *(f"{seconds:>8.2f}" for seconds in spent), f"{held:>10.3f}")
    return result


async def longest_hold() -> float:
    """Measure until cancelled for how long nothing else could happen."""
    longest = 0.0
    try:
        while True:
            started = time.perf_counter()
            await asyncio.sleep(WATCH_S)
            longest = max(longest, time.perf_counter() - started - WATCH_S)
    except asyncio.CancelledError:
        return longest


def device(number: int) -> FoundDevice:
    """Make a device with three further addresses and the facts that NetBox knows."""
    return FoundDevice(
        external_id=number,
        ip_address=address(10, number),
        name=f"switch-{number}",
        addresses=tuple(address(net, number) for net in (11, 12, 13)),
        device_type="Catalyst 9300",
        manufacturer="Cisco",
        model="C9300-48P",
        site=f"Site {number % 50}",
        location=f"Floor {number % 7}",
        role="access-switch",
        status="active",
        tags=("campus", "managed"),
        custom_fields={"owner": "network", "asset": number},
        url=f"https://netbox.example.org/dcim/devices/{number}/",
    )


def renamed(devices: Sequence[FoundDevice], amount: int) -> list[FoundDevice]:
    """Rename the first devices."""
    changed = [device(each.external_id + DEVICES) for each in devices[:amount]]
    return [
        FoundDevice(
            external_id=old.external_id, ip_address=old.ip_address, name=new.name, addresses=old.addresses
        )
        for old, new in zip(devices, changed, strict=False)
    ] + list(devices[amount:])


def ways(devices: Sequence[FoundDevice]) -> tuple[FoundDependency, ...]:
    """Hang every device under three others."""
    return tuple(
        FoundDependency(
            device_ip=each.ip_address,
            depends_on_ip=devices[(position // 4 + step) % len(devices)].ip_address,
            dependency_type=DependencyType.NETWORK,
            confidence=0.9,
            via_resources=(f"ifIndex={position % 48}",),
            description=f"cable {position}-{step}, Gi1/0/{step} to Te1/1/{position % 48}",
        )
        for position, each in enumerate(devices)
        for step in range(1, WAYS_EACH + 1)
    )


def address(net: int, number: int) -> str:
    """Spell the address of a device in a network of its own."""
    return f"{net}.{number >> 16}.{number >> 8 & 255}.{number & 255}"


if __name__ == "__main__":
    asyncio.run(main())
