"""The running connectors: built before others stop, each isolated from the faults of others."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from opsconductor.app.connectors.running import ConnectorSpec, RunningConnectors
from opsconductor.app.connectors.status import StatusKeeper
from opsconductor.app.connectors.verification import Verification
from opsconductor.app.registry import ConnectorRegistry
from opsconductor.config.sections.watch import VerifySettings
from opsconductor.connector.abilities import verifies
from opsconductor.connector.connector_type import ConnectorType, source_type
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult, Emit, VerifyResult, VerifyState
from opsconductor.connector.supervise import ConnectorHealth
from opsconductor.ledger.ledger import Ledger
from opsconductor.model.alert import Alert
from opsconductor.model.enums import ConnectorStatus
from opsconductor.model.event import RawEvent
from opsconductor.model.inventory.listed import Inventory, InventoryChanges
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.normalized import NormalizedAlert
from tests.support.engine.pipeline_scene import Scene


class ToyConfig(BaseModel):
    """A configuration with a value that can differ."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int = 0


class ToySource:
    """A source that runs, and can verify every alert."""

    def __init__(self, config: ToyConfig, context: ConnectorContext) -> None:
        del config
        self._context = context
        self.is_running = False

    async def run(self, emit: Emit) -> None:
        """Run until cancelled."""
        del emit
        self._context.report_up()
        self.is_running = True
        try:
            await asyncio.Event().wait()
        finally:
            self.is_running = False

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert]:
        """Report nothing."""
        del raw
        return []

    def redacted(self, raw: RawEvent) -> bytes:
        """Keep everything."""
        return raw.payload

    async def check(self) -> CheckResult:
        """Succeed."""
        return CheckResult(ok=True, message="a toy")

    def can_verify(self, alert: Alert) -> bool:
        """Return that every alert can be verified."""
        del alert
        return True

    async def verify(self, alert: Alert) -> VerifyResult:
        """Report the alert as over."""
        del alert
        return VerifyResult(answer=VerifyState.OVER, finding="gone")


class Broken(ToySource):
    """A source whose constructor fails."""

    def __init__(self, config: ToyConfig, context: ConnectorContext) -> None:
        super().__init__(config, context)
        raise KeyError("unforeseen")


class CannotAnswer(ToySource):
    """A source that fails when it is asked whether it can verify an alert."""

    def can_verify(self, alert: Alert) -> bool:
        """Fail."""
        raise LookupError(alert.title)


GOOD = source_type("good", ToyConfig, ToySource, verifies(ToySource))
BROKEN = source_type("broken", ToyConfig, Broken, verifies(Broken))
CANNOT_SAY = source_type("cannot_say", ToyConfig, CannotAnswer, verifies(CannotAnswer))


class Contexts:
    """Gives each connector a context of its own."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def context_of(self, health: ConnectorHealth) -> ConnectorContext:
        """Build one."""
        return ConnectorContext(
            name=health.name,
            data_dir=Path("/nowhere"),
            mappings=lambda: MappingTable([]),
            vendor_of=lambda _: None,
            count=lambda *_, **__: None,
            report_up=health.report_up,
            report_down=health.report_down,
        )

    def forget(self, connector: str) -> None:
        """Record which connectors are forgotten."""
        self.forgotten.append(connector)


@asynccontextmanager
async def connectors_running() -> AsyncIterator[RunningConnectors]:
    """Run connectors while the context lasts."""

    async def emit(_: object) -> None:
        pass

    async def publish(_: str, __: Inventory) -> InventoryChanges:
        raise AssertionError("no inventory runs")

    async with asyncio.TaskGroup() as tasks:
        connectors = RunningConnectors(
            emit=emit,
            publish=publish,
            provider=Contexts(),
            status=StatusKeeper(Ledger()),
            tasks=tasks,
        )
        yield connectors
        await connectors.change_to({})


def planned(*types: ConnectorType, number: int = 0) -> dict[str, ConnectorSpec]:
    """Plan one connector of each type, named like its type."""
    return {
        connector_type.name: ConnectorSpec(
            name=connector_type.name, connector_type=connector_type, config=ToyConfig(number=number)
        )
        for connector_type in types
    }


def verification_with(registry: ConnectorRegistry) -> Verification:
    """Build a verification that asks the connectors of a registry."""
    return Verification(settings=VerifySettings(), verifiers=registry.verifiers, ledger=Ledger())


async def test_a_removed_connector_verifies_nothing() -> None:
    """Its queued events are still read, but its devices and secrets may not be used any more."""
    scene = Scene()
    scene.problem("10.0.0.1")
    alert = scene.alert("10.0.0.1")
    async with connectors_running() as connectors:
        verification = verification_with(connectors.registry)
        await connectors.change_to(planned(GOOD))
        assert verification.verifier_of(alert) is not None
        await connectors.change_to({})
        assert "good" in connectors.registry.sources
        assert verification.verifier_of(alert) is None


async def test_a_constructor_that_fails_at_the_start_leaves_only_its_connector_in_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The other one runs; the status has the error and the line, the log has the traceback."""
    async with connectors_running() as connectors:
        new = await connectors.change_to(planned(BROKEN, GOOD))
        assert new == {"broken", "good"}
        status, reason = connectors.status.now()["broken"]
        assert status is ConnectorStatus.ERROR
        assert reason is not None
        assert "KeyError: 'unforeseen' (test_live_connectors.py:" in reason
        assert connectors.status.now()["good"] == (ConnectorStatus.CONNECTED, None)
        assert set(connectors.registry.built) == {"good"}
    (record,) = [each for each in caplog.records if each.levelname == "ERROR"]
    assert record.exc_info


async def test_a_constructor_that_fails_at_a_reload_stops_nothing_else() -> None:
    """The running one is unchanged, and the next reload tries the broken one again."""
    async with connectors_running() as connectors:
        await connectors.change_to(planned(GOOD))
        before = connectors.registry.built["good"]
        await connectors.change_to(planned(GOOD, BROKEN))
        assert connectors.registry.built["good"] is before
        assert connectors.status.now()["broken"][0] is ConnectorStatus.ERROR
        assert await connectors.change_to(planned(GOOD, BROKEN)) == {"broken"}


async def test_a_connector_that_cannot_be_rebuilt_is_in_error() -> None:
    """It ran with its former configuration; its own reports while it stops do not hide the error."""
    shared = source_type(
        "shared", ToyConfig, lambda c, context: (Broken if c.number else ToySource)(c, context)
    )
    async with connectors_running() as connectors:
        await connectors.change_to(planned(shared))
        await connectors.change_to(planned(shared, number=1))
        assert connectors.status.now()["shared"][0] is ConnectorStatus.ERROR
        assert "shared" not in connectors.registry.built


async def test_new_connectors_are_built_while_the_old_ones_still_run() -> None:
    """Nothing is stopped before its replacement is built."""
    seen: list[bool] = []
    registry = ConnectorRegistry()

    def build(config: ToyConfig, context: ConnectorContext) -> ToySource:
        old = registry.built.get("toy")
        if old is not None and isinstance(old.part, ToySource):
            seen.append(old.part.is_running)
        return ToySource(config, context)

    connector_type = source_type("toy", ToyConfig, build)
    async with connectors_running() as connectors:
        connectors.registry = registry
        await connectors.change_to(planned(connector_type))
        await connectors.change_to(planned(connector_type, number=1))
    assert seen == [True]


@pytest.mark.parametrize("method", ["normalize", "redacted", "check"])
async def test_a_source_without_a_method_is_refused_when_it_is_built(method: str) -> None:
    """Mypy does not check it: the status names the method and the class."""

    class Lacking(ToySource):
        pass

    setattr(Lacking, method, None)

    def build(config: ToyConfig, context: ConnectorContext) -> Any:
        return Lacking(config, context)

    connector_type = source_type("lacking", ToyConfig, build)
    async with connectors_running() as connectors:
        await connectors.change_to(planned(connector_type))
        _, reason = connectors.status.now()["lacking"]
    assert f"Lacking has no method {method}, which a Source has" in str(reason)


async def test_a_connector_that_fails_when_asked_whether_it_can_verify_is_skipped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The next one is asked; the log has the failure once, not once for each alert."""
    scene = Scene()
    scene.problem("10.0.0.1")
    alert = scene.alert("10.0.0.1")
    async with connectors_running() as connectors:
        await connectors.change_to(planned(CANNOT_SAY, GOOD))
        verification = verification_with(connectors.registry)
        found = [verification.verifier_of(alert) for _ in range(50)]
    assert {each[0] for each in found if each} == {"good"}
    assert len([each for each in caplog.records if each.levelname == "ERROR"]) == 1
