"""Large snapshots do not block the event loop while the engine processes them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from opsconductor.config.settings import ArchiveSettings, EngineSettings, StormSettings
from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.engine.engine import Engine
from opsconductor.flood.limiter import FloodLimiter
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.ledger.equations import Durability
from opsconductor.ledger.ledger import Ledger
from opsconductor.model.changes import Changes
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.identified import IdentifiedSnapshot
from opsconductor.model.normalized import NormalizedAlert, Snapshot
from opsconductor.pipeline.archive import Archive
from opsconductor.pipeline.batch import Stages, run_batch
from opsconductor.pipeline.device_memory import LastSeen
from opsconductor.pipeline.slicing import PART, CooperativeYield, as_one

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LONG_S = 10


class Poller:
    """A connector whose messages have the number of ports that are down."""

    async def run(self, emit: Emit) -> None:
        """Do nothing."""
        del emit

    async def check(self) -> CheckResult:
        """Succeed."""
        return CheckResult(ok=True, message="")

    def redacted(self, raw: RawEvent) -> bytes:
        """Return nothing."""
        return raw.payload

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert] | Snapshot:
        """List as many alerts as the message says."""
        alerts = tuple(
            NormalizedAlert(
                source_system=raw.connector,
                alert_type="network_link_down",
                category=Category.NETWORK,
                severity=Severity.MAJOR,
                title="Link Down",
                occurred_at=NOW,
                received_at=NOW,
                device_ip="10.0.0.1",
                resource=f"ifIndex={index}",
            )
            for index in range(int(raw.payload))
        )
        return Snapshot(scope="poll", alerts=alerts, taken_at=NOW)


class Watched(Engine):
    """An engine that waits in the middle of a snapshot until the event loop has made a turn.

    Attributes:
        turns: How many times it has.
    """

    turns = 0
    loop: asyncio.AbstractEventLoop

    def reconcile(self, snapshot: IdentifiedSnapshot, now: datetime) -> Changes:
        """Process a snapshot; raises TimeoutError where the event loop is blocked meanwhile."""
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self.loop).result(LONG_S)
        self.turns += 1
        return super().reconcile(snapshot, now)


async def committed(_changes: Changes) -> Durability:
    """Commit at once."""
    return "committed"


@pytest.fixture
def stages() -> Stages:
    """Set up a pipeline with an unchanged engine."""
    inventory = InventorySnapshot((), ())
    return Stages(
        sources={"poll": Poller()},
        budget=FloodLimiter(StormSettings(), "noc-1"),
        archive=Archive(ArchiveSettings()),
        inventory=inventory,
        engine=Engine(EngineSettings(), inventory, ()),
        ledger=Ledger(),
        commit=committed,
        announce=lambda *_: None,
        last_seen=LastSeen(),
    )


async def poll(stages: Stages, amount: int) -> Changes:
    """Pass a snapshot of so many alerts through the pipeline."""
    return await run_batch([RawEvent("poll", str(amount).encode(), NOW)], stages, NOW)


async def test_the_event_loop_turns_while_a_large_snapshot_is_taken_in(stages: Stages) -> None:
    """Also during the next, empty snapshot, which resolves all alerts of the large one."""
    engine = Watched(EngineSettings(), stages.inventory, ())
    engine.loop = asyncio.get_running_loop()
    stages = replace(stages, engine=engine)
    listed = await poll(stages, PART + 1)
    ended = await poll(stages, 0)
    assert (len(listed.created), len(ended.updated), engine.turns) == (PART + 1, PART + 1, 2)
    assert engine.open_alerts() == []


@pytest.mark.parametrize("amount", [0, 1, 2, 3, 8, 13])
async def test_many_steps_become_one_in_their_order(amount: int) -> None:
    """Whatever their number, none is lost and the order is kept."""
    steps = [
        Changes(folded=1, triggered_rules={UUID(int=1): NOW, UUID(int=2 + n): NOW}) for n in range(amount)
    ]
    whole = await as_one(steps, CooperativeYield())
    assert whole.folded == amount
    assert [rule.int for rule in whole.triggered_rules] == ([1, *range(2, 2 + amount)] if amount else [])


async def test_a_step_in_a_thread_decides_as_one_in_the_event_loop(stages: Stages) -> None:
    """A snapshot just above the size for a thread opens what one just below it omits, and no more."""
    few = await poll(stages, PART)
    more = await poll(stages, PART + 1)
    assert [len(changes.created) for changes in (few, more)] == [PART, 1]
    assert len(stages.engine.open) == stages.engine.count_listed("poll") == PART + 1
