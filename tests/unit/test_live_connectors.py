"""The connectors that run, and what is left of those that do not any more."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from pydantic import BaseModel

from opsconductor.app.connectors import LiveConnectors, Plan, Provider
from opsconductor.app.status import StatusKeeper
from opsconductor.app.verify import verifier_of
from opsconductor.connector.interface import Emit, Kind, Surroundings
from opsconductor.connector.supervise import Standing
from opsconductor.model.inventory import Inventory, InventoryChanges
from opsconductor.pipeline.ledger import Ledger
from tests.pipeline_scene import Scene


class NoConfig(BaseModel):
    """A configuration without keys."""


class Looker:
    """A source that can look at everything."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    async def run(self, emit: Emit) -> None:
        """Be there."""
        del emit
        self._surroundings.works()
        await asyncio.Event().wait()

    def can_verify(self, alert: object) -> bool:
        """Tell that it knows where to look."""
        del alert
        return True

    async def verify(self, alert: object) -> None:
        """Look."""


async def test_a_connector_that_is_removed_looks_at_nothing_any_more() -> None:
    """Its events that wait are still understood, but its devices and secrets are no longer ours to use."""

    def surroundings_of(standing: Standing) -> Any:
        return SimpleNamespace(works=standing.works)

    async def emit(_: object) -> None:
        pass

    async def publish(_: str, __: Inventory) -> InventoryChanges:
        raise AssertionError("no inventory runs")

    scene = Scene()
    scene.problem("10.0.0.1")
    alert = scene.alert("10.0.0.1")
    provider = SimpleNamespace(surroundings_of=surroundings_of, forget=lambda _: None)
    kind = Kind(name="looker", config=NoConfig, build=lambda _, surroundings: Looker(surroundings))
    async with asyncio.TaskGroup() as tasks:
        connectors = LiveConnectors(
            emit=emit,
            publish=publish,
            provider=cast("Provider", provider),
            status=StatusKeeper(Ledger()),
            tasks=tasks,
        )
        await connectors.change_to({"looker": Plan(name="looker", kind=kind, config=NoConfig())})
        assert verifier_of(alert, connectors.parts) is not None
        await connectors.change_to({})
    assert "looker" in connectors.sources
    assert verifier_of(alert, connectors.parts) is None
