"""Files and inventories describe the same devices: neither undoes the other's data."""

from pathlib import Path

import asyncpg

from opsconductor.config.provision.export import export
from opsconductor.inventory.enforce import enforce
from opsconductor.model.inventory.listed import InventoryChanges
from opsconductor.store.configuration import load_devices
from opsconductor.store.declared.provisioning import read_provisioned
from opsconductor.store.postgres import migrate
from tests.support.daemons.declaring import INSTALLED, applied, rewrite
from tests.support.engine.inventories import A_WEEK, found, inventory, way

SITE = (
    found(1, "10.0.0.1", "10.1.0.1", "10.1.0.2", site="A", role="core", tags=("x",), custom_fields={"a": 1}),
    found(2, "10.0.0.2", "10.2.0.2"),
)
CABLE = way("10.0.0.2", "10.0.0.1", via_resources=("ifIndex=7",))
FILE = """
devices:
  - {ip_address: 10.0.0.1, name: core-1, site: B, addresses: [10.2.0.2], custom_fields: {b: 2}}
dependencies:
  - {device_ip: 10.0.0.2, depends_on_ip: 10.0.0.1}
"""


async def sync(pool: asyncpg.Pool) -> InventoryChanges:
    """Put the inventory into force."""
    return (await enforce(pool, "netbox", inventory(SITE, [CABLE]), A_WEEK)).changes


async def test_a_file_and_a_sync_settle(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """A file takes over found devices; from then on neither changes anything, in any order."""
    file = tmp_path / "site.yaml"
    rewrite(file, FILE)
    assert await sync(pool) == InventoryChanges(devices_added=2, dependencies_added=1)
    taken = (await applied(pool, file)).changes
    assert [(str(change.verb), change.key[0], change.is_takeover) for change in taken] == [
        ("~", "10.0.0.1", True),
        ("~", "10.0.0.2", True),
    ]
    changes = await sync(pool)
    assert (changes.conflicts, changes.devices_retired, changes.dependencies_added) == (1, 0, 0)
    for _ in range(2):
        assert (await applied(pool, file)).changes == ()
        assert await sync(pool) == InventoryChanges(conflicts=1)
    core, access = await load_devices(pool)
    assert (core.name, core.site, core.role, core.tags) == ("core-1", "B", "core", ("x",))
    assert core.addresses == ("10.1.0.1", "10.1.0.2", "10.2.0.2")
    assert core.custom_fields == {"a": 1, "b": 2}
    assert access.addresses == ()
    row = await pool.fetchrow("SELECT auto_discovered, via_resources FROM dependencies")
    assert dict(row) == {"auto_discovered": False, "via_resources": []}


async def test_a_device_no_longer_declared_is_found_again(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """Pruning deletes the file's rows; the next sync brings what the inventory has."""
    file = tmp_path / "site.yaml"
    rewrite(file, FILE)
    await applied(pool, file)
    await sync(pool)
    rewrite(file, "devices: []\n")
    await applied(pool, file, prune=True)
    changes = await sync(pool)
    assert changes == InventoryChanges(devices_added=1, devices_changed=1, dependencies_added=1)
    assert [device.name for device in await load_devices(pool)] == ["sw1", "sw2"]


async def test_found_devices_are_not_exported(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """An export has the rows that people made; of their devices only their own fields."""
    file = tmp_path / "site.yaml"
    rewrite(file, FILE)
    await applied(pool, file)
    await sync(pool)
    text, _ = export(await read_provisioned(pool), INSTALLED)
    assert "sw2" not in text
    assert "10.1.0.1" not in text
    assert "name: core-1" in text


async def test_a_database_with_inventories_goes_back(pool: asyncpg.Pool, database_url: str) -> None:
    """The step back keeps active devices, whatever two inventories and retired ones have left."""
    for name in ("netbox", "other"):
        await pool.execute("INSERT INTO connectors (name, type) VALUES ($1, 'netbox')", name)
    await sync(pool)
    await enforce(pool, "other", inventory([found(1, "10.5.0.1")]), A_WEEK)
    await enforce(pool, "netbox", inventory(SITE[:1]), A_WEEK)
    await pool.execute("INSERT INTO devices (ip_address, name) VALUES ('10.0.0.2', 'where sw2 was')")
    await migrate.downgrade(database_url, "0003")
    names = await pool.fetch("SELECT name FROM devices ORDER BY ip_address")
    assert [row["name"] for row in names] == ["sw1", "where sw2 was", "sw1"]
    await migrate.upgrade(database_url)
    assert await pool.fetchval("SELECT count(*) FROM devices WHERE retired_at IS NULL") == 3


UNADDRESSED = """
devices:
  - {name: sw-stack-2, site: B}
  - {ip_address: 10.0.0.1, name: core-1}
dependencies:
  - {device_ip: sw-stack-2, depends_on_ip: 10.0.0.1}
  - {device_ip: 10.0.0.2, depends_on_ip: sw-stack-2, dependency_type: power}
"""


async def test_a_device_without_address_in_a_file(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """It takes over the one that was found under its name; an export declares the same; pruning ends it."""
    file, again = tmp_path / "site.yaml", tmp_path / "again.yaml"
    await enforce(pool, "netbox", inventory([found(1, None, name="sw-stack-2", role="core")]), A_WEEK)
    rewrite(file, UNADDRESSED)
    assert len((await applied(pool, file)).changes) == 4
    text, _ = export(await read_provisioned(pool), INSTALLED)
    rewrite(again, text)
    assert (await applied(pool, again)).changes == ()
    core, member = sorted(await load_devices(pool), key=lambda each: each.name)
    assert (member.ip_address, member.site, member.role) == (None, "B", "core")
    rewrite(file, "devices: []\n")
    await applied(pool, file, prune=True)
    assert await load_devices(pool) == []
    assert core.ip_address == "10.0.0.1"


async def test_a_database_with_devices_without_address_goes_back(
    pool: asyncpg.Pool, database_url: str
) -> None:
    """The step back leaves them out, and dependencies on them."""
    await enforce(
        pool,
        "netbox",
        inventory([found(9, None, name="a"), *SITE], [way("a", "10.0.0.1"), CABLE]),
        A_WEEK,
    )
    await migrate.downgrade(database_url, "0015")
    rows = await pool.fetch("SELECT name FROM devices ORDER BY name")
    assert [row["name"] for row in rows] == ["sw1", "sw2"]
    assert await pool.fetchval("SELECT count(*) FROM dependencies") == 1
    await migrate.upgrade(database_url)
