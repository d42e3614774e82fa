"""`opsconductor inventory accept` and `forget` as commands, against the real API."""

import json
from datetime import UTC, datetime
from uuid import uuid4

from opsconductor.model.inventory.listed import InventoryLoss
from opsconductor.store.access.local_token import ensure_local_token
from opsconductor.store.inventory.missing import MissingDependency
from tests.support.api.api_stage import Stage
from tests.support.daemons.terminal import Terminal

pytest_plugins = ["tests.integration.api_fixtures"]
LOSS = InventoryLoss(
    devices=33, known_devices=44, dependencies=50, known_dependencies=61, names=("sw1", "sw\x1b[2J2")
)


def missing(number: int, found_by: str) -> MissingDependency:
    """Make a dependency that is missing."""
    return MissingDependency(
        id=uuid4(),
        device_ip=f"10.0.0.{number}",
        depends_on_ip="10.0.0.1",
        dependency_type="network",
        found_by=found_by,
        description="cable 7",
        missing_since=datetime.now(UTC),
    )


async def test_a_loss_is_shown_and_then_accepted(stage: Stage, terminal: Terminal) -> None:
    """Without --yes only numbers and names are shown; with it the shown removals are accepted, once."""
    await ensure_local_token(stage.pool, terminal.folder)
    stage.inventories.waiting["netbox"] = LOSS
    output = await terminal.run("inventory", "accept", "netbox")
    for part in ("33 of 44 devices and 50 of 61 dependencies", "sw1", "31 more", "nothing was changed"):
        assert part in output
    assert "\x1b" not in output
    assert stage.inventories.waiting
    assert "devices 33 retired" in await terminal.run("inventory", "accept", "netbox", "--yes")
    assert stage.inventories.accepted == [("netbox", "local-cli")]
    output = await terminal.run("inventory", "accept", "netbox", fails=True)
    assert "nothing of netbox waits for confirmation" in output


async def test_missing_dependencies_are_listed_and_then_removed(stage: Stage, terminal: Terminal) -> None:
    """Dry by default; of one inventory or of all."""
    await ensure_local_token(stage.pool, terminal.folder)
    stage.inventories.found = [missing(2, "netbox"), missing(3, "netbox"), missing(4, "other")]
    output = await terminal.run("inventory", "forget")
    assert "10.0.0.2 -> 10.0.0.1 (network)" in output
    assert "3 dependencies missing; nothing was changed" in output
    assert len(stage.inventories.found) == 3
    assert "2 dependencies removed" in await terminal.run("inventory", "forget", "netbox", "--yes")
    [row] = json.loads(await terminal.run("inventory", "forget", "--json"))
    assert (row["device_ip"], row["found_by"]) == ("10.0.0.4", "other")
    await terminal.run("inventory", "forget", "--yes")
    assert "no dependency is missing" in await terminal.run("inventory", "forget")
