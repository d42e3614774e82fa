"""An inventory is applied in the database: completely, once, and without touching what people wrote."""

import random
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest

from opsconductor.inventory.enforce import enforce, merge, preview
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.inventory.device import Device
from opsconductor.model.inventory.listed import Inventory, InventoryChanges
from opsconductor.store.configuration import load_dependencies, load_devices
from opsconductor.store.inventory.devices import InventoryPlan, KnownInventory, preview_inventory
from tests.support.engine.inventories import A_WEEK, found, inventory, way
from tests.support.store.merged import applied

NB = "netbox"
SITE = [found(1, "10.0.0.1", "10.1.0.1", site="A", tags=("core",)), found(2, "10.0.0.2")]
CABLE = way("10.0.0.2", "10.0.0.1", description="cable 7", via_resources=("ifIndex=7",))


async def sync(pool: asyncpg.Pool, given: Inventory, connector: str = NB) -> InventoryChanges:
    """Apply an inventory."""
    plan = await enforce(pool, connector, given, A_WEEK)
    return plan.changes


async def devices(pool: asyncpg.Pool) -> dict[str, Device]:
    """Read the devices in force by main address."""
    return {device.ip_address: device for device in await load_devices(pool)}


async def ways(pool: asyncpg.Pool) -> list[tuple[str, str]]:
    """Read the ends of all dependencies in force."""
    return [(each.device_ip, each.depends_on_ip) for each in await load_dependencies(pool)]


async def rows(pool: asyncpg.Pool) -> Sequence[Any]:
    """Read the versions of all rows that an inventory writes."""
    return await pool.fetch(
        "SELECT xmin::text, id::text FROM devices UNION ALL SELECT xmin::text, address FROM device_addresses "
        "UNION ALL SELECT xmin::text, id::text FROM dependencies ORDER BY 2"
    )


async def made_by_hand(pool: asyncpg.Pool, address: str, name: str, *further: str) -> None:
    """Write a device as a user does."""
    made = await pool.fetchval(
        "INSERT INTO devices (ip_address, name) VALUES ($1, $2) RETURNING id", address, name
    )
    for each in further:
        await pool.execute("INSERT INTO device_addresses (address, device_id) VALUES ($1, $2)", each, made)


async def test_everything_comes_in_and_then_stays_untouched(pool: asyncpg.Pool) -> None:
    """The first inventory is written whole; the same one again writes no row."""
    first = await sync(pool, inventory(SITE, [CABLE]))
    assert first == InventoryChanges(devices_added=2, dependencies_added=1)
    known = await devices(pool)
    assert (known["10.0.0.1"].name, known["10.0.0.1"].site, known["10.0.0.1"].tags) == ("sw1", "A", ("core",))
    assert known["10.0.0.1"].addresses == ("10.1.0.1",)
    (dependency,) = await load_dependencies(pool)
    assert dependency.via_resources == ("ifIndex=7",)
    row = await pool.fetchrow("SELECT * FROM dependencies")
    assert (row["auto_discovered"], float(row["confidence"]), row["created_by"]) == (True, 0.9, NB)
    before = await rows(pool)
    assert await sync(pool, inventory(SITE, [CABLE], days=1)) == InventoryChanges()
    assert await rows(pool) == before


async def test_changes_are_recorded(pool: asyncpg.Pool) -> None:
    """The latest inventory of a connector is shown, and the audit log has those with changes."""
    await sync(pool, inventory(SITE, [CABLE]))
    await sync(pool, inventory(SITE, [CABLE], days=1))
    noted = await pool.fetchrow("SELECT * FROM inventory_syncs")
    assert (noted["connector"], noted["devices"], noted["dependencies"]) == (NB, 2, 1)
    assert noted["changes"]["devices_added"] == 2
    assert noted["taken_at"] == inventory(days=1).taken_at
    (entry,) = await pool.fetch("SELECT * FROM audit_log WHERE action = 'inventory.sync'")
    assert (entry["actor"], entry["subject"], entry["details"]["dependencies_added"]) == (
        "connector:netbox",
        NB,
        1,
    )


async def test_retired_and_back(pool: asyncpg.Pool) -> None:
    """A removed device is kept but not recognized any more, its dependencies are removed; both come back."""
    await sync(pool, inventory(SITE, [CABLE]))
    changes = await sync(pool, inventory(SITE[1:], days=1))
    assert changes == InventoryChanges(devices_retired=1, dependencies_removed=1)
    assert list(await devices(pool)) == ["10.0.0.2"]
    assert await ways(pool) == []
    assert await pool.fetchval("SELECT count(*) FROM devices WHERE retired_at IS NOT NULL") == 1
    back = await sync(pool, inventory(SITE, [CABLE], days=2))
    assert back == InventoryChanges(devices_added=1, dependencies_added=1)
    assert (await devices(pool))["10.0.0.1"].addresses == ("10.1.0.1",)
    assert await pool.fetchval("SELECT count(*) FROM devices") == 2


async def test_a_retired_device_lets_go_of_its_address(pool: asyncpg.Pool) -> None:
    """Another device may have it, and the retired one comes back elsewhere."""
    await sync(pool, inventory(SITE))
    await sync(pool, inventory(SITE[1:]))
    await pool.execute("INSERT INTO devices (ip_address, name) VALUES ('10.0.0.1', 'mine')")
    changes = await sync(pool, inventory([found(1, "10.0.0.9"), *SITE[1:]]))
    assert changes.devices_added == 1
    assert {device.name for device in (await devices(pool)).values()} == {"mine", "sw1", "sw2"}


async def test_another_main_address_takes_everything_along(pool: asyncpg.Pool) -> None:
    """Dependencies follow, hand-made ones too, files' not; the former address is still recognized."""
    await sync(pool, inventory(SITE, [CABLE]))
    await pool.execute(
        "INSERT INTO dependencies (device_ip, depends_on_ip, provisioned_from) VALUES "
        "('10.0.0.3', '10.0.0.1', NULL), ('10.0.0.4', '10.0.0.1', 'x.yaml')"
    )
    moved = [found(1, "10.0.0.7", "10.1.0.1", site="A", tags=("core",)), SITE[1]]
    cable = way("10.0.0.2", "10.0.0.7", description="cable 7", via_resources=("ifIndex=7",))
    changes = await sync(pool, inventory(moved, [cable], days=1))
    assert changes == InventoryChanges(devices_changed=1, dependencies_changed=2)
    assert await ways(pool) == [("10.0.0.2", "10.0.0.7"), ("10.0.0.3", "10.0.0.7"), ("10.0.0.4", "10.0.0.1")]
    snapshot = InventorySnapshot(await load_devices(pool), await load_dependencies(pool))
    assert snapshot.key_of("10.0.0.1") == "10.0.0.7"
    assert snapshot.dependents_count("10.0.0.7") == 3
    await sync(pool, inventory(moved, [cable], days=9))
    assert (await devices(pool))["10.0.0.7"].addresses == ("10.1.0.1",)


async def test_two_devices_swap_their_addresses(pool: asyncpg.Pool) -> None:
    """Nothing is in the way of either, and dependencies follow both."""
    await sync(pool, inventory([*SITE, found(3, "10.0.0.3")], [CABLE, way("10.0.0.3", "10.0.0.2")]))
    swapped = [found(1, "10.0.0.2"), found(2, "10.0.0.1"), found(3, "10.0.0.3")]
    cables = [way("10.0.0.1", "10.0.0.2", description="cable 7"), way("10.0.0.3", "10.0.0.1")]
    changes = await sync(pool, inventory(swapped, cables, days=1))
    assert changes.conflicts == 0
    assert {ip: device.name for ip, device in (await devices(pool)).items()} == {
        "10.0.0.1": "sw2",
        "10.0.0.2": "sw1",
        "10.0.0.3": "sw3",
    }
    assert await ways(pool) == [("10.0.0.1", "10.0.0.2"), ("10.0.0.3", "10.0.0.1")]


async def test_people_come_first(pool: asyncpg.Pool) -> None:
    """A device that people made keeps their fields and gets the others; removed there, it stays here."""
    await pool.execute(
        "INSERT INTO devices (ip_address, name, site, custom_fields) VALUES ('10.0.0.1', 'mine', 'B', $1)",
        {"own": 1},
    )
    await pool.execute("INSERT INTO dependencies (device_ip, depends_on_ip) VALUES ('10.0.0.2', '10.0.0.1')")
    given = [
        found(1, "10.0.0.1", "10.1.0.1", site="A", role="core", custom_fields={"own": 2, "x": 3}),
        SITE[1],
    ]
    changes = await sync(pool, inventory(given, [CABLE]))
    assert changes == InventoryChanges(devices_added=1, devices_changed=1)
    mine = (await devices(pool))["10.0.0.1"]
    assert (mine.name, mine.site, mine.role) == ("mine", "B", "core")
    assert (mine.addresses, mine.custom_fields) == (("10.1.0.1",), {"own": 1, "x": 3})
    row = await pool.fetchrow("SELECT auto_discovered, description FROM dependencies")
    assert dict(row) == {"auto_discovered": False, "description": None}
    assert await sync(pool, inventory(given, [CABLE])) == InventoryChanges()
    gone = await sync(pool, inventory([SITE[1]]))
    assert gone == InventoryChanges(devices_changed=1)
    mine = (await devices(pool))["10.0.0.1"]
    assert (mine.name, mine.role, mine.addresses) == ("mine", None, ())
    assert await ways(pool) == [("10.0.0.2", "10.0.0.1")]


async def test_people_keep_their_main_address(pool: asyncpg.Pool) -> None:
    """A device with its address among theirs is theirs, with its dependencies."""
    await made_by_hand(pool, "10.1.0.1", "mine", "10.0.0.1")
    await sync(pool, inventory(SITE, [CABLE]))
    mine = (await devices(pool))["10.1.0.1"]
    assert (mine.name, mine.site, mine.addresses) == ("mine", "A", ("10.0.0.1",))
    assert await ways(pool) == [("10.0.0.2", "10.1.0.1")]
    assert await sync(pool, inventory(SITE, [CABLE])) == InventoryChanges()


async def test_people_take_a_device_over_that_was_found_first(pool: asyncpg.Pool) -> None:
    """Their row is the device from then on, under their address; once it is gone, the old one is back."""
    await sync(pool, inventory(SITE, [CABLE]))
    await made_by_hand(pool, "10.9.9.9", "mine", "10.0.0.1")
    changes = await sync(pool, inventory(SITE, [CABLE], days=1))
    assert changes == InventoryChanges(devices_changed=1, devices_retired=1, dependencies_changed=1)
    assert {ip: (row.name, row.site) for ip, row in (await devices(pool)).items()} == {
        "10.0.0.2": ("sw2", None),
        "10.9.9.9": ("mine", "A"),
    }
    assert (await devices(pool))["10.9.9.9"].addresses == ("10.0.0.1", "10.1.0.1")
    assert await ways(pool) == [("10.0.0.2", "10.9.9.9")]
    assert await sync(pool, inventory(SITE, [CABLE], days=2)) == InventoryChanges()
    await pool.execute("DELETE FROM devices WHERE name = 'mine'")
    assert (await sync(pool, inventory(SITE, [CABLE], days=3))).devices_added == 1
    assert await pool.fetchval("SELECT count(*) FROM devices") == 2


async def test_an_address_that_people_gave_to_another_device_stays_there(pool: asyncpg.Pool) -> None:
    """A service address of its own is no machine, though an interface has it: its alerts are sent."""
    await made_by_hand(pool, "10.1.0.1", "service")
    plan = await enforce(pool, NB, inventory(SITE), A_WEEK)
    assert plan.conflicts == ("sw1 claims 10.1.0.1 of service",)
    assert {row.name for row in (await devices(pool)).values()} == {"service", "sw1", "sw2"}


async def test_conflicts_leave_the_first_owner(pool: asyncpg.Pool) -> None:
    """The owner of an address keeps it: the other device is left out, or loses the further address."""
    await sync(pool, inventory(SITE))
    given = [found(8, "10.0.0.1"), found(9, "10.0.0.9", "10.1.0.1", "10.0.0.2"), found(7, "nonsense"), *SITE]
    plan = await enforce(pool, NB, inventory(given), A_WEEK)
    assert plan.changes == InventoryChanges(devices_added=1, conflicts=4)
    assert plan.conflicts == (
        "sw7 (nonsense) is not an address",
        "sw8 claims 10.0.0.1 of sw1",
        "sw9 claims 10.1.0.1 of sw1",
        "sw9 claims 10.0.0.2 of sw2",
    )
    assert {ip: each.addresses for ip, each in (await devices(pool)).items()} == {
        "10.0.0.1": ("10.1.0.1",),
        "10.0.0.2": (),
        "10.0.0.9": (),
    }


async def test_two_inventories_keep_to_their_own(pool: asyncpg.Pool) -> None:
    """One does not retire, change or remove devices that the other has found."""
    for name in (NB, "other"):
        await pool.execute("INSERT INTO connectors (name, type) VALUES ($1, 'netbox')", name)
    await sync(pool, inventory(SITE, [CABLE]))
    changes = await sync(pool, inventory([found(1, "10.0.0.1"), found(5, "10.0.0.5")], [CABLE]), "other")
    assert changes == InventoryChanges(devices_added=1, conflicts=1)
    assert await sync(pool, inventory(SITE, [CABLE])) == InventoryChanges()
    assert await sync(pool, inventory(), "other") == InventoryChanges(devices_retired=1)
    assert len(await devices(pool)) == 2


async def test_a_renamed_connector_takes_over(pool: asyncpg.Pool) -> None:
    """Findings of a removed connector belong to the next one."""
    await pool.execute("INSERT INTO connectors (name, type) VALUES ('new', 'netbox')")
    await sync(pool, inventory(SITE, [CABLE]), "old")
    changes = await sync(pool, inventory(SITE, [CABLE]), "new")
    assert changes == InventoryChanges(devices_changed=2, dependencies_changed=1)
    assert await sync(pool, inventory(SITE, [CABLE]), "new") == InventoryChanges()


@pytest.mark.parametrize(("days", "is_there"), [(7.9, True), (8.0, False)])
async def test_an_unplugged_cable_ages(pool: asyncpg.Pool, days: float, *, is_there: bool) -> None:
    """A dependency that is found no more stays for a week after it was first missed, then it goes."""
    await sync(pool, inventory(SITE, [CABLE]))
    assert await sync(pool, inventory(SITE, days=1)) == InventoryChanges(dependencies_aged=1)
    assert await sync(pool, inventory(SITE, days=2)) == InventoryChanges()
    changes = await sync(pool, inventory(SITE, days=days))
    assert changes == InventoryChanges(dependencies_removed=0 if is_there else 1)
    assert bool(await ways(pool)) is is_there


async def test_a_cable_plugged_in_again_is_young_again(pool: asyncpg.Pool) -> None:
    """Its age begins anew when it is missed again."""
    await sync(pool, inventory(SITE, [CABLE]))
    await sync(pool, inventory(SITE, days=1))
    assert await sync(pool, inventory(SITE, [CABLE], days=7)) == InventoryChanges(dependencies_changed=1)
    await sync(pool, inventory(SITE, days=9))
    await sync(pool, inventory(SITE, days=15))
    assert len(await ways(pool)) == 1


async def test_a_preview_changes_nothing(pool: asyncpg.Pool) -> None:
    """The answer has the changes, and no row is written."""
    plan = await preview(pool, NB, inventory(SITE, [CABLE]), A_WEEK)
    assert plan.changes == InventoryChanges(devices_added=2, dependencies_added=1)
    assert await pool.fetchval("SELECT count(*) FROM devices") == 0


async def test_hostile_text_fits_in(pool: asyncpg.Pool) -> None:
    """NUL, lone surrogates and texts beyond their columns are stored as far as they go, and once."""
    bad = "\0\ud800" + "x" * 500
    given = inventory(
        [
            found(
                1, "::ffff:10.0.0.1", "2001:DB8::1", name=bad, site=bad, tags=(bad,), custom_fields={bad: bad}
            ),
            SITE[1],
        ],
        [way("10.0.0.2", "10.0.0.1", description=bad, via_resources=(bad,), confidence=7.0)],
    )
    assert await sync(pool, given) == InventoryChanges(devices_added=2, dependencies_added=1)
    assert await sync(pool, given) == InventoryChanges()
    device = (await devices(pool))["10.0.0.1"]
    assert (len(device.name), len(device.site or ""), device.addresses) == (255, 100, ("2001:db8::1",))


async def test_the_database_holds_what_was_planned(pool: asyncpg.Pool) -> None:
    """Through a history of random inventories every row is as the plans say, in the database's own words."""
    await pool.execute("INSERT INTO devices (ip_address, name) VALUES ('10.0.0.1', 'mine')")
    await pool.execute("INSERT INTO dependencies (device_ip, depends_on_ip) VALUES ('10.0.0.8', '10.0.0.2')")
    await pool.execute("INSERT INTO connectors (name, type) VALUES ('netbox', 'netbox')")
    chance = random.Random(4)
    numbers = range(1, 9)
    model: KnownInventory | None = None
    for day in range(25):
        given = inventory(
            [
                found(
                    number,
                    f"10.0.0.{chance.choice(numbers)}",
                    f"10.0.0.{chance.choice(numbers)}",
                    site=str(day % 3),
                )
                for number in chance.sample(numbers, 5)
            ],
            [
                way(
                    f"10.0.0.{chance.choice(numbers)}",
                    f"10.0.0.{chance.choice(numbers)}",
                    description=str(day % 2),
                )
                for _ in range(5)
            ],
            days=day * 2,
        )
        before = await known_in(pool)
        assert model is None or comparable(before) == comparable(model)
        model = applied(before, await enforce(pool, NB, given, A_WEEK))
    assert comparable(await known_in(pool)) == comparable(model)


async def known_in(pool: asyncpg.Pool) -> KnownInventory:
    """Read what the database holds as `enforce` reads it."""
    seen: list[KnownInventory] = []

    def look(known: KnownInventory) -> InventoryPlan:
        seen.append(known)
        return merge(inventory(), NB, A_WEEK, known)

    await preview_inventory(pool, NB, look)
    return seen[0]


def comparable(known: KnownInventory | None) -> object:
    """Leave out the order of rows."""
    assert known is not None
    return (
        {row.id: row for row in known.devices},
        set(known.addresses),
        {row.id: row for row in known.dependencies},
    )


async def test_further_names_come_and_go(pool: asyncpg.Pool) -> None:
    """Names in the DNS are kept with the device, made by people or not, and follow the inventory."""
    await pool.execute("INSERT INTO devices (ip_address, name) VALUES ('10.0.0.2', 'by-hand')")
    first = inventory(
        [found(1, "10.0.0.1", names=("b.example", "a.example")), found(2, "10.0.0.2", names=("c",))]
    )
    await sync(pool, first)
    assert {each.name: each.names for each in (await devices(pool)).values()} == {
        "sw1": ("a.example", "b.example"),
        "by-hand": ("c",),
    }
    assert (await sync(pool, first)) == InventoryChanges()
    await sync(pool, inventory([found(1, "10.0.0.1")], days=1))
    assert {each.name: each.names for each in (await devices(pool)).values()} == {"sw1": (), "by-hand": ()}
