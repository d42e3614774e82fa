"""Unexpected errors do not end the long-running tasks of the daemon."""

import asyncio
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest

from opsconductor.app import inventories as inventories_module
from opsconductor.app.configuring.loading import Configuration
from opsconductor.app.connectors.verification import Verification
from opsconductor.app.inventories import Inventories
from opsconductor.config.sections.watch import VerifySettings
from opsconductor.config.settings import Settings
from opsconductor.connector.interface import VerifyResult, VerifyState
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.ledger.ledger import Ledger
from opsconductor.model.alert import Alert
from opsconductor.model.command import Command
from opsconductor.model.inventory.listed import Inventory
from opsconductor.model.mappings.table import MappingTable
from tests.support.engine.pipeline_scene import Scene


class Looker:
    """A source that finds every alert over."""

    def can_verify(self, alert: Alert) -> bool:
        """Return that every alert can be verified."""
        del alert
        return True

    async def verify(self, alert: Alert) -> VerifyResult:
        """Report the alert as over."""
        del alert
        return VerifyResult(answer=VerifyState.OVER, finding="gone")


async def test_an_engine_that_fails_at_a_look_does_not_end_the_daemon(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The engine is reloaded; verification goes on, and the log has the reason once for each."""
    scene = Scene()
    scene.problem("10.0.0.1")
    scene.problem("10.0.0.2")
    finding: list[Command] = []

    async def execute(command: Command) -> Alert:
        finding.append(command)
        raise RuntimeError("unforeseen")

    verification = Verification(
        settings=VerifySettings(),
        verifiers={"looker": Looker()},
        ledger=Ledger(),
    )
    task = asyncio.create_task(verification.run(execute, scene.engine.open_alerts))
    async with asyncio.timeout(5):
        while len(caplog.records) < 2:
            await asyncio.sleep(0)
    assert not task.done()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


async def test_an_engine_that_fails_at_an_inventory_does_not_end_the_daemon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The publisher of the inventory gets the error and tries again."""

    async def enforce(*_: object) -> object:
        return SimpleNamespace(is_empty=False, large_loss=None)

    async def read_inventory(*_: object) -> InventorySnapshot:
        return InventorySnapshot()

    async def take_on(*_: object) -> None:
        raise RuntimeError("unforeseen")

    for replacement in (enforce, read_inventory, take_on):
        monkeypatch.setattr(inventories_module, replacement.__name__, replacement)
    live: Any = SimpleNamespace(
        settings=Settings(),
        pool=None,
        changing=asyncio.Lock(),
        configuration=Configuration(
            connectors={}, inventory=InventorySnapshot(), mappings=MappingTable([]), rules=()
        ),
    )
    async with asyncio.TaskGroup() as tasks:
        inventories = Inventories(live, cast("Any", None), tasks)
        for _ in range(2):
            with pytest.raises(RuntimeError, match="unforeseen"):
                await inventories.publish("netbox", cast("Inventory", None))
        working = tasks.create_task(asyncio.sleep(0, "still here"))
    assert working.result() == "still here"
