"""Acknowledgements are reported to the systems that the alerts came from."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from opsconductor.app.connectors import acknowledge
from opsconductor.app.connectors.acknowledge import Acknowledgements
from opsconductor.errors import Rejected, Unreachable
from opsconductor.limits import Backoff
from opsconductor.model.alert import Alert
from opsconductor.model.command import Acknowledge, Command, Note, Unacknowledge
from opsconductor.pipeline.loop import PipelineLoop
from tests.support.engine.pipeline_scene import ANNA, Scene, report

SRV = "10.0.0.5"
SENSOR = "application_sensor_alarm"
AT_ONCE = Backoff(first=timedelta(0), longest=timedelta(0))


class Prtg:
    """A source that can be acknowledged at; it first answers as the test wants, then without error."""

    def __init__(self, *answers: BaseException) -> None:
        self.answers = list(answers)
        self.acknowledged: list[tuple[str, str]] = []
        self.was_called = asyncio.Event()
        self.waits: asyncio.Event | None = None
        self.busy = self.busiest = 0

    async def acknowledge(self, alert: Alert, by: str, note: str) -> None:
        """Record name and note."""
        assert alert.source_system == "prtg"
        self.acknowledged.append((by, note))
        self.was_called.set()
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            if self.waits is not None:
                await self.waits.wait()
        finally:
            self.busy -= 1
        if self.answers:
            raise self.answers.pop(0)


class Stage:
    """The real engine, a source, and what passes between them.

    Attributes:
        noted: What was put into the history of alerts.
    """

    def __init__(self, source: object, retry: Backoff = AT_ONCE) -> None:
        self.scene = Scene()
        self.scene.now = datetime.now(UTC)
        self.acknowledgements = Acknowledgements({"prtg": cast("Any", source)}.get, retry)
        self.noted: list[str] = []
        self.note = asyncio.Event()
        self.stages = SimpleNamespace(engine=self.scene.engine)

    async def command(self, command: Command) -> Alert:
        """Apply a command, as the pipeline loop does."""
        self.scene.order(command)
        assert isinstance(command, Note)
        self.noted.append(command.notes)
        self.note.set()
        return self.scene.alert(SRV, SENSOR)

    def problem(self, resource: str = "", *, by: str | None = None) -> Alert:
        """Make the source report a problem, acknowledged there if `by` is given."""
        self.scene.now = datetime.now(UTC)
        changes = self.scene.send(
            report(
                SRV, SENSOR, "critical", resource, at=self.scene.now, source_system="prtg", acknowledged_by=by
            )
        )
        self.acknowledgements.enqueue(changes)
        return self.scene.alert(SRV, SENSOR, resource)

    def order(self, command: Command) -> None:
        """Run a command of an operator."""
        self.acknowledgements.enqueue(self.scene.order(command))

    @asynccontextmanager
    async def reporting(self) -> AsyncIterator[None]:
        """Report acknowledgements to the sources in the background."""
        task = asyncio.create_task(self.acknowledgements.forward_forever(cast("PipelineLoop", self)))
        await asyncio.sleep(0)
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def settle(self, is_done: Callable[[], bool]) -> None:
        """Make all tasks run until a condition holds."""
        async with asyncio.timeout(5):
            while not is_done():
                await asyncio.sleep(0)


async def test_an_operators_acknowledgement_is_reported_once_with_name_and_note() -> None:
    """Repeats, other commands and further polls report nothing."""
    source = Prtg()
    stage = Stage(source)
    async with stage.reporting():
        alert = stage.problem()
        stage.order(Acknowledge(alert_id=alert.id, operator=ANNA, notes="on my way"))
        await source.was_called.wait()
        stage.order(Note(alert_id=alert.id, operator=ANNA, notes="still"))
        stage.problem(by="api user")
        stage.problem()
        await stage.settle(lambda: not stage.acknowledgements._running)
    assert source.acknowledged == [("anna", "on my way")]
    assert stage.noted == []


async def test_an_acknowledgement_of_the_source_is_never_sent_back() -> None:
    """Neither the source's own acknowledgement nor an operator's repeat of it is reported to the source."""
    source = Prtg()
    stage = Stage(source)
    async with stage.reporting():
        known = stage.problem("sensor=1", by="bob")
        stage.order(Unacknowledge(alert_id=known.id, operator=ANNA))
        stage.order(Acknowledge(alert_id=known.id, operator=ANNA))
        other = stage.problem("sensor=2")
        stage.order(Acknowledge(alert_id=other.id, operator=ANNA, notes="other"))
        await source.was_called.wait()
    assert source.acknowledged == [("anna", "other")]


async def test_an_unreachable_source_is_tried_again() -> None:
    """A source that does not answer in time is tried again, too; a success ends the attempts."""
    source = Prtg(Unreachable("away"), TimeoutError(), Unreachable("away"))
    stage = Stage(source)
    async with stage.reporting():
        stage.order(Acknowledge(alert_id=stage.problem().id, operator=ANNA))
        await stage.settle(lambda: len(source.acknowledged) == 4 and not stage.acknowledgements._running)
    assert source.acknowledged == [("anna", "")] * 4
    assert stage.noted == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(Rejected("not down"), "not down"), (KeyError("bug"), "KeyError"), (OSError("broken"), "OSError")],
)
async def test_a_refusal_is_noted_once_in_the_history(answer: Exception, expected: str) -> None:
    """It is not tried again; a fault in a connector's code ends nothing else."""
    source = Prtg(answer)
    stage = Stage(source)
    async with stage.reporting():
        stage.order(Acknowledge(alert_id=stage.problem().id, operator=ANNA))
        await stage.note.wait()
        assert stage.scene.story(stage.scene.alert(SRV, SENSOR)) == ["created", "acknowledged", "noted"]
        stage.order(Acknowledge(alert_id=stage.problem("sensor=2").id, operator=ANNA, notes="next"))
        await stage.settle(lambda: len(source.acknowledged) == 2)
    (noted,) = stage.noted
    assert noted.startswith("prtg does not accept the acknowledgement: ")
    assert expected in noted


async def test_giving_up_after_a_day_is_noted() -> None:
    """The history shows that the source does not know of the acknowledgement."""
    source = Prtg(Unreachable("away"))
    stage = Stage(source, Backoff(give_up_after=timedelta(0)))
    async with stage.reporting():
        stage.order(Acknowledge(alert_id=stage.problem().id, operator=ANNA))
        await stage.note.wait()
    assert stage.noted == ["prtg was not informed of the acknowledgement: away"]


async def test_a_withdrawn_acknowledgement_is_not_reported() -> None:
    """The source is away; when it is back nothing is reported."""
    source = Prtg(Unreachable("away"), Unreachable("away"))
    stage = Stage(source)
    alert = stage.problem()
    async with stage.reporting():
        source.waits = asyncio.Event()
        stage.order(Acknowledge(alert_id=alert.id, operator=ANNA))
        await source.was_called.wait()
        stage.order(Unacknowledge(alert_id=alert.id, operator=ANNA))
        source.waits.set()
        await stage.settle(lambda: not stage.acknowledgements._running)
    assert len(source.acknowledged) == 1


async def test_a_later_acknowledgement_replaces_the_earlier() -> None:
    """Withdrawn and repeated while the source does not answer: only the new acknowledgement completes."""
    source = Prtg()
    source.waits = asyncio.Event()
    stage = Stage(source)
    alert = stage.problem()
    async with stage.reporting():
        for notes in ("first", "second"):
            source.was_called.clear()
            stage.order(Acknowledge(alert_id=alert.id, operator=ANNA, notes=notes))
            await source.was_called.wait()
            stage.order(Unacknowledge(alert_id=alert.id, operator=ANNA))
        assert (source.busy, source.acknowledged) == (1, [("anna", "first"), ("anna", "second")])


async def test_an_unreported_acknowledgement_is_reported_after_the_restart() -> None:
    """The alert shows the name, and that its source does not know yet; the note is not stored."""
    source = Prtg()
    stage = Stage(source)
    stage.scene.order(Acknowledge(alert_id=stage.problem().id, operator=ANNA, notes="lost"))
    stage.scene.order(Acknowledge(alert_id=stage.problem("known").id, operator=ANNA))
    stage.problem("known", by="api user")
    async with stage.reporting():
        await source.was_called.wait()
        await stage.settle(lambda: not stage.acknowledgements._running)
    assert source.acknowledged == [("anna", "")]


async def test_sources_without_acknowledgements_are_not_called() -> None:
    """Most sources cannot take acknowledgements."""
    stage = Stage(None)
    async with stage.reporting():
        stage.order(Acknowledge(alert_id=stage.problem().id, operator=ANNA))
        await asyncio.sleep(0)
        assert not stage.acknowledgements._running
    assert stage.noted == []


async def test_many_at_once_are_reported_a_few_at_a_time_and_their_number_is_bounded(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Few calls run at a time; those beyond the limit are dropped and logged."""
    monkeypatch.setattr(acknowledge, "MOST_WAITING", 5)
    source = Prtg()
    source.waits = asyncio.Event()
    stage = Stage(source)
    async with stage.reporting():
        for number in range(7):
            alert = stage.problem(f"sensor={number}")
            stage.order(Acknowledge(alert_id=alert.id, operator=ANNA))
        await stage.settle(lambda: source.busy == acknowledge.AT_A_TIME)
        source.waits.set()
        await stage.settle(lambda: len(source.acknowledged) == 5)
    assert source.busiest == acknowledge.AT_A_TIME
    assert caplog.text.count("too many acknowledgements wait") == 2
