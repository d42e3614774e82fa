"""A published inventory is applied when the call returns: in the database and in the running engine."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from opsconductor.app.configuring.reload import put_in_force, reload
from opsconductor.errors import ConfigError, Fault, InventoryConflict, StoreUnavailable
from opsconductor.model.enums import Status
from opsconductor.model.inventory.listed import InventoryChanges
from opsconductor.store.access.audit import Author
from opsconductor.store.inventory.status import read_waiting
from tests.support.daemons.live_daemon import LiveDaemon, live_daemon
from tests.support.engine.inventories import found, inventory, way

SITE = (found(1, "10.0.0.1", "10.1.0.1"), found(2, "10.0.0.2"))
ANNA = Author(name="anna", address="192.0.2.9")
CABLE = way("10.0.0.2", "10.0.0.1")


@pytest.fixture
async def daemon(pool: asyncpg.Pool, tmp_path: Path) -> AsyncIterator[LiveDaemon]:
    """Run a daemon with a toy inventory and a toy source."""
    async with live_daemon(pool, tmp_path) as running:
        yield running


async def test_a_discovered_dependency_suppresses_what_is_open(daemon: LiveDaemon) -> None:
    """Two open alerts become cause and consequence once the cable between their devices is known."""
    await daemon.source.reports("10.0.0.1")
    await daemon.source.reports("10.0.0.2")
    assert {alert.status for alert in daemon.open_alerts().values()} == {Status.ACTIVE}
    changes = await daemon.inventory.has(inventory(SITE, [CABLE]))
    assert changes == InventoryChanges(devices_added=2, dependencies_added=1)
    alerts = daemon.open_alerts()
    assert alerts["10.0.0.2"].status is Status.SUPPRESSED
    assert alerts["10.0.0.2"].correlated_to_id == alerts["10.0.0.1"].id
    assert (alerts["10.0.0.1"].status, alerts["10.0.0.1"].impacted) == (Status.ACTIVE, 1)


async def test_the_next_report_is_identified_by_it(daemon: LiveDaemon) -> None:
    """A report from a further address meets the alert of its device, and clears it."""
    await daemon.source.reports("10.0.0.1")
    await daemon.inventory.has(inventory(SITE))
    await daemon.source.reports("10.1.0.1")
    (alert,) = daemon.open_alerts().values()
    assert (alert.device_ip, alert.device_name, alert.occurrence_count) == ("10.0.0.1", "sw1", 2)
    await daemon.source.reports("10.1.0.1", "clear")
    assert daemon.open_alerts() == {}


async def test_a_learnt_address_makes_no_duplicate(daemon: LiveDaemon) -> None:
    """An alert of an unknown address moves to its device; two of one device become one."""
    await daemon.source.reports("10.1.0.1")
    await daemon.source.reports("10.0.0.1")
    await daemon.inventory.has(inventory(SITE))
    (alert,) = daemon.open_alerts().values()
    assert alert.device_ip == "10.0.0.1"


async def test_an_open_alert_follows_its_device_to_another_address(daemon: LiveDaemon) -> None:
    """Reports from the new address and from the former one mean the same alert."""
    await daemon.inventory.has(inventory(SITE))
    await daemon.source.reports("10.0.0.1")
    await daemon.inventory.has(inventory([found(1, "10.0.0.9"), SITE[1]], days=1))
    await daemon.source.reports("10.0.0.9")
    await daemon.source.reports("10.0.0.1")
    (alert,) = daemon.open_alerts().values()
    assert (alert.device_ip, alert.occurrence_count) == ("10.0.0.9", 3)
    await daemon.source.reports("10.0.0.9", "clear")
    assert daemon.open_alerts() == {}


async def test_the_same_again_does_not_touch_the_engine(
    daemon: LiveDaemon, caplog: pytest.LogCaptureFixture
) -> None:
    """Only an inventory that changes something is applied and logged."""
    caplog.set_level(logging.INFO, "opsconductor.app.inventories")
    await daemon.inventory.has(inventory(SITE, [CABLE]))
    stages = daemon.parts.worker.stages
    assert await daemon.inventory.has(inventory(SITE, [CABLE])) == InventoryChanges()
    assert daemon.parts.worker.stages is stages
    logged = [record.getMessage() for record in caplog.records]
    assert logged == ["inventory applied: devices 2 added; dependencies 1 added"]


async def test_conflicts_are_logged_once(daemon: LiveDaemon, caplog: pytest.LogCaptureFixture) -> None:
    """The log has the names when they change, not at every sync."""
    given = inventory([*SITE, found(3, "10.0.0.3", "10.0.0.1")])
    assert (await daemon.inventory.has(given)).conflicts == 1
    await daemon.inventory.has(given)
    (record,) = [entry for entry in caplog.records if "claimed by two" in entry.getMessage()]
    assert record.__dict__["found"] == "sw3 claims 10.0.0.1 of sw1"


async def test_a_database_that_is_away_is_the_inventorys_business(
    daemon: LiveDaemon, pool: asyncpg.Pool
) -> None:
    """The publisher gets the error; when it publishes again, everything is applied."""
    await pool.execute("ALTER TABLE devices RENAME TO away")
    with pytest.raises(StoreUnavailable):
        await daemon.inventory.has(inventory(SITE))
    await pool.execute("ALTER TABLE away RENAME TO devices")
    await daemon.inventory.has(inventory(SITE))
    assert len(daemon.parts.live.configuration.inventory.devices) == 2


async def test_a_failure_between_database_and_engine_is_made_good(
    daemon: LiveDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An inventory that was written but not applied is applied with the next publication."""

    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    with monkeypatch.context() as broken:
        broken.setattr("opsconductor.app.inventories.read_inventory", away)
        with pytest.raises(StoreUnavailable):
            await daemon.inventory.has(inventory(SITE))
    assert await daemon.inventory.has(inventory(SITE)) == InventoryChanges()
    assert len(daemon.parts.worker.stages.inventory.devices) == 2


async def test_many_publications_and_reloads_at_once(daemon: LiveDaemon) -> None:
    """Whatever overlaps, engine and identification end with the state of the database."""
    parts = daemon.parts
    await asyncio.gather(
        *(
            daemon.inventory.has(inventory([*SITE, found(3 + number, f"10.0.1.{number}")]))
            for number in range(5)
        ),
        *(reload(parts.live, parts.worker, parts.connectors, parts.status) for _ in range(1)),
        return_exceptions=True,
    )
    inventory_now = parts.live.configuration.inventory
    assert parts.worker.stages.inventory is inventory_now
    names = await parts.pool.fetch("SELECT name FROM devices WHERE retired_at IS NULL")
    assert {device.name for device in inventory_now.devices} == {row["name"] for row in names}


async def test_a_reload_that_changes_nothing_leaves_the_engine_alone(
    daemon: LiveDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inventory, mappings and rules stay the same objects; the worker is not called."""
    parts = daemon.parts
    await daemon.inventory.has(inventory(SITE, [CABLE]))
    before = parts.live.configuration
    asked = []
    monkeypatch.setattr(parts.worker, "ask", asked.append)
    await reload(parts.live, parts.worker, parts.connectors, parts.status)
    assert asked == []
    after = parts.live.configuration
    assert after.inventory is before.inventory is parts.worker.stages.inventory
    assert (after.mappings, after.rules) == (before.mappings, before.rules)


async def test_a_reload_takes_on_what_has_changed(daemon: LiveDaemon) -> None:
    """A dependency that was written into the database is in force after a reload."""
    parts = daemon.parts
    await daemon.inventory.has(inventory(SITE))
    await daemon.source.reports("10.0.0.1")
    await daemon.source.reports("10.0.0.2")
    await parts.pool.execute(
        "INSERT INTO dependencies (device_ip, depends_on_ip) VALUES ('10.0.0.2', '10.0.0.1')"
    )
    await reload(parts.live, parts.worker, parts.connectors, parts.status)
    assert daemon.open_alerts()["10.0.0.2"].status is Status.SUPPRESSED


async def test_a_reload_with_a_damaged_mapping_pack_changes_nothing(
    daemon: LiveDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that an update is replacing leave the daemon as it is; the outcome names the fault."""
    parts = daemon.parts
    before = parts.live.configuration
    fault = Fault(file="packs/cisco.yaml", line=7, key="oid_mappings", found="nothing", expected="a list")

    def damaged(*_: object) -> None:
        raise ConfigError([fault])

    monkeypatch.setattr("opsconductor.app.configuring.loading.read_packs", damaged)
    outcome = await reload(parts.live, parts.worker, parts.connectors, parts.status)
    assert outcome.faults == (fault,)
    assert parts.live.configuration is before


async def test_a_stopped_publisher_leaves_nothing_half_done(daemon: LiveDaemon) -> None:
    """A connector that is stopped while it publishes does not keep the engine from what is written."""
    publishing = asyncio.create_task(daemon.inventory.has(inventory(SITE)))
    while not await daemon.parts.pool.fetchval("SELECT count(*) FROM devices"):
        await asyncio.sleep(0)
    publishing.cancel()
    await asyncio.wait({publishing})
    await daemon.inventory.has(inventory(SITE))
    assert len(daemon.parts.worker.stages.inventory.devices) == 2


async def test_the_retention_of_what_is_missing_is_a_setting(daemon: LiveDaemon) -> None:
    """`retention.dependencies` says how long: a week unless it is set."""
    assert daemon.parts.settings.retention.dependencies == timedelta(days=7)
    await daemon.inventory.has(inventory(SITE, [CABLE]))
    assert (await daemon.inventory.has(inventory(SITE, days=1))).dependencies_aged == 1
    assert len(await daemon.parts.inventories.missing("netbox")) == 1
    assert (await daemon.inventory.has(inventory(SITE, days=9))).dependencies_removed == 1
    assert await daemon.parts.inventories.missing(None) == []


async def test_a_dependency_suppresses_nothing_from_the_moment_it_is_missing(daemon: LiveDaemon) -> None:
    """It is in the database with the moment since when, and in no path of the engine."""
    await daemon.inventory.has(inventory(SITE, [CABLE]))
    assert "10.0.0.2" in daemon.parts.worker.stages.inventory.graph.needs
    await daemon.inventory.has(inventory(SITE, days=1))
    assert daemon.parts.worker.stages.inventory.graph.needs == {}


async def test_missing_dependencies_are_forgotten_by_hand(daemon: LiveDaemon) -> None:
    """They are removed from the database, and the audit log has who did it."""
    await daemon.inventory.has(inventory(SITE, [CABLE]))
    await daemon.inventory.has(inventory(SITE, days=1))
    assert await daemon.parts.inventories.forget("another", ANNA) == []
    [gone] = await daemon.parts.inventories.forget(None, ANNA)
    assert (gone.device_ip, gone.found_by) == ("10.0.0.2", "netbox")
    assert await daemon.parts.pool.fetchval("SELECT count(*) FROM dependencies") == 0
    noted = await daemon.parts.pool.fetchrow("SELECT * FROM audit_log WHERE action = 'inventory.forget'")
    assert noted is not None
    assert (noted["actor"], noted["remote_ip"]) == ("anna", "192.0.2.9")
    assert noted["details"]["dependencies"] == 1
    assert "10.0.0.2 -> " in noted["details"]["before"][0]


async def test_too_much_that_is_gone_waits_for_a_person(
    daemon: LiveDaemon, caplog: pytest.LogCaptureFixture
) -> None:
    """It is reported once and stays in force; once a person accepts the shown removals, it is removed."""
    many = [found(number, f"10.3.0.{number}") for number in range(1, 45)]
    inventories, devices = daemon.parts.inventories, lambda: daemon.parts.live.configuration.inventory.devices
    await daemon.inventory.has(inventory(many))
    assert await daemon.inventory.has(inventory(many[:11], days=1)) == InventoryChanges()
    assert await daemon.inventory.has(inventory(many[:11], days=2)) == InventoryChanges()
    assert len(devices()) == 44
    [record] = [entry for entry in caplog.records if "too much would be retired" in entry.getMessage()]
    assert record.levelname == "WARNING"
    loss = inventories.waiting["netbox"]
    assert inventories.present_waiting() == {}  # the toy is in no table of connectors
    assert await read_waiting(daemon.parts.pool) == {"netbox": loss}
    with pytest.raises(InventoryConflict):
        await inventories.accept("netbox", (32, 0), ANNA)
    with pytest.raises(InventoryConflict):
        await inventories.accept("other", (33, 0), ANNA)
    assert (await inventories.accept("netbox", (33, 0), ANNA)).devices_retired == 33
    assert (len(devices()), inventories.waiting, await read_waiting(daemon.parts.pool)) == (11, {}, {})
    noted = await daemon.parts.pool.fetchrow("SELECT * FROM audit_log WHERE action = 'inventory.accept'")
    assert noted is not None
    assert (noted["actor"], noted["details"]["gone"]) == ("anna", "33 of 44 devices")
    kept = [noted["details"][when]["devices"] for when in ("before", "after")]
    assert (noted["remote_ip"], kept) == ("192.0.2.9", [44, 11])


async def test_why_an_edit_is_not_in_force_is_reported_until_one_is(daemon: LiveDaemon) -> None:
    """A later edit that comes into force ends it; why the files are not applied stays until a reload."""
    live, worker = daemon.parts.live, daemon.parts.worker
    parts = (live, worker, daemon.parts.connectors, daemon.parts.status)
    await live.pool.execute("ALTER TABLE devices RENAME TO away")
    assert (await put_in_force(*parts)).error
    (edit_fault,) = live.all_faults
    assert edit_fault.startswith("what is stored is not in force: ")
    await live.pool.execute("ALTER TABLE away RENAME TO devices")
    assert (await put_in_force(*parts)).is_good
    assert live.all_faults == []
    live.reload_error = "away"
    assert (await put_in_force(*parts)).is_good
    assert live.all_faults == ["the last reload changed nothing: away"]
    assert (await reload(*parts)).is_good
    assert live.all_faults == []
