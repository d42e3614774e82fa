"""The ledger adds up at every moment, whatever connectors send and wherever it fails."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.config.settings import (
    ArchiveSettings,
    EngineSettings,
    LimitSettings,
    StormSettings,
)
from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.engine.engine import Engine
from opsconductor.errors import NormalizeError
from opsconductor.flood.limiter import FloodLimiter
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.ledger.equations import Durability, Gap
from opsconductor.ledger.ledger import Ledger
from opsconductor.model.changes import Changes
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert, Snapshot
from opsconductor.pipeline.archive import Archive
from opsconductor.pipeline.batch import Stages
from opsconductor.pipeline.device_memory import LastSeen
from opsconductor.pipeline.intake import Intake
from opsconductor.pipeline.loop import PipelineLoop
from opsconductor.pipeline.stamp_clock import StampClock

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CONNECTORS = ("traps", "prtg")


class Stating:
    """A connector whose messages state their outcome."""

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
        """Do as the message states."""
        if raw.payload == b"invalid":
            raise NormalizeError("no_device")
        if raw.payload == b"bug":
            raise RuntimeError("unforeseen")
        if raw.payload == b"over":
            return (an_alert(raw, "9")._replace(severity=Severity.CLEAR, is_clear=True),)
        alerts = tuple(an_alert(raw, resource) for resource in raw.payload.decode().split())
        if len(alerts) > 2:
            return Snapshot(scope=raw.connector, alerts=alerts, taken_at=raw.received_at)
        return alerts


def an_alert(raw: RawEvent, resource: str) -> NormalizedAlert:
    """Make a report."""
    return NormalizedAlert(
        source_system=raw.connector,
        alert_type="network_link_down",
        category=Category.NETWORK if resource != "x" else Category.UNKNOWN,
        severity=Severity.MAJOR,
        title="Link Down",
        occurred_at=NOW,
        received_at=NOW,
        device_ip="10.0.0.1",
        resource=resource,
    )


class House:
    """Intake, worker and ledger, and a commit at which the ledger is checked.

    Attributes:
        gaps: What did not close at any commit, or when the worker found time.
    """

    def __init__(self, limit: int, batch: int, places: Sequence[Durability]) -> None:
        self.ledger = Ledger()
        self.gaps: list[Gap] = []
        self.intake = Intake(limit, self.ledger)
        self._places = list(places)
        inventory = InventorySnapshot((), ())
        self._inventory = inventory
        stages = Stages(
            sources=dict.fromkeys(CONNECTORS, Stating()),
            budget=FloodLimiter(StormSettings(), "noc-1"),
            archive=Archive(ArchiveSettings(per_sender_per_minute=2, per_minute=5)),
            inventory=inventory,
            engine=self._engine(),
            ledger=self.ledger,
            commit=self._commit,
            announce=lambda *_: None,
            last_seen=LastSeen(),
        )
        limits = LimitSettings(batch_events=batch)
        self.worker = PipelineLoop(
            stages,
            intake=self.intake,
            limits=limits,
            rebuild=self._rebuild,
            clock=StampClock(lambda: NOW, lambda: 0.0),
        )

    def look(self) -> None:
        """Check the ledger."""
        self.gaps += self.ledger.check(self.worker.levels())

    async def bring(self, connector: str, payloads: Sequence[bytes]) -> None:
        """Receive messages of a connector, as a source does."""
        self.ledger.count(connector, "received", amount=len(payloads))
        await self.intake.put([RawEvent(connector, payload, NOW) for payload in payloads])

    def _engine(self) -> Engine:
        return Engine(EngineSettings(), self._inventory, ())

    async def _rebuild(self) -> Engine:
        self.look()
        return self._engine()

    async def _commit(self, _changes: Changes) -> Durability:
        self.look()
        await asyncio.sleep(0)
        self.look()
        return self._places.pop() if self._places else "committed"


PAYLOADS = st.sampled_from([b"1", b"1 2", b"", b"x", b"3 4 5", b"invalid", b"bug"])
PACKETS = st.lists(st.tuples(st.sampled_from(CONNECTORS), st.lists(PAYLOADS, max_size=8)), max_size=6)
PLACES = st.lists(st.sampled_from(["committed", "spooled"]), max_size=10)


@given(PACKETS, st.integers(1, 4), PLACES)
@settings(max_examples=60, deadline=None)
def test_the_ledger_closes_at_every_moment(
    packets: list[tuple[str, list[bytes]]], batch: int, places: list[Durability]
) -> None:
    """Valid, invalid, unexpected errors, several at once, none at all; a full intake; batches of any size."""

    async def live() -> House:
        house = House(3, batch, places)
        working = asyncio.create_task(house.worker.run())
        bringing = [asyncio.create_task(house.bring(*packet)) for packet in packets]
        while bringing and not all(task.done() for task in bringing):
            house.look()
            await asyncio.sleep(0)
        house.worker.finish()
        await working
        house.look()
        return house

    house = asyncio.run(live())
    assert house.gaps == []
    for connector in CONNECTORS:
        brought = [payload for name, payloads in packets if name == connector for payload in payloads]
        ledger = house.ledger
        assert ledger.total(connector, "received") == ledger.total(connector, "taken") == len(brought)
        assert ledger.total(connector, "failed") == brought.count(b"bug")
        assert ledger.total(connector, "invalid") == brought.count(b"invalid")
        assert ledger.total(connector, "unmapped") == brought.count(b"x")
    assert house.worker.levels().total() == 0


async def test_an_unmatched_recovery_is_in_the_ledger_and_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is counted by connector, and at level debug the log has device and type."""
    caplog.set_level(logging.DEBUG, "opsconductor.ledger.unmatched")
    house = House(10, 10, [])
    working = asyncio.create_task(house.worker.run())
    await house.bring("prtg", [b"over"])
    house.worker.finish()
    await working
    assert (house.ledger.total("prtg", "unmatched"), house.ledger.total("traps", "unmatched")) == (1, 0)
    (logged,) = [each for each in caplog.records if each.msg == "a recovery has no open alert"]
    assert logged.__dict__["found"] == "network_link_down 9"
    house.look()
    assert house.gaps == []


async def test_messages_held_by_a_source_at_a_full_intake_are_counted() -> None:
    """Also when the source is stopped then: messages that it drops are counted by itself."""
    house = House(1_000, 1, [])
    house.intake._limit = 1
    await house.bring("traps", [b"1"])
    waiting = asyncio.create_task(house.bring("traps", [b"1", b"2"]))
    await asyncio.sleep(0)
    house.look()
    assert house.gaps == []
    assert sorted(house.worker.levels().values()) == [1, 2]
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    house.ledger.count("traps", "dropped", "stopped_while_full", 2)
    house.look()
    assert house.gaps == []
