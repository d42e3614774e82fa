"""Verification as a whole: a trap's alert in a real engine, a poller that verifies, and real snmpsim."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from connectors.snmp_poll.config import SnmpPollConfig
from connectors.snmp_poll.source import SnmpPollSource
from opsconductor.app.connectors.verification import Verification
from opsconductor.config.sections.watch import VerifySettings
from opsconductor.config.settings import EngineSettings
from opsconductor.connector.interface import Source, Verifier, VerifyResult, VerifyState
from opsconductor.engine.engine import Engine
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.ledger.ledger import Ledger
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes, HistoryEntry
from opsconductor.model.command import Command
from opsconductor.model.enums import Status
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert
from tests.support.engine.pipeline_scene import ALL, report
from tests.support.snmp import polled
from tests.support.snmp.polled import ADMIN, OPER, UP_TIME
from tests.support.snmp.snmpsim import Snmpsim, snmpsim

DEVICE = "127.0.0.1"
PORT_7 = "ifIndex=7"
RECORDS = {
    UP_TIME: "67|500",
    f"{ADMIN}.7": "2|1",
    f"{OPER}.7": "2|2",
    "1.3.6.1.2.1.15.3.1.2.192.0.2.9": "2|6",
    "1.3.6.1.2.1.15.3.1.3.192.0.2.9": "2|2",
}


@pytest.fixture(scope="module")
def switch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpsim]:
    """Run a switch whose port 7 is down."""
    with snmpsim(tmp_path_factory.mktemp("switch"), RECORDS) as running:
        yield running


class Stage:
    """An engine with everything that verification needs."""

    def __init__(self, sources: dict[str, Source], **settings: Any) -> None:
        self.history: list[HistoryEntry] = []
        self.sent: list[str] = []
        self.ledger = Ledger()
        self.changed = asyncio.Event()
        self.verification = Verification(
            settings=VerifySettings.model_validate(settings),
            verifiers={name: cast("Verifier", source) for name, source in sources.items()},
            ledger=self.ledger,
        )
        self.inventory = InventorySnapshot()
        self.engine = Engine(EngineSettings(), self.inventory, [ALL], looks=self.verification.looks)

    def receive(self, *alerts: NormalizedAlert) -> None:
        """Take traps."""
        self._announce(self.engine.apply(identify(alerts, self.inventory), datetime.now(UTC)))

    async def until(self, rule: str) -> HistoryEntry:
        """Wait until the history has an entry of a rule."""
        async with asyncio.timeout(20):
            while True:
                for entry in self.history:
                    if entry.rule == rule:
                        return entry
                self.changed.clear()
                await self.changed.wait()

    async def execute(self, command: Command) -> Alert:
        """Run a command, as the worker does."""
        self._announce(self.engine.command(command, datetime.now(UTC)))
        alert = self.engine.get(command.alert_id)
        assert alert is not None
        return alert

    def _announce(self, changes: Changes) -> None:
        self.history += changes.history
        self.sent += [str(intent.kind) for intent in changes.notifications]
        self.verification.note(changes)
        self.changed.set()


@asynccontextmanager
async def looking(stage: Stage) -> AsyncIterator[None]:
    """Run the verification while the context lasts."""
    task = asyncio.create_task(stage.verification.run(stage.execute, stage.engine.open_alerts))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


@asynccontextmanager
async def polling(switch: Snmpsim) -> AsyncIterator[dict[str, Source]]:
    """Run a poller that knows the switch and is in no hurry to poll it by itself."""
    config = SnmpPollConfig.model_validate({
        "targets": [{"addresses": [DEVICE], "port": switch.port}],
        "jitter": "1h",
    })  # fmt: skip
    source = SnmpPollSource(config, polled.Engine().context())

    async def emit(events: Sequence[RawEvent]) -> None:
        del events

    task = asyncio.create_task(source.run(emit))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    try:
        yield {"network": source}
    finally:
        task.cancel()
        await asyncio.wait({task})


def link_down(**values: object) -> NormalizedAlert:
    """Make the trap of a port that went down, some seconds ago."""
    return report(DEVICE, resource=PORT_7, at=datetime.now(UTC) - timedelta(seconds=1), **values)


async def test_a_port_that_is_up_again_is_not_sent(switch: Snmpsim) -> None:
    """The trap's alert is resolved by the verification; its history has the finding, nothing was sent."""
    switch.change({f"{OPER}.7": "2|1"})
    async with polling(switch) as sources:
        stage = Stage(sources)
        async with looking(stage):
            stage.receive(link_down())
            entry = await stage.until("verify.over")
    assert entry.new_status is Status.RESOLVED
    assert (entry.user_name, entry.notes) == ("network", "ifAdminStatus.7 is up(1), ifOperStatus.7 is up(1)")
    assert stage.sent == []


async def test_a_port_that_is_down_is_reported_at_once(switch: Snmpsim) -> None:
    """It is sent as soon as the verification confirms it, long before the time limit."""
    switch.change({f"{OPER}.7": "2|2"})
    async with polling(switch) as sources:
        stage = Stage(sources, hold_time="1h")
        async with looking(stage):
            stage.receive(link_down())
            assert stage.sent == []
            entry = await stage.until("verify.stands")
    assert entry.notes == "ifAdminStatus.7 is up(1), ifOperStatus.7 is down(2)"
    assert stage.sent == ["problem"]


async def test_after_a_restart_and_after_losses_everything_open_is_looked_at(switch: Snmpsim) -> None:
    """A lost clear is replaced, whatever the alert's type; without a loss nothing is verified."""
    async with polling(switch) as sources:
        stage = Stage(sources)
        bgp = report(DEVICE, "network_bgp_peer_down", resource="peer=192.0.2.9", at=datetime.now(UTC))
        stage.receive(bgp)
        async with looking(stage):
            entry = await stage.until("verify.over")
        assert (
            entry.notes
            == "bgpPeerState.192.0.2.9 is established(6), bgpPeerAdminStatus.192.0.2.9 is start(2)"
        )
        stage.history.clear()
        stage.receive(
            report(DEVICE, "network_bgp_peer_down", resource="peer=192.0.2.9", at=datetime.now(UTC))
        )
        await stage.verification._sweep(stage.engine.open_alerts(), is_all=False)
        assert stage.verification._waiting.empty()
        await stage.verification._sweep(stage.engine.open_alerts(), is_all=True)
        assert stage.verification._waiting.qsize() == 1


async def test_an_overdue_clear_is_looked_for(switch: Snmpsim) -> None:
    """An alert without news for the configured time is verified, and not again right after."""
    switch.change({f"{OPER}.7": "2|2"})
    async with polling(switch) as sources:
        stage = Stage(sources, alert_types=[], overdue_after="0.5s")
        stage.receive(link_down())
        await stage.verification._sweep(stage.engine.open_alerts(), is_all=False)
        assert stage.verification._waiting.qsize() == 1
        await stage.verification._look(stage.verification._waiting.get_nowait().alert, stage.execute)
        stage.verification._pending.clear()
        await stage.verification._sweep(stage.engine.open_alerts(), is_all=False)
        assert stage.verification._waiting.empty()
    assert [entry.rule for entry in stage.history] == ["fold.new", "verify.stands"]


async def test_a_device_that_is_back_ends_its_alert_and_one_that_is_silent_does_not(switch: Snmpsim) -> None:
    """An unreachable device is verified by whether it answers."""
    async with polling(switch) as sources:
        poller: Any = sources["network"]
        stage = Stage(sources)
        stage.receive(report(DEVICE, "network_device_unreachable", at=datetime.now(UTC)))
        (alert,) = stage.engine.open_alerts()
        assert poller.can_verify(alert)
        back = await poller.verify(alert)
    assert back == VerifyResult(answer=VerifyState.OVER, finding=f"127.0.0.1:{switch.port} answers")


async def test_an_alert_that_cannot_be_verified_is_not_held(switch: Snmpsim) -> None:
    """Another device, and a type without a check: they are sent at once."""
    async with polling(switch) as sources:
        stage = Stage(sources, alert_types=["network_link_down", "security_door_open"])
        stage.receive(report("192.0.2.77", resource=PORT_7, at=datetime.now(UTC)))
        stage.receive(report(DEVICE, "security_door_open", at=datetime.now(UTC)))
    assert stage.sent == ["problem", "problem"]


async def test_a_look_that_comes_too_late_is_not_had(switch: Snmpsim) -> None:
    """An alert that was sent while others were verified is not verified any more."""
    async with polling(switch) as sources:
        stage = Stage(sources, hold_time="0.01s")
        stage.receive(link_down())
        await asyncio.sleep(0.02)
        async with looking(stage):
            while not stage.verification._waiting.empty():
                await asyncio.sleep(0.001)
            assert [entry.rule for entry in stage.history] == ["fold.new"]


class Broken:
    """A connector that claims it can verify."""

    def can_verify(self, alert: Alert) -> bool:
        """Claim it."""
        del alert
        return True

    async def verify(self, alert: Alert) -> VerifyResult:
        """Fail with an unforeseen error."""
        raise RuntimeError(alert.title)


async def test_a_connector_that_fails_delays_no_alert() -> None:
    """A failed verification is one without a result."""
    broken: Any = Broken()
    stage = Stage({"broken": broken}, hold_time="1h")
    async with looking(stage):
        stage.receive(link_down())
        entry = await stage.until("verify.unknown")
    assert entry.notes == "the verification failed"
    assert stage.sent == ["problem"]
